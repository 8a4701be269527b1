"""What no record of the user's can tell and no act of the device is: the world's facts, long texts.

Pure. A few words that leave no doubt; all else is weighed by the readers.
"""

from __future__ import annotations

import re

BEYOND = "about the world, or a long text to write"

_WORLD = re.compile(
    r"^\W*(?:(?:tell me|do you know|hey|so|ok|please)[, ]+)*(?:"
    r"who (?:invented|discovered|painted|composed|directed|founded|won|is the (?:president|king|queen|prime minister))\b"
    r"|(?:when|in what year|what year) (?:was|were) [\w' -]+ (?:invented|discovered|founded|built|born)\b"
    r"|(?:will|does|is) it (?:going to )?(?:be )?(?:rain|snow|raining|snowing|sunny|windy|freez\w+|hot|cold|warm)\b"
    r"|(?:what(?:'s| is|s) the )?(?:weather|forecast|temperature)\b"
    r"|what(?:'s| is|s) the (?:capital|population|currency|exchange rate|stock price|meaning|square root|distance|price of (?:gold|oil|bitcoin))\b"
    r"|how (?:tall|high|deep|far away|heavy|big) (?:is|was|are) (?:the|mount|a)\b"
    r"|how (?:do|does|did) (?:you|one|a|an|the) [\w' -]+ (?:work|made)\b"
    r"|(?:which|what)\b.* (?:in the world|on the market|of all time|ever made)\b"
    r"|translate\b|what(?:'s| is) .+ in (?:french|german|spanish|chinese|english|italian|japanese)\W*$"
    r")"
    r"|谁(?:发明|发现|创立|写了《|画了|是(?:美国|法国|英国|中国)?(?:总统|首相|国王))|天气(?:怎么样|如何|预报)|(?:会|要)(?:下雨|下雪|刮风|降温)(?:吗|么|不)"
    r"|(?:汇率|股价|金价|油价)(?:是)?(?:多少|怎么样)|兑(?:人民币|美元|欧元|日元).*多少|首都是|人口(?:有|是)?多少|有?多少人口|世界上?最|是哪一?年(?:发明|发现|成立|建成)|翻译成",
    re.IGNORECASE,
)
_TEXTS = r"(?:essay|article|blog(?: post| article)?|poem|story|novel|speech|report|paper|song|lyrics|screenplay|thesis|sonnet|haiku|cover letter|business plan)"
_WRITING = re.compile(
    rf"\b(?:write|compose|generate|produce|draft)\b(?! (?:to|an? (?:e-?mail|mail|message|reply|note)\b))[^.?!]*\b(?:{_TEXTS}\b|(?:\d+|thousand|hundred)[- ]words?\b)"
    r"|\bcompare (?:five|four|three|several|\d+|the best)\b"
    r"|(?:写|拟|起草|编|作)(?:一)?(?:篇|份|首|个)[^，。]{0,12}?(?:文章|报告|作文|小说|诗|演讲稿|论文|故事|方案|文案|剧本|博客|歌词|策划)"
    r"|(?:写|来)[^，。]{0,16}(?:\d+|[一二两三四五六七八九十百千万]+)字",
    re.IGNORECASE,
)


def is_beyond(request: str) -> bool:
    """Whether the words ask for a fact of the world or for a long text."""
    return _WORLD.search(request) is not None or _WRITING.search(request) is not None

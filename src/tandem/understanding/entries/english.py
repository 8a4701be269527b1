"""How people enter things in English: frames, what leads to a time, what is no entry."""

from __future__ import annotations

import re

from tandem.understanding.entries.marking import MENDED, SIGN

_I = re.IGNORECASE
_NUMBER = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_CAL = r"(?:calendar|calender|diary|schedule|agenda|planner|cal)"
_IN_CAL = rf"(?:(?:in|on|into|to|onto) (?:my |the |our )?{_CAL})"
_ASKED = r"(?:(?:can|could|would|will) (?:you|u|we)(?: please| pls| maybe| just| quickly)*,? )"

TURNED = (
    (re.compile(r"\bfirst thing (?:on |in the morning on )?((?:this |next )?\w+day)\b", _I), r"\1 morning"),
    (re.compile(r"\bfirst thing (?:in the morning )?(tomorrow)\b", _I), r"\1 morning"),
    (re.compile(r"\b(tomorrow|\w+day) first thing\b", _I), r"\1 morning"),
    (re.compile(r"\b((?:next|this) (?:month|year))[, ]+(?:on )?the (first|second|third|fourth|last) (\w+day)\b", _I), r"on the \2 \3 of \1"),
    (re.compile(r"\bend of (?:the )?day (?:on )?(\w+day|tomorrow|today)\b", _I), r"\1 at 5pm"),
    (re.compile(r"(?<=\w)[–—](?=\w)"), "-"),
)  # fmt: skip

CORRECTION = re.compile(
    r"[\s,.;–—-]*(?:\b(?:no,? wait|wait,? no|no no|oh no|ah no|nope|no|wait|hang on|hold on|sorry|actually|scratch that|"
    r"i mean|i meant|correction|or rather|rather|oops|make (?:that|it)|let'?s (?:say|make (?:it|that))|better make it)\b[\s,.;–—-]*)+"
    rf"(?:(?:it'?s|at|for|on|say|about|around) )*(?P<bare>(?:\d{{1,2}}|{_NUMBER})(?![\w:.-]*\d)(?! ?(?:am|pm|o'clock|minutes?|mins?|hours?|days?|people|st|nd|rd|th|half|%)\b)(?=\W|$))?",
    _I,
)  # fmt: skip


def corrected(found: re.Match[str]) -> str:
    """A mark in the place of the words that correct; a bare number behind them is an hour."""
    hour = found["bare"]
    return f" {MENDED} at {hour}" if hour else f" {MENDED} "


NO_TIME = re.compile(
    rf"\b(?:in the|the|for|or|at) {MENDED}(?:second|minute|moment)$|{MENDED}(?:first|second|may|march|sun|sat|now)$"
)
"""What is found as a time and is none; the mark stands where it begins."""

_LEAD = (
    r"on|at|in|for|from|by|before|starting|beginning|lasting|of|until|till|sometime|some time|around|about|roughly|"
    r"approximately|probably|maybe|perhaps|say|like|i think|i guess|i reckon|this|the|each|that(?:'s| is)|which is|it(?:'s| is)|"
    r"set for|scheduled for|down for|due(?: on| by)?|both|is|are|takes?|lasts?|starts?|begins?|starting|goes|runs?|"
    r"running|going|ends?|ending|finish(?:es|ing)?|over(?:,? at| by)|just|only|not before|no later than|"
    r"(?:it|this|that|they)(?:'ll| will| should| would| might| may)? (?:be|take|last|run|start|begin|go on|finish|end)s?"
    r"|dated|any ?time|as of|effective|again"
)
_TRAIL = r"ish|or so|or thereabouts|sharp|on the dot|prompt|promptly|long|at the latest|at the earliest|i think|i guess|probably|roughly|tops|max|if possible|if that works|local(?: time)?|or something(?: like that)?"
TIME = re.compile(
    rf"[\s,(–-]*(?:(?<![\w'])(?:{_LEAD})\b[\s,]*)*{SIGN}(?:[\s,-]*(?:{_TRAIL})\b)*\)?", _I
)
"""A time with the words that only lead to it."""

NOT_NEW = re.compile(
    r"^(?:move|shift (?!(?:at|in|from|on|with|for|starts?|today|tonight|tomorrow)\b)|push|postpone|delay|reschedule|bring|change|"
    r"rename|cancel|call off|delete|remove|scrap|drop (?!off|by|in\b|round)|snooze|extend|shorten|lengthen|prolong|"
    r"make (?:the|my|our|it|that|this) |let (?!me|us|'s)|reply|answer|respond|forward|e-?mail|send|write|tell|text|message|ask|find|"
    r"show|search|list|read|open|what|when|where|who|whose|which|how|why|is|are|am|do(?:es)?|did|have i|can i|"
    r"could i|should i|mark|flag|archive|file|unsubscribe|tick|undo|accept|decline|invite|draft|note|jot|save|set (?:an? |the )?timer|"
    r"timer|buy|order|pay|call(?! with)|ring|phone|if|skip|switch|swap|no|yes|not|never mind|clear|take (?:me )?off|"
    r"bump|pull|get rid|i'?m not|i can'?t|i won'?t|check)\b"
    r"|\b(?:instead|rather than|same (?:time|place|day|length)|unless|as soon as|accordingly|snooze|whenever|"
    r"reschedul\w*|postpon\w*|moves? to|moved|cancell?ed|got cancell?ed|forward to|reply to|e-?mail(?:s|ed)?(?! from)|invite|"
    r"(?:right |straight |directly )?after (?!work|lunch|dinner|school|breakfast|noon|hours|that|class)(?:the|my|our|his|her)\b|"
    r"before (?:the|my|our|his|her)\b|if (?!possible|that works|you can|you could)|to (?:my|the) (?:notes?|\w+ (?:list|note))|"
    r"(?:make|take|leave) a note)\b",
    _I,
)  # fmt: skip
"""Other acts, questions, and times that hang on an event."""

ASKS = re.compile(r"\?\s*$")
ORDER = re.compile(rf"^{_ASKED}", _I)

HEADS = (
    re.compile(r"(?:hey|hi|hello|ok|okay|so|um+|uh+|er|well|right|please|pls|plz|tandem|and|then|also|now|oh|yes|yeah|yep|alright|btw|by the way|"
               r"anyway|just|quickly|kindly|actually|reminder|fyi|heads up|good news|great news|bad news|listen)\b[,:;.!\s-]*", _I),
    re.compile(_ASKED, _I),
    re.compile(r"(?:i(?:'d| would) (?:like|love)|i want|i wanna|i need|we need|we want)(?: you)? to (?=(?:add|put|schedule|book|set|create|make|block|pencil|have|enter|plan|keep|reserve)\b)", _I),
    re.compile(r"(?:let'?s|go ahead and|would you mind|do me a favou?r and|i was wondering if you (?:can|could)|is it possible to) ", _I),
)  # fmt: skip
"""Courtesies at the start; taken off as long as there are any."""

_VERB = (
    "add|put|schedule|book(?! (?:club|fair|launch|signing|group|shop|store|tour|reading))|set up|create|make|arrange|enter|pencil|plan|block|pop|stick|fit|get|"
    "organi[sz]e|log|slot|chuck|throw|squeeze|reserve|keep|hold|diari[sz]e|calendar|mark"
)
ORDERS = (
    re.compile(rf"(?:{_VERB})(?:ing)?(?: (?:me|us|it|this|that|myself|off|out|in|down|up|aside|away|free))*"
               rf"(?: {_IN_CAL})?(?:[,:]| -)?(?: (?:that|for|as|with))??"
               r"(?: (?:an?|the|another|some|my))?(?: (?:new|quick|recurring|repeating|all[- ]day|weekly|daily))*"
               rf"(?: (?:(?:{_CAL} )?(?:event|entry|slot|item)|time|(?:appointment|meeting) (?=(?:called|named|titled)\b)))?(?: (?:for|called|named|titled|about|to say|that says|saying|where))?[:,]? ", _I),
    re.compile(rf"(?:new |another )?(?:{_CAL}|event|entry|appointment|meeting)(?: (?:event|entry|item|for))?[:,]+ ?", _I),
    re.compile(rf"{_IN_CAL}[:,]? ", _I),
    re.compile(r"(?:save the date(?: for)?|for the (?:diary|calendar))[:,]? ?", _I),
)  # fmt: skip
"""Words that order an entry."""

STATED = (
    re.compile(r"(?:i|we)(?:'ve| have)(?: also| just| now| finally)? (?:got )?(?:booked(?: in)?|arranged|scheduled|agreed(?: on)?|planned|an? appointment (?:for|at|with)|to be at|to)?\s*(?:an? |the |another |my |our |some )?", _I),
    re.compile(r"(?:i|we) (?:just |also |now |finally )*(?:got|have|booked|arranged|scheduled|agreed(?: on)?|planned)(?: to be at| to be in)? (?:an? |the |another |my |our |some )?", _I),
    re.compile(r"there(?:'s| is| are|'ll be| will be|s)(?: going to be| also| now)? (?:an? |the |another |some )?", _I),
    re.compile(r"(?:i(?:'m| am)|we(?:'re| are)|i'll be|we'll be|i will be|im|were(?= having))(?: also| just| now)? (?:having|doing|attending|at|due at|going to(?= (?:the|a|see|an)\b)|hosting)?\s*(?:an? |the |another |my |our |some )?", _I),
    re.compile(r"(?:i |we )?(?:need|have|got|gotta|gotto|must|should|ought)(?:(?: to|ta)? be (?:at|in)| to) (?:the )?", _I),
    re.compile(r"it'?s (?=[\w' ]+'s\b)", _I),
)  # fmt: skip
"""Words that tell that something is on."""

REPORTED = re.compile(
    r"^(?:the |my |our )?(?P<who>[\w'&. ]{2,30}?) (?:just )?(?:called|rang|phoned|texted|messaged|wrote|says|said|emailed)(?: me| us| back)?"
    r"(?:,? (?:and|that|to say(?: that)?|saying))* (?:(?:he|she|they|it)(?:'s|'re|'ll| is| are| will)? ?)?(?:wants to|wants|would like to|'d like to|needs to|is going to|are going to|will|is|are|can|could|coming to)? ?(?P<what>.+)$",
    _I,
)  # fmt: skip

TAILS = (
    re.compile(rf"[\s,.;:–-]*(?:\b(?:and|so|then) )?{_ASKED}?(?:please |pls |just |can you )*\b(?:put|stick|add|pop|pencil|write|note|mark|jot|enter|chuck|throw|get|log|save|block|schedule|book|calendar|diary)\b"
               rf" (?:that|it|this|me|us|them|him|her|one)(?: (?:in|down|on|off|out|up))*(?: {_IN_CAL})?(?: (?:please|pls|for me|thanks|thank you|ok|okay|would you|will you|as (?:an? )?(?:all[- ]?day(?: event)?|event)))*\W*$", _I),
    re.compile(rf"[\s,.;–-]*\b(?:put|stick|add|pop|write|enter)? ?{_IN_CAL}(?: (?:please|pls|for me|thanks|thank you))*\W*$", _I),
    re.compile(r"[\s,.!;–-]*\b(?:please|pls|plz|thanks(?: a lot| so much)?|thank you|thx|ty|cheers|ta|for me|would you|will you|could you|can you|if you can|ok|okay|"
               r"got it|that'?s all|remember that|to (?:my|the) (?:list|to-?dos?|tasks))\W*$", _I),
    re.compile(r"[\s,.!?;:–-]+$"),
    re.compile(r"[\s,]+(?:and|or|at|on|in|for|from|with|to|the|is|are|of|by|but|so|until|till|probably|maybe|this|that)$", _I),
)  # fmt: skip

TASKS = (
    re.compile(r"^(?:please )?(?:remind|nudge|prompt|ping) me(?: again)?[\s,]*(?:to|about|that|of|:)?[\s,]*(?P<title>.+)$", _I),
    re.compile(r"^(?:please )?(?:don'?t|do not|never) let me forget[\s,]*(?:to|about|that)?[\s,]*(?P<title>.+)$", _I),
    re.compile(r"^(?:make sure|be sure|see to it that) (?:that )?i (?:don'?t forget|remember)[\s,]*(?:to|about)?[\s,]*(?P<title>.+)$", _I),
    re.compile(r"^(?:remember|don'?t forget|i mustn'?t forget|i must not forget|i can'?t forget)[\s,]*(?:to|about|that i need to)[\s,]*(?P<title>.+)$", _I),
    re.compile(r"^(?:set|add|create|make|give me|put|leave|i need|i want)(?: me| in| up)?(?: an?| the)?(?: new| quick| daily| weekly| monthly| recurring)? (?:reminder|to-?do|task|heads[- ]?up)s?(?: for me)?[\s,:]*(?:to|about|for|that|of)?[\s,:]*(?P<title>.+)$", _I),
    re.compile(r"^(?:to-?do|task|reminder)[:,-]\s*(?P<title>.+)$", _I),
    re.compile(r"^(?P<title>.+?)[\s,]+(?:as a )?(?:reminder|to-?do|task)(?: please)?$", _I),
    re.compile(r"^(?P<title>.+?)[\s,.;–-]*(?:please )?(?:remind me|don'?t let me forget)(?: about)?(?: (?:that|it|this|please))*$", _I),
    re.compile(r"^(?P<title>.+?)[\s,.;–-]*(?:put|add|stick|pop) (?:that|it|this) (?:on|to|onto) (?:my|the) (?:list|to-?dos?(?: list)?|tasks?(?: list)?)$", _I),
)  # fmt: skip
"""Ways to ask for a reminder; the sentence has lost its times."""

MUST = re.compile(
    r"^(?:i |we )?(?:still )?(?:need|have|got|gotta|gotto|must|should|ought|want)(?:'ve)?(?:(?: got)? to|ta)? (?P<title>.+)$",
    _I,
)
DUE = re.compile(rf"\b(?:by|before|no later than|due(?: on| by)?) {SIGN}", _I)

ALARM = re.compile(
    r"[,;.]?\s*(?:and )?(?:please )?(?:remind|alert|warn|notify|ping|nudge) me (?:(?P<length>.{2,25}?) (?:before(?:hand)?|earlier|ahead(?: of time)?|in advance|prior)"
    r"|(?P<day>the (?:day|night|evening) before))\b(?! (?:the|my|our|it starts))"
    r"|[,;.]?\s*(?:and |with )?(?:set )?an? (?P<length_2>[\w ]{2,20}?) (?:alarm|alert|reminder|warning)(?: before(?:hand)?)?$"
    r"|[,;.]?\s*(?:and |with )?(?:set )?an? (?:alarm|alert|reminder) (?P<length_3>.{2,25}?) before(?:hand)?\b",
    _I,
)  # fmt: skip

ALL_DAY = re.compile(
    r"[\s,]*\b(?:as )?(?:an? )?(?:all[- ]?day(?: long)?(?: event)?|the whole day|whole day|the entire day)(?:,? (?:both|each|every|all) days?)?\b|\b(?:both|all (?:three|four)) days\b",
    _I,
)
BLOCKS = re.compile(
    r"\b(?:block|keep|reserve|hold|free up|clear)\b.{0,40}\b(?:off|out|free|clear|afternoon|morning|evening|day)\b|\bi'?m off\b",
    _I,
)
"""A whole part of the day is meant, not a free hour in it."""

HEADER = re.compile(
    r"^(?:(?:i (?:have|'ve got)|add|put|there are|also) )*(?:\d|two|three|four|a couple of|a few|several|these|both|the following)\b[^:]{0,60}:",
    _I,
)
JOINTS = re.compile(
    r"\s*(?:;|\.(?=\s|$)|,? and then|,? then|,? and also|,? plus|, and|,|\band\b|(?P<kept>\bpick up\b(?= *[\ue100-\ue1ff])))\s*",
    _I,
)

_WORD = r"[\w'&.-]+"
PLACE = (
    re.compile(r"(?:^|[\s,]+)(?:in|at) (?P<place>(?:the |my |our )?(?:conference |meeting |board )?room [\w-]+|(?:the |my |our )(?:shop|office|studio|kitchen|garden|hall|lobby|library|church|school|clinic|"
               r"workshop|warehouse|garage|yard|café|cafe|pub|park|gym|pool|station|airport|hospital|boardroom|canteen|bakery|bar|club|theatre|theater|museum|cinema)(?: on [A-Z0-9][\w ]*)?)$", _I),
    re.compile(rf"[\s,]+(?:@ ?|at )(?P<place>(?:the |my |our )?(?!home\b|work\b|least\b|all\b|once\b){_WORD}(?: (?:of |on |and |& )?{_WORD}){{0,3}})$", _I),
    re.compile(r"[\s,]+(?:in|over at|down at) (?P<place>(?:the )?(?-i:[A-Z0-9])[\w'&.-]*(?: (?-i:[A-Z0-9])[\w'&.-]*)*)$", re.I),
    re.compile(r",\s*(?P<place>(?-i:[A-Z0-9])[\w'&.-]*(?: (?-i:[A-Z0-9])[\w'&.-]*)+)$", re.I),
)  # fmt: skip

NO_TITLE = re.compile(
    r"(?:it|that|this|them|something|anything|everything|me|us|one|an? (?:event|meeting|appointment|reminder|entry)|event|the|and|to|for|yes|no|ok|okay|some time|time|free)?",
    _I,
)
HOLLOW = re.compile(r"^with (?=\w)", _I)
HEADLESS = "Meeting "
ARTICLE = re.compile(r"^(?:an?|the|my|our|some|for|to|that|about|called|named)\s+(?=\w)", _I)
SPACE = " "

"""What plain cues say about the tool, added to what the encoder says: a rule layer that leans.

A cue never decides alone: it adds to the log-probability of its tools, so that agreement makes sure
and disagreement makes unsure. A question is never taken for an act that writes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from tandem.types import Effect
from tandem.understanding.catalogue import CATALOGUE

CUE = 3.0
"""What one cue adds; a factor of twenty between two tools."""
AGAINST_WRITING = 3.5

_QUESTION = re.compile(
    r"^\W*(who|what|whats|what's|when|where|which|why|how|until when|till when|is|are|was|were|do i|"
    r"does|did|have i|am i|any|anything)\b|\b(who was it|what did|when do|how much|how long)\b|"
    r"(吗|呢|么)[？?。]*$|多少|什么|哪(个|里|天|些|儿|封|家)|几(点|号|个|天|封)|怎么|为什么|来着|谁", re.I
)  # fmt: skip
_ORDER = re.compile(
    r"^\W*((could|can|would|will) you|please)\b|^(请|麻烦|帮我|把)|改到|取消|提醒我|转(发)?给|说",
    re.I,
)

_LEAD = r"^\W*(?:(?:could|can|would) you |please |hey |ok |so |right |uh |um |and |then |also |帮我|请|麻烦)*(?:,? ?)"
_CUES: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(pattern, re.I), tools)
    for pattern, tools in (
        (_LEAD + r"(remind me|reminder)\b|提醒我|别让我忘", ("task_create", "event_change")),
        (_LEAD + r"(remind|alert|warn|ping) me .{2,22} before (my|the)\b(?!.* to )", ("event_change",)),
        (_LEAD + r"(todo|to do|to-do|task|new task)\b|待办[：:]|加.{0,4}待办", ("task_create",)),
        (_LEAD + r"(note|memo|jot|write (this )?down|make a note)\b|^(记一下|备忘|笔记)", ("note_create",)),
        (_LEAD + r"(reply|answer|respond|write back)\b|回(复|一?下|个邮件|封邮件|邮件|信)", ("mail_reply", "mail_draft")),
        (r"\bdraft\b|don'?t send|草稿|先别发|先不发", ("mail_draft",)),
        (_LEAD + r"(forward|fwd)\b|转发|转给", ("mail_forward",)),
        (_LEAD + r"(email|e-mail|mail)\b|发(个|封|一封)?邮件(?!的)|写(个|封)?邮件", ("mail_send",)),
        (_LEAD + r"archive\b|归档|存档", ("mail_move",)),
        (_LEAD + r"(move|put|file)\b.*\bfolder\b|文件夹", ("mail_move",)),
        (_LEAD + r"(mark|flag|star|unflag|unstar)\b|星标|标为|标成|标记", ("mail_flag",)),
        (_LEAD + r"(cancel|call off|scrap)\b|取消|不去了|不开了", ("event_cancel",)),
        (_LEAD + r"(bin|trash|delete)\b.*(mail|everything from|newsletter)|删.*邮件|邮件.*删", ("mail_delete",)),
        (r"\d{2,}\s*(元|块)?.{0,3}(转|打|付|汇)给|转账|\b(pay|transfer|wire)\b.*(\d|invoice|bill|rent)", ("none_refuse",)),
        (r"\bagain\b.*\b(at|on|next)\b", ("event_create",)),
        (r"\b(accept|decline)\b.*\binvit|邀请.*(接受|拒绝|推掉)|(接受|拒绝).*邀请", ("invitation_answer",)),
        (_LEAD + r"invite\b", ("event_invite", "event_create")),
        (r"\b(tick|check|cross)\b.*\boff\b|勾掉|划掉|打勾", ("task_done",)),
        (_LEAD + r"move\b", ("event_change", "mail_move", "task_change")),
        (r"截止|\b(due date|deadline)\b", ("task_change",)),
        (_LEAD + r"undo\b|撤销|\bput (it|that|them) (all )?back\b", ("undo",)),
        (_LEAD + r"(shift|push|postpone|reschedule|delay)\b|改到|挪到|推迟|往后(推|挪)|改成", ("event_change",)),
        (_LEAD + r"(make|extend|lengthen|shorten)\b.* (longer|shorter|by)\b|延长|缩短", ("event_change",)),
        (_LEAD + r"(pop|put|add|enter|stick)\b.*\b(calendar|calender|diary)\b|(加|记)到?日历", ("event_create",)),
        (r"(put|pop) (that|it) in\b|in (my|the) (diary|calendar)\W*$", ("event_create",)),
        (_LEAD + r"(set up|schedule|book|arrange)\b.*\b(meeting|call|lunch|dinner|coffee)\b|^帮?我?约", ("event_create",)),
        (_LEAD + r"(save|add)\b.*\bcontacts?\b|(新建|添加|加)联系人", ("contact_create",)),
        (r"\bam i (free|busy)\b|有空|有没有空", ("free_time",)),
        (r"what'?s on\b|有什么(安排|日程|会)", ("event_search",)),
        (r"\bhow many (hours|days|weeks|minutes)\b|(还有|隔)(多少|几)(天|小时)|(星期|周)几|这边几点", ("time_question",)),
        (r"(what did|how much|until when|booking reference|password|wifi)\b|密码|多少钱|涨到多少|要还多少", ("data_question",)),
    )
)  # fmt: skip


_JOINED = re.compile(
    r"(?:,|;|\.)?\s+(?:and |then |also )+|[.;] +|[，；。,]\s*(?:然后|再|并且?|顺便|同时)?|然后|\s(?=\S+$)",
    re.I,
)
_STARTS = re.compile(
    r"(remind me|email|e-mail|archive|forward|reply|cancel|invite|move|flag|mark|tick|delete|"
    r"tell \w+ by (mail|email)|note|draft)\b|"
    r".{0,14}提醒我|(帮我)?(发邮件|发个邮件|给.{1,8}发(个|封)?邮件|取消|归档|转发|回复)", re.I
)  # fmt: skip
_TEXTS = ("note_create", "note_change", "mail_send", "mail_reply", "mail_draft", "message_send")


_ALARM = re.compile(
    r"(提前|会前|前).{1,8}(提醒|叫|通知)我\W*$|remind me .{2,20} (before|ahead)\W*$", re.I
)


def second_act(text: str, tool: str) -> int | None:
    """Where a second act plainly begins in a clause that was read as one; `None` if nowhere.

    Not in tools that carry free text: a mail may well say "and cancel the rest".
    """
    if tool in _TEXTS:
        return None
    for match in _JOINED.finditer(text):
        rest = text[match.end() :]
        if match.start() > 5 and _STARTS.match(rest) and not _ALARM.match(rest):
            return match.end()
    return None


def leaned(ranking: Iterable[tuple[str, float]], text: str) -> list[tuple[str, float]]:
    """The encoder's ranking with the cues of the text, the likeliest first; sums to 1."""
    scores = {tool: math.log(probability + 1e-9) for tool, probability in ranking}
    for pattern, tools in _CUES:
        if pattern.search(text):
            for tool in tools:
                if tool in scores:
                    scores[tool] += CUE
    if _QUESTION.search(text) and not _ORDER.search(text):
        for tool in scores:
            spec = CATALOGUE.get(tool)
            if spec is not None and spec.effect is not Effect.READ:
                scores[tool] -= AGAINST_WRITING
    top = max(scores.values(), default=0.0)
    total = sum(math.exp(score - top) for score in scores.values())
    shares = {tool: math.exp(score - top) / total for tool, score in scores.items()}
    return sorted(shares.items(), key=lambda pair: -pair[1])

"""What the user's records say of a condition: mails, meetings, tasks, free time, rows of tables.

Pure. A condition is read by what it holds (what kind of thing, who, when, how many, whether it is
denied), not by its form; one in which no kind of thing is found is not understood, and nothing that
hangs on it may be done.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tandem.understanding.known import Known, KnownContact, KnownEvent, KnownMail, KnownTask
from tandem.understanding.moments import length_of, setting_of
from tandem.understanding.reading import Finding, Ref
from tandem.understanding.structure.bounds import COUNT, by_count, window
from tandem.understanding.structure.people import Named, people_in
from tandem.understanding.structure.quotes import quotes
from tandem.understanding.structure.rows import rows_meant, tables_meant
from tandem.understanding.terms import overlap, terms
from tandem.understanding.times import find

MAX_REFS = 5
"""Records that are shown as the reason; more say no more."""

_EVENTS = re.compile(
    r"\b(?:meetings?|events?|appointments?|calls? with|scheduled?|lunch|dinner|breakfast|coffee|sync|catch[- ]?up|"
    r"met|meet|meeting|seen|calendar|diary|booked|planned|anything (?:on|with)|something (?:on|with)|nothing on|plans?)\b"
    r"|会|日程|安排|约|见面|见过|碰头|饭局",
    re.I,
)
_MAILS = re.compile(
    r"\b(?:e-?mail(?:s|ed)?|mail(?:s|ed)?|messages?|messaged|wr(?:ote|itten|ite|ites)|repl(?:y|ied|ies)|respond(?:ed|s)?|"
    r"answer(?:ed|s)?|heard|hear|contacted|been in touch|got(?:ten)? back|sent|reached out|inbox|newsletters?|unread)\b"
    r"|邮件|信|回复|回信|来信|联系|未读|回我|没回|回了",
    re.I,
)
_TASKS = re.compile(r"\b(?:tasks?|to-?dos?|reminders?|overdue|deadlines?)\b|待办|任务|逾期", re.I)
_FREE = re.compile(
    r"\b(?:(?:am|'m|are|'re|is|be|have|got) (?:\w+ )?(?:free|available|busy|booked|occupied)|free time|time free|clash|conflict)\b"
    r"|有空|没空|空闲|有时间|没时间|冲突",
    re.I,
)
_BUSY = re.compile(r"\b(?:busy|booked|occupied|clash\w*|conflict\w*)\b|没空|没时间|冲突", re.I)
_BY_ME = re.compile(
    r"\b(?:i|we)(?:['’]ve| have| had| did|['’]d)?(?: not|n['’]?t| never| already| yet| last)*"
    r"(?: |(?<=n['’]t) )(?:e-?mail|mail|writ|wrote|contact|repl|respond|answer|messag|sent|send|reach|been in touch with|got back to)"
    r"|我(?:都|还|已经|最近|\d+天|这周)*(?:没有?|没|已经|有没有)?(?:给|联系|回复|回)",
    re.I,
)
_DENIED = re.compile(
    r"\b(?:not|never|no|none|nothing|nobody|without)\b"
    r"|\b(?:have|has|had|did|do|does|is|are|was|were|wo|could|ca)n['’]?t\b|(?<!有)没(?!空|时间)|没有|未(?!读)|不在",
    re.I,
)
_ASKS_BOTH = re.compile(r"有没有|是不是|是否|有无|or not")
_OLDER = re.compile(
    r"\b(?:older than|more than|over|longer than)\s+(.+?)\s*(?:old|ago)?$|超过(.+?)(?:没|了|$)",
    re.I,
)
_LAST = re.compile(
    r"\b(?:last|latest|most recent)\s+(?:e-?mail|mail|message)|上一封|最后一封|最近一封", re.I
)
_ABOUT = re.compile(
    r"\b(?:about|regarding|re|on the subject of|mentioning|concerning)\s+(?P<en>.+)$|关于(?P<zh>.+?)(?:的|$)",
    re.I,
)
_UNREAD = re.compile(r"\bunread\b|未读", re.I)


@dataclass(frozen=True, slots=True)
class Unclear:
    """Somebody in the condition of whom there are several."""

    named: Named


Answer = Finding | Unclear | None


@dataclass(frozen=True, slots=True)
class _Asked:
    """A condition with what is common to all kinds of things."""

    words: str
    known: Known
    people: tuple[Named, ...]
    window: tuple[datetime, datetime] | None
    is_denied: bool

    @property
    def cards(self) -> tuple[KnownContact, ...]:
        return tuple(one.contact for one in self.people if one.contact is not None)

    @property
    def addresses(self) -> frozenset[str]:
        written = {one.address.lower() for one in self.people if one.address}
        return frozenset(written.union(*({m.lower() for m in c.emails} for c in self.cards)))

    def verdict(self, found: Sequence[KnownMail | KnownEvent | KnownTask]) -> Finding:
        """Holds by count where one is asked for, else where there are any; denied the reverse."""
        refs = tuple(_ref(one) for one in found[:MAX_REFS])
        return Finding(self.words, self.truth(len(found)), len(found), refs)

    def truth(self, count: int) -> bool:
        counted = by_count(self.words, count)
        if counted is not None:
            return counted
        return (count > 0) != self.is_denied


def understands(words: str, known: Known) -> bool:
    """Whether the words are a condition that the records can answer."""
    return check(words, known) is not None


def check(words: str, known: Known) -> Answer:
    """What the records say; `None` where the words are no such condition."""
    people = tuple(people_in(words, known))
    if unclear := next((one for one in people if len(one.contacts) > 1), None):
        return Unclear(unclear)
    is_denied = _ASKS_BOTH.search(words) is None and _DENIED.search(_plain(words)) is not None
    of_mail = _is_of_mail(words)
    asked = _Asked(words, known, people, window(words, known, of_mail=of_mail), is_denied)
    tables = tables_meant(words, known)
    is_own = re.search(r"\bmy\b|\bi\b|我", words, re.I) is not None and not people
    if tables and not is_own and not _MAILS.search(words.replace("email", "")):
        return _rows(asked, tables)
    if _FREE.search(words):
        return _free(asked)
    if _is_of_mail(words):
        return _mails(asked)
    if _TASKS.search(words):
        return _tasks(asked)
    if _EVENTS.search(words):
        return _events(asked)
    return _rows(asked, tables) if tables else None


def _plain(words: str) -> str:
    """Without what is quoted, and without "not" that belongs to something else."""
    for one in reversed(quotes(words)):
        words = words[: one.start] + words[one.end :]
    return words


def _is_of_mail(words: str) -> bool:
    return _MAILS.search(words) is not None and not re.search(
        r"\b(?:meetings?|events?|appointments?)\b|会议|日程", words, re.I
    )


def _ref(one: KnownMail | KnownEvent | KnownTask) -> Ref:
    if isinstance(one, KnownMail):
        return Ref("mail", one.message_id)
    if isinstance(one, KnownEvent):
        return Ref("event", one.uid, one.recurrence_id)
    return Ref("task", one.uid)


# --- kinds of things ----------------------------------------------------------------------------


_ANY_MAIL = re.compile(
    r"\b(?:any|no|new|unread|nobody|no one|anybody|anyone|newsletters?|more than|fewer than|at least)\b|任何|未读|新|有人|没人|封",
    re.I,
)


def _mails(asked: _Asked) -> Finding | None:
    """Mails from, or to, the people who are named, in the time and about the words that are said.

    `None` where somebody is named whom nobody knows.
    """
    words, known = asked.words, asked.known
    if not (asked.people or quotes(words) or _ABOUT.search(words) or _ANY_MAIL.search(words)):
        return None
    is_sent = _BY_ME.search(words) is not None
    found = [mail for mail in known.mails if _is_between(mail, asked, is_sent=is_sent)]
    subjects = [one.text.lower() for one in quotes(words)]
    about = _ABOUT.search(_plain(words))
    if subjects:
        found = [
            m for m in found if any(s in m.subject.lower() or s in m.text.lower() for s in subjects)
        ]
    elif about is not None:
        wanted = terms(_without_times(about["en"] or about["zh"] or "", known))
        found = (
            [m for m in found if overlap(wanted, f"{m.subject} {m.text}") > 0.6]
            if wanted
            else found
        )
    if _UNREAD.search(words):
        found = [mail for mail in found if "seen" not in mail.flags]
    if _LAST.search(words) and (old := _OLDER.search(words)):
        length = length_of(old[1] or old[2] or "", known)
        is_old = not found or (length is not None and found[0].at < known.now - length)
        return Finding(words, is_old != asked.is_denied, len(found), tuple(map(_ref, found[:1])))
    if asked.window is not None:
        start, end = asked.window
        found = [mail for mail in found if start <= mail.at <= max(end, start)]
    return asked.verdict(found)


def _without_times(words: str, known: Known) -> str:
    for one in reversed(find(words, setting_of(known, past=True))):
        words = words[: one.start] + " " + words[one.end :]
    return words


_NOT_IN = ("trash", "junk", "drafts", "spam")


def _is_between(mail: KnownMail, asked: _Asked, *, is_sent: bool) -> bool:
    """Whether the mail went between the user and those who are named, in the asked direction."""
    if mail.folder.lower() in _NOT_IN:
        return False
    is_mine = mail.sender.lower() == asked.known.user_email.lower() or mail.folder.lower() == "sent"
    if is_mine != is_sent:
        return False
    if not asked.people:
        return True
    theirs = {one.lower() for one in (*mail.to, *mail.cc)} if is_sent else {mail.sender.lower()}
    return bool(theirs & asked.addresses)


def _events(asked: _Asked) -> Finding:
    """Meetings with the people who are named, or whose title has the words that are said."""
    known, window = asked.known, asked.window
    start, end = window or (known.now, known.now + timedelta(days=366))
    found = [
        e for e in known.events if e.start < end and e.end > start and (e.start >= start or window)
    ]
    if window is not None and start == known.now:
        found = [event for event in found if event.start >= start]
    if asked.people:
        found = [event for event in found if any(_is_with(event, one) for one in asked.people)]
    wanted = terms(_topic(asked))
    named = [one.text.lower() for one in quotes(asked.words)]
    if named:
        found = [event for event in found if any(name in event.summary.lower() for name in named)]
    elif wanted:
        found = [event for event in found if overlap(wanted, event.summary) > 0.6]
    return asked.verdict(found)


_PLAIN_WORDS = re.compile(
    r"\b(?:i|we|me|have|has|had|haven['’]?t|hasn['’]?t|don['’]?t|do|did|didn['’]?t|already|not|no|any|anything|something|nothing|"
    r"scheduled?|planned|booked|set up|with|in|on|the|my|our|calendar|diary|there|is|are|isn['’]?t|aren['’]?t|"
    r"a|an|yet|another|other|meetings?|events?|appointments?|calls?|met|meet|meeting|seen|see|more|than|least|fewer|less|"
    r"at|plans?|next|coming|for|to|of|free|busy|up|catch|if|whether|days?|weeks?|within|over|been|s)\b",
    re.I,
)
_PLAIN_ZH = re.compile(
    "有没有|没有|我|和|跟|与|的|会议|会|日程|安排|约|见面|见过|在|有|没|内|任何|什么|了|吗|过|开|是否|个|场"
)


def _topic(asked: _Asked) -> str:
    """What is left of the words when people, times and plain words are gone."""
    letters = list(COUNT.sub(lambda found: " " * len(found[0]), asked.words))
    for one in (*asked.people, *find(asked.words, setting_of(asked.known))):
        letters[one.start : one.end] = " " * (one.end - one.start)
    return _PLAIN_ZH.sub(" ", _PLAIN_WORDS.sub(" ", "".join(letters)))


def _is_with(event: KnownEvent, one: Named) -> bool:
    """By its guests, else by a name in its title."""
    mails = {m.lower() for card in one.contacts for m in (*card.emails, one.address) if m}
    if mails & {each.lower() for each in (*event.attendees, event.organizer)}:
        return True
    title = event.summary.lower()
    names = {
        name.lower()
        for card in one.contacts
        for name in (card.name, card.name.split()[0], *card.nicknames)
    }
    return any(len(name) > 1 and _has_word(title, name) for name in names)


def _has_word(text: str, word: str) -> bool:
    return re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", text) is not None


def _free(asked: _Asked) -> Finding | None:
    """Whether nothing is on in a time."""
    if asked.window is None:
        return None
    start, end = asked.window
    if end - start < timedelta(hours=1):
        end = start + timedelta(hours=1)  # "at two" means the hour
    busy = [e for e in asked.known.events if e.start < end and e.end > start and not e.is_all_day]
    asks_busy = _BUSY.search(asked.words) is not None
    holds = bool(busy) if asks_busy else not busy
    refs = tuple(_ref(one) for one in busy[:MAX_REFS])
    return Finding(asked.words, holds != asked.is_denied, len(busy), refs)


def _tasks(asked: _Asked) -> Finding:
    """The user's own tasks that are open, those of a time or of some words."""
    known = asked.known
    found = [task for task in known.tasks if not task.is_done]
    if re.search(r"\boverdue\b|逾期|过期", asked.words, re.I):
        found = [t for t in found if t.due is not None and _moment(t, known) < known.now]
    elif asked.window is not None:
        start, end = asked.window
        found = [t for t in found if t.due is not None and start <= _moment(t, known) < end]
    if names := [one.text.lower() for one in quotes(asked.words)]:
        found = [task for task in found if any(name in task.summary.lower() for name in names)]
    return asked.verdict(found)


def _moment(task: KnownTask, known: Known) -> datetime:
    if isinstance(task.due, datetime):
        return task.due
    assert task.due is not None  # asked only of tasks that are due
    return datetime.combine(task.due, datetime.max.time(), known.now.tzinfo)


def _rows(asked: _Asked, tables: Iterable[object]) -> Answer:
    """Rows of the first table of which the words narrow anything down."""
    for table in tables_meant(asked.words, asked.known):
        rows = rows_meant(asked.words, asked.known, table)
        if rows.said:
            keys = rows.keys[:MAX_REFS]
            refs = tuple(Ref("row", key, address=table.name) for key in keys)
            is_denied = asked.is_denied and not _describes(asked.words)
            holds = (len(rows.keys) > 0) != is_denied
            counted = by_count(asked.words, len(rows.keys)) if not _measures(rows.said) else None
            return Finding(asked.words, holds if counted is None else counted, len(rows.keys), refs)
    return None


def _measures(said: Sequence[str]) -> bool:
    return any(re.search(r"\d", one) for one in said)


def _describes(words: str) -> bool:
    """ "Not" that tells which rows, not that there are none: "tasks that they have not started"."""
    return re.search(
        r"\b(?:has|have|are|is|not)(?:n['’]?t| not)? (?:yet )?(?:started|finished|completed|done|been)",
        words,
        re.I,
    ) is not None and not re.search(
        r"\bno\b|\bany\b.*\bn['’]?t\b|\bdo(?:es)?n['’]?t\b", words, re.I
    )

"""How a time is said in English: what hides it, what leads to it, slips of the tongue."""

from __future__ import annotations

import re
from collections.abc import Callable

from tandem.understanding.entries.marking import BREAK, MENDED, NUMBERED, SIGN

_I = re.IGNORECASE
NUMBER = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_DAY = r"mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun"
_DAYS = rf"(?:{_DAY})(?:days?)?"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*"
_MEAL = "breakfast|brunch|lunch|dinner|supper|teatime"
_FEAST = r"halloween|christmas|xmas|thanksgiving|easter|new year'?s(?: eve)?|diwali|hanukkah|eid|valentine'?s"
_GATHERING = (
    "party|dinner|lunch|brunch|breakfast|shopping|concert|market|show|play|service|parade|gathering|do|drinks|meal|lights|"
    "tree|cards?|photos?|pageant|fair|potluck|bash|special|assembly|recital"
)


def _hidden(found: re.Match[str]) -> str:
    """A word in which no time is found: "Halloween party on the 31st" is a party."""
    return BREAK.join(found[0])


def _days_first(found: re.Match[str]) -> str:
    """ "8 to 10 every weekday morning": the days first, as the normaliser reads them."""
    half = {"morning": " am", "afternoon": " pm", "evening": " pm", "": ""}
    end = "" if found["hours"].lower().endswith("m") else half[(found["part"] or "").lower()]
    return f"{found['days']} from {found['hours']}{end}"


_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}
_ONES = {
    word: number
    for number, word in enumerate("one two three four five six seven eight nine".split(), 1)
}
_HOUR_WORDS = {word: number for number, word in enumerate(NUMBER.split("|"), 1)}


def _digits(found: re.Match[str]) -> str:
    """ "One thirty-five" in digits."""
    minutes = _TENS[found[2].lower()] + _ONES[found[3].lower()]
    return f"{_HOUR_WORDS[found[1].lower()]}:{minutes:02}"


TURNED: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(?<=\w)[–—](?=\w)"), "-"),
    (re.compile(r"\b(?:tom+or+o|tommorow|tmrw|tmrrw|tmr|tmw|tomoz|2moro|2morrow|2mrw)\b", _I), "tomorrow"),
    (re.compile(r"\b(?:2nite|tonite|2night)\b", _I), "tonight"),
    (re.compile(r"\b(?:wknd|wkend)\b", _I), "weekend"),
    (re.compile(r"\bnite\b", _I), "night"),
    (re.compile(r"(?<=\w) (?:n|'n'|&) (?=mon|tue|wed|thu|fri|sat|sun)", _I), " and "),
    (re.compile(r"\b(\d{1,2}(?::\d\d)?) ?p m\b", _I), r"\1pm"),
    (re.compile(r"\b(\d{1,2}(?::\d\d)?) ?a m\b", _I), r"\1am"),
    (re.compile(r"\b(?:at|um) (\d{1,2}) hours\b", _I), r"at \1:00"),
    (re.compile(r"(?<=[ ,])(1?\d|2[0-3])h([0-5]\d)?(?=$|[\s,.;-])", _I), lambda found: f"at {found[1]}:{found[2] or '00'}"),
    (re.compile(r"\b(january|february|march|april|may|june|july|august|september|october|november|december) (first|second|third)\b", _I), lambda found: f"{found[1]} { {'first': 1, 'second': 2, 'third': 3}[found[2].lower()]}"),
    (re.compile(r"\b(?:from|on)? ?(the \d{1,2}(?:st|nd|rd|th)) on(?=$|[,.])", _I), r"starting \1"),
    (re.compile(r"\bmon(?:day)? (?:thru|through|to|-) fri(?:day)?\b", _I), "every weekday"),
    (re.compile(r"\bdaily(?=.{0,40}\bevery weekday\b)", _I), ""),
    (re.compile(r"\b(\w+day) only\b", _I), r"\1"),
    (re.compile(r"\b(?:until|till|to) (?:probably|about|around|like|maybe) (?=\d|noon|mid|half|quarter)", _I), "to "),
    (re.compile(r"\bsince (?=(?:the )?\d)", _I), "from "),
    (re.compile(r"\bb4\b", _I), "before"),
    (re.compile(rf"(?<!every )(?<!this )(?<!next )\b({_DAY})((?:[ ,/&+]+(?:and )?(?:{_DAY})){{2,6}})\b(?! (?:this|next)\b)", _I), lambda found: "every " + re.sub(r",? (\w+)$", r" and \1", ", ".join(re.findall(r"[a-z]{3,}", re.sub(r"\band\b", "", found[0].lower()))))),
    (re.compile(r"\b(thur?s?|tues|weds)\b(?!-)", _I), lambda found: {"th": "Thursday", "tu": "Tuesday", "we": "Wednesday"}[found[1][:2].lower()]),
    (re.compile(r"\bfirst thing (?:on |in the morning on )?((?:this |next )?\w+day)\b", _I), r"\1 morning"),
    (re.compile(r"\bfirst thing (?:in the morning )?(tomorrow)\b", _I), r"\1 morning"),
    (re.compile(r"\b(tomorrow|\w+day)(?: morning)? first thing\b", _I), r"\1 morning"),
    (re.compile(r"\b((?:next|this) (?:month|year))[, ]+(?:on )?the (first|second|third|fourth|last) (\w+day)\b", _I), r"on the \2 \3 of \1"),
    (re.compile(r"\bend of (?:the )?day (?:on )?(\w+day|tomorrow|today)\b", _I), r"\1 at 5pm"),
    (re.compile(r"\b(\w+day),? no,? not \1,? ", _I), ""),
    (re.compile(r"(?<!the )(?<!in )\b(mon|tue|wed|thu|fri|sat|sun)(?= (?:at )?\d)", _I), lambda found: {"mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday", "sun": "Sunday"}[found[1].lower()]),
    # clocks
    (re.compile(rf"\b({NUMBER})[ -](twenty|thirty|forty|fifty)-(one|two|three|four|five|six|seven|eight|nine)\b", _I), _digits),
    (re.compile(r"\b(\d{1,2})-(\d{1,2})([0-5]\d)(?=$|[\s,.;])"), r"\1-\2:\3"),
    (re.compile(r"(\d ?(?:am|pm)?) (eastern|central|pacific|mountain)\b(?! time)", _I), r"\1 \2 time"),
    (re.compile(r"\b(till?|until|to|at|around|by|from|about) like (?=\d|half|quarter|noon)", _I), r"\1 "),
    (re.compile(r"\btil\b", _I), "till"),
    (re.compile(r"\b(\d{1,2}(?::\d\d)?)\s?([ap])(?=\b[^.\w]|$)(?!\.m)"), r"\1\2m"),
    (re.compile(r"\b(\d{1,2}(?::\d\d)?)\s?([ap])-(?=\d)", _I), r"\1\2m-"),
    (re.compile(rf"(?P<month>\b{_MONTH} )?\b(\d{{1,2}}) ([0-5]\d) ?([ap]\.?m)\b", _I), lambda found: found[0] if found["month"] else f"{found[2]}:{found[3]} {found[4]}"),
    (re.compile(rf"\b(?:until|till?|to) (\d{{1,2}}(?::\d\d)?|{NUMBER})(?: ?am)? (?:in )?(?:the )?(?:next|following) (?:morning|day)\b", _I), r"to \1 am"),
    (re.compile(r"\b(\d{1,2}(?::\d\d)?)(?: ?pm)? ?(?:till?|until|to|-) ?midnight\b", _I), r"\1pm to 12am"),
    (re.compile(rf"(\b(?:at|from|till|until|by|around|{_DAYS}|tomorrow|today|tonight|morning|evening|afternoon|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?|\d/\d{{1,2}}),? |@ ?)([01]?\d|2[0-3])([0-5]\d)(?=$|[\s,.;-]|h(?:rs)?\b)(?:h(?:rs)?\b)?", _I), r"\1\2:\3"),
    (re.compile(r"(?<![\w$€£.])([01]\d|2[0-3])([0-5]\d)(?:h|hrs)?(?: ?(?:to|till|until|-) ?)([01]\d|2[0-3])([0-5]\d)(?:h|hrs)?(?![\w.])"), r"\1:\2 to \3:\4"),
    (re.compile(r"(:[0-5]\d ?(?:to|till|until|-) ?)([01]?\d|2[0-3])([0-5]\d)(?=$|[\s,.;])", _I), r"\1\2:\3"),
    (re.compile(r"\bin (1[3-9]|2[0-3]) hour\b(?!s)", _I), r"at \1:00"),
    (re.compile(r"(?<![\d$€£.,])(\b(?:[01]?\d|2[0-3]))[.]([0-5]\d)(?![\d%]|[.]\d| ?(?:dollars|bucks|usd|eur|euros?|km|kg|miles|percent|m|cm|mm|million|k)\b)", _I), r"\1:\2"),
    (re.compile(r"\b0(\d):([0-5]\d)\b(?! ?[ap]\.?m)", _I), r"\1:\2am"),
    # days
    (re.compile(rf"\b({_MONTH}) (\d{{1,2}})((?:st|nd|rd|th)?),? (?:and|&|\+) (\d{{1,2}})((?:st|nd|rd|th)?)\b", _I), r"\1 \2\3 and \1 \4\5"),
    (re.compile(r"\bnext month,? (?:the )?(\d{1,2})(st|nd|rd|th)\b", _I), r"the \1\2 of next month"),
    (re.compile(rf"\b(\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?),? (every year|yearly|annually|each year)\b", _I), r"every year on \1"),
    (re.compile(rf"\b(?P<hours>\d{{1,2}}(?::\d\d)? ?(?:[ap]m)? ?(?:to|-|till|until) ?\d{{1,2}}(?::\d\d)?(?: ?[ap]m)?),? (?P<days>(?:every|each) (?:week)?(?:day|{_DAYS})s?)(?: (?P<part>morning|afternoon|evening))?", _I), _days_first),
    # words that are no times here
    (re.compile(r"\b\d{1,5}[A-Za-z]?(?= (?:[A-Za-z']+ ){1,3}(?:street|st|avenue|ave|road|rd|lane|ln|court|ct|drive|dr|way|place|pl|square|sq|boulevard|blvd|crescent|close|terrace|row)\b)", _I), lambda found: found[0].translate(NUMBERED)),
    (re.compile(r"\bhalf[- ]day\b", _I), _hidden),
    (re.compile(r"(?<=called )(?:quarterly|weekly|monthly|daily|annual|yearly)|(?<=named )(?:quarterly|weekly|monthly|daily|annual|yearly)|(?<=titled )(?:quarterly|weekly|monthly|daily|annual|yearly)", _I), _hidden),
    (re.compile(rf"\b(?:{_MONTH})(?= (?:accounts?|reports?|invoices?|statements?|numbers|payroll|figures|newsletter|bills?|rent|books|close|budget|taxes|sales|issue)\b)", _I), _hidden),
    (re.compile(r"\b(?:winter|summer|spring|fall|autumn)(?= (?!of\b|in\b|at\b|on\b|and\b|to\b|with\b)[a-z])", _I), _hidden),
    (re.compile(r"\b(?!this|that|last|each|every|tomorrow|the|at|one|all|late|per|a|by|of|on|and|to|in|my|next|good|what|same|\w+day\b)[a-z]{3,} (?P<night>night)\b(?! before)", _I), lambda found: found[0][: found.start("night") - found.start()] + BREAK.join(found["night"])),
    (re.compile(r"\boffice hours\b", _I), _hidden),
    (re.compile(r"(?<!this )(?<!tomorrow )(?<!day )\b(?:morning|evening|night|afternoon|lunchtime|midnight|weekend)(?= (?:class|classes|shift|run|walk|lesson|service|show|course|school|swim|yoga|prayers?|mass|rounds|surgery|tea|coffee|meeting|stand-?up|call|duty|out\b|flight|train|bus|feed|meds|practice|rehearsal|training|session|ride|hike|routine|pills?|briefing))", _I), _hidden),
    (re.compile(rf"\b(?:{_FEAST})(?: day| eve)?(?= (?:{_GATHERING})\b)", _I), _hidden),
    (re.compile(rf"(?<!at )(?<!before )(?<!after )(?<!over )(?<!by )(?<!around )(?<!until )(?<!till )(?<!during )\b(?:{_MEAL})\b(?! ?time)", _I), _hidden),
    (re.compile(r"\b(?:quarterly|annual|yearly|monthly)(?= (?:\w+ )?(?:review|taxes|report|numbers|audit|check-?up|inspection|results|planning|filing|return|statement|physical|exam|closing|accounts)\b)", _I), _hidden),
    (re.compile(r"\b((?:come|stop|drop|swing|pop|pass|go)(?:s|es|ping|ing)? (?:by|over|round|in))(?= )", _I), rf"\1 {BREAK}"),
    (re.compile(r"\b(?:what|which|how) (?:a|an) (?:\w+ )?(?:morning|day|evening|week|night)\b[.!]*", _I), " "),
)  # fmt: skip
"""How a time is said so that it is not found, and how it is found."""

COUNT = re.compile(
    r"[\s,]*(?:\bfor )?(?:(?:a total of|in all) )?\b(?P<count>\d{1,2}|two|three|four|five|six|seven|eight|nine|ten|twelve) (?:lessons|sessions|classes|times|meetings|visits|occurrences|appointments|rounds|games|matches|weeks in a row)(?: in total| altogether| in all)?\b",
    _I,
)
COUNTS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve".split()
    )
}
MEALS = re.compile(rf"\b(?:{_MEAL})\b", _I)
"""Meals, which have their hours where no clock is told."""
EVENINGS = re.compile(
    r"\b(?:dinner|supper|drinks?|party|gig|concert|movie|film|date night|poker|cinema|theat(?:er|re)|opera|ballet|pub|quiz|bar|club|bbq|barbecue|fireworks|prom|choir|game night|happy hour|cocktails?|evening|night)\b",
    _I,
)
"""What is in the evening where a bare hour leaves it open."""
CLEAR_HALF = re.compile(
    r"\d ?[ap]\.?m\b|\b(?:morning|noon|midday|a\.m|p\.m)\b|\d{2}:\d{2}|\b0\d", _I
)

CORRECTION = re.compile(
    r"[\s,.;–—-]*(?:\b(?:no,? wait|wait,? no|no no|oh no|ah no|strike that|make it(?= six| half| \d)|nope|no(?=[,.;–—-]| (?:wait|make|sorry|actually|i mean|at |on |\d|\w+day))|wait|hang on|hold on|sorry|hmm+,? rather|hmm+|um+|uh+|er+(?=,)|actually|scratch that|"
    r"i mean|i meant|correction|or rather|oops|make (?:that|it)|let'?s (?:say|make (?:it|that))|better make it)\b[\s,.;–—-]*)+"
    rf"(?:(?:it'?s|at|for|on|say|about|around) )*(?P<bare>(?:\d{{1,2}}|{NUMBER})(?![\w:.-]*\d)(?! ?(?:am|pm|o'clock|minutes?|mins?|hours?|days?|people|thirty|fifteen|twenty|forty|fifty|ten|five|oh|st|nd|rd|th|half|%)\b)(?=\W|$))?",
    _I,
)  # fmt: skip


def corrected(found: re.Match[str]) -> str:
    """A mark in the place of the words that correct; a bare number behind them is an hour."""
    hour = found["bare"]
    return f" {MENDED} at {hour} {BREAK}" if hour else f" {MENDED} "


NO_TIME = re.compile(
    rf"\b(?:in the|the|for|or|at) {MENDED}(?:second|minute|moment){MENDED}|{MENDED}(?:first|second|may|march|sun|sat|now){MENDED}"
    rf"|{MENDED}(?:the )(?:first|second|third|last){MENDED} (?!of\b|at\b|in\b|and\b|to\b|from\b|thing\b|\d)[a-z]"
    rf"|\b(?:what an?|good|lovely|busy|crazy|long|rough|great|nice|hell of an?|of the|this is the|my) {MENDED}(?:morning|day|evening|week|afternoon|night|year){MENDED}"
    rf"|{MENDED}(?:lunch ?time|morning|evening|afternoon|midday|night|midnight|weekend|breakfast|lunch|dinner|supper|noon){MENDED} "
    r"(?!(?:at|on|in|for|from|with|and|to|till|until|or|the|this|next|is|of|by|around|about|please|so|i|it|if|we|then|before|after)\b)[a-z]",
    _I,
)  # fmt: skip
"""What is found as a time and is none; a mark stands where it begins and where it ends."""

_LEAD = (
    r"first (?:class|one|session|lesson|game|meeting)|on|at|in|for|from|by|before|starting|beginning|lasting|of|until|till|sometime|some time|around|about|roughly|"
    r"approximately|probably|maybe|perhaps|say|like|i think|i guess|i reckon|this|the|each|that(?:'s| is)|which is|which (?:usually |normally |should |will )*(?:takes?|lasts?)|that meets|which meets|that runs|up to|only through|through|thru|with a due date of|but|it(?:'s| is)|"
    r"set for|scheduled for|down for|due(?: on| by)?|both|is|are|takes?|lasts?|starts?|begins?|starting|goes|runs(?= (?:from|at|\W))|"
    r"running|going|ends?|ending|finish(?:es|ing)?|over(?:,? at| by)|just|only|not before|no later than|"
    r"(?:it|this|that|they)(?:'ll| will| should| would| might| may)? (?:be|take|last|run|start|begin|go on|finish|end)s?"
    r"|dated|any ?time|as of|effective|again|departs?|departing|takes place|held|falls|happens|happening|will be|begins and|starts and|has to be|must be|repeats?|repeating|arrives?|arriving|arrive|runs out|expires?|is on|ideally finished|finished|deadline(?: is)?|due date(?: is)?|still|boards?|lands?|landing|takes? off|doors(?: open)?(?: at)?|kick ?-?offs?|kicks off|opens|w/"
)
_TRAIL = r"ish|am|pm|or so|or thereabouts|sharp|on the dot|prompt|promptly|long|at the latest|at the earliest|i think|i guess|probably|roughly|tops|max|if possible|if that works|local(?: time)?|or something(?: like that)?|inclusive|each|both(?: days)? included|included|both|that day|total|in total|altogether|latest|entirely|completely|(?:and )?go(?=$)|of morning|in the morning"
TIME = re.compile(
    rf"[\s,(–-]*+(?:(?<![\w'])(?:{_LEAD})\b[\s,]*+)*+{SIGN}(?:[\s,-]*+(?:{_TRAIL})\b)*+\)?", _I
)
"""A time with the words that only lead to it."""

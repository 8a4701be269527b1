"""How people enter things in English: frames, what leads to a time, what is no entry."""

from __future__ import annotations

import re

from tandem.understanding.entries.english_times import (
    CLEAR_HALF as CLEAR_HALF,
)
from tandem.understanding.entries.english_times import (
    CORRECTION as CORRECTION,
)
from tandem.understanding.entries.english_times import (
    COUNT as COUNT,
)
from tandem.understanding.entries.english_times import (
    COUNTS as COUNTS,
)
from tandem.understanding.entries.english_times import (
    EVENINGS as EVENINGS,
)
from tandem.understanding.entries.english_times import (
    MEALS as MEALS,
)
from tandem.understanding.entries.english_times import (
    NO_TIME as NO_TIME,
)
from tandem.understanding.entries.english_times import (
    TIME as TIME,
)
from tandem.understanding.entries.english_times import (
    TURNED as TURNED,
)
from tandem.understanding.entries.english_times import (
    corrected as corrected,
)
from tandem.understanding.entries.marking import SIGN

_I = re.IGNORECASE
_CAL = r"(?:calendar|calender|diary|schedule|agenda|planner|cal)"
_IN_CAL = rf"(?:(?:in|on|into|to|onto) (?:my |the |our )?{_CAL})"
_ASKED = r"(?:(?:can|could|would|will) (?:you|u|we|i)(?: (?:please|pls|maybe|just|quickly|be able to|kindly|perhaps|also|possibly|have you))*,? )"

NOT_NEW = re.compile(
    r"^(?:move(?!-| out\b| in\b|s\b)|shift (?!(?:at|in|from|on|with|for|starts?|today|tonight|tomorrow)\b)|push|postpone|delay|reschedule|bring|change (?!.*\b(?:every|each)\b)|"
    r"rename|cancel|call off|delete|remove|scrap|drop (?!off|by|in\b|round)|snooze|extend|shorten|lengthen|prolong|"
    r"make (?:the|my|our|it|that|this) |let (?!me|us|'s)|reply|answer|respond|forward|e-?mail|send|write (?:to|back|an?|him|her|them)|tell (?!my (?:calendar|diary)|me .*\b(?:to|that)\b)|text|message|ask|find|"
    r"show|search|list|read|open|what|when|where|who|whose|which|how|why|is|are|am|do(?:es)? (?:i|you|we|they|he|she|it|my|the|any)|did|have i|can i|"
    r"could i (?!trouble|ask|get)|should i|mark (?!me|my|it|this|the|down|\d|mon|tue|wed|thu|fri|sat|sun)|flag|archive|file (?=.*\b(?:under|into|in|folder|away)\b)|unsubscribe|tick|undo|accept|decline|invite|draft|set (?:an? |the )?timer|"
    r"timer|buy|order|pay|call(?! with)|ring|phone (?!screen|call|interview|consult|appointment|meeting)|if|skip|switch|swap|no|yes|not|never mind|clear|take (?:me )?off|"
    r"bump|pull|get rid|i'?m not|i can'?t|i won'?t|check (?:if|whether|for|on|what|when|my)\b)\b"
    r"|\b(?:instead|rather than|same (?:time|place|length)|unless|as soon as|accordingly|can'?t (?:be|make|do)|won'?t (?:be|work|make)|snooze (?:it|that|the|my)|whenever|"
    r"reschedul\w*|postpon\w*|moves? to|moved|cancell?ed|got cancell?ed|forward to|reply to|e-?mail(?:s|ed)?(?! from)|invite|"
    r"if (?!possible|that works|you can|you could)|to (?:my|the) (?:notes?|\w+ (?:list|note))|"
    r"(?:make|take|leave) a note(?! that))\b"
    r"|(?:[,;.]|\bso|\band|\bthen)\s+(?:please |pls |can you |could you )?(?:shift|move|push|cancel|reschedule|bump|postpone|delay|shorten|extend) (?:the|my|our|it|that|this|\w+'s)\b"
    r"|\bmake (?:that|the|my) (?:to-?do|task|reminder|meeting|appointment|event)\b|\b(?:bumped|rescheduled) (?:me|us|it)\b|\bgoes to\b|\btick (?:it|that) off\b",
    _I,
)  # fmt: skip
"""Other acts and questions."""

ANCHORED = re.compile(
    r"\b(?:(?:right |straight |directly )?after (?!work|lunch|dinner|school|breakfast|noon|hours|that|class)(?:the|my|our|his|her)\b|before (?:the|my|our|his|her)\b)",
    _I,
)
"""Times that hang on an event of the user's."""

ASKS = re.compile(r"\?\s*$|^(?:please )?remind me,? (?:what|when|where|who|which|how)\b", _I)
ORDER = re.compile(rf"(?:^|[,.!;] ?|\b(?:so|hi|hey|hello|ok|please|pls) ){_ASKED}", _I)

HEADS = (
    re.compile(r"(?:hey|hi|hiya|hello|yo|lol|omg|oh|ugh|finally|good (?:morning|afternoon|evening|day)|(?:morning|evening)(?=[,!.])|ok|okay|so|um+|uh+|er|well|right|please|pls|plz|tandem|and|then|also|now|oh|yes|yeah|yep|alright|btw|by the way|"
               r"anyway|just|quickly|kindly|actually|reminder|fyi|heads up|good news|great news|bad news|listen)\b[,:;.!\s-]*", _I),
    re.compile(_ASKED, _I),
    re.compile(r"(?:i(?:'d| would) (?:like|love)|i want|i wanna|i need|we need|we want)(?: you)? to (?=(?:add|put|schedule|book|set|create|make|block|pencil|have|enter|plan|keep|reserve)\b)", _I),
    re.compile(r"i (?:should|would|'d) (?:like|love|want) you to ", _I),
    re.compile(r"i (?:keep|kept|always|nearly|almost) forget(?:ting|s)? (?:to )?", _I),
    re.compile(r"(?:could|can|may|might) i (?:trouble|ask|get|bother) you to ", _I),
    re.compile(r"(?:it (?:seems|looks like|appears|turns out)(?: that)?|apparently|looks like|turns out) ", _I),
    re.compile(r"(?:let'?s|go ahead and|would you mind|do me a favou?r and|i was wondering if you (?:can|could)|is it possible to) ", _I),
)  # fmt: skip
"""Courtesies at the start; taken off as long as there are any."""

_VERB = (
    "add|put|schedule|book(?! (?:club|fair|launch|signing|group|shop|store|tour|reading))|set up|create|make|arrange|enter|pencil|plan|block|pop|stick|fit|get|set aside|"
    "organi[sz]e|log|slot|chuck|throw|squeeze|reserve|keep|hold|protect|carve|inform my (?:calendar|diary|agenda)|write|note|jot|record|diari[sz]e|calendar|mark|tell my (?:calendar|diary)"
)
PURPOSE = re.compile(
    r"^(?:so|because|cause|cos|since)(?: that)? (?:i|we)(?:'m| am|'re| are)?(?: can| could| will|'ll| need to| have to)?(?: finally| actually| get to)? (?=\w)",
    _I,
)
"""What the time is for: "so I can finally fix the lock"."""

CALLED = re.compile(
    r"[\s,.;–-]*(?:and )?(?:please )?\b(?:call|name|title|label) (?:it|that|this) (?P<title>[^,.;]+)",
    _I,
)
ENDS = re.compile(
    rf"[\s,.;–-]*(?:\b(?:and|so|but) )?(?:(?:i|we|it|that|they|he|she)(?:'ll| will| should| would| might| 'll probably)?(?: probably| hopefully)? ?)?(?:be |get )?"
    rf"\b(?:done|finished|(?:(?<=be )|(?<=is )|(?<=it's ))(?:over|out|through)|finish(?:es|ing)?|ends?|ending|wraps? up|wrapping up)(?: (?:there|of there|with it|here|by then))*(?: by| at| around| about)* (?P<end>{SIGN})",
    _I,
)  # fmt: skip
"""When it is over, said apart from when it begins."""

BEGINS = re.compile(
    rf"\b(?:starts?|starting|beginning|commencing|from|as of|effective|first (?:class|one|session|time|lesson|meeting|game)(?: is| being| on)?)(?: (?:on|in|this|from))* ?(?P<begin>{SIGN})",
    _I,
)

NOTES = re.compile(
    r"[\s,.;–-]*\b(?:note(?:s)?(?: to self)?(?: in (?:there|it))?|with the note|p\.?s\.?|in the notes?|(?:and )?(?:remember|don'?t forget|need|have|make sure) to (?:bring|take|wear)|(?:and )?bring(?: along)?)\b(?P<colon>:)? (?P<notes>.+)$",
    _I,
)
"""What is to be known at it."""

ORDERS = (
    re.compile(r"(?:make|take|leave) a note(?: that)?[:,]? ", _I),
    re.compile(r"(?:stick|put|pop|add|slot) in (?:an? |the |my )?(?:wee |quick |little |small )?", _I),
    re.compile(rf"(?:do )?(?:{_VERB})(?:ing)?(?: (?:me|us|it|this|that|myself|off|out|in|down|up|aside|away|free))*(?: both appointments)?"
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
    re.compile(r"(?:i|we)(?:'ve| have)?(?: just| finally)? (?:signed up|enrolled|registered|rented|reserved|got tickets|bought tickets|made (?:an? )?(?:appointment|reservation|booking))(?: (?:for|with|at))?(?: the| an?| my)? ", _I),
    re.compile(r"(?:i|we) (?:shall|will|'ll)(?: be)? (?:having |attending |giving |seeing )?(?:an? |the |my |our )?", _I),
    re.compile(r"(?:they|he|she|it|[\w ]{2,18}?)(?:'ve| have|'s| has)?(?: finally| just| only)? (?:gave|given|got|offered|found|booked|fit|fitted|put|squeezed) (?:me|us)(?: in| down)?(?: an?| the)? ?(?:slot|appointment|appt|spot|time|place|opening)?(?: (?:with|at|for|to see))? (?:the |my |an? )?", _I),
)  # fmt: skip
"""Words that tell that something is on."""

BECAUSE = re.compile(
    r"^(?:because|since|as) [^,]{4,60}, ?|^[^,.;]{3,40}[,;] ?(?:so|and so) (?=(?:please )?(?:add|put|schedule|book|block|create|set|write|plan)\b)|(?<=\w),? (?:because|since|as|while) (?:i|he|she|they|we|it|\w+(?:'s)?) .{3,60}$",
    _I,
)
"""A reason before or behind what is to be entered."""

REPORTED = re.compile(
    r"^(?:the |my |our )?(?P<who>[\w'&. ]{2,30}?) (?:just )?(?:called|rang|phoned|texted|messaged|wrote|says|said|emailed)(?: me| us| back)?"
    r"(?:,? (?:and|that|to say(?: that)?|saying))* (?:(?:he|she|they|it)(?:'s|'re|'ll| is| are| will)? ?)?(?:wants to|wants|would like to|'d like to|needs to|is going to|are going to|will|is|are|can|could|coming to)? ?(?P<what>.+)$",
    _I,
)  # fmt: skip

ORDERS_BEHIND = (
    re.compile(r"[\s,.;–-]*\b(?:and |so )?(?:please )?(?:mark|add|save|put) (?:(?:it|that|this) )?(?:as )?(?:an? )?(?:full|whole|all)?[- ]?(?:day)?\W*$", _I),
    re.compile(rf"[\s,.;:–-]*(?:\b(?:and|so|then) )?{_ASKED}?(?:please |pls |just |can you )*\b(?:put|stick|add|pop|pencil|write|note|mark|jot|enter|chuck|throw|get|log|save|block|schedule|book|calendar|diary)\b"
               rf" (?:that|it|this|me|us|them|him|her|one)(?: (?:in|down|on|off|out|up))*(?: (?:{_IN_CAL}|(?:in|on) (?:mine|there|it)))?(?: (?:too|as well|please|pls|for me|thanks|thank you|ok|okay|would you|will you|as (?:an? )?(?:all[- ]?day(?: event| thing)?|event|thing)))*\W*$", _I),
    re.compile(rf"[\s,.;–-]*\b(?:put|stick|add|pop|write|enter)? ?{_IN_CAL}(?: (?:please|pls|for me|thanks|thank you))*\W*$", _I),
    re.compile(r"[\s,.;–-]*\b(?:so|and) (?:please )?(?:block|mark|keep|put|hold|reserve)\b[^,.]{0,24}$", _I),
)  # fmt: skip
"""The same, behind what is to be entered."""

TAILS = (
    re.compile(r"[\s,.;!–-]*\b(?:(?:please )?(?:have it repeat|keep it in there|leave (?:those|these|the) days .*|give it)|somebody must be home|(?:\w+ )?(?:is|are) coming too|lol|i booked it|they have|they had|yes|should run|should do|be there|it has a date)\W*$", _I),
    re.compile(r"[\s,.!;–-]*\b(?:please|pls|plz|thanks(?: a lot| so much)?|thank you|thx|ty|cheers|ta|for me|would you|will you|could you|can you|if you can|ok|okay|"
               r"too|as well|now|got it|that'?s all|remember that|to (?:my|the) (?:list|to-?dos?|tasks))\W*$", _I),
    re.compile(r"[\s,.;–-]*\b(?:have it pop up|so (?:i said|that'?s|whatever)\b.*|don'?t wanna miss it|(?:i )?(?:can't|cannot|mustn'?t|don'?t want to) (?:miss|forget) (?:it|this|that)|they said)\W*$", _I),
    re.compile(r"[\s,.;–-]*\b(?:please )?to (?:write|note|put|save)(?: (?:it|this|that|down))*\W*$", _I),
    re.compile(r"[\s,.;–-]*\b(?:they|he|she|it|the \w+) (?:said|says|told me|reckons)\W*$", _I),
    re.compile(r"[\s,.!?;:–-]+$"),
    re.compile(r"[\s,]+(?:and|or|at|on|in|for|from|with|to|the|is|are|of|by|but|so|until|till|probably|maybe|this|that)$", _I),
)  # fmt: skip

TASKS = (
    re.compile(r"^(?:tell|mind|remnd|reminde) me (?:again )?(?:to|that|about) (?P<title>.+)$", _I),
    re.compile(r"^(?:i need|i(?:'d| would) like|i want|give me|can i have|please give me) (?:an? |some )?(?:reminding|prompt|nudge|reminder|alert|poke)(?: me)? (?:to|about) (?P<title>.+)$", _I),
    re.compile(r"^do(?:n'?t| not) 4?(?:forget|4get)(?: (?:to|2))? (?P<title>.+)$", _I),
    re.compile(r"^(?P<title>.+?)[\s,.;–-]*(?:so )?(?:do not|don'?t) let (?:that|it|me) (?:slip|forget)(?: (?:it|that|by|my mind))*$", _I),
    re.compile(r"^.+?[,.;] (?:so )?(?:please )?(?:remind|ping|bug|nudge|poke|buzz) me to (?P<title>.+)$", _I),
    re.compile(r"^(?:put|add|stick|get) (?P<title>.+?) (?:on|to|onto) (?:my|the) (?:to-?do )?(?:list|to-?dos|tasks?)\b.*$", _I),
    re.compile(r"^(?:log|add|make|create|new|enter)(?: me)?(?: an?| the)?(?: new)? (?:to[- ]?do|task)[:,-]? (?:to |for )?(?P<title>.+)$", _I),
    re.compile(r"^make sure (?:that )?(?:i|we) (?P<title>.+)$", _I),
    re.compile(r"^(?:please |so |just )*(?:remind|nudge|prompt|ping|bug|poke|buzz) me(?: again)?[\s,]*(?:to|about|that|of|:)?[\s,]*(?P<title>.+)$", _I),
    re.compile(r"^(?:please )?(?:don'?t|do not|never) let me forget[\s,]*(?:to|about|that)?[\s,]*(?P<title>.+)$", _I),
    re.compile(r"^(?:make sure|be sure|see to it that) (?:that )?i (?:don'?t forget|remember)[\s,]*(?:to|about)?[\s,]*(?P<title>.+)$", _I),
    re.compile(r"^(?:remember|don'?t forget|i mustn'?t forget|i must not forget|i can'?t forget)[\s,]*(?:to|about|that i need to)[\s,]*(?P<title>.+)$", _I),
    re.compile(r"^(?:set|add|create|make|give me|put|leave|i need|i want)(?: me| in| up)?(?: an?| the)?(?: new| quick| daily| weekly| monthly| recurring)? (?:reminder|to-?do|task|heads[- ]?up)s?(?: for me)?[\s,:]*(?:to|about|for|that|of)?[\s,:]*(?P<title>.+)$", _I),
    re.compile(r"^(?:to[- ]?do|task|reminder)(?: for me)?[:,-]\s*(?P<title>.+)$", _I),
    re.compile(r"^(?P<title>.+?)[\s,]+(?:as a )?(?:reminder|to-?do|task)(?: please)?$", _I),
    re.compile(r"^(?P<title>.+?)[\s,.;–-]*(?:please )?(?:remind me|don'?t let me forget)(?: about)?(?: (?:that|it|this|please))*$", _I),
    re.compile(r"^(?P<title>.+?)[\s,.;–-]*(?:put|add|stick|pop|write|note) (?:that|it|this) (?:on|to|onto|in|into) (?:my|the) (?:list|to-?dos?(?: list)?|tasks?(?: list)?)$", _I),
)  # fmt: skip
"""Ways to ask for a reminder; the sentence has lost its times."""

MUST = re.compile(
    r"^(?:i |we )?(?:still )?(?:need|have|got|gotta|gotto|must|should|ought|want)(?:'ve)?(?:(?: got)? to|ta)? (?P<title>.+)$",
    _I,
)
DUE = re.compile(
    rf"(?<!come )(?<!stop )(?<!drop )(?<!swing )(?<!comes )(?<!coming )(?<!pop )\b(?:by|before|no later than|due(?: on| by)?) {SIGN}",
    _I,
)

ALARM = re.compile(
    r"[,;.]?\s*(?:and )?(?:please )?(?:(?:be|get) reminded (?:of it )?(?P<length_4>.{2,25}?) (?:ahead|before(?:hand)?|in advance)\b|(?:remind|alert|warn|notify|ping|nudge) me (?:(?P<day>the (?:day|night|evening) before)|(?P<length>.{2,25}?) (?:before(?:hand)?|earlier|ahead(?: of time)?|in advance|prior)"
    r"))\b(?! (?:the|my|our|it starts))"
    r"|[,;.]?\s*(?:and )?(?:with |give me )?(?:an? )?(?P<length_5>\d+[ -]?(?:min(?:ute)?s?|hours?|hrs?|days?)|an hour|a day|half an hour) (?:heads[- ]?up|warning|notice)\b"
    r"|[,;.]?\s*(?:and )?(?:please )?(?:put|set|add) (?:an? |me an? )?(?:alert|alarm|reminder) (?P<length_6>[\w ]{2,20}?) (?:before(?:hand)?|ahead|earlier)\b"
    r"|[,;.]?\s*(?:and |with )?(?:set )?an? (?P<length_2>[\w ]{2,20}?) (?:alarm|alert|reminder|warning)(?: before(?:hand)?)?$"
    r"|[,;.]?\s*(?:and |with )?(?:set )?an? (?:alarm|alert|reminder) (?P<length_3>.{2,25}?) before(?:hand)?\b",
    _I,
)  # fmt: skip

ALL_DAY = re.compile(
    r"[\s,]*\b(?:as )?(?:an? )?(?:all[- ]?day(?: long)?(?: event)?|the whole day|whole day|the entire day)(?:,? (?:both|each|every|all) days?)?\b|\b(?:both|all (?:three|four)) days\b",
    _I,
)
BLOCKS = re.compile(
    r"\b(?:block|keep|reserve|hold|free up|clear|set aside)\b.{0,40}\b(?:off|out|free|clear|afternoon|morning|evening|day)\b|\bi'?m off\b",
    _I,
)
"""A whole part of the day is meant, not a free hour in it."""

HEADER = re.compile(
    rf"^(?:(?:{SIGN},?|jot(?: down)?|note|i (?:have|'ve got)|add|put|there are|also) )*(?:\d|two|three|four|a couple of|a few|several|these|both|the following)\b(?:[^:,]{{0,60}}:|[^:,]{{0,24}} please,)",
    _I,
)
BETWEEN = r"\s*(?:and|&|to|till|until|through|-|,|or)?\s*"
"""What stands between two times and goes with them."""
JOINTS = re.compile(
    r"\s*(?:;|\.(?=\s|$)|,? and then|,? then|,? and also|,? plus|, and|,|\band\b|(?P<kept>\bpick up\b(?= *[\ue100-\ue1ff])))\s*",
    _I,
)

_WORD = r"[\w'&.-]+"
PLACE = (
    re.compile(r"[\s,]+(?:in |at )?(?P<place>(?:room|lot|suite|unit|gate|court|courtroom|studio|platform|terminal|floor|hall|bay) (?-i:[A-Z]?\d{1,4}[A-Z]?|[A-Z]))$", _I),
    re.compile(r"[\s,]+(?:in|at) (?P<place>(?:his|her|their) [\w' ]{3,24})$", _I),
    re.compile(r",\s*(?P<place>(?:the )?[\w'.]+(?: [\w'.]+){0,2} (?:pavilion|center|centre|basement|rec center|terminal|lounge|lot|parking lot|backyard|den|pavillion|chapel|barn|dock|pier|plaza|mall|store|shop|campus|auditorium|courthouse|station|lodge|ranch|farm|winery|brewery))$", _I),
    re.compile(r"\b(?:they do it|it's|we meet|meet(?:ing)?|please put it|put it|hosted|held) (?:in|at) (?P<place>(?:the |my |our )?[\w'&.-]+(?: [\w'&.-]+){0,4})$", _I),
    re.compile(r"(?:^|[\s,]+)(?:in|at) (?P<place>(?:the |my |our )?(?:conference |meeting |board )?room [\w-]+|(?:the |my |our |their )(?:shop|office|studio|kitchen|garden|hall|lobby|library|church|school|clinic|"
               r"workshop|warehouse|garage|yard|café|cafe|pub|park|gym|pool|station|airport|hospital|boardroom|canteen|bakery|bar|club|theatre|theater|museum|cinema|rec center|store|mall|bridal shop|dmv|courthouse|market|barn|salon|bank|beach|lake|yard|school|bakery|rink|track|field|arena)(?: on [A-Z0-9][\w ]*)?)$", _I),
    re.compile(rf"(?<!look)(?<!looking)(?<!work)(?<!good)[\s,]+(?:@ ?|at )(?P<place>(?:the |my |our )?(?!home\b|work\b|least\b|all\b|once\b){_WORD}(?: (?:of |on |and |& )?{_WORD}){{0,3}})$", _I),
    re.compile(r"[\s,.;]+(?:(?:it|this|that|they|we)(?:'s|'re| is| are| will be|'ll be)(?: all)?(?: being| held| meeting)?|venue(?: is)?:?|address(?: is)?:?|location(?: is)?:?) (?:at |in |over at )?(?P<place>(?:the |my |our |their )?[\w'&.-]+(?: [\w'&.-]+){0,5})$", _I),
    re.compile(r"[\s,]+(?:at |in )?(?P<place>\d{1,5} [A-Za-z]+(?: [A-Za-z]+){0,2}? (?:street|st|avenue|ave|road|rd|lane|ln|court|ct|drive|dr|way|place|pl|square|sq|boulevard|blvd|crescent|close|terrace|row)\b[^,]{0,20})$", _I),
    re.compile(r",\s*(?:at )?(?P<place>(?:the |my |our |their )?[\w']+(?: [\w']+){0,2}?(?:'s)? (?:house|place|garage|flat|apartment|apt|office|studio|yard|garden|backyard|salon|clinic|surgery|gym|pub|bar|cafe|café|restaurant|church|hall|theatre|theater|library|park|school|stadium|arena|field|pool|hotel))$", _I),
    re.compile(r"[\s,]+(?:in|over at|down at) (?P<place>(?:the )?(?-i:[A-Z0-9])[\w'&.-]*(?: (?-i:[A-Z0-9])[\w'&.-]*)*)$", re.I),
    re.compile(r",\s*(?P<place>(?-i:[A-Z0-9])[\w'&.-]*(?: (?-i:[A-Z0-9])[\w'&.-]*)+)$", re.I),
)  # fmt: skip

NO_TITLE = re.compile(
    r"(?:it|that|this|them|something|anything|everything|me|us|one|an? (?:event|meeting|appointment|reminder|entry)|event|the|and|to|for|yes|no|ok|okay|some time|time|free)?",
    _I,
)
LATE_PLACE = re.compile(
    r"^(?:@ ?|at |in )?(?P<place>(?:the |my |our )?[\w'&.-]+(?: (?:of |on |and |& )?[\w'&.-]+){0,4})$",
    _I,
)
INFIX = re.compile(r"(?!)")
HOLLOW_LINE = re.compile(
    r"^(?:(?:they|he|she|we) (?:can (?:only )?do|could do|(?:is|are) coming(?: in)?|comes? in|will be there|offered|suggested)(?:, so)?|i (?:told|said) (?:her|him|them|to them)(?: .{0,20}would work)?|block|put it down|save that|(?:block|put|book) (?:it|that|this|.{0,12} for (?:it|that|this))|(?:it|that|this|they|he|she|we)(?: (?:comes?|begins?|starts?|goes|arrives?|warm up|kicks? off))|(?:be there|warm up|conference call|video call|zoom|should run|doors open)|(?:it|that|this|they|he|she)(?:'s|'ll| is| are| will| starts?| runs?)?(?: be)?|starts?|begins?|runs?|(?:please )?(?:remind|bug|ping|nudge|poke|buzz) me(?: about| of)?(?: (?:it|that|this|them))?|(?:i )?(?:have to|need to|must) (?:be there|leave|go)|be there|doors|and|kick-?off|from|at|on|mondays?|we (?:start|meet|begin))?$",
    _I,
)
"""A sentence that speaks of the one before it."""
WHERE = re.compile(
    r"^(?:it|this|that|they|we)(?:'s|'re| is| are| will be|'ll be)(?: all)?(?: being| held| meeting)? (?:at|in|over at)\b|^(?:venue|address|location|place)\b",
    _I,
)
"""A sentence that only tells the place."""
APART = re.compile(r"\s*(?:@|at )", _I)
NO_PLACE = re.compile(
    r"\b(?:with|to|for|about|w/|bring|and|is|are|i|we|please|so|if|long|each|every|only|him|her|it|that|this|me|my (?:mom|dad|wife|husband|sister|brother|son|daughter))\b|w/",
    _I,
)
HOLLOW = re.compile(r"^with (?=\w)", _I)
WHOLE = r"Meeting \g<0>"
"""A title of a company alone gets a head."""
ARTICLE = re.compile(
    r"^(?:(?:is|are|was|will be) (?:(?:an?|the|my|our) )?|an? |the |my |our |some |for |to |that |about |called |named )(?=\w)",
    _I,
)
SPACE = " "

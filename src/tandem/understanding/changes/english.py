"""Words of changes in English: what is done, which way a length goes, what a time is for."""

from __future__ import annotations

import re

_I = re.IGNORECASE

_COUNT = (
    r"(?:\d+(?:\.\d+)?|an?|one|two|three|four|five|six|ten|fifteen|twenty(?:[- ]five)?|thirty"
    r"|forty(?:[- ]five)?|fifty|sixty|ninety|half(?: an?)?|(?:a |one )?quarter of an"
    r"|a couple of|a few)"
)
_UNIT = r"(?:minutes?|mins?|hours?|hrs?|days?|weeks?|months?)"
LENGTH = re.compile(
    rf"\b(?:(?:full|whole|extra|additional|another|more|solid) )?{_COUNT}(?: and a half)?[\s-]+"
    rf"(?:(?:full|whole|extra|additional|more|solid) )?{_UNIT}\b(?: and a (?:half|quarter))?"
    rf"|\b\d+(?:\.\d+)?\s?(?:h|m|min|hrs?|hours?)\b"
    rf"|\b(?:extra|additional|another) (?:half[- ])?{_UNIT}\b",
    _I,
)
"""A length of time; "later" and its kind are no part of it."""
DRESS = re.compile(r"\b(?:full|whole|extra|additional|another|more|solid) ", _I)
_GOES = r"(?:\s+(?:or so))?(?:\s+(?:on|to|by))?\s*"
ROLES = (
    ("earlier", re.compile(rf"^{_GOES}(?:earlier|early|sooner|forward|up\b)", _I)),
    ("later", re.compile(rf"^{_GOES}(?:later?\b|back\b|out\b)", _I)),
    ("shorter", re.compile(rf"^{_GOES}(?:shorter|less|off\b|briefer)", _I)),
    ("longer", re.compile(rf"^{_GOES}(?:longer|more|extra|over\b)", _I)),
)
"""What stands behind a length."""
ADDS = re.compile(r"\b(?:extra|additional|another|more)\b", _I)
BEFORE_LENGTH = (
    ("later", re.compile(r"\bput [^.,;]*?\b(?:off|back)(?: by)?\s*$")),
    ("later", re.compile(r"\b(?:back|later|out)(?: by| about| around)*\s*$|\b(?:delay(?:ed|s)?|postpone[ds]?)\b[^.;]*?(?:by )?$", _I)),
    ("earlier", re.compile(r"\b(?:forward|up|earlier|ahead|sooner)(?: by| about| around)*\s*$", _I)),
    ("duration", re.compile(
        r"\b(?:down to|to|only|just|takes?|taking|needs?|neds|lasts?|runs?|be|for|is|it'?s|make it|make that|"
        r"say|enough|give (?:it|us|him|her|them)|want)(?: about| around| only| just| a| an)*\s*$", _I)),
    ("longer", re.compile(r"\b(?:extend|lengthen|prolong|stretch|add|longer|over|extra)\b[^.,;]*$", _I)),
    ("shorter", re.compile(r"\b(?:shorten|trim|cut|shave|shorter|lose|knock)\b[^.,;]*$", _I)),
    ("later", re.compile(r"\b(?:push|pushed|move|moved|shift|shifted|delay|bump|bumped)\b[^.,;]*$", _I)),
)  # fmt: skip
"""What stands before a length, the surest first."""
OLD = re.compile(
    r"(?:\bnot(?: at| on| for| in| due)?|\binstead of|\brather than|n't(?: at| on| do| due| make| going to be)*"
    r"|\b(?:was|were|originally|used to be|can(?:'|no)?t (?:do|make)|cannot do))\s*$",
    _I,
)
"""Before what no longer holds."""
OLD_BEHIND = re.compile(
    r"^\s*(?:is|was|'s|are)?\s*(?:too (?:early|late)|no good|not (?:good|possible|great)|doesn'?t (?:work|suit)"
    r"|won'?t (?:work|do)|is out\b)",
    _I,
)
"""Behind what no longer holds."""
FROM = re.compile(r"\bfrom\s*$", _I)
END = re.compile(
    r"\b(?:till|until|til|end(?:s|ing)?(?: it)?(?: at| by)?|finish(?:es|ing)?(?: it)?(?: at| by)?"
    r"|(?:end|finish|stop|wrap up) (?:the |my |our )?[\ue0e0\w' -]{1,40}?(?: at| by)?"
    r"|wrap(?:s|ping)? (?:it )?up(?: at| by)?|over (?:at|by)|done (?:at|by)|out (?:at|by)|runs? (?:on )?to"
    r"|go(?:es)? (?:on )?to)\s*$",
    _I,
)
"""Before the end of an event; a clock that says "until" itself counts, too."""
NO_TIME = re.compile(r"late|early", _I)
"""What is no moment by itself."""
ENDS = re.compile(r"\b(?:end|finish|stop|wrap|close|conclude)(?:s|es|ing|ped|ed)?\b[^.,;]*$", _I)
"""Before a length by which the end alone moves."""
LEADS = re.compile(r"^(?:up|back|down|over|out|forward|on) (?=to\b)|^(?:up |back )?to (?=\S)", _I)
"""What a moment's words may begin with and do not need."""
SAME = re.compile(r"\b(?:at )?(?:the )?same (?:time|hours?|place|day|length)\b", _I)
"""What stays as it is."""
END_BEHIND = re.compile(r"(?!)")
UNTIL = re.compile(r"(?:till|until|til)\b\s*", _I)
MENDS = re.compile(
    r"\b(?:no,? wait|wait,? no|wait|sorry|no|i mean|i meant|scratch that|make that|actually|rather|nope"
    r"|correction|better)\b[,. ]*(?:\b(?:no|wait|sorry|make (?:it|that))\b[,. ]*)*(?:at |to )?$",
    _I,
)
"""Between a value and the one that the speaker puts in its place."""
HOUR = re.compile(
    r"\b(?P<lead>to|till|until|not|than|from|of|is|starts?|make it|it|at|by|prefers?|say|around)\s+"
    r"(?P<hour>(?:half )?(?:1[0-2]|[1-9]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve))"
    r"(?=\s*(?:$|[,.;!?)\ue0e1]|(?:and|on|this|next|now|instead|not|please|in the|tomorrow|today|to|till|cause|because"
    r"|so|for (?:the|this|that|my)|at|but|that day|just|only|if|will|would|ok|okay|thanks|would|can|could|then"
    r"|o'?clock|sharp|mon|tues|wednes|thurs|fri|satur|sun)\b))",
    _I,
)
"""A bare hour where a clock is expected."""

NEW = re.compile(
    r"^\W*(?!.*\b(?:place|location|venue|address) (?:for|of)\b)(?!add the (?:address|place|room|location)\b)(?:add(?! (?:an?other |an? |one |two |half |\d+ ?|five |ten |fifteen |twenty |thirty )[\w ]*(?:min|hour|hr|day)\w* to\b)|put (?!back|off|forward|it back|(?:the|my|our) (?:\S+ ){1,5}(?:on|to|at|for)\b(?! the list| my)|(?:\S+ ){1,5}(?:back|off|forward|to)\b)"
    r"|schedule|book (?!club)|create|set up|new\b|remind|note\b|jot|e-?mail|mail|text|tell|ask|write|reply|respond|answer"
    r"|forward|send|draft|invite|file|archive|flag|star|mark (?!.*\b(?:done|off|complete)|.* as (?!(?:un)?(?:read|seen|flagged|important|starred|spam|junk)\b))|find|show|search|block|pencil"
    r"|arrange|plan|pay|buy|order(?!ed)|timer|undo|accept|decline|unsubscribe|save|let me know|don'?t let me)\b",
    _I,
)
"""Orders of other kinds."""
ENTERS = re.compile(
    r"^\W*(?:i['’]ve got|i have|we have|we['’]ve got|there['’]?s|there is|i['’]m having) (?!to\b)"
    r"|\b(?:opens?|closes?|closed|arrives?|expires?)\b|\bin (?:the|my) (?:diary|calendar)\b"
    r"|\b(?:add|put|pop|book|schedule|stick|jot|note) (?:it|that|this)(?: (?:in|on|down)\b.*)?\W*$",
    _I,
)
"""A new entry's words."""
ASKS = re.compile(
    r"^\W*(?:what|who|whose|where|which|why|how|when|did|does|do (?:i|we|you|they)|is|are|was|were|has|have (?:i|we|you|they|he|she)|am|any)\b(?:.*\?\W*$|(?!.*\?).*$)",
    _I | re.DOTALL,
)
CANCELS = re.compile(
    r"\b(?:cancel(?:s|led|ed|ling)?|call(?:s|ed|ing)? (?:\S+ ){0,5}?off|scrap|scratch|axe|ditch|skip(?:ping)?|nix|bin"
    r"|delete|remove|strike|get rid of|clear|take (?:\S+ ){0,6}?(?:out|off)|cross (?:\S+ ){0,5}?(?:out|off)"
    r"|drop(?!\s+(?:off|in|by|round|over|out|me|him|her|them|us|a line)\b|[ \w']*\b(?:off|at|in|to|by|into)\b)"
    r"|f[ae]ll(?:s|en)? through|(?:is|are|'s|'re) (?:all )?off|(?:isn'?t|not|no longer|won'?t be) (?:happening|on(?= ?\ue0e1| this| next|[,.]|$))"
    r"|(?:i|we)(?:['’]m| am|['’]re| are)? (?:\w+ )?(?:can'?t|won'?t|cannot|not going to|couldn'?t) (?:make|come|go|attend|be (?:there|at))"
    r"|(?:'m|am|are|'re) not (?:going|coming|doing)|no longer (?:going|need|on)|won'?t be (?:going|coming|needing))\b",
    _I,
)
KEEPS = re.compile(
    r"\b(?:don'?t|do not|never|can'?t|cannot|didn'?t|not to) (?:cancel|delete|remove|skip|move|call)\b",
    _I,
)
MOVES = re.compile(
    r"\b(?:mov(?:e|es|ed|ing)|shift(?:s|ed|ing)?|re-?schedul(?:e|ed|es|ing)|push(?:es|ed|ing)?|bring(?:ing)?|brought"
    r"|pull(?:ed|ing)?|bump(?:ed|s|ing)?|switch(?:ed|ing)?|swap(?:ped)?|chang(?:e|ed|es|ing)|postpon(?:e|ed|es|ing)"
    r"|delay(?:ed|s|ing)?|slid(?:e|ing)|put (?:\S+ ){0,6}?(?:back|forward|off)|set back|make (?:it|that)|make (?=\S+ )"
    r"|mak(?:e|ing)|instead|rather|now|goes|going to (?:be|start)|gonna|has to|have to|should (?:be|start|last|run)"
    r"|will (?:be|start)|starts?|begins?|end(?:s|ing)?|finish(?:es|ing)?|earlier|later|wrap"
    r"|better|prefers?|wants? (?:to|it|us)|would like|'d like|works better|due|deadline|snooze|till|until"
    r"|let'?s (?:do|have|meet|say)|held|wait|not|isn'?t|n't|->)\b|->|→|\ue0e0 to \ue0e1|'s (?:at|on|in|now)\b",
    _I,
)
"""Something becomes different."""
WAITS = re.compile(r"\b(?:wait|hold off|put (?:\S+ )*?off|postpone|delay|push|move)\w*\b", _I)
"""With "until" these tell a new beginning."""
WEAK = re.compile(r"(?:\bis|\bare|['’]s) \ue0e1|\bput (?:the|my|our)\b", _I)
"""Something is at a time, which is not its own: a change where nothing else is said."""
STRETCHES = re.compile(
    r"\b(?:needs?|neds|takes?|lasts?|runs?|longer|shorter|extra|extend(?:ed)?|lengthen(?:ed)?|shorten(?:ed)?|cut|trim"
    r"|stretch(?:ed)?|shave|give|only|add|going to (?:take|last|run)|will (?:run|last|take)|goes|go on)\b",
    _I,
)
"""A length becomes different, or an end."""
BESIDE = re.compile(r"\b(?:after|before|ahead of) (?:the |my |our )?\ue0e0", _I)
"""Before an event by which the time of another one is told."""
EVERY = re.compile(
    r"\b(?:every|each|from now on|always|from then on|going forward|all (?:the|of)|permanently|for good"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)days|my (?:last|final)|the (?:ones|rest)|others|(?:everything|all) after"
    r"|(?:\w+|her|his|their) time zone)\b|\b(?:her|his|their|[A-Z]\w+|berlin|london|eastern|pacific|local) time\b",
    _I,
)
"""Said of a whole series: not read here."""
ONLY_ONE = re.compile(
    r"\b(?:just|only)(?: for)? (?:this|that|the) (?:once|one|time|week|month|year|day|occurrence)\b|\bthis (?:once|time)(?: only)?\b"
    r"|\b(?:this|that) (?:week|month|time|one) only\b|\bfor once\b",
    _I,
)
TASKISH = re.compile(
    r"\b(?:to-?dos?|tasks?|reminders?|due|deadline|tick(?:ed)?|snooze|check(?: \S+)? off|cross(?: \S+){0,4} off)\b",
    _I,
)
DONE = re.compile(
    r"\bmark .+ as (?!(?:un)?(?:read|seen)\b)\w+"
    r"|\b(?:tick|check|cross|mark|strike)(?: (?:it|that|this|them|\S+(?: \S+){0,4}))? ?(?:off|done|as done|as complete|complete)\b"
    r"|\b(?:all )?(?:done|finished|complete[d]?|sorted|taken care of|dealt with|handled|out of the way)\b"
    r"|\bgot (?:\S+ ){1,5}done\b",
    _I,
)
LATER_ON = re.compile(
    r"\b(?:by|before|when|once|until|till|if|should|will|to be|must|needs?|not|n't)\b", _I
)
"""Where something is not done yet."""
SAYS = re.compile(
    r"\b(?P<who>\w+) (?:says?|said|asks?|asked|told me|called|rang|texted|wrote|e?mailed)\b", _I
)
REASON = re.compile(
    r"[,;.]?\s*\b(?:'?cause|because|since (?!\w+day)|as (?:he|she|they|i|we|it)(?:'\w+)? )\b.*$", _I
)
SO = re.compile(
    r"\bso\b,?\s+(?=(?:please |can (?:you|we) |could (?:you|we) |let'?s |we |i |maybe |better |just )*"
    r"(?:move|shift|push|bring|pull|re-?schedule|change|switch|make|put|postpone|delay|bump|cut|shorten|extend)\b)",
    _I,
)
"""Before the order that follows a reason."""
RENAME = re.compile(r"(?:re-?name|re-?title|change the (?:name|title) of) (?P<what>.+)", _I)
RENAMES = (
    re.compile(r"\b(?:re-?name|re-?title)\s+(?P<what>.+?)\s+(?:to|as|into)\s+(?P<title>.+)$", _I),
    re.compile(r"\b(?:change|set) the (?:name|title)(?: of)? (?P<what>.+?) to (?P<title>.+)$", _I),
    re.compile(
        r"^(?P<what>.+?) (?:should|ought to) (?:say|be called|read|be named) (?P<title>.+)$", _I
    ),
    re.compile(
        r"\bcall (?P<what>.+?) [\"“'‘](?P<title>[^\"”]+)[\"”'’](?: (?:from now on|instead|now))?$",
        _I,
    ),
    re.compile(
        r"\bcall (?P<what>(?:the|my|our) .+?) (?P<title>[A-Z].+?) (?:from now on|instead|now)$"
    ),
    re.compile(r"\bchange (?P<what>[\"“'‘].+?[\"”'’]) to (?P<title>[\"“'‘].+?[\"”'’])$", _I),
)
_P = r"(?P<place>(?:the |their |my |our |his |her )?[^,.;!?\ue0e0\ue0e1]{2,50}?)"
_PLACE_ENDS = r"(?=\s*(?:$|(?:(?:at|on|from|for) )?\ue0e1|[,.;!?]|\b(?:now|instead|not|and|please|this time|from now|because|cause|would you|will you)\b))"
_NAME = r"(?:(?:the |my |our )?(?:[\w'’]+ ){0,2}\ue0e0[\ue0e0 \w'’]*?)"
_THE_PLACE = r"(?:place|location|venue|room|address)"
PLACES = (
    re.compile(rf"\b(?:change|set|update) the {_THE_PLACE}(?: (?:of|for) .+?)? to {_P}{_PLACE_ENDS}", _I),
    re.compile(rf"\b(?:change|set|update|make|fix) {_NAME}(?:['’]s)? {_THE_PLACE} (?:to |as |be )?{_P}{_PLACE_ENDS}", _I),
    re.compile(rf"\b(?:stick|put|add|note|write|enter|set) (?:down )?{_P} (?:down )?(?:as|for) the {_THE_PLACE}\b", _I),
    re.compile(rf"\badd the {_THE_PLACE} {_P} to {_NAME}", _I),
    re.compile(rf"\b{_THE_PLACE} (?:for|of) {_NAME}(?:: ?| is | as ){_P}{_PLACE_ENDS}", _I),
    re.compile(rf"\bbut (?:at|in) {_P}{_PLACE_ENDS}", _I),
    re.compile(rf"(?:[\ue0e0\ue0e1] ?(?:\w+ )?|\b(?:it|they|we|that|which) ?)(?:is|are|will be|['’]s|['’]re|['’]ll be)(?: now| going to be)?,? (?:at|in|over at|to|on(?= Zoom| Teams)) {_P}{_PLACE_ENDS}", _I),
    re.compile(rf"\b(?:its|theyre|meet|meeting|happening|held|eat|going to be) (?:at|in) {_P}{_PLACE_ENDS}", _I),
    re.compile(rf"\b(?:move[ds]?|mov(?:ed|ing)|shift(?:ed)?|switch(?:ed)?|relocate[d]?|chang(?:e|ed)|goes|going)\b[^,.;]*?\ue0e0 ?(?:is |has been |was |got )?(?:moved |over |now )*(?:to|into) {_P}{_PLACE_ENDS}", _I),
    re.compile(rf"\ue0e0 ?(?:is |has been |was |got )?(?:moved|moves|relocated|switched|switches) (?:over )?(?:to|into) {_P}{_PLACE_ENDS}", _I),
    re.compile(rf"(?:->|→) (?:at |in )?{_P}{_PLACE_ENDS}"),
    re.compile(rf"^(?:do|have|hold|make) .*\ue0e0 (?:start |begin )?(?:at|in) {_P}{_PLACE_ENDS}", _I),
    re.compile(rf"\b(?:at|in|to) {_P} (?:instead of|rather than)\b", _I),
    re.compile(rf"\ue0e0[:,] {_P}(?: on \ue0e1+)?,? (?:instead of|rather than|not)\b", _I),
    re.compile(rf"\ue0e0,? (?:now )?(?:at|in) {_P}(?:,? (?:not|instead|rather)\b|$)", _I),
)  # fmt: skip
NO_PLACE = re.compile(
    r"^(?:the )?(?:same|a|an|it|that|this|half|noon|least|once|all|work|front|order|fact|case|time|full|danger|total|"
    r"morning|afternoon|evening|november|mood|trash|bin|archive|receipts|junk|calendar|diary|list|end|another|be|say|do|go|last|take)\b|\d{1,2}(?::\d\d)?$"
    r"|.*\b(?:folder|list|calendar)\b",
    _I,
)
FRAME = frozenset(
    """a about accordingly actually after afraid ah all along also although am an and any anyway are around as at away back be because
    been before being better bit both but by called can cant cause come comes could couldnt did didnt do does doesnt doing
    done dont down due each earlier early either else end ends enough even ever everything extra few fine finish finished
    finishes first for forward from full get gets getting give go goes going gonna good got great had half happen happening
    happens has hasnt have havent having he hed held hello her here hes hey hi him his hold how however i id if ill im in
    instead into is isnt it its ive just keep kind know last lasts late later least less let lets like likes long longer
    look looks made make makes making may maybe me mean meant might more most move moved moves moving much must my need
    neds needs never new next nice no nope not now of off oh ok okay old on once one only onto or original originally
    other our out over own oh place plan planned please prefer prefers probably push pushed put quarter quick quickly quite rather
    re really right run running runs said same say saying says see set shall she shift shifted short shorten shorter should
    since slot so some someone something sooner sorry start starting starts stay still stop stretch such suits sure switch
    switched take takes taking than thank thanks that thats the their them then there theyd theyll theyre theyve thing
    things think this those though till time times to today tomorrow too turns two until up us usual very wait want wanted
    wants was wasnt way we wed weeks week well were weve what when where which while who whole why will wish with wont work
    works would wouldnt wrap yeah yes yet you your youd bring brought bump bumped change changed changes cancel cancelled
    canceled delay delayed extend extended postpone postponed pull pulled reschedule rescheduled appointment appointments
    session meeting meetings event entry visit date day days hour hours minute minutes min mins morning afternoon evening
    night noon swap swapped slide cut trim add check tick cross mark off task tasks todo deadline reminder item list
    calendar diary occurrence only week month monthly weekly office place room venue location address title name rename
    renamed kindly possible possibly able help fit fits suit apparently told asked asks called rang texted wrote emailed
    people folks guys guy call calls deal lets ditch scrap scratch skip axe drop dropped fell through rid clear calling everything tonight pm am""".split()
)
"""Words that build sentences of changes; what is left may be what was not understood."""

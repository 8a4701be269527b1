"""How requests are said in English. A table: the first line that a sentence is, wins."""

from __future__ import annotations

import re

from tandem.understanding.grammar.phrases import table

LEAD = re.compile(
    r"^(?:(?:hey|hi|hello|ok|okay|so|um+|uh+|er|well|right|please|pls|tandem|and|then|also|now|oh|yes|"
    r"yeah|actually|just|quickly|kindly)\b[,\s]*)*"
    r"(?:(?:can|could|would|will) (?:you|we|i)(?: please| maybe| just| quickly)*,? |"
    r"i(?: want|(?: woul|')d like| need)(?: you)? to |i'd like to |let's |go ahead and |please |just |"
    r"would you mind )*",
    re.IGNORECASE,
)
TAIL = re.compile(
    r"[\s,.!]*(?:\b(?:please|pls|thanks|thank you|thx|cheers|for me|would you|will you|could you|can you|"
    r"if you can|ok|okay|ta|then)\b[\s,.!?]*)+$|[\s.!]+$",
    re.IGNORECASE,
)
MOVES = re.compile(
    r"(?:move|shift|reschedule|push|bring|change|put|switch|postpone|delay|pull)\b", re.IGNORECASE
)
ENDS = re.compile(
    r"[,;]?\s*(?:and )?(?:it )?(?:ends?|ending|finish(?:es|ing)?|until|till) (?:at )?((?:half |quarter |\d|noon|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)[\w: ]*)$",
    re.IGNORECASE,
)
FILLER = re.compile(
    r"\s+(?:um+|uh+|er|erm|like,|you know,?)(?=\s)|,? please(?=[?.,!])", re.IGNORECASE
)

_CAL = r"(?: (?:in|on|into|to|from|out of|off) (?:my |the )?(?:calendar|calender|diary|schedule|agenda))?"
_SAY = r"(?:(?: and)? (?:that|saying|say|says|tell (?:him|her|them)(?: that)?|to say|write|with|add|put)|:|,|-)"
_MOVE = "(?:move|shift|reschedule|push|bring|change|put|switch|postpone|delay|pull|get|set)"
_SHIFT = "(?:move|shift|push|postpone|delay|bring|pull)"
_MAILS = "(?:e-?mails?|mails?|messages?|newsletters?|digests?|threads?|letters?)"
_HERS = r"(?:(?:her|his|their) )?"

REFUSED = re.compile(
    r"(?:pay|transfer|wire|buy|order|purchase|top up|recharge|donate|rent|phone|ring|call(?! (?:off|with|about|at|on|it|the "
    r"(?:meeting|event)))|dial)\b.*|"
    r"(?:unsend|recall) .*|book (?:me |us )?(?:an? |the )?(?:flights?|trains?|hotels?|taxi|cab|uber|tickets?|"
    r"table|room at|restaurant)\b.*|(?:turn|switch) (?:on|off|up|down) .*|play .*|check me in.*",
    re.IGNORECASE,
)
"""Nobody can do it from here: money, calls, what was sent, things in the house."""

FIXED = table(
    [
        ("undo", "(?:undo|take|put|bring|revert|reverse)(?: (?:that|it|this|everything|the last (?:one|thing|change)))?(?: back| again)?(?: how it was| as it was)?"),
        ("undo", "(?:no,? )?(?:undo|revert) .*"),
        ("timer_set", r"(?:set|start|put on|run|give me)? ?(?:an? |the )?(?:kitchen )?timer(?: for| of|:)? <length>(?: (?:for|called) (?P<title>.+?))?"),
        ("timer_set", r"(?:set|start|put on|run|give me)? ?(?:an? |the )?<length> timer(?: (?:for|called) (?P<title>.+?))?"),
        # --- calendar: change
        ("event_change", r"(?:bring|pull|move|shift|push) <event> (?:forward|up|earlier)(?: by)? <length>", {"as": "shift", "sign": "earlier"}),
        ("event_change", rf"{_MOVE} <event> (?:back |forward |up |out )?(?:to|until|till|->|onto|for|be) <when>(?:,? (?:instead|(?:at )?(?:the )?same (?:time|place|length)))*(?:,? (?P<scope_this>just this once|only (?:that|this) one|this time only|just (?:that|this) one))?"),
        ("event_create", r"(?!remind|alert|move|push|shift|change|make|cancel|tell|e-?mail)(?:put|add|schedule|book|i want|i need)? ?(?:in )?(?:an? )?<title> (?:right |straight |directly |immediately )(?P<way>after|before) <anchor>,? (?:for |takes? )?<length>", {"as": "adjacent"}),
        ("event_change", r"<event>(?: is| are)? (?:->|to|moves? to|is now|has moved to|should (?:be|start)) <when>(?: instead| now)?(?:,? (?P<scope_this>(?:just|only) (?:this|that) (?:once|one|time|week|month)))?"),
        ("event_change", r"<event>,? (?:can|could) (?:we|you|i) (?:do|move|make|have|push|put|shift) (?:it|that|this)(?: at| on| to| for)? <when>(?: instead)?(?:,? same (?:day|time|place))?"),
        ("event_change", r"(?:alert|remind|warn|notify|ping|nudge) me <length> (?:before|ahead of) <event>", {"as": "alarm"}),
        ("event_change", r"(?:set|add|put|give me) an? (?:alarm|alert|reminder|notification)(?: of)? <length> (?:before|ahead of) <event>", {"as": "alarm"}),
        ("event_change", r"(?:set|put) (?:the )?(?:alarm|alert|reminder) (?:for|of|on) <event> to <length>(?: before)?", {"as": "alarm"}),
        ("event_change", rf"{_SHIFT} <event>(?: (?:back|out|later|on))?(?: by)? <length>(?: (?:later|back|on|out))?", {"as": "shift"}),
        ("event_change", rf"{_SHIFT} <event>(?: (?:forward|up|earlier|in))? (?:by )?<length>(?: (?:earlier|forward|sooner|up))", {"as": "shift", "sign": "earlier"}),
        ("event_change", r"(?:let|have|make) <event> start <length> later(?:[.,;] (?P<scope_this>only (?:that|this) one|just (?:that|this) once))?", {"as": "shift"}),
        ("event_change", r"(?:let|have|make) <event> start <length> earlier(?:[.,;] (?P<scope_this>only (?:that|this) one|just (?:that|this) once))?", {"as": "shift", "sign": "earlier"}),
        ("event_change", r"<event> (?:is|starts|will start) <length> later", {"as": "shift"}),
        ("event_change", r"<event> (?:is|starts|will start) <length> earlier", {"as": "shift", "sign": "earlier"}),
        ("event_change", r"make <event> <length> longer", {"as": "lengthen"}),
        ("event_change", r"(?:extend|lengthen|prolong|stretch) <event>(?: by)? <length>", {"as": "lengthen"}),
        ("event_change", r"(?:make <event> <length> shorter|(?:shorten|cut|trim) <event>(?: by)? <length>)", {"as": "lengthen", "sign": "earlier"}),
        ("event_change", r"(?:make|set|change|cut|shorten|extend) <event>(?: to)?(?: be| last)?(?: only| just)? <length>(?: long)?(?: instead)?", {"as": "duration"}),
        ("event_change", r"rename <event> (?:to|as|into) <title>"),
        ("event_change", r"change (?:the )?(?:title|name) of <event> to <title>"),
        ("event_change", r"(?:change|set|put|move) (?:the )?(?:place|location|venue|room|address) (?:of|for) <event> to <place>"),
        ("event_change", r"(?:my|the|our) (?:last|final) <event> is (?:on )?<until>[,.;]? (?:please )?(?:and )?(?:take out|remove|delete|cancel|drop|scrap) (?:the ones|everything|all|those|the rest|any|what comes|whatever comes)(?: (?:that come|of them))?(?: after(?: (?:that|it|this))?)?"),
        ("event_change", r"<event> (?:has |have |is |was |got )?(?:been )?moved to <place>(?:,? (?:please )?(?:change|update|put|note|fix) (?:that|it)(?: in)?)?"),
        ("event_cancel", r"<event> (?:is|are|'s) (?:off|cancelled|canceled|over|not happening)(?: (?:for good|forever|now))?[,.;:]? (?:so )?(?:please )?(?:delete|cancel|remove|take|drop|scrap|bin) (?:it|that|them)(?: (?:out|off))?"),
        ("event_change", r"(?:stop|end|finish) <event> (?:after|on|by|from) <until>"),
        ("event_create", rf"<length> (?P<way>after|before) <anchor>,? (?:i want|i need|i'd like|put|add|schedule|book|there's|have) <title>{_CAL}(?: (?:at )?<when>)?", {"as": "beside"}),
        ("event_create", rf"(?!remind|alert|tell|e-?mail)(?:put|add|schedule|book|i want|i need)? ?<title>,? <length> (?P<way>after|before) <anchor>(?:,? (?:at )?<when>)?(?P<same>(?:,? (?:at )?(?:the )?same (?:time|place))*)(?:,? (?:and )?(?:pop|put|add|stick) (?:it|that)(?: in)?{_CAL})?", {"as": "beside"}),
        ("event_change", r"<event> (?:now )?(?:starts?|begins?) (?:at )?<when>(?:,? and (?:it'?s|they'?re|we'?re) (?:now )?(?:at|in) <place>)?"),
        ("event_change", r"<event> (?:is|are|will be|takes place) (?:now )?(?:at|in) <place>(?: now| instead)?(?:,? (?:please )?(?:add|put|note) (?:that|it)(?: in)?)?"),
        ("event_create", r"(?:put|add|schedule|book|i want|i need)? ?<length> (?:of|for) <title> (?:right |straight |directly |immediately )?(?P<way>after|before) <anchor>", {"as": "adjacent"}),
        ("task_create", r"remind me (?P<when>(?:on )?(?:the same|that) day,? (?:at )?.{1,14}?) (?:to|about|that) <title>"),
        ("task_create", r"remind me <length> (?P<way>before|after) <anchor>,? (?:at )?<when>,? (?:to|about|that) <title>", {"as": "beside"}),
        ("task_create", r"remind me <length> (?P<way>before|after) <anchor>,? (?:to|about|that) <title>", {"as": "beside"}),
        # --- calendar: cancel, invite
        ("event_invite", r"invite <attendees> (?:to|along to|for) <event>"),
        ("invitation_answer", r"(?:accept|say yes to|confirm|agree to) <mail>", {"answer": "accept"}),
        ("invitation_answer", r"(?:decline|turn down|say no to|reject|refuse) <mail>(?:[,:]? (?:and )?(?:say|with|saying) <body>)?", {"answer": "decline"}),
        ("invitation_answer", r"(?:tentatively accept|say maybe to) <mail>", {"answer": "tentative"}),
        # --- mail
        ("mail_unsubscribe", r"(?:unsubscribe(?: me)?|get me off|take me off|opt out)(?: from| of)? <mail>"),
        ("mail_flag", r"mark <mails>(?: as)? (?:unread|not read)", {"state": "unseen"}),
        ("mail_flag", r"mark <mails>(?: as)? (?:read|seen)", {"state": "seen"}),
        ("mail_flag", r"mark <mails>(?: as)? (?:flagged|important|starred)", {"state": "flagged"}),
        ("mail_flag", r"(?:unflag|unstar|remove the flag from|take the flag off) <mails>", {"state": "unflagged"}),
        ("mail_flag", r"(?:flag|star|put a (?:flag|star) on) <mails>", {"state": "flagged"}),
        ("mail_draft", r"(?:draft|prepare|write)(?: me)? (?:something|an? \w+|a few (?:lines|words))? ?(?:to|for) <to>,? (?:but |and )?(?:don'?t|do not) send (?:it|that)?(?: yet| off)*[:,;] <body>"),
        ("mail_draft", rf"(?:draft|prepare|write a draft(?: of)?) (?:an? )?(?:reply|answer|response) (?:to )?<mail>{_SAY} <body>"),
        ("mail_draft", rf"(?:draft|prepare|write a draft(?: of)?) (?:an? )?(?:{_MAILS} )?(?:to|for) <to>{_SAY} <body>"),
        ("mail_draft", rf"(?:draft|prepare) (?:an? )?(?:{_MAILS} )?(?:to|for) <to> (?P<body_2>about .+|asking .+|telling .+)"),
        ("mail_forward", r"(?:forward|fwd|pass on|send on|share) <mail> (?:on )?to <to>(?:,? (?:and )?(?:write|say|add|saying|with the (?:words|note)|with|tell (?:him|her|them))[: ]+<body>|,? (?:because|since|as|so|he|she|they|it)(?:'s|'ll|'re)? .+)?"),
        ("mail_forward", r"(?:forward|fwd) <to> (?P<mail>(?:the|my|that) .+?)"),
        ("mail_reply", rf"(?:reply|respond|write back|answer back)(?: to)? <mail>{_SAY} <body>"),
        ("mail_reply", rf"(?:reply|respond|answer)(?: to)? (?P<mail>.+? {_MAILS} (?:about|on|re|regarding) .+?)[,:]? (?P<body>(?:yes|no|ok|okay|sure|thanks|thank you|i|we|it|that's|sounds|happy|great|sorry|i'm|i'll|we'll|we're)\b.*)"),
        ("mail_reply", rf"(?:reply|respond|answer)(?: to)? (?P<mail>.+?'?s? (?:{_MAILS}|invitation|question|note)(?: (?:about|on|re|from) (?:the |my |our )?\w+(?: \w+)?(?= (?:yes|no|that|ok|sure|i|we)\b))?)[,:]? (?:that |saying )?<body>"),
        ("mail_reply", rf"answer <mail>{_SAY} <body>"),
        ("mail_send", rf"(?:send|write|drop|shoot)(?: off)? (?:an? )?(?:quick |short |new )?(?:{_MAILS}|line|note) to <to>{_SAY} <body>"),
        ("mail_send", rf"(?:send|write|drop|shoot) <to> (?:an? )?(?:quick |short |new )?(?:{_MAILS}|line|note){_SAY} <body>"),
        ("mail_send", rf"(?:e-?mail|mail|write to) <to>{_SAY} <body>"),
        ("mail_send", rf"(?:e-?mail|mail|write to|write|send (?:an? )?(?:{_MAILS}) to|send <to_2> an? {_MAILS}) <to> (?P<body>(?:about|to ask|asking|if|whether|how|what|when|i|we|it|the|my|he|she|yes|no|thanks|thank) ?.*)"),
        ("mail_send", rf"(?:tell|inform|let) <to> (?:know )?(?:by|via|in an?|over) {_MAILS}(?: know)?(?: that|:|,)? <body>"),
        ("mail_send", rf"ask <to> (?:by|via|in an?|over) {_MAILS}(?: that|:|,)? <body>"),
        ("mail_send", r"e-?mail <to>"),
        ("mail_reply", r"tell <mail> (?P<body>(?:yes|no)\b.+)"),
        ("mail_forward", r"(?:send|get|pass) (?P<mail>(?:the |my )?.+?'s? (?:mails?|e-?mails?|messages?|letter|invoice|quote|list|note)\b.*?) (?:on |over |along )?to <to>"),
        ("mail_forward", r"send <to> (?P<mail>(?:the|my|that|those|this|our) .+?)(?:,? (?:and (?:say|write|add)|saying|with the (?:words|note))[: ]+<body>)?"),
        ("mail_forward", r"send (?P<mail>(?!an? (?:text|sms|message|mail|e-?mail|note)).+?) (?:on |over )?to <to>(?:,? (?:and (?:say|write|add)|saying|with the (?:words|note))[: ]+<body>)?"),
        ("message_send", r"(?:text|message|sms|whatsapp)(?: to)? <to>(?: that| saying| to say|:|,) <body>"),
        ("message_send", r"send (?:an? )?(?:text|sms|text message|whatsapp)(?: message)? to <to>(?: that| saying| to say|:|,) <body>"),
        ("message_send", r"(?:text|sms) <to> (?P<body>(?:i|we|that|the|it|yes|no|about|to) ?.*)"),
        ("mail_move", r"(?:file|move|put|sort|store|drop|stick|archive|save) <mails> (?:away )?(?:in|into|to|under|in to) (?:the |my )?<folder> folder"),
        ("mail_move", r"(?:file|sort|store) <mails> (?:away )?(?:in|into|to|under) (?:the |my )?<folder>"),
        ("mail_move", rf"(?:move|put|drop|stick) (?P<mails>.*{_MAILS}.*?|.*?) (?:in|into|to|under) (?:the |my )?(?P<folder>archive|trash|bin|receipts|junk|spam)"),
        ("mail_move", r"(?:archive|clear away|tidy away) <mails>", {"folder": "Archive"}),
        ("mail_delete", rf"(?:delete|trash|bin|throw (?:away|out)|get rid of|remove|erase) (?P<mails>.*\b(?:{_MAILS}|spam|invoices?|receipts?|notifications?|ads?|promotions?)\b.*)"),
        ("mail_delete", r"(?:delete|trash|bin|throw (?:away|out)|get rid of|remove|erase) (?P<mails>(?:everything|anything|all|all of it|whatever) (?:from|by|of) .+)"),
        ("mail_move", r"archive (?P<mails>(?:everything|anything|all) (?:from|by) .+)", {"folder": "Archive"}),
        # --- tasks, notes, contacts: by their own words
        ("task_done", r"(?P<task>(?:i'?ve|i have|i|we'?ve|we) .+?)[,.;]? (?:so |please )?(?:tick|check|cross|mark|take) (?:it|that|this)(?: one)? (?:off|done|as done)(?: .*)?"),
        ("note_create", r"(?:make|take|write|add|create) (?:me )?(?:an? )?(?:new )?note(?: that| of| saying| to say| about|:|,| -)? <text>"),
        ("note_create", r"(?!.*\breminder\b)(?:note|jot|write|put|take)(?: (?:this|that|it))? down(?: that|:|,)? <text>"),
        ("note_create", r"(?:new )?note(?: that| to self|:|,)* <text>"),
        ("contact_change", r"<contact>'s (?:new )?(?:mobile|phone|cell|number|phone number|mobile number) is <phone>(?:[,;.] .*)?"),
        ("contact_change", r"<contact>'s (?:new )?(?:e-?mail|mail)(?: address)? is <email>(?:[,;.] .*)?"),
        ("task_create", r"(?:todo|to-do|task)(?: to)? <title>"),
        ("task_done", r"(?:tick off|check off|cross off|tick|complete|finish) <task>(?: (?:as )?(?:done|completed?|finished|off))?(?: (?:on|from|off) (?:my |the )?(?:to-?do|task)s?(?: list)?)?"),
        ("task_done", r"mark <task>(?: as)? (?:done|completed?|finished)"),
        ("task_done", r"<task> (?:is|are) (?:done|finished|complete|sorted)(?:[,.;] .*)?"),
        ("task_done", r"(?:i(?:'ve| have)?|we(?:'ve)?) (?:done|finished|completed|sorted|did) <task>(?:[,.;] (?:tick|check|cross|mark|take) .*)?"),
        ("task_delete", r"(?:delete|remove|drop|scrap|cancel) (?:the |my )?(?P<task>.+?) (?:task|to-?do|reminder)"),
        ("task_delete", r"(?:delete|remove|drop|scrap|cancel) (?:the |my )?(?:task|to-?do|reminder) (?:to |about |for )?<task>"),
        ("task_delete", r"(?:take|remove|delete) <task> (?:off|from) (?:my |the )?(?:to-?do|task)s?(?: list)?"),
        ("task_change", r"snooze (?:the |my )?(?P<task>.+?)(?: (?:task|to-?do|reminder))?(?: (?:until|till|to|for))? <when>"),
        ("task_change", rf"{_MOVE} (?:the |my )?(?P<task>.+?) (?:task|to-?do|reminder) (?:back |forward )?(?:to|until|till|for) <when>"),
        ("task_change", rf"{_MOVE} (?:the |my )?(?:task|to-?do|reminder) (?:to |about |for )?<task> (?:to|until|till|for) <when>"),
        ("note_change", r"(?:add|append|write|put) (?:to|in|into|on) (?:the |my )?(?P<note>.*?\bnotes?)(?: that|:|,)? <text>"),
        ("note_search", r"what(?:'s| is| does| do| did|s)? (?:in )?(?:the |my )?(?P<note>.*\bnotes?\b.*?)(?: (?:say|tell|read))?\??"),
        ("note_delete", r"(?:delete|remove|bin|scrap|throw away) (?:the |my )?(?P<note>.*\bnotes?\b.*)"),
        ("note_change", r"(?:add|append|write|put) <text> (?:to|in|on|into|onto) (?:the |my )?(?P<note>(?!(?:the |my )?(?:to-?do|tasks?)).*\b(?:notes?|list)\b.*?)"),
        ("event_invite", r"put <attendees> on (?:the )?(?:invite|invitation|guest list)(?: for| of| to) <event>"),
        ("event_invite", r"(?:add|get)(?! back) <attendees> (?:to|along to) (?P<event>(?!.*\b(?:list|notes?|to-?do|tasks?|contacts?|calendar|diary|folder)\b).+)"),
        ("contact_delete", r"(?:delete|remove) <contact> from (?:my |the )?(?:contacts|address book)"),
        ("contact_delete", r"(?:delete|remove) (?:the |my )?contact (?:of |for )?<contact>"),
        ("contact_create", r"(?:save|add|store|put) <name> (?:in|to|into|as a new|as an?) (?:my |the )?(?:contacts?|address book)(?: list)?,? (?:with|from) (?P<mail>the (?:address|e-?mail|number|mail) .+)"),
        ("contact_create", r"(?:save|add|store|put) <name>'s (?:e-?mail|address|mail)(?: address)? (?:from|of) <mail>(?: (?:in|to|into) (?:my |the )?(?:contacts?|address book))?"),
        ("contact_create", r"(?:save|add|store|put|create)(?: a)?(?: new)?(?: contact)?(?: for|:)? <name>,? (?:in|to|into|as) (?:my |the |a |a new )?(?:contacts?|address book)(?:[:,]? <details>)?"),
        ("contact_create", r"(?:add |make |create |save )?(?:a )?(?:new )?contact:? (?:for |named |called )?<name>[,:] <details>"),
        ("contact_change", r"(?:change|update|set|correct) <contact>'s? (?:phone |mobile |cell )?number to <phone>"),
        ("contact_change", r"(?:change|update|set|correct) <contact>'s? (?:e-?mail|mail)(?: address)? to <email>"),
        ("contact_change", r"(?:change|update|set|correct) <contact>'s? address to <address>"),
        ("contact_change", r"<contact> has a new (?:phone |mobile )?number[,:]?(?: it's| it is)? <phone>", {"way": "replace"}),
        ("contact_change", r"<contact> has a new (?:e-?mail|mail)(?: address)?[,:]?(?: it's| it is)? <email>", {"way": "replace"}),
        ("event_cancel", rf"(?:cancel|call off|scrap|drop|delete|remove|take out|take|clear|axe|skip) <event>{_CAL}(?:[,.;] (?P<scope_this>just (?:this|that) once|only (?:that|this) one|the other(?: one|\s?week)?s? stay.*))?"),
        ("event_cancel", r"no (?P<event>.+?\ue000.)(?:[,.;] .*)?"),
        ("event_cancel", r"(?:i'm not|i am not|i won'?t be|i can'?t)(?: going| make| go| coming)*(?: to)? <event>"),
        # --- questions
        ("mail_read", r"(?:what (?:does|did|do) <mail> (?:say|want|write|ask)(?: for)?|read(?: me| out)? <mail>|open <mail>|what(?:'s| is) in <mail>)\??"),
        ("task_create", r"remind me <length> (?:before|earlier|ahead)(?: (?:it|that|the (?:meeting|event|call)))?,? (?:to|about) <title>", {"as": "before"}),
        ("task_create", r"<length> before (?:it|that|the (?:meeting|event|call)),? remind me (?:to|about) <title>", {"as": "before"}),
        ("free_time", r"(?:am i|are we|will i be|i'm) (?:free|available|busy)(?: or busy)?(?: at all| any ?time)? (?:on |at |in )?<when>\??"),
        ("free_time", r"(?:am i|are we) (?:free|available) (?:on |at |in |for )?.*<when>.*"),
        ("free_time", r"(?:when|what time|at what time) (?:am i|are we|will i be) (?:free|available)(?: for)?(?: <length>)?(?: on| in| at)?(?: <when>)?\??"),
        ("free_time", r"(?:find|is there|have i got|do i have)(?: me)? (?:an? |some )?(?:free )?(?:<length> )?(?:free )?(?:slot|gap|time|space|room)(?: of| for)?(?: <length>)?(?: free)?(?: on| in| at)?(?: <when>)?\??"),
        ("conflicts", r".*\b(?:clash(?:es)?|conflicts?|overlaps?|double[- ]booked)\b(?:.*?<when>)?.*"),
        ("travel_time", r"how long (?:does it take|will it take|is it|do i need)(?: me)? to (?:get |go |drive |cycle |walk )?(?:to|from) <place>\??"),
        ("travel_time", r"when (?:do|should|must) i (?:have to )?(?:leave|go|set off)(?: home)? (?:for|to (?:get to|be at|make)) <event>\??"),
        ("event_search", r"what(?:'s| is| have i got| do i have| am i doing|s)(?: there)?(?: (?:planned|on|in|happening|up|coming up|going on|scheduled))*(?: (?:my |the )?(?:calendar|diary|agenda|schedule|plan))?(?: (?:planned|on|for|in|looking like))* <when>\??"),
        ("event_search", r"(?:what|which|how many) (?:meetings|events|appointments|plans|calls)(?: do i have| have i got| are there|'ve i got)?(?: (?:on|planned|for))* <when>\??"),
        ("event_search", r"what(?:'s| is|s) (?:on |in )?my (?:calendar|diary|agenda|schedule|plan|day)(?: like)?(?: (?:on|for|in))?(?: <when>)?\??"),
        ("event_search", r"(?:show|tell|read|give)(?: me)? (?:my )?(?:calendar|diary|agenda|schedule|appointments|events|meetings)(?: (?:for|on|of|in))?(?: <when>)?"),
        ("mail_search", r"(?:is there|do i have|have i got|did i get|did we get|was there|got)? ?(?:anything|something|any (?:news|word)|news|word)(?: new| else)? from <sender>(?: (?:on|this|from|since|in))?(?: <when>)?\??"),
        ("event_search", r"(?:do i have|have i got|is there) (?:anything|something|any (?:meetings?|events?|appointments?|plans)|much)(?: (?:on|planned|in my (?:calendar|diary)))* <when>\??"),
        ("contact_search", r"(?:what(?:'s| is|s) <contact>'?s? address|where does <contact_2> live)\??", {"field": "address"}),
        ("event_search", r"(?:when|what time|where|what day|which day|on what day)(?:'s| is| are| does| do|s) <event>(?: (?:on|start|begin|happening|take place|again|end|finish))*(?:,? here in .+)?\??"),
        ("task_search", r"what(?:'s| is|s)?(?: still| left| all)? (?:on |in |are )?(?:my |the )?(?:open |outstanding |remaining )?(?:to-?dos?|tasks?)(?: list)?(?: (?:for|due|on|are there))*(?: <when>)?\??"),
        ("task_search", r"(?:what|which) (?:tasks|to-?dos|things)(?: .*)?(?: <when>)?\??"),
        ("task_search", r"(?:show|list|read)(?: me)?(?: out)? (?:my )?(?:open )?(?:to-?dos?|tasks)(?: list)?(?: (?:for|due))?(?: <when>)?"),
        ("contact_search", r"what(?:'s| is|s) <contact>'?s? (?:phone|mobile|cell)?\s?(?:number|phone)\??", {"field": "phone"}),
        ("contact_search", r"what(?:'s| is|s) <contact>'?s? (?:e-?mail|mail)(?: address)?\??", {"field": "email"}),
        ("contact_search", r"(?:when(?:'s| is|s)|what(?:'s| is|s)) <contact>'?s? birthday\??", {"field": "birthday"}),
        ("mail_search", rf"(?:find|search|show|list|look for|get|pull up)(?: me)?(?: for)? (?:the |all |any |my )?(?:unread )?{_MAILS} from <sender>(?: about <about>)?(?: (?:from|since|in|of) <when>)?"),
        ("mail_search", rf"(?:find|search|show|list|look for|get|pull up)(?: me)?(?: for)? (?:the |all |any |my )?{_MAILS} (?:about|on|with|mentioning|regarding) <about>(?: (?:from|since|in) <when>)?"),
        ("mail_search", rf"(?:find|search|look for|pull up)(?: me)?(?: for)? (?:the |all |any |my )?(?P<about>.+? {_MAILS})"),
        ("mail_read", rf"(?:find|show|open|get|pull up|read)(?: me)?(?: out)? (?P<mail>(?:the |my )?(?:very )?(?:last|latest|newest|most recent) {_MAILS} (?:that )?(?:from|by|about|i got from) .+)"),
        ("event_search", r"(?:what(?:'s| is|s) the (?:address|place|location|venue) (?:of|for)|where(?:'s| is|s)) <event>\??"),
        ("mail_search", rf"(?:(?:do i have|have i got|is there|are there|show)(?: me)?(?: any| my)?|any) (?:new |unread ){_MAILS}(?: from <sender>)?\??", {"state": "unread"}),
    ],
    spaced=True,
)  # fmt: skip

FLOATING = table(
    [
        ("timer_set", r"(?:set|start|put on|run|give me)? ?(?:an? |the )?(?:kitchen )?timer(?: (?:for|called) (?P<title>.+?))?"),
        ("free_time", r"(?:when|what time|which day)(?: exactly)? (?:am i|are we|will i be) (?:free|available)"),
        ("task_create", r"(?:remind|nudge|prompt) me (?:to|about|that|of) <title>"),
        ("task_create", r"(?:set|add|create|make|give me|put(?: down| in)?|leave)(?: me)? an? reminder(?: for)?,? (?:to|about|for|that|:) <title>"),
        ("task_create", r"(?:don'?t let me forget|make sure i (?:don'?t forget|remember)|i must(?: not forget)?|i mustn'?t forget)(?: to| about)? <title>"),
        ("task_create", r"(?:i (?:need|have|want|must|should) to |i'?ve got to |i must )?<title>[,.;:]? (?:please )?(?:put|add|stick|write|pop) (?:it|that|this) (?:on|onto|to|in) (?:my |the )?(?:(?:to-?do|task)s? ?)?list"),
        ("task_create", r"(?:add|put|stick|write) <title> (?:to|on|onto|in) (?:my |the )?(?:to-?do|tasks?)s?(?: list)?"),
        ("task_create", r"(?:add |make |create |new )?(?:an? )?(?:new )?(?:task|to-?do)(?: for me)?(?:,| to|:| -|,? called) <title>"),
        ("task_create", r"(?:remind|nudge) me,? <title>"),
        ("task_create", r"(?:give me a (?:heads?[- ]?up|shout|nudge|ping)|ping me|buzz me|shout) (?:to|about|that) <title>"),
        ("task_create", r"(?P<title>(?:wake|ping|nudge|buzz|alert) me(?: up)?)"),
    ],
    spaced=True,
    floats=True,
)  # fmt: skip

CREATING = table(
    [
        ("event_create", rf"(?:add|put|schedule|book(?! (?:club|fair|launch|signing|group))|set up|create|make|arrange|enter|pencil in|plan|block|pop|stick|note|fit|get|organi[sz]e)(?: out| in| down|:)?(?: me| us)? (?:in )?(?:an? |the )?(?:new )?(?:(?:event|entry|calendar entry|slot)(?: for| called| named|:| to|,)? |appointment (?:called|named|to) )?<title>{_CAL}(?: in| down)?"),
        ("event_create", rf"(?:i want|i'd like|i need|there'?s|i have|i've got|we have|we've got|i'm having) <title>{_CAL}"),
        ("event_create", r"(?:i'm|i am|we're|i'll be|we'll be) <title>(?:,? (?:can you )?(?:put|add|block|note|mark) (?:that|it)(?: (?:in|down|off|out))?(?: my (?:calendar|diary))?(?: as (?:an? )?(?:all[- ]?day|whole days?)?(?: event)?)?)?"),
        ("event_create", r"(?:new )?(?:event|calendar)(?: entry)?[:,]? <title>"),
        ("event_create", r"(?:new )?(?:appointment|meeting)[:,] <title>"),
        ("event_create", rf"[:, ]*(?P<title>.+?)(?:[,.;]? (?:can you |please )?(?:put|add|pop) (?:that|it)(?: in)?{_CAL})"),
    ],
    spaced=True,
    floats=True,
)  # fmt: skip

CUT = re.compile(
    r"(?:[,;.!]\s*|\s+)(?:and then|and also|and|then|also|plus)\s+(?=(?:please\s+)?(?:move|shift|push|cancel|delete|remove|add|put|schedule|"
    r"book|create|e-?mail|mail|write|tell|text|message|remind|invite|reply|respond|answer|forward|send|archive|file|flag|mark|"
    r"set|start|draft|note|let|ask|tick)\b)|[.;!]\s+(?=[A-Za-z])|,\s*(?=(?:please\s+)?(?:remind|invite|e-?mail|cancel|forward|archive|move)\b)",
    re.IGNORECASE,
)
ALARM = re.compile(
    r"[,;.]?\s*(?:and )?(?:remind|alert|warn|notify|ping) me (.{2,25}?) (?:before(?:hand)?|earlier|ahead|in advance)\b|"
    r"[,;.]?\s*(?:and |with )?(?:set )?an? (?:alarm|alert|reminder) (.{2,25}?) before(?:hand)?\b",
    re.IGNORECASE,
)
INVITES = re.compile(
    r"[,;]?\s*(?:and )?(?:invite|send (?:an? )?invit(?:e|ation) to|send (?:him|her|them) an invit(?:e|ation))\b\s*(.*)$",
    re.IGNORECASE,
)
OTHER_VERBS = re.compile(
    r"\b(?:moves?|snooze|rename|cancel|postpone|reschedule|delete|reply|forward|e-?mail|accordingly|instead|archive|unless|asked|tell|wants?)\b",
    re.IGNORECASE,
)
PLACE = re.compile(
    r"\sat ((?:the )?[\w'&.-]+(?: [\w'&.-]+){0,2})$|\s(?:at|in) ((?:the )?[A-Z0-9][\w'&.-]*(?: [A-Z0-9][\w'&.-]*)*)$"
)
MAILISH = re.compile(rf"\b(?:{_MAILS}|inbox|spam)\b", re.IGNORECASE)
TASKISH = re.compile(r"\b(?:to-?dos?|tasks?|reminders?)\b", re.IGNORECASE)
NOTEISH = re.compile(r"\bnotes?\b", re.IGNORECASE)
ASKS = re.compile(
    r"(?:whats|whos|wheres|hows|whens|what|when|who|whose|where|which|how|did|does|do|is|are|was|were|has|have|can|am|any|why|will (?:it|there|he|she|they|the)|would|should|until when|by when|somebody|someone|tell me|anything|show me)\b.*|.*\?",
    re.IGNORECASE | re.DOTALL,
)
TIME_ASKS = re.compile(
    r"(?:what(?:'s|s| is) the (?:time|date|day)\b.*|what time is it\b.*|"
    r"how (?:many|long|much) (?:hours|days|weeks|minutes|months|time)?\s?.*\b(?:between|until|till|till?|left|from|before)\b.*|how long (?:is it )?(?:until|till) .*|"
    r"what (?:day|date) (?:is|was|will).*|.*\btime (?:is it )?in [A-Z]\w+\??)",
    re.IGNORECASE,
)

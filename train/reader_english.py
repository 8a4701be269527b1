"""English: how people ask an assistant for mail, calendar, tasks, notes and contacts."""

from __future__ import annotations

import random

from train.reader_english_words import KINDS, MACROS
from train.reader_requests import Language

_PATTERNS: dict[str, str] = {}

_PATTERNS["event_create"] = """
<title:title> <when:point>
<title:title> <when:point> at <place:place>
<title:title> at <place:place> <when:point>
<when:point> <title:title>
<when:point> <title:title> at <place:place>
<when:point>: <title:title>
<title:title>, <when:point>, <duration:dur>
<title:title> <when:point> for <duration:dur>
{put} <title:title> <when:point>
{put} <title:title> (in|into|on|to) {cal} <when:point>
{put} <title:title> (in|into|on|to) {cal} (for|on|) <when:point> at <place:place>
{put} <title:title> in for <when:point>
{put} <title:title> in on <when:point>. It takes <duration:dur>.
{put} <title:title> in {cal} <when:point>, it (takes|lasts|should take|will take) <duration:dur>
{put} <duration:dur> of <title:activity> <when:relative>
{put} <duration:dur> (for|of) <title:activity> (in|) {cal} <when:point>
{put} (a|an) (event|appointment|meeting|entry) (called|named|titled) <title:title> <when:point>
(create|make|schedule|book|set up|add|plan|arrange) <title:title> (for|on|) <when:point>
(create|make|schedule|book|set up|add|plan|arrange) (a|an|another) <title:title> with <people:people> (for|on|) <when:point>
(create|make|schedule|book|set up|add|plan|arrange) (a|an) <duration:dur> <title:title> (for|on|) <when:point>
(schedule|book|set up|arrange) <title:title> <when:point> and invite <attendees:people>
(schedule|book|set up|arrange) <title:title> <when:point> at <place:place> and send (an invite|invites|an invitation) to <attendees:people>
invite <attendees:people> to <title:title> <when:point>
{put} <title:title> in {cal} <when:point> and (invite|add|ask) <attendees:people>
(send|email) <attendees:people> (an invite|an invitation|a calendar invite|a meeting request) for <title:title> <when:point>
{put} <title:title> in {cal} <when:point> and (remind|alert|ping|warn|notify) me <alarm:dur> before
<title:title> <when:point>, (remind|alert|ping|warn) me <alarm:dur> (before|beforehand|ahead)
<title:title> <when:point>, alarm <alarm:dur> before
(I want|I need|I'd like|I would like) <title:title> in {cal} <when:point>
<when:relative> I want '<title:title>' in {cal} at {clock}
(block|block out|reserve|keep|hold) <when:point> for <title:activity>
(block|block out|reserve|keep|hold) <duration:dur> <when:point> for <title:activity>
(I'm|I am|we're|I will be|I'll be) (away|in|off|on holiday|travelling) (in|to|at|) <title:town> <when:days>, (all day|), (can you put that in|put that in {cal}|please note it in {cal})
(I'm|I am|we're) <title:trip> <when:days>, put (that|it) in {cal}
<title:trip> <when:days>, all day
<title:title> every {weekday} at {clock}
<when:recurring> <title:title>
<title:title> <when:recurring>
<when:recurring>: <title:title>, <duration:dur>
{put} <title:title> in {cal} <when:recurring>
{put} <title:title> in {cal} <when:recurring>, <duration:dur> (each|each time|)
<title:journey> <when:point>, (leaves|departs) at {clock} and takes <duration:dur>. {put} it in {cal}.
{put} <title:title> <when:point> (his|her|their) time
{put} <title:title> on <when:point> {zone} time
<title:title> (needs|need|is due|is) <when:relative> same (time|place), add it to {cal}
{pronoun} has <title:title> <when:point> at <place:place>, {put} it in {cal}
(I'm|we're|I am) (having|meeting|seeing) <title:companyfor> <when:point>, {put} (it|that) (in|into) {cal}
(don't let me forget|note that) (I've got|I have|there is|there's) <title:title> <when:point> (in {cal}|)
put <title:title> in <when:slotref>
put <title:title> in {cal} <when:slotref>
(set up|schedule|arrange|organise|put) <title:title> with <people:people> (in {cal}|)
(set up|schedule|arrange|organise) <title:title>
put <title:title> in {cal}
(I've|I have) to (be at|go to) <place:place> <when:point> for <title:activity>, add that
(so|right|ok), {ramble}, <title:title> <when:point>, {put} that in {cal}
new (event|appointment|meeting): <title:title>, <when:point>, <place:place>
<title:title> again <when:point>
(meet|see|dinner with|lunch with|coffee with) <people:people> <when:point> (at|in) <place:place>
"""

_PATTERNS["event_change"] = """
<event:event> -> <when:point>
<event:event> to <when:point>
{move} <event:event> to <when:point>
{move} <event:event> (from {clock}|from {day}|) to <when:point>
{move} <event:event> to <when:point>, same time
{move} <event:event> to <when:point>, just this once ## scope=this
{move} <event:event> to <when:point>, only this (one|time|week) ## scope=this
{move} just this one: <event:event>, to <when:point> ## scope=this
from now on <event:event> (is|starts|begins) <when:point> ## scope=following
{move} all <event:event> to <when:point> ## scope=all
can <event:event> (start|be) <shift:dur> later ## sign=later
start <event:event> <shift:dur> later, (only once|this time only) ## scope=this sign=later
on <event:event>, start <shift:dur> later ## sign=later
<event:event> starts <shift:dur> later ## sign=later
<event:event> starts <shift:dur> earlier ## sign=earlier
{move} <event:event> (back|later) (by|) <shift:dur> ## sign=later
(push|push back|delay|postpone|put off|put back) <event:event> (by|for|) <shift:dur> ## sign=later
(bring|pull|move) <event:event> (forward|up) (by|) <shift:dur> ## sign=earlier
{move} <event:event> <shift:dur> (later|back) ## sign=later
{move} <event:event> <shift:dur> (earlier|forward|up) ## sign=earlier
{move} <event:event> forward <shift:dur> ## sign=earlier
(can you|could you|please|) (shift|slide|nudge) <event:event> by <shift:dur> ## sign=later
{person} (wants|needs|would like) (it|) <shift:dur> later, (please|) {move} <event:event> ## sign=later
{person} (can only come|can't make it|will be|is running) <shift:dur> (later|late), {move} <event:event> ## sign=later
make <event:event> <lengthen:dur> longer ## sign=later
make <event:event> <lengthen:dur> shorter ## sign=earlier
(extend|lengthen|prolong) <event:event> by <lengthen:dur> ## sign=later
(shorten|cut|trim) <event:event> by <lengthen:dur> ## sign=earlier
<event:event> (takes|lasts|needs|runs) <lengthen:dur> longer ## sign=later
(make|set) <event:event> (to|) <duration:dur> (long|)
<event:event> (takes|lasts|should be|is) <duration:dur>
<event:event> is (only|now|just) <duration:dur>
(shorten|cut down|extend) <event:event> to <duration:dur>
<event:event> ends at <when:clock>
<event:event> goes on until <when:clock>
<event:event> is (in|at) <place:place>, (add that|note that|put that in)
<event:event> is (now|) (in|at) <place:place>
<event:event> (takes place|happens) (in|at) <place:place> (instead|now|)
(change|set|add) the (place|location|room|venue|address) of <event:event> to <place:place>
{put} <place:place> as the (place|location|venue) (of|for) <event:event>
{move} <event:event> to <place:place>
(rename|retitle|call) <event:event> (to|as|) '<title:title>'
(change|set) the (title|name) of <event:event> to <title:title>
(alert|remind|warn|ping|notify) me <alarm:dur> before <event:event>
(set|add|put) (a|an) (reminder|alarm|alert) <alarm:dur> before <event:event>
(give me|I want|I need) <alarm:dur> (warning|notice) before <event:event>
<event:event>: (reminder|alarm|alert) <alarm:dur> before
<event:event> now (starts|start|is|begins) <when:point>
<event:event> now (starts|start) <when:clock> and (it's|its|they're|theyre|is) at <place:place>
<event:event> (is|has been|has|got) (moved|rescheduled|pushed|put off) to <when:point>
<event:event> (is|has been|got) (moved|rescheduled) to <when:point>, (please update {cal}|fix {cal}|change it)
<event:event>, can we (do|make|have) it (at|on|) <when:point> instead
<event:event>, same day, at <when:clock> instead
<event:event> isn't {day} but <when:point>
{ramble}, (anyway|so) <event:event> (won't work|doesn't work|is impossible) on the {ordinal}, (better|rather|how about) <when:point>, (same hour|same time), (can you fix that|please change it)
{ramble} so {move} <event:event> to <when:point> (please|)
<event:event> (only|) (goes|runs|lasts|continues) until <until:day>, (then it's over|after that it stops|)
<event:event> (stops|ends|finishes) (after|at the end of|on) <until:day>
(stop|end) <event:event> (after|from) <until:day>
no more <event:event> after <until:day>
(the last|last) <event:event> is on <until:day>
reschedule <event:event> <when:point>
(could we|can you|please) do <event:event> <when:point> instead
swap <event:event> to <when:point>
make <event:event> <when:point>
change <event:event> to <when:point>
{move} <event:event>
"""

_PATTERNS["event_cancel"] = """
(cancel|delete|remove|scrap|drop|kill|call off|bin|take out|clear|erase|nix) <event:event>
(cancel|delete|remove|scrap|drop) <event:event> (from|in) {cal}
(take|get) <event:event> (off|out of) {cal}
(take|cross) <event:event> out
<event:event> is (off|cancelled|canceled|not happening|dead)
<event:event> is (off|cancelled|not happening), (take it out|remove it|delete it)
no <event:event>
no <event:event>, {ramble}, (only that one|the rest stays) ## scope=this
no <event:event> this week ## scope=this
skip <event:event> ## scope=this
skip <event:event> (this week|this time|once|just once) ## scope=this
(cancel|drop|delete) <event:event>, just this (once|time|one) ## scope=this
(cancel|delete|remove) only <event:event> ## scope=this
(cancel|delete) this week's <event:event> ## scope=this
(cancel|delete|remove|stop) all <event:event> ## scope=all
(cancel|delete) <event:event> (for good|altogether|completely|and all the following ones|every one of them) ## scope=all
(cancel|stop) <event:event> from now on ## scope=following
(i'm|I am|we're) not going to <event:event>, (cancel it|take it out|remove it)
(i|we) can't make <event:event>, (cancel it|take it out of {cal}|please cancel)
(please|) get rid of <event:event>
(I|we) don't need <event:event> any more, delete it
{ramble}, so cancel <event:event>
{person} (is ill|can't come|called in sick|has flu), cancel <event:event>
"""

_PATTERNS["event_search"] = """
what's on <when:day>
what is on {cal} <when:day>
what do I have (on|) <when:day>
(what's|whats) (happening|planned|coming up|in {cal}|my schedule|my day like) <when:day>
what does <when:day> look like
(show|list|read|tell) me (my|) (events|meetings|appointments|schedule|agenda|calendar) (for|on|) <when:day>
(any|have I got any|do I have any) (meetings|appointments|events|plans|calls) <when:day>
(how many|which) (meetings|appointments|events) do I have <when:day>
when is <event:event>
when's <event:event>
when do I (have|see|meet) <event:event>
what time is <event:event>
what time does <event:event> (start|begin|end|finish)
what time is <event:event>, here in {town}
where is <event:event>
where's <event:event> (held|taking place|)
which day is <event:event>
what (day|date) is <event:event> on
how long is <event:event>
how long does <event:event> (last|take|go on)
who is (at|coming to|in|invited to) <event:event>
when (do|am) I (meet|meeting|see|seeing) <people:people> (next|)
do I have (anything|something|a meeting) with <people:people> <when:day>
when is my next (meeting|appointment|call) with <people:people>
what's my (next|first|last) (meeting|appointment|event) (<when:day>|)
when is the next <about:activity>
when was (my|the) last <about:activity>
find <event:event> (in {cal}|)
is <event:event> (still on|on) <when:day>
am I seeing <people:people> <when:day>
what have I got <when:day>
anything on <when:day>
(is|are) there (any|) <about:activity> <when:day>
until when (is|does|goes) <event:event>
when (does|will) <event:event> (end|be over|finish)
"""

_PATTERNS["event_invite"] = """
invite <attendees:people> to <event:event>
(add|get|bring) <attendees:people> to <event:event>
(ask|tell) <attendees:people> to (come to|join) <event:event>
(send|forward) <attendees:people> an (invite|invitation) (to|for) <event:event>
(include|put) <attendees:people> in <event:event>
<attendees:people> should (come to|join|be at) <event:event>, (invite|send an invite to) (him|her|them)
(can you|) (loop|pull) <attendees:people> into <event:event>
"""

_PATTERNS["invitation_answer"] = """
accept <mail:invite> ## answer=accept
(say|reply) yes to <mail:invite> ## answer=accept
(accept|confirm) <mail:invite>, (I'll|i will) be there ## answer=accept
(yes|ok|sure), (I'll|I will) come to <mail:invite>, accept it ## answer=accept
decline <mail:invite> ## answer=decline
(turn down|reject|refuse) <mail:invite> ## answer=decline
say no to <mail:invite> ## answer=decline
decline <mail:invite> and say <body:body> ## answer=decline
accept <mail:invite> and (say|write|add) <body:body> ## answer=accept
(tentatively accept|say maybe to|reply maybe to|put a maybe on) <mail:invite> ## answer=tentative
tell (him|her|them) (I'm coming|I'll be there|yes) for <mail:invite> ## answer=accept
I can't (come to|make) <mail:invite>, decline it ## answer=decline
I'm in for <mail:invite>, accept the invitation ## answer=accept
"""

_PATTERNS["free_time"] = """
am I free <when:range>
(am i|are we) (free|available|busy) <when:point>
am I (free|available) <when:day>
do I have time <when:range>
do I have time (for <duration:dur>|) <when:range>
do I have <duration:dur> (free|spare|) <when:day>
have I got (time|room|a gap|space) <when:range>
(when|what time) am I (next|) free <when:day>
when (do|could) I have <duration:dur> (free|) <when:day>
(find|show|give) me (a|some) free (slot|time|hour) <when:day>
(find|show) me (a|) (free|open) <duration:dur> (slot|) <when:day>
is <when:range> (free|open|still free)
is there a gap (of <duration:dur>|) <when:day>
can I fit in <duration:dur> <when:day>
am I busy <when:range>
what (slots|times) are open <when:day>
"""

_PATTERNS["conflicts"] = """
do I have any (clashes|conflicts|overlaps|double bookings) <when:day>
(any|are there any) (clashes|conflicts|overlaps|overlapping meetings|double bookings) <when:day>
(is there|are there) (anything|events|meetings) (that|) (clash|overlap|overlapping|clashing) <when:day>
am I double booked <when:day>
(check|look) for (conflicts|clashes) <when:day>
(does|do) (anything|my meetings) (clash|overlap) <when:day>
"""

_PATTERNS["travel_time"] = """
how long (does it take|is it|is the way|will it take me) to <place:place>
how long (does it take|is it|is the way) from <origin:place> to <place:place>
how long to <place:place> by (car) ## by=car
how long (is it|does it take) to <place:place> by (bike|bicycle) ## by=bicycle
how long is the walk to <place:place> ## by=foot
how long to <place:place> by (bus|train|tram|public transport) ## by=transit
when (do|should|must) I (have to |)leave for <event:event>
when (do|should) I (set off|go|leave) to (be at|get to|be on time for) <event:event>
what time (do|should) I leave to be at <place:place> (on time|)
how far is <place:place>
"""

_PATTERNS["task_create"] = """
remind me to <title:todo>
remind me to <title:todo> <when:point>
remind me <when:point> to <title:todo>
remind me <when:point> (about|of) <title:thing>
remind me about <title:thing> <when:point>
remind me <when:relative>, at {clock}, to <title:todo>
remind me <when:relative> to <title:todo>
remind me <when:recurring> to <title:todo>
remind me to <title:todo> <when:recurring>
<when:point> remind me to <title:todo>
<when:recurring> remind me to <title:todo>
(set|make|create|add|give me) a reminder (to|that I have to|that I need to) <title:todo> <when:point>
(set|create|add) a reminder for <title:thing> <when:point>
(set|create|add) a reminder <when:point> to <title:todo>
reminder: <title:todo>, <when:point>
reminder <when:point> <title:todo>
todo <title:todo>
todo: <title:todo>
to do: <title:todo> <when:point>
task: <title:todo>
new task <title:todo>
(add|put) <title:todo> (to|on) my (to-do|todo|to do|task) list
(add|put) <title:todo> (to|on) (my|the) (to-dos|tasks|list) (for|by|due|) <when:point>
(add|create|make|new) (a|) (task|todo|to-do): <title:todo>
(add|create|make) a task to <title:todo>
(add|create|make) a task to <title:todo> (by|due|until|before) <when:point>
(add|create|make) a task (called|named|) '<title:todo>' (due|for) <when:point>
I (have to|need to|must|should) <title:todo> <when:point>, (remind me|don't let me forget|make a task|put it on my list)
don't let me forget to <title:todo>
don't let me forget to <title:todo> <when:point>
(ping|nudge|poke|nag|alert|prompt) me <when:point> to <title:todo>
(make sure|see that) I <title:todo> <when:point>
wake me <when:point>
I still (have to|need to) <title:todo>, put it on my list
remind me (the same day|that day|on the same day) at <when:clock> to <title:todo>
remind me <when:evrel> to <title:todo>
(and|) remind me <when:evrel> to <title:todo>
tell me to <title:todo> <when:point>
"""

_PATTERNS["task_change"] = """
{move} (the|my|) <task:task> (task|todo|to-do|reminder) to <when:point>
(change|set|put) the (due date|deadline) of <task:task> to <when:point>
<task:task> is (now|) due <when:point>
(the|) <task:task> (task|todo) (is|can wait) until <when:point>
(postpone|delay|push|snooze) <task:task> (to|until|till) <when:point>
(postpone|delay|push|snooze) <task:task> (by|for) <shift:dur> ## sign=later
(rename|change) (the task|the todo|) <task:task> to '<title:todo>'
(make|set) <task:task> due <when:point>
remind me about <task:task> <when:point> instead
give me until <when:point> for <task:task>
{move} the (due date|deadline) of <task:task> <shift:dur> (later|back) ## sign=later
"""

_PATTERNS["task_done"] = """
(tick|check|cross|mark) off <task:task>
(tick|check|cross) (the|) <task:task> (task|todo|reminder|) off
(tick|check|cross|mark) <task:task> (off|as done|done|as complete|complete|completed|as finished)
(mark|set) (the|) <task:task> (task|todo|) (as|to) (done|complete|completed|finished)
I've (done|finished) <task:task>
I (did|finished|have done) <task:task>, (tick it off|done|check it off|you can tick it off)
I've <task:taskpast>, tick (it|that) off
I <task:taskpast>, (tick|check|cross) (it|that) off (the list|)
<task:task> is (done|finished|complete|sorted|taken care of)
<task:task> (done|finished), tick it off
(complete|finish|close) the <task:task> (task|todo)
done with <task:task>
that's <task:task> done
"""

_PATTERNS["task_delete"] = """
(delete|remove|drop|scrap|forget|bin) the (task|todo|to-do|reminder) <task:task>
(delete|remove|drop|scrap|bin|cancel) (the|my|) <task:task> (task|todo|to-do|reminder)
(take|get) <task:task> off my (to-do list|list|todos)
I don't (need|have) to <task:task> any more, delete (it|the task|the reminder)
forget about <task:task>, (remove|delete) the (task|todo)
"""

_PATTERNS["task_search"] = """
what's (still|left|) on my (to-do|todo|task) list
what's still on my to-do list for <when:day>
(what|which) (tasks|todos|to-dos) (do I have|are open|are left|are due) (for|) <when:day>
what (do|must) I (still|) (have|need) to do <when:day>
(show|list|read) (me|) my (tasks|todos|to-do list|reminders) (for|) <when:day>
(show|list|read) (me|) my (tasks|todos|to-do list|reminders)
(any|do I have any) (tasks|reminders|todos) <when:day>
what's due <when:day>
when is <task:task> due
what's overdue
(is|have I ticked) <task:task> (done|off) (already|yet|)
what (am I forgetting|have I still to do)
"""

_PATTERNS["timer_set"] = """
(set|start) a timer (for|) <duration:dur>
(set|start) a <duration:dur> timer
timer <duration:dur>
<duration:dur> timer
(set|start) a timer (for|) <duration:dur> for <title:thing>
(set|start) a <title:food> timer for <duration:dur>
(count down|countdown) <duration:dur>
(wake|ping|tell) me in <duration:dur>
"""

_PATTERNS["note_create"] = """
note <text:fact>
note: <text:fact>
note that <text:fact>
(make|take|write|add|create|jot down) a note: <text:fact>
(make|take|write|add|create) a note (that|saying) <text:fact>
(make|take|write) a note (of|about) <text:thing>: <text:fact>
(write|jot|take|put) (this|) down: <text:fact>
(write|jot|put) down that <text:fact>
(remember|keep in mind) (that|:) <text:fact>
new note (called|titled) <title:noun>: <text:fact>
(create|make) a note (called|titled|named) <title:noun> (with|saying|that says) <text:fact>
for my notes: <text:fact>
memo: <text:fact>
(save|keep|store) (this|that) (for me|): <text:fact>
"""

_PATTERNS["note_change"] = """
add <text:fact> to <note:note>
add to <note:note>: <text:fact>
(append|put|write) <text:fact> (to|in|into) <note:note>
<note:note>: add <text:fact>
(update|change) <note:note> with <text:fact>
(also|) put <text:thing> (on|in) <note:note>
"""

_PATTERNS["note_delete"] = """
(delete|remove|bin|throw away|scrap) <note:note>
get rid of <note:note>
I don't need <note:note> any more, delete it
"""

_PATTERNS["note_search"] = """
what (does|did) <note:note> say
(read|show|open|find) (me|) <note:note>
what did I (note|write down|write) about <about:noun>
(what's|whats) in <note:note>
do I have a note (about|on) <about:noun>
(find|search) my notes (for|about) <about:noun>
(look up|check) <about:noun> in my notes
"""

_PATTERNS["contact_create"] = """
(save|add|store|put) <name:newname> (in|to|into) my (contacts|address book)
(save|add|store|put) <name:newname> (in|to) my contacts with the (address|mail address|email) <mail:wrotefrom>
(save|add|create|make) (a|) (new|) contact <name:newname>, <phone:phone>
(save|add|create) <name:newname>, <email:email>
new contact <name:newname> <phone:phone>
new contact: <name:newname>, <email:email>, <phone:phone>
new contact <name:newname> (mobile|phone|tel) <phone:phone> (mail|email) <email:email>
(save|add|store) <name:newname>'s (number|mobile|phone) <phone:phone> (as a new contact|in my contacts)
(add|save) <name:newname> from <organisation:organisation>, (number|phone) <phone:phone>
(create|make) a contact (for|called|named) <name:newname>, (email|mail|address) <email:email>
(add|save) <name:newname> as a contact, (he|she) works (at|for) <organisation:organisation>, (mail|email) <email:email>
(save|add) the sender of <mail:mail> (as a contact|to my contacts|in my address book)
put <name:newname> in my (address book|contacts), (lives|living) at <address:address>
"""

_PATTERNS["contact_change"] = """
<contact:person>'s (mobile|number|phone|phone number) is <phone:phone>, (please|) add it (to (his|her|their) card|) ## way=add
<contact:person>'s new (number|mobile|phone) is <phone:phone> ## way=replace
<contact:person> has a new (number|mobile|phone), (it's|) <phone:phone> ## way=replace
<contact:person> changed (his|her) number to <phone:phone> ## way=replace
(change|update|set) <contact:person>'s (number|mobile|phone) to <phone:phone> ## way=replace
(change|update|set) <contact:person>'s (mail|email|email address|address) to <email:email> ## way=replace
add <phone:phone> to <contact:person> ## way=add
add (the|) (number|mobile|phone) <phone:phone> to <contact:person>'s (card|contact|entry) ## way=add
add <email:email> (to|for) <contact:person> ## way=add
<contact:person>'s (new|) (email|mail|address) is <email:email> ## way=replace
<contact:person> (now works|works now|is now|works) (at|for|with) <organisation:organisation> (now|), update (his|her|the) (card|contact) ## way=replace
<contact:person> (moved|has moved) to <address:address> ## way=replace
<contact:person> (lives|is living) at <address:address> now ## way=replace
<contact:person> (married|got married), (her|his) name is now <name:newname> ## way=replace
(rename|change) <contact:person> to <name:newname> (in my contacts|)
"""

_PATTERNS["contact_delete"] = """
(delete|remove|drop|erase) <contact:person> (from|out of) my (contacts|address book)
(delete|remove|drop) <contact:person>'s (contact|card|number|entry)
(delete|remove) the contact <contact:person>
I don't need <contact:person>'s contact any more
"""

_PATTERNS["contact_search"] = """
what's <contact:person>'s (number|phone number|mobile|phone) ## field=phone
<contact:person>'s (number|phone|mobile) ## field=phone
(give|get|find|tell|show) me <contact:person>'s (number|phone number|mobile) ## field=phone
<contact:person>'s number and when (can|should) I call (her|him) ## field=phone
what's the (number|phone number) of <contact:person> ## field=phone
(do I have|have I got) <contact:person>'s number ## field=phone
how (can|do) I reach <contact:person> ## field=phone
what's <contact:person>'s (email|mail|email address|mail address) ## field=email
<contact:person>'s (email|mail address) ## field=email
(give|get|find|tell|show) me <contact:person>'s (email|mail address) ## field=email
what's <contact:person>'s address ## field=address
where does <contact:person> live ## field=address
when is <contact:person>'s birthday ## field=birthday
when was <contact:person> born ## field=birthday
<contact:person>'s birthday ## field=birthday
where does <contact:person> work ## field=organisation
(which|what) company (does|is) <contact:person> (work for|with) ## field=organisation
what do I have on <contact:person> ## field=note
what does <contact:person>'s card say ## field=note
"""

_PATTERNS["message_send"] = """
text <to:person> (that|) <body:body>
(send|shoot|drop) <to:person> a (text|message|text message|whatsapp|sms) (saying|that) <body:body>
(message|whatsapp|sms) <to:person> (that|) <body:body>
(text|message) <to:person>: <body:body>
send a (text|message|text message) to <to:person> saying <body:body>
tell <to:person> by (text|message|sms) (that|) <body:body>
let <to:person> know (by text|by message) (that|) <body:body>
"""

_PATTERNS["mail_search"] = """
(find|show|search|get|list) (me|) (the|all|) (mail|mails|emails|e-mails|messages) from <sender:person>
(find|show) (me|) (the|) (mail|email) from <sender:person> about <about:noun>
(find|show|search) (me|) (mails|emails|the mail|the email) about <about:noun>
(find|show) (me|) (the|) (mails|emails) (I sent|that I sent) to <recipient:person> (<when:day>|)
where is the (mail|email) about <about:noun>
where's (the|that) <about:noun> (mail|email) (from <sender:person>|)
where's (the|that) mail from <when:day> about <about:noun>
(any|do I have any|have I got any) (new|unread) (mail|mails|emails) ## state=unread
(any|do I have any|have I got any) (new|unread) (mail|mails|emails) from <sender:person> ## state=unread
(show|list|read) (me|) (my|the) unread (mail|mails|emails) ## state=unread
(is there|do I have) any unread mail (I should|to) answer <when:day> ## state=unread
anything (new|important|urgent) in my (inbox|mail) (<when:day>|) ## state=unread
(show|list) (me|) (my|the) (flagged|starred) (mails|emails) ## state=flagged
(which|what) mails (came|arrived|came in|did I get) <when:day>
(did|has) <sender:person> (write|email|mail|reply|answer|answered|written) (to me|) (<when:day>|)
(did|has) <sender:person> (reply|answer|write back|written) about <about:noun>
(find|show) (me|) mails with attachments from <sender:person> ## state=attachment
what's in my <folder:folder> folder
(how many|which) mails do I have from <sender:person>
(what|which) mail did <sender:person> send (me|) <when:day>
search my mail for <about:noun>
"""

_PATTERNS["mail_read"] = """
what does <mail:mail> say
(read|open|show) (me|) <mail:mail>
read <mail:mail> (to me|out|aloud)
what did <mail:persone> write
what did <mail:persone> (write|say|mail|want) (in|with) (his|her|their) (last|latest) mail
what does the mail from <mail:persone> say
what's in <mail:mail>
(what's|what is) <mail:mail> about
summarise <mail:mail>
(sum up|summarize|give me the gist of|tell me about) <mail:mail>
(tell|remind) me what <mail:mail> said
what does <mail:mail> want (from me|)
"""

_PATTERNS["mail_send"] = """
(email|mail) <to:person> (that|) <body:body>
(email|mail) <to:people>: <body:body>
(email|mail) <to:person> (to say|and say|saying|and tell (him|her|them)) (that|) <body:body>
(send|write) (an|a|) (email|mail|e-mail) to <to:people> (saying|that says|and say|telling (him|her|them)) (that|) <body:body>
(send|write|drop|shoot) <to:people> (an email|a mail|a quick mail|an e-mail|a note|a line) (saying|that|to say) <body:body>
write to <to:person> (that|) <body:body>
write <to:person> (that|) <body:body>
tell <to:person> by (mail|email) <body:body>
tell <to:person> (by mail|by email|in a mail) that <body:body>
let <to:person> know (by mail|by email|) (that|) <body:body>
(email|mail) <to:person> about <subject:noun>
(email|mail) <to:person> about it
(email|mail) (him|her|them) about it
email <to:pron> about it
(email|mail|tell|let) <to:pron> (know|) (that|) <body:body>
(email|mail) <to:person> (with|under) the subject <subject:noun>: <body:body>
(send|write) <to:person> (an email|a mail) about <subject:noun>, (say|saying|tell (him|her)) <body:body>
(send|write) (an email|a mail) to <to:people> with subject <subject:noun> (and text|and body|saying) <body:body>
(email|mail) <to:person> and cc <cc:person>: <body:body>
(email|mail) <to:person>, copy <cc:person>, (that|) <body:body>
(ask|email) <to:person> (by mail|by email|) (if|whether) <body:clause>
(ask) <to:person> by mail for <body:noun>
(thank|congratulate) <to:person> by mail (for|on) <body:noun>
<to:person> mail: <body:body>
(drop|send) <to:person> a mail, <body:body>
"""

_PATTERNS["mail_draft"] = """
draft (a|an|) (mail|email|message) to <to:people> (saying|that|:) <body:body>
draft (a|an) (mail|email) to <to:person>, <body:body>. don't send it (yet|)
draft (a|) reply to <mail:mail>: <body:body>
draft (a|an) (reply|answer) to <mail:persone>: <body:body>
draft (a|an) (reply|answer) to <mail:mail> (saying|that says|and say) (that|) <body:body>
(write|prepare|compose|start) (a|an) draft to <to:person> (saying|that|:) <body:body>
(write|prepare|compose) (a|an) (mail|email) to <to:person> (saying|that|:) <body:body>, (but|) (don't send it|don't send yet|leave it in drafts|keep it as a draft|I'll send it later)
(write|prepare) (a|an) (reply|answer) to <mail:mail> (saying|that|:) <body:body>, but (don't send it|leave it as a draft)
(prepare|compose) an email to <to:person> about <subject:noun>: <body:body>
draft something to <to:person> about <subject:noun>, <body:body>
save a draft to <to:person>: <body:body>
"""

_PATTERNS["mail_reply"] = """
reply to <mail:mail> (that|) <body:body>
reply to <mail:persone> (that|) <body:body>
reply to <mail:persone>: <body:body>
reply <body:short> to <mail:persone>
(answer|reply to) <mail:mail>: <body:body>
(answer|reply to) <mail:mail> (with|saying) <body:body>
(answer|reply to) <mail:mail> <body:body>
(answer|reply to) <mail:persone> (and say|and tell (him|her)|saying) (that|) <body:body>
(write back|write|get back) to <mail:persone> (that|) <body:body>
(write|send) <mail:persone> back (that|) <body:body>
tell <mail:persone> (yes|no|ok), <body:body>
tell <mail:persone> (in reply|in a reply|as an answer) that <body:body>
respond to <mail:mail> (that|:|saying) <body:body>
reply all to <mail:mail> (that|:|saying) <body:body> ## audience=all
reply to (everyone|everybody|all) (in|on) <mail:mail> (that|:) <body:body> ## audience=all
reply only to <mail:persone> that <body:body> ## audience=sender
reply to <mail:mail> that it's fine
reply to <mail:mail> and cc <cc:person>: <body:body>
(reply|answer) <mail:persone>, <body:body>
"""

_PATTERNS["mail_forward"] = """
forward <mail:mail> to <to:people>
forward <mail:mail> to <to:people> and (write|say|add|tell (him|her|them)) '<body:body>'
forward <mail:mail> to <to:people> (with the note|with the words|saying) <body:body>
forward <mail:mail> to <to:person>: <body:body>
(send|pass) <mail:mail> (on|along) to <to:people>
(send|pass) <mail:doc> (on|) to <to:people>
send <to:person> <mail:doc>
send <to:person> the <mail:doc>
(can you|please|) get <mail:doc> over to <to:person>
(send|forward) <to:person> <mail:mail>
(share|pass) <mail:mail> (on|) with <to:person>
let <to:person> have <mail:doc>
fwd <mail:mail> to <to:person>
"""

_PATTERNS["mail_move"] = """
(archive|file away) <mails:mails>
archive <mails:mail>
archive all <mails:mails>
archive everything (from|by) <mails:sender>
(move|file|put|shift|sort) <mails:mails> (to|in|into) (the|my|) <folder:folder> (folder|)
(move|file|put) <mails:mail> (to|in|into) (the|my|) <folder:folder> (folder|)
(move|file|put) everything from <mails:sender> (to|in|into) (the|my|) <folder:folder> (folder|)
<mails:mail> (goes|belongs) (in|into) (the|) <folder:folder> (folder|)
(clear|clean up|tidy away) <mails:mails> into <folder:folder>
(file|put) <mails:mail> and <mails:mail> (in|into) (the|) <folder:folder> folder
(take|get) <mails:mails> out of my inbox
"""

_PATTERNS["mail_delete"] = """
(delete|bin|trash|remove|throw away|get rid of|chuck|erase|dump) <mails:mails>
(delete|bin|trash|remove|throw away) <mails:mail>
(delete|bin|trash) everything from <mails:sender>
(delete|bin|trash) all <mails:mails>
(move|put) <mails:mails> (to|in|into) the (trash|bin)
"""

_PATTERNS["mail_flag"] = """
(mark|set) <mails:mails> (as|) read ## state=seen
mark all <mails:mails> (as|) read ## state=seen
mark everything from <mails:sender> (as|) read ## state=seen
mark <mails:mail> (as|) read ## state=seen
mark <mails:mail> (as|) unread ## state=unseen
(set|leave|make) <mails:mail> (as|) unread (again|) ## state=unseen
(flag|star) <mails:mail> ## state=flagged
(flag|star) <mails:mails> ## state=flagged
(mark|flag) <mails:mail> (as important|as starred|for follow-up) ## state=flagged
put a (star|flag) on <mails:mail> ## state=flagged
(unflag|unstar) <mails:mail> ## state=unflagged
(remove|take) the (flag|star) (from|off) <mails:mail> ## state=unflagged
"""

_PATTERNS["mail_unsubscribe"] = """
unsubscribe (me|) from <mail:newsletter>
(get|take) me off <mail:newsletter>
I don't want <mail:newsletter> any more, unsubscribe
(stop|cancel) <mail:newsletter>
opt out of <mail:newsletter>
no more mails from <mail:newsletter>, unsubscribe me
"""

_PATTERNS["data_question"] = """
what did <people:person> (want|ask|say|offer|quote|charge) for {thingdef}
what did <people:person> (want|ask) (for {thingdef}|) and (how long|until when) is that (price|offer) good
(until|till) when can I (cancel|return|change|book) {thingdef} (for free|)
how much (was|is|does|did) {thingdef} (cost|)
how much do I (owe|have to pay) (for {thingdef}|<people:person>)
when do I fly (back|out|home) (from {town}|), and what's the booking reference (again|)
what's the (booking reference|booking code|order number|confirmation number|flight number|invoice number|tracking number) (of|for) {thingdef}
(what's|whats) the (guest|) (wifi|wi-fi|door|alarm|gate) (password|code) (at|for|of) {thingdef}
who (was it that|) (wanted|offered) to (take|have|buy) {thingdef} and (for how much|at what price)
who (wrote|sent|asked) (me|) about {thingdef}
(what|which) (seat|room|gate|platform|hotel) (do I have|is mine|am I in) (for|on|in) {thingdef}
when exactly is {thingdef}
when (will|does|is) {thingdef} (arrive|come|be delivered|ready|due)
(what|which) (size|colour|model|brand) (was|is) {thingdef}
does <people:person> (still|) (need|want) {thingdef}
why did <people:person> (cancel|complain|write|call)
when does (my|the) (contract|warranty|lease|subscription|passport|insurance) (end|expire|run out)
what (was|is) the (deadline|price|address|total|amount|rent|fee) (for|of) {thingdef}
by when (do|must) I (pay|answer|send|return) {thingdef}
how much (rent|money) does <people:person> want (now|)
(did|has) <people:person> (agree|say yes|confirm|accept) (to|about|on) {thingdef}
what's the plan for {thingdef}
what (allergies|presents|shoe size) does <people:person> have
what did we (agree|decide) (on|about) {thingdef}
which (bank|account|company|flight|train) (is|was) it (for|with) {thingdef}
"""

_PATTERNS["time_question"] = """
how many (hours|days|minutes|weeks) (have I got|are there|do I have) (between|from) <events:evtxt> (and|to|until) <events:evtxt>
how many (days|weeks|hours) (until|till|to) <events:evtxt>
how (long|many days) is it (until|till) <when:day>
what (day|weekday|day of the week) is <when:date>
what date is <when:day>
what's the date (<when:day>|today)
what time is it
what time is it in <zone:town>
what's the time in <zone:town> (now|)
what is {clock} in <zone:town> (here|for us|our time)
what time is {clock} {zone} time here
how many days (ago was|since) <events:evtxt>
when do the clocks (change|go forward|go back)
how (old|long) (is|has) {person} (been|)
what week (number|) is it
when is (easter|christmas|pentecost|thanksgiving|chinese new year) (this year|next year)
is <when:date> a (weekday|bank holiday|sunday)
"""

_PATTERNS["undo"] = """
undo
undo (that|it|this|the last one|the last thing)
(undo|revert|reverse|take back) what you just did
(no|oh|wait|stop|sorry) (wait|), (put|bring) (it|that|them|everything) (all|) back
wait no, bring everything back
put (it|them|that) back (please|where it was|)
(take|roll) that back
(bring|get) it back
revert (that|)
(no|oops|damn), undo (that|)
that was wrong, undo (it|)
(oh no|wait), I didn't mean that, undo
restore it
(cancel|undo) my last (change|action|request)
"""

_PATTERNS["amend"] = """
(sorry|no|oh|actually|wait|hang on|oops), {clock}
(sorry|no|actually|i mean|make that|wait), <when:point>
(sorry|no|actually|i mean), not {day} but <when:point>
actually make it <when:point>
actually make it {num}
make (that|it) {num} (instead|)
make (that|it) <when:point> (instead|)
no, <when:point>
{clock}
<when:point>
(at|on) <when:point> (please|)
(for|) <duration:dur>
(the|) one with {person}
the one (on|at) {day}
the one at {clock}
the (first|second|last|other|latest|newest) one
the one (about|from|for) {thingdef}
{person}
{surname}
{surname}, (at|with|to) (his|her) (own|private|home|work|office) (address|mail)
(his|her) (private|work|home|office) (address|number|mail)
the {org} one
{person} from {org}
I meant {person}
not {person}, {person}
to {person}, not {person}
no, to <to:person>
(both|all of them|all three|none of them)
(yes|yeah|yep|sure|ok|right|exactly)
(no|nope|nah|don't|leave it|never mind)
(in|at) <place:place>
actually (in|at) <place:place>
(and|also) invite {person}
say <body:body>
(that|) <body:body>
actually (say|write) <body:body>
(tomorrow|today|tonight|monday|friday) instead
an hour later (please|)
an hour earlier (actually|)
"""

_PATTERNS["none_escalate"] = """
who won (the|) {noun} (prize|cup|final|award) in {year}
who (is|was) the {role} of {country}
what (is|was) the capital of {country}
what will the weather be (like|) (in {town}|) {day}
(is it going to|will it) (rain|snow|be hot|be windy) {day}
(how is|what's) the weather (in {town}|today|tomorrow|like)
write (me|) (a|an) {num}-word (essay|article|report|story|speech) (on|about) {noun}
write (me|) (a|an) (poem|song|speech|story|essay|blog post|cover letter|business plan) (about|on|for) {noun}
(compare|review) the (three|five|best) (best|top|) {noun} (programs|cars|phones|hotels|laptops) (for {noun}|) and tell me which to buy
(find|search) me (a|an|) (flat|house|hotel|flight|job|restaurant) (in {town}|to {town}) under {num}00 (and send me the best five|)
(what|which) {noun} (is|are) the best (for {noun}|)
what (does|do) the (law|building code|tax rules) (say|ask) (about|of) {noun}
(translate|turn) (this|the|my) (contract|letter|cv|document|mail|article) into (french|german|spanish|chinese|english)
translate {noun} into (french|german|spanish|chinese)
explain (to me|) (how|why) {clause}
why (is|are) (the|) {noun} (so|) (blue|expensive|important|cold|old)
how do I (cook|fix|build|learn|clean|repair) (a|an|) {noun}
how (many|much|tall|old|far|big) is {noun}
what's the (stock price|share price|exchange rate|population|height) of {country}
(give|tell) me (a|some) (recipe|advice|tips|ideas) (for|on|about) {noun}
(tell|give) me the (latest|) news (about {noun}|from {country}|)
(plan|design) (me|) (a|an) (two-week|three-day|) (trip|holiday|diet|training plan|itinerary) (to {town}|for {noun}|through {country})
(analyse|evaluate|proofread|rewrite|improve) (the|my) (whole|attached|) (report|thesis|contract|spreadsheet|code|speech)
(write|fix|debug) (a|the|my) (python|javascript|excel) (script|function|formula|code) (that|which|) (sorts|counts|parses) {noun}
what's the (difference|connection) between {noun} and {noun}
what do (critics|people|experts) think (of|about) {noun}
summarise the (book|film|history|plot) (of|) {noun}
who (wrote|invented|discovered|painted|directed) {noun}
when (was|did) {noun} (built|invented|founded|end|start)
prove (that|) {clause}
solve {num} x + {num} = {num}
how far is {town} from {country}
(recommend|suggest) (me|) (a|some) (book|film|restaurant|wine|game) (for|about|like|) {noun}
(what's|tell me) (a|the) (meaning|definition) of {noun}
"""

_PATTERNS["none_refuse"] = """
(pay|transfer|send|wire) {num} (pounds|euros|dollars|quid) to {person}
(pay|settle) (the|my|{person}'s) (invoice|bill|rent|fine|tax) ({num}|) (from|with|) (my bank account|my card|) now
pay {thingdef}
top up my (travel card|phone|oyster|card|account) with {num} (pounds|euros|)
(buy|order|get) (me|) (a|the|two|some) (tickets|ticket|pizza|shoes|flowers|stamps|coffee|train tickets) (for {noun}|to {town}|)
(order|buy) {noun} (from|on|at) {org}
(book|reserve) (a|me a|the) (flight|table|hotel|taxi|train|room) (to|at|in) {town}
(call|ring|phone) {person} (for me|) (now|)
(ring|call|phone) (the|my) (dentist|doctor|bank|landlord|plumber) (for me|) and (complain|ask|talk|negotiate) about {noun}
(call|ring) me (a|an) (taxi|cab|ambulance|uber)
(recall|unsend|take back|retract) (the|that|my) (mail|email|message) (I sent|) (to {person}|) (yesterday|earlier|)
(unsend|recall) (it|that) before (he|she|they) (reads|sees) it
do (everything|anything|all) (that|the) {noun} (mail|email|message|note) (tells|asks of|demands)
do what (the|that) mail (from {org}|about {noun}|) (says|asks|tells you)
follow the (instructions|steps) in (that|the) {noun} (mail|email)
(click|open|follow) the link in (the|that) (mail|email) (from {org}|)
(sell|buy|trade) (my|some|ten) (shares|bitcoin|stocks) (of {org}|)
(turn|switch) (on|off) the (lights|heating|tv|oven|alarm)
(sign|file|submit) (my|the) (tax return|contract|application|form) (for me|)
(hack|break into|get into) {person}'s (account|mail|phone)
(delete|wipe) (my|the) whole (disk|computer|phone|account)
(log|sign) (me|) into (my|the) (bank|account)
(change|reset) my (bank|email|) password
(vote|apply|register|sign up) for {noun} (for me|)
(drive|pick up|collect|fetch) (me|the kids|{person}|my parcel) (from|to|at) {town}
(play|put on) (some|) (music|jazz|the radio|{noun})
(post|tweet|publish) (this|{noun}) (on|to) (instagram|twitter|facebook|linkedin)
make (me|) (a|some) (coffee|tea|sandwich)
"""

_PATTERNS["none_talk"] = """
(hi|hello|hey|good morning|good evening|morning) (there|tandem|)
(thanks|thank you|cheers|great|perfect|cool) (a lot|very much|)
how are you (today|doing|)
who are you
what can you do
(tell|sing) me a (joke|song)
(you're|you are) (great|useless|funny|the best)
(good|) (bye|night|goodbye) (then|)
what's your name
I'm (bored|tired|happy|sad|hungry) (today|)
are you (a robot|listening|there|real)
(never mind|forget it|nothing)
I love you
(hm|hmm|well|ok|right)
"""


def dress(text: str, rng: random.Random) -> tuple[str, int]:
    """Politeness, fillers, case, punctuation: how the same request is typed or spoken."""
    roll, before, after = rng.random(), "", ""
    if roll < 0.10:
        before = rng.choice(("please ", "could you ", "can you ", "can you please ", "would you ", "hey, ", "I'd like you to "))  # fmt: skip
    elif roll < 0.15:
        before = rng.choice(("uh ", "um ", "so ", "ok ", "right, ", "well ", "hey tandem ", "er ", "listen, ", "oh and "))  # fmt: skip
    elif roll < 0.18:
        before = rng.choice(("So, ", "Quick one: ", "I forgot, ", "Before I forget: ", "One more thing: ", "Also ", "Then ", "would you mind and "))  # fmt: skip
    if rng.random() < 0.12:
        after = rng.choice((" please", ", please", ", thanks", " thank you", " for me", ", will you", " ok", ", would you"))  # fmt: skip
    body = text
    if rng.random() < 0.3 and not body[:1].isupper():
        if before:
            before = before[:1].upper() + before[1:]
        else:
            body = body[:1].upper() + body[1:]
    text = before + body + after
    if rng.random() < 0.25:
        text += "?" if before.lower().startswith(("could", "can", "would")) else rng.choice(".!.")
    if rng.random() < 0.35:
        text = text.lower()
    if rng.random() < 0.12:
        text = text.translate(str.maketrans({",": " ", ".": " ", "!": " ", "?": " "}))
    return text, len(before)


JOINS = (" and ", ", and ", " and then ", ", then ", ". ", " and also ", "; ", ", also ", " and ", ". Then ", ". And ")  # fmt: skip


def _lines(block: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in block.strip().splitlines() if line.strip())


ENGLISH = Language(
    {label: _lines(block) for label, block in _PATTERNS.items()}, MACROS, KINDS, JOINS, dress
)

"""English words to fill patterns with: people, titles, times, references to what is in the stores."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache

from train import reader_rows

FIRST = """anna ben clara david emma frank greta hugo ines jack kate leo mia noah olga paul quinn rosa sam tara uma
victor wendy xavier yara zoe aisha bilal carmen dmitri elif fatima goran hana ivan jamal kofi lucia mateo nadia omar
priyanka rafael sofia tomas ursula viktor yuki zainab adam beth callum dana eric fiona george helen ian julia kevin
laura martin nora oliver peter rachel simon tina vera will alice brian chloe derek ella felix gemma harry isla joe
kim liam maria nick oscar penny ruth steve tom vicky walter sally ravi mei chen li wei hiro kenta amara tunde chidi
ngozi sven lars freya astrid pablo diego marta irina boris anton katya jorge elena luca giulia marco sean maeve aoife
declan rhys megan owen dylan bethan hamish ewan kirsty alasdair moira""".split()
LAST = """smith jones taylor brown williams wilson johnson davies patel wright walker white edwards hughes green hall
lewis harris clarke jackson wood turner martin cooper hill ward moore clark lee king baker harrison morgan allen scott
watson parker bennett young shaw singh kaur ahmed khan ali hussain murphy kelly byrne ryan walsh nguyen tran kim park
tanaka sato suzuki wang zhang liu yang huang garcia lopez rossi ferrari novak kowalski nielsen hansen larsen schmidt
weber fischer becker dubois moreau okafor adeyemi mensah osei silva santos costa pereira""".split()
RELATIONS = """mum|mom|dad|my mum|my mother|my dad|my father|my brother|my sister|my wife|my husband|gran|grandma|grandpa
my boss|the boss|my manager|my landlord|the landlord|the plumber|the estate agent|my dentist|the dentist|the doctor
my accountant|the accountant|the lawyer|my trainer|the builder|the electrician|the vet|the coach|my neighbour
auntie jo|uncle tom|my cousin|the team|my team|the whole team|everyone in the team|the school|the teacher|the nanny
the bank|the gym|the office|reception|hr|it support|the caterer|the florist|the photographer|my tutor""".replace("\n", "|").split("|")  # fmt: skip
ORGS = """acme|brightwater|northgate|hollis|maple|cedarworks|finch|quill|harbour|lumen|orchard|pinnacle|redwood|solstice
tidewell|umbra|vantage|wexford|zephyr|ironbridge|copperfield|foxglove|larkspur|millhouse|oakley|riverside
stonecroft|thistle|wildflower|blue door bakery|green valley clinic|city library|rowan street garage
kestrel energy|otter bank|swift parcels|northern rail|lodge hotel|amber insurance|peak fitness|paper lantern
velo club|the wheelers|studio nine|council|the council|city planning|dental care|st. mary's|hilltop school""".replace("\n", "|").split("|")  # fmt: skip
PLACES = """the office|home|room 2|room 4b|the blue room|the board room|meeting room 1|the canteen|cafe nero|the kitchen
luigi's|the red lion|the crown|pizza express|the library|the gym|the park|the station|king's cross|the town hall|zoom
teams|the studio|the clinic|the surgery|her place|our place|mum's|the garden centre|the museum|the swimming pool
platform 9|gate 12|the white hart|bar italia|nando's|the hill cafe|riverside hall|the community centre|the harbour
42 mill lane|12 station road|the usual place|studio b|floor 3|the roof terrace|the cinema|the odeon|the tennis club
pomodoro|the anchor|orchard house|hall 7|the swan|cafe lumen|st james park|the old bakery""".replace("\n", "|").split("|")  # fmt: skip
TOWNS = """london|paris|berlin|oslo|rome|madrid|leeds|york|glasgow|cardiff|dublin|lisbon|vienna|prague|tokyo|osaka
beijing|shanghai|singapore|sydney|new york|boston|chicago|san francisco|toronto|delhi|mumbai|nairobi|cairo
athens|copenhagen|stockholm|helsinki|zurich|geneva|milan|brussels|bath|bristol|norwich|carlisle|brighton
manchester|edinburgh|los angeles|hong kong|seoul|dubai|moscow|warsaw|budapest""".replace("\n", "|").split("|")  # fmt: skip
ACTIVITIES = """dentist|haircut|yoga|swim|swimming|gym|piano lesson|guitar lesson|standup|team meeting|planning|review
design review|budget meeting|interview|training|workshop|webinar|site visit|inspection|viewing|second viewing|call
phone call|video call|conference call|lunch|dinner|breakfast|brunch|coffee|drinks|tea|party|birthday party|barbecue
picnic|concert|theatre|cinema|film night|book club|choir|football|tennis|badminton|run|bike ride|hike|walk|doctor
check-up|physio|vaccination|booster|vet|vet check|car service|boiler service|mot|parents' evening|school play|rehearsal
board meeting|one to one|1:1|retro|sprint planning|demo|kickoff|handover|quarterly review|performance review|appraisal
tax appointment|bank appointment|notary|flat viewing|moving day|delivery|parcel pickup|photo shoot|wedding|christening
funeral|graduation|exhibition|museum|game night|poker|date night|babysitting|school run|pick up kids|language class
spanish class|pottery|dance class|pilates|massage|eye test|hygienist|blood test|focus time|deep work|payroll
invoicing|emails|admin|writing|reading|gardening|cleaning|laundry|shopping|packing|loft plans|roof options
donors evening|prize ceremony|coordination|kick-off|lighting review|tender|cost plan|safety briefing|fire drill
client presentation|pitch|strategy day|offsite|all hands|town hall|office hours|lecture|seminar|tutorial|exam|thesis
committee|flight|flight to oslo|train to york|sleeper train|ferry|airport transfer|checkout|hotel""".replace("\n", "|").split("|")  # fmt: skip
TODOS = """call {who}|ring {who}|email {who}|write to {who}|pay {thing}|book {thing}|renew {thing}|buy {goods}|pick up {goods}
collect {goods}|return {goods}|order {goods}|post {goods}|send {who} {thing}|send {thing} to {who}|send {thing}|check {thing}
finish {thing}|prepare {thing}|print {thing}|read {thing}|review {thing}|submit {thing}|sign {thing}|update {thing}|fix {thing}
clean {goods}|water the plants|feed the cat|walk the dog|take out the bins|take my pills|take the medicine|defrost the freezer
defrost fridge|charge the camera|back up the laptop|cancel {thing}|chase {who}|ask {who} about {thing}|thank {who}|buy a present for {who}
bring {goods}|take {goods} to {who}|pack {goods}|bake a cake|empty the dishwasher|change the sheets|wash the car|mow the lawn
look up {thing}|confirm {thing}|measure {goods}|return {goods} to {who}|book a table|get {goods}|bring her scarf|water {goods}
tidy {goods}|sort {thing}|plan {thing}|write {thing}|draft {thing}|call back {who}|visit {who}|invite {who} to {thing}""".replace("\n", "|").split("|")  # fmt: skip
GOODS = """milk|bread|eggs|flowers|stamps|batteries|the dry cleaning|the parcel|the boxes|the keys|the tickets|a cake|wine
the bike|the drill|library books|the projector|my passport|the charger|cat food|paint|the carpet sample|door handles|nappies
printer paper|ink|the umbrella|a birthday card|the suit|new shoes|the model|the tiles|light bulbs|the contract""".replace("\n", "|").split("|")  # fmt: skip
THINGS = """the invoice|the report|the rent|the electricity bill|my passport|the contract|the insurance|the slides|the budget
the drawings|the window list|the tax return|the application|the agenda|the minutes|the survey|the form|the quote|the offer
the proposal|the tickets|the hotel|the flight|the visa|the car tax|the newsletter|the fence|the tap|the website|the noise study
the timesheet|the expenses|the cv|the reference letter|the draft|the spec|the test results|the parking permit|the membership
the school form|the guest list|the playlist|the photos|the menu|the seating plan|the training plan|the order|the subscription""".replace("\n", "|").split("|")  # fmt: skip
NOUNS = """budget|invoice|contract|holiday|insurance|the rent|glazing|the boiler|the flat|parking|the wedding|the trip|taxes
the project|hiring|the newsletter|gothic bridges|solar panels|bread|the roman empire|climate change|football|black holes
the website|lighting|the tender|the offer|schools|the garden|electric cars|wine|chess|the lunar calendar|coffee|whales|opera
the survey|the schedule|the order|the delivery|expenses|the visa|the conference|the exhibition|roof tiles|prices|samples""".replace("\n", "|").split("|")  # fmt: skip
FACTS = """stairwell paint is moss green one coat|the alarm code is 4471|wifi at the cabin is pinewood88|the spare key is under the pot
size 43 shoes|{who} likes dark chocolate|{who} is allergic to nuts|parking at the clinic is free after six|the red folder has the contracts
the boiler pressure should be 1.5|bins go out on tuesdays|the meter reading is 48213|the plumber charges 60 an hour|the tap is a 15 mm
{who} takes oat milk|filter coffee ratio 60 g per litre|room 3 has no projector|the tailor is on mill street|gift ideas for {who}: a scarf
we need more chairs for the party|the guest list has 24 names|budget is 3000 at most|ask {who} about the lease|the paint is called dune
decided to wait with the loft|the locker number is 212|flight seat 14a|two litres of white paint for the hall|leave the shed for autumn
hall carpet needs replacing|the good bakery closes at two|idea: a reading corner by the window|invoice numbers start with 26|tile sample is no. 7""".replace("\n", "|").split("|")  # fmt: skip
BODIES = """i'm stuck in traffic|I will be late|the meeting is moved to three|thanks for lunch|I can't make it tomorrow|yes that works for me
the drawings are ready|can we talk on monday|I agree with the price|we are happy with the offer|the plan is done and I'll hand it over on monday
please send the invoice again|I got the parcel|see you at seven|I'd love to come|yes please bring the chairs|we need two more days
the order is complete|I'm running late|dinner is at eight|the contract is signed|the thinner one is fine and they can start|the list follows on monday
I'll stay out for dinner|no need to come in on friday|I will call him back|the key is under the mat|happy birthday|good luck for the exam
we'd like to book for six people|the price is too high|please look over the numbers|it's fine|that's ok for me|no thanks|sounds good
I'll think about it|we have chosen the blue one|the date works for us|we'll be twelve people|I'm bringing the cake|don't wait for me
could you send me the figures|let's meet at the station|the report will be ready by friday|I paid the bill yesterday|sorry for the delay
the room is booked|the train is delayed|we accept|I have a question about the lease|thank you for the quick answer|the table is still here and costs 120
I'd rather take the later slot|the plumber comes on tuesday|we need the keys back|the samples arrived|please call me|just send the pdf
the numbers look right|ask her about the deposit|I need one more signature|could you bring the spare battery|we are leaving at nine""".replace("\n", "|").split("|")  # fmt: skip
CLAUSES = """he can come on friday|she still needs the projector|they got the invoice|it can wait|lunch still stands|the price includes vat
he has the keys|we could meet earlier|the date is final|she could send the file again|the room is free|he likes the plan""".replace("\n", "|").split("|")  # fmt: skip

WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun".split()
MONTHS = "january february march april may june july august september october november december jan feb mar apr jun jul aug sept oct nov dec".split()
SMALL = "one two three four five six seven eight nine ten eleven twelve".split()
COUNTRIES = "france japan norway china brazil egypt canada kenya peru india spain italy germany the_moon australia".split()

MACROS: dict[str, list[str]] = {
    "put": ["put", "add", "put", "add", "enter", "pop", "stick", "note", "pencil in", "can you put", "could you put", "please put", "I want you to add", "write", "get", "drop", "set"],
    "cal": ["my calendar", "the calendar", "my diary", "the diary", "my schedule", "my agenda", "calendar", "the calender", "our calendar"],
    "move": ["move", "shift", "reschedule", "change", "push", "can you move", "could you move", "please move", "put", "bring", "slide", "switch", "can we move", "I need to move", "I want to move", "let's move"],
    "weekday": WEEKDAYS[:7],
    "clock": ["{clock_}"],
    "day": ["{day_}"],
    "num": ["{num_}"],
    "person": ["{person_}"],
    "who": ["{person_}"],
    "surname": ["{surname_}"],
    "org": ["{org_}"],
    "town": ["{town_}"],
    "noun": ["{noun_}"],
    "thing": THINGS,
    "goods": GOODS,
    "clause": CLAUSES,
    "thingdef": THINGS + ["the oslo hotel", "the glazing", "the old sofa", "the studio", "my flight", "the cabin", "the server move", "the concert", "the parcel", "the car", "the kitchen", "the course", "the trip", "the reading group", "the new boiler", "the credit card", "the room", "the christening", "the fence panels"],
    "zone": ["new york", "tokyo", "london", "berlin", "singapore", "paris", "pacific", "eastern", "sydney", "beijing"],
    "year": ["1996", "2004", "1987", "2012", "last year", "2019"],
    "country": COUNTRIES,
    "role": ["president", "king", "prime minister", "first woman to climb everest", "founder"],
    "ordinal": ["22nd", "3rd", "14th", "1st", "30th", "ninth", "fifteenth"],
    "pronoun": ["she", "he", "the dog", "the cat", "finn", "rex", "my son", "our daughter", "{person_}"],
    "ramble": ["my neighbour says it's cancelled or something", "I just spoke to {person_}", "the office is closed that day", "it's mum's birthday", "I forgot all about it", "long story", "my car broke down", "{person_} called and {person_} is ill", "the thing is I'm double booked", "something came up at work", "we talked about it yesterday", "I promised {person_}", "you know how it is", "the kids have school"],
    "evtxt": ["the end of {event_}", "the start of {event_}", "{event_}", "christmas", "my birthday", "{day_}", "{event_}"],
}  # fmt: skip


def pick(*options: str) -> Callable[[random.Random], str]:
    return lambda rng: rng.choice(options)


def clock(rng: random.Random) -> str:
    hour, minute = rng.randint(1, 12), rng.choice(("00", "15", "30", "45", "10", "05", "20"))
    word = SMALL[hour - 1]
    return rng.choice((
        f"{hour}", f"{hour}pm", f"{hour}am", f"{hour} pm", f"{hour} am", f"{hour}:{minute}", f"{rng.randint(0, 23):02}:{minute}",
        f"{hour}.{minute}", f"{hour} o'clock", f"{word} o'clock", f"half {word}", f"half past {word}", f"quarter past {word}",
        f"quarter to {word}", f"{word}", f"{word} thirty", f"{word} in the morning", f"{word} in the afternoon", f"{hour} in the evening",
        f"{word} pm", "noon", "midnight", "midday", f"half {word} in the morning", f"ten past {hour}", f"{hour}ish", f"{hour}h{minute}",
        f"{hour}:{minute} pm", f"{word} at night", f"{word} fifteen", f"quarter past {hour}", f"{hour}:{minute}am", f"twenty to {word}",
    ))  # fmt: skip


def date(rng: random.Random) -> str:
    day, month = rng.randint(1, 31), rng.choice(MONTHS)
    suffix = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}.get(day, "th")
    return rng.choice((
        f"the {day}{suffix}", f"{day} {month}", f"{month} {day}", f"{day}{suffix} of {month}", f"the {day}{suffix} of {month}",
        f"{month} {day}{suffix}", f"{rng.choice(WEEKDAYS)} {day} {month}", f"{rng.choice(WEEKDAYS)} the {day}{suffix}",
        f"{rng.choice(WEEKDAYS)} {day}{suffix}", f"{day}/{rng.randint(1, 12)}", f"2026-{rng.randint(1, 12):02}-{min(day, 28):02}",
        f"{day}{suffix}", f"{rng.choice(WEEKDAYS)}, {day} {month}", f"{day} {month} 2026",
    ))  # fmt: skip


def day(rng: random.Random) -> str:
    w = rng.choice(WEEKDAYS)
    return rng.choice((
        "today", "tomorrow", "tomorrow", "the day after tomorrow", "tonight", "this evening", "this afternoon", "this morning", "tomorrow morning",
        "tomorrow afternoon", "tomorrow evening", w, w, w, f"next {w}", f"this {w}", f"this coming {w}", f"{w} week", f"{w} next week", f"a week on {w}",
        "next week", "this week", "the weekend", "this weekend", "next weekend", "next month", "this month", "the end of the month", "next year",
        f"{w} morning", f"{w} afternoon", f"{w} evening", f"in {rng.choice(SMALL)} days", f"in {rng.randint(2, 6)} weeks", "a week from now",
        "in a fortnight", "a week today", "tmrw", "tmr", f"the first {w} of {rng.choice(MONTHS)}", f"the last {w} of the month", "easter monday",
        "christmas eve", "new year's day", f"the {w} after next", f"{w} in two weeks", "yesterday", "last week", f"last {w}", "the coming days",
        date(rng), date(rng), date(rng), date(rng), f"{w} at the latest", "mid march", "the day the clocks change",
    ))  # fmt: skip


def point(rng: random.Random) -> str:
    d, c = day(rng), clock(rng)
    on = rng.choice(("on ", "")) if d.split()[0] in (*WEEKDAYS, "the") or d[:1].isdigit() else ""
    return rng.choice((
        f"{on}{d} at {c}", f"{on}{d} at {c}", f"{on}{d} {c}", f"at {c} {on}{d}", f"{c} {d}", f"{on}{d}, {c}", f"at {c}", f"{on}{d}", f"{d} {c}",
        f"{on}{d} from {c} to {clock(rng)}", f"{on}{d} {c}-{clock(rng)}", f"from {c} until {clock(rng)} {on}{d}", f"{on}{d} between {c} and {clock(rng)}",
        f"in {dur(rng)}", f"{on}{d} around {c}", f"{on}{d} after {rng.choice(('lunch', 'work', 'school', c))}", f"at {c} on {date(rng)}",
        f"{on}{date(rng)} at {c}", f"{date(rng)} {c}", f"by {d}", f"before {c}", f"{c} tomorrow", f"today at {c}", f"tonight at {c}", f"{on}{d} at about {c}",
        f"{rng.choice(WEEKDAYS)} {c}", f"on {rng.choice(WEEKDAYS)} at {c}", f"for {d} at {c}", f"tomorrow {c}", f"{evrel(rng)}",
    ))  # fmt: skip


def dur(rng: random.Random) -> str:
    n = rng.choice(SMALL[1:] + [str(rng.randint(2, 60))])
    return rng.choice((
        f"{n} minutes", f"{n} mins", f"{n} hours", f"{n} days", "an hour", "one hour", "half an hour", "an hour and a half", "a quarter of an hour",
        "1.5 hours", "two and a half hours", "1h30", "90 min", "45 minutes", "forty-five minutes", "twenty minutes", "a day", "a week", "two weeks",
        "30 min", "2h", "a couple of hours", "half a day", "15 minutes", "ten minutes", "5 minutes", "three quarters of an hour", "1 hour", "an hour",
    ))  # fmt: skip


def recurring(rng: random.Random) -> str:
    w, c = rng.choice(WEEKDAYS), clock(rng)
    every = rng.choice((
        f"every {w}", f"every {w}", f"every other {w}", "every day", "daily", "every weekday", "every week", "weekly", f"every second {w}",
        "on weekdays", "every morning", "every evening", "every month", f"every first {w} of the month", f"on the {rng.randint(1, 28)}th of every month",
        "every year", "once a week", f"{w}s", f"on {w}s", f"every {w} and {rng.choice(WEEKDAYS)}", "every two weeks", "monthly", "each day", f"each {w}",
        "every three days", "twice a week", "on working days", "every last friday of the month",
    ))  # fmt: skip
    tail = rng.choice((f" at {c}", f" at {c}", f" {c}", "", f" from {c} to {clock(rng)}"))
    more = rng.choice(("", "", "", f" for {rng.choice(SMALL)} weeks", f" until {day(rng)}", f" from {date(rng)}", f", starting on {date(rng)}", f" starting {day(rng)}", f" till {rng.choice(MONTHS)}"))  # fmt: skip
    return every + tail + more


def person(rng: random.Random) -> str:
    first, last = rng.choice(FIRST), rng.choice(LAST)
    name = rng.choice((first, first, first, f"{first} {last}", f"{first} {last}", rng.choice(RELATIONS), rng.choice(RELATIONS), f"mr {last}", f"mrs {last}", f"{first} from {rng.choice(ORGS)}", f"dr {last}", f"the {last}s"))  # fmt: skip
    return name.title() if rng.random() < 0.6 and not name.startswith(("my ", "the ")) else name


def people(rng: random.Random) -> str:
    return rng.choice((person(rng), person(rng), person(rng), f"{person(rng)} and {person(rng)}", f"{person(rng)}, {person(rng)} and {person(rng)}", "him", "her", "them"))  # fmt: skip


@cache
def _shared() -> dict[str, list[str]]:
    """Titles, subjects and sentences from the public sets: words that the author did not think of."""
    pools: dict[str, list[str]] = {"event": [], "said": []}
    for row in reader_rows.nlu():
        if row.is_held_out:
            continue
        pools["event"] += [row.text[s:e] for s, e, n in row.spans if n == "event_name"]
        if row.label.startswith("none.") and 3 < len(row.text.split()) < 12:
            pools["said"].append(row.text)
    pools["said"] += [
        r.text
        for r in reader_rows.clinc()
        if not r.is_held_out and r.text[:2] in ("i ", "i'", "my", "th", "we")
    ]
    return pools


def activity(rng: random.Random) -> str:
    return rng.choice(_shared()["event"]) if rng.random() < 0.25 else rng.choice(ACTIVITIES)


def title(rng: random.Random) -> str:
    a = activity(rng)
    found = rng.choice((
        a, a, a, f"{a} with {person(rng)}", f"{a} with {person(rng)}", f"{a} w {person(rng)}", f"{a} w/ {person(rng)}", f"{person(rng)}'s {a}",
        f"a {a}", f"a {a} with {person(rng)}", f"the {a}", f"{rng.choice(ORGS)} {a}", f"{a} {rng.choice(NOUNS)}", f"a meeting with {person(rng)} about {rng.choice(NOUNS)}",
        f"{a} for {person(rng)}", f"call {person(rng)}", f"my {a}", f"{person(rng)} {a}", f"meeting about {rng.choice(NOUNS)}", f"phone call with {person(rng)}", f"{a} and {activity(rng)}",
    ))  # fmt: skip
    return found.capitalize() if rng.random() < 0.15 else found


def event(rng: random.Random) -> str:
    a, p = activity(rng), person(rng)
    the = rng.choice(
        (
            "the ",
            "my ",
            "",
            "",
            "the ",
            "that ",
            "our ",
            "tomorrow's ",
            "today's ",
            "next week's ",
            f"{rng.choice(WEEKDAYS[:7])}'s ",
            "this afternoon's ",
        )
    )
    ref = rng.choice((
        f"{the}{a}", f"{the}{a}", f"{the}{a}", f"{the}{a} with {p}", f"{the}{a} with {p}", f"{p}'s {a}", f"{p}s {a}", f"my meeting with {p}", f"the meeting with {p}",
        f"the thing with {p}", f"my {a} appointment", f"the {a} appointment", f"the {rng.choice(ORGS)} {a}", f"{rng.choice(ORGS)} {a}", f"{a} {rng.choice(NOUNS)}",
        f"the call with {p}", f"the {a} call with {p}", "my last meeting", "my next meeting", "my first appointment", "the meeting", "the last appointment", "my 3 o'clock",
        f"my {clock(rng)}", f"the {clock(rng)} meeting", f"the one with {p}", f"{a} w {p}", "it", "that", f"the {a} and {activity(rng)}", f"the {rng.choice(ACTIVITIES)}",
        f"my flight to {rng.choice(TOWNS)}", f"my flight out to {rng.choice(TOWNS)}", f"the trip to {rng.choice(TOWNS)}", f"the {p} meeting", f"{p} {a}",
    ))  # fmt: skip
    tail = rng.choice(("", "", "", "", f" {day(rng)}", f" on {rng.choice(WEEKDAYS[:7])}", f" in {rng.choice(MONTHS)}", f" at {clock(rng)}", f" {rng.choice(('today', 'tomorrow', 'next week', 'this week', 'this afternoon', 'tonight'))}", f" on {date(rng)}"))  # fmt: skip
    return ref + tail


def mail(rng: random.Random) -> str:
    p, n, o = (
        person(rng),
        rng.choice(NOUNS + [t.removeprefix("the ") for t in THINGS]),
        rng.choice(ORGS),
    )
    n = n.removeprefix("the ")
    w = rng.choice(("mail", "email", "e-mail", "message", "mail", "email"))
    return rng.choice((
        f"{p}'s {w}", f"{p}'s last {w}", f"{p}s {w}", f"the {w} from {p}", f"the {w} from {p} about the {n}", f"{p}'s {w} about the {n}", f"the {w} about the {n}",
        f"the {n} {w}", f"the {o} {w}", f"the {n} from {o}", f"the {w} from {o}", f"the last {w} from {p}", f"the latest {w} from {o}", f"that {w} about {n}",
        f"the {o} {n}", f"the {w} from {day(rng)}", f"{p}'s {w} from {day(rng)}", f"that {w}", "this mail", f"the {n}", f"the {n} from {p}", f"{o}'s {n}",
        f"the mail with the {n}", f"the {rng.choice(MONTHS[:12])} {n}", f"the {w} where {p} asks about the {n}", f"{p}'s {n}", f"the {n} {w} from {p}", f"the {w} from the {n} people",
        f"yesterday's {w} from {p}", f"the unread {w} from {p}", f"the newest {w}", f"the first {w} from {p}", f"the {n} notice", f"the {o} newsletter",
    ))  # fmt: skip


def mails(rng: random.Random) -> str:
    p, o, n = person(rng), rng.choice(ORGS), rng.choice(NOUNS).removeprefix("the ")
    what = rng.choice(
        (
            "mails",
            "emails",
            "newsletters",
            "digests",
            "messages",
            "notifications",
            "receipts",
            "invoices",
            "ads",
            "promotions",
            "updates",
        )
    )
    head = rng.choice(
        (
            "the ",
            "all the ",
            "all ",
            "",
            "my ",
            "all my ",
            "every one of the ",
            "the old ",
            "the unread ",
            "those ",
            "both ",
        )
    )
    ref = rng.choice((f"{head}{o} {what}", f"{head}{what} from {o}", f"{head}{what} from {p}", f"{head}{n} {what}", f"{head}{what}", f"{head}{what} about {n}", f"everything from {o}", f"everything about {n}", f"everything from {p}", f"{head}{what} that {p} sent", f"every mail from {o}"))  # fmt: skip
    tail = rng.choice(("", "", "", " that are older than a month", " older than two weeks", f" from {day(rng)}", " before march", " from last year", f" since {day(rng)}", " that I have read", " from this year", f" in the {folder(rng)} folder"))  # fmt: skip
    return ref + tail


def folder(rng: random.Random) -> str:
    return rng.choice(("Receipts", "receipts", "Archive", "archive", "Travel", "travel", "work", "Work", "Bills", "bills", "Family", "Projects", "invoices", "Clients", "reading", "Reading", "Later", "taxes", "house", "newsletters", "Orders", "trips", "finance", "school", "club", "personal", "spam", "Junk", rng.choice(ORGS)))  # fmt: skip


def task(rng: random.Random) -> str:
    t = rng.choice(TODOS)
    short = rng.choice(
        (
            rng.choice(GOODS).removeprefix("the "),
            rng.choice(THINGS).removeprefix("the "),
            rng.choice(GOODS),
            rng.choice(THINGS),
        )
    )
    return rng.choice(
        (
            t,
            t,
            short,
            short,
            f"the {short}".replace("the the", "the").replace("the a ", "the "),
            f"{short}",
            f"'{t}'",
        )
    )


def note(rng: random.Random) -> str:
    n = rng.choice(NOUNS).removeprefix("the ")
    return rng.choice((f"the note about {n}", f"my note about {n}", f"the {n} note", f"my {n} note", f"my notes on {n}", f"that note about {n}", f"the {n} notes", "the shopping list", "my packing list", "the gift ideas note", "my last note", "the note from yesterday", f"the {n} list", f"the note with {n}", f"that note about, you know, the {n}"))  # fmt: skip


def evrel(rng: random.Random) -> str:
    n = rng.choice(SMALL)
    e = event(rng)
    return rng.choice((f"{dur(rng)} before {e}", f"{dur(rng)} after {e}", f"right after {e}", f"right before {e}", f"the day before {e}", f"the day after {e}", f"{n} working days before {e}", f"{n} working days after {e}", f"a week before {e}", f"after {e}", f"before {e}", f"the evening before {e}", f"a fortnight after {e}", f"the morning of {e}", f"{n} days before {e}", f"the same day at {clock(rng)}", f"on the day of {e}", f"straight after {e}"))  # fmt: skip


def body(rng: random.Random) -> str:
    roll = rng.random()
    if roll < 0.25:
        return rng.choice(_shared()["said"])
    found = rng.choice(BODIES)
    if roll < 0.4:
        found += rng.choice((" and ", ", ", ". ")) + rng.choice(BODIES + CLAUSES)
    if roll > 0.9:
        found = f"{rng.choice(('the', 'my', 'our'))} {activity(rng)} is {rng.choice(('off', 'on', point(rng), 'moved to ' + point(rng)))}"
    return found


def phone(rng: random.Random) -> str:
    digits = "".join(str(rng.randint(0, 9)) for _ in range(10))
    return rng.choice((f"+44 {digits[:4]} {digits[4:]}", f"0{digits}", f"0{digits[:4]} {digits[4:]}", f"+1 {digits[:3]}-{digits[3:6]}-{digits[6:]}", digits, f"+49 {digits[:3]} {digits[3:]}", f"{digits[:3]} {digits[3:6]} {digits[6:]}"))  # fmt: skip


def email(rng: random.Random) -> str:
    a, b = rng.choice(FIRST), rng.choice(LAST)
    return rng.choice((f"{a}.{b}", f"{a}", f"{a[0]}.{b}", f"{a}_{b}", f"{a}{rng.randint(1, 99)}")) + "@" + rng.choice(("example.com", "example.org", f"{rng.choice(LAST)}.example", "mail.example", "example.net"))  # fmt: skip


def newname(rng: random.Random) -> str:
    name = f"{rng.choice(FIRST)} {rng.choice(LAST)}"
    return name.title() if rng.random() < 0.7 else name


KINDS: dict[str, Callable[[random.Random], str]] = {
    "title": title, "activity": activity, "companyfor": lambda r: rng_join(r),
    "trip": lambda r: r.choice(("away", "on holiday", "in {town}", "at a conference", "in {town} for work", "off", "on leave", "conference in {town}", "holiday", "trip to {town}")),
    "journey": lambda r: r.choice(("sleeper train to {town}", "train to {town}", "flight to {town}", "bus to {town}", "ferry to {town}", "my flight home")),
    "point": point, "relative": lambda r: r.choice((day(r), evrel(r), evrel(r), f"{r.choice(SMALL)} working days from now", f"in {r.choice(SMALL)} working days")),
    "day": day, "date": date, "range": lambda r: r.choice((f"{day(r)} between {clock(r)} and {clock(r)}", f"{day(r)} from {clock(r)} to {clock(r)}", f"{day(r)} at {clock(r)}", day(r), f"{clock(r)} to {clock(r)} {day(r)}", f"on {r.choice(WEEKDAYS)} {clock(r)}-{clock(r)}", point(r))),
    "days": lambda r: r.choice((f"from {day(r)} to {day(r)}", f"from {date(r)} to {date(r)}", f"{date(r)} to {date(r)}", f"{date(r)} - {date(r)}", f"{day(r)} till {day(r)}", f"until {day(r)}", day(r), f"from {day(r)} for {r.choice(SMALL)} days")),
    "recurring": recurring, "dur": dur, "clock": lambda r: r.choice((clock(r), f"at {clock(r)}", f"{clock(r)}")),
    "slotref": lambda r: r.choice(("the morning slot they offered", "the slot {who} suggested", "the time {who} offered", "the later slot", "the first free slot", "the next free hour")),
    "evtime": lambda r: event(r), "evtxt": lambda r: r.choice(MACROS["evtxt"]), "evrel": evrel, "place": pick(*PLACES), "town": pick(*TOWNS), "people": people, "person": person,
    "pron": pick("him", "her", "them", "everyone", "both of them"), "event": event, "mail": mail, "mails": mails, "sender": lambda r: r.choice((r.choice(ORGS), person(r), r.choice(ORGS))),
    "persone": person, "newsletter": lambda r: r.choice((f"the {r.choice(ORGS)} newsletter", f"{r.choice(ORGS)}", f"the {r.choice(ORGS)} list", f"the {r.choice(NOUNS).removeprefix('the ')} digest", "this newsletter", f"{r.choice(ORGS)}'s mails")),
    "invite": lambda r: r.choice((f"{person(r)}'s invitation to {activity(r)}", f"{person(r)}s invitation for the {activity(r)}", f"the invitation to the {activity(r)}", f"the invitation from {person(r)}", f"the {activity(r)} invitation", f"{person(r)}'s invite", f"the invite for {activity(r)}", f"the {activity(r)} invite from {person(r)}", "the invitation", f"the meeting request from {person(r)}")),
    "folder": folder, "task": task, "taskpast": lambda r: r.choice(("paid {thing}", "called {who}", "bought {goods}", "taken {goods} to the shop", "sent {thing}", "watered the plants", "posted {goods}", "sent {who} {thing}", "booked {thing}", "picked up {goods}", "returned {goods}", "renewed {thing}", "cleaned {goods}", "finished {thing}")),
    "note": note, "noun": lambda r: r.choice(NOUNS + THINGS), "thing": lambda r: r.choice(THINGS + GOODS + ACTIVITIES), "food": pick("pasta", "egg", "pizza", "tea", "rice", "bread"),
    "todo": lambda r: r.choice(TODOS), "fact": lambda r: r.choice(FACTS) if r.random() < 0.75 else body(r), "body": body, "short": pick("yes", "no", "ok", "thanks", "sounds good", "fine by me", "I agree"),
    "clause": pick(*CLAUSES), "phone": phone, "email": email, "newname": newname, "organisation": pick(*ORGS), "doc": lambda r: r.choice(THINGS + [f"the {r.choice(ORGS)} {x}" for x in ("invoice", "quote", "contract", "receipt", "drawings")] + ["the load sheet", "the floor plan", f"{person(r)}'s cv", "the drawings", "the photos"]),
    "address": lambda r: f"{r.randint(1, 99)} {r.choice(('mill lane', 'station road', 'high street', 'church street', 'park avenue', 'elm grove'))}, {r.choice(TOWNS)}",
    "wrotefrom": pick("he wrote from", "she wrote from", "of the last mail", "from his mail", "from the mail", "she used"),
}  # fmt: skip


def rng_join(rng: random.Random) -> str:
    return f"{activity(rng)} with {person(rng)}"


MACROS["clock_"] = []
_DRAWN: dict[str, Callable[[random.Random], str]] = {
    "clock_": clock, "day_": day, "num_": lambda r: r.choice(SMALL + [str(r.randint(2, 2500))]), "person_": person,
    "surname_": lambda r: r.choice(LAST), "org_": lambda r: r.choice(ORGS), "town_": lambda r: r.choice(TOWNS),
    "noun_": lambda r: r.choice(NOUNS), "event_": event,
}  # fmt: skip


class _Macros(dict):
    """Macros that end in an underscore are drawn anew each time."""

    rng = random.Random(7)

    def __missing__(self, name: str) -> list[str]:
        return [_DRAWN[name](self.rng)]


del MACROS["clock_"]
MACROS = _Macros(MACROS)

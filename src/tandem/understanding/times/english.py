"""English words of time. A table: what each word is, not how words go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tandem.understanding.times.atoms import Lexicon
from tandem.understanding.times.values import Clock

_MONTHS = (
    "january jan", "february feb febr", "march mar", "april apr", "may", "june jun", "july jul",
    "august aug", "september sep sept", "october oct", "november nov", "december dec",
)  # fmt: skip
_WEEKDAYS = (
    "monday mon", "tuesday tues tue", "wednesday weds wed wedsday wensday wednsday",
    "thursday thurs thur thu", "friday fri", "saturday sat", "sunday sun",
)  # fmt: skip
_UNITS = {
    "second": "second seconds sec secs",
    "minute": "minute minutes min mins",
    "hour": "hour hours hr hrs",
    "day": "day days",
    "week": "week weeks wk wks",
    "fortnight": "fortnight fortnights",
    "weekend": "weekend weekends",
    "month": "month months mth mths",
    "quarter": "quarter quarters qtr qtrs",
    "half": "half-year semester",
    "year": "year years yr yrs",
    "decade": "decade decades",
    "century": "century centuries",
}
_PHRASE_UNITS = {
    "workday": "weekday|weekdays|workday|workdays|business day|business days|working day|working days|work day|"
    "work days",
    "day": "night|nights",
    "year": "calendar year|calendar years",
}
_DECADES = "twenties thirties forties fifties sixties seventies eighties nineties".split()
_RELATIONS = {
    "this": "this current present",
    "next": "next following",
    "coming": "coming upcoming",
    "last": "last previous prior",
    "past": "past",
}
_PARTS = {
    "morning": "morning mornings",
    "afternoon": "afternoon afternoons arvo",
    "evening": "evening evenings eve",
    "night": "night nights nighttime",
    "noon": "midday lunchtime noontime",
    "breakfast": "breakfast breakfasttime",
    "lunch": "lunch",
    "dinner": "dinner supper dinnertime suppertime dinner-time",
    "daytime": "daytime",
    "dawn": "dawn sunrise daybreak",
    "dusk": "dusk sunset nightfall",
}
_PHRASE_PARTS = {
    "business": "business hours|working hours|office hours",
    "early": "early morning|early mornings",
}
_DAYS = {
    0: "today|todays|current date|present day|2day",
    1: "tomorrow|tomorrows|tmrw|tmr|tmw|tomorow|tommorow|tommorrow|tomorrrow|the morrow",
    -1: "yesterday|yesterdays",
    2: "day after tomorrow|the day after tomorrow|day after tmr|overmorrow",
    -2: "day before yesterday|the day before yesterday",
}
_NOW = (
    "now|right now|at the moment|at this moment|at present|presently|currently|just now|immediately"
)
_SOON = "asap|as soon as possible"
_RECENT = "recently|previously|lately"
_FEASTS = {
    "new-year": "new year|new years|new year's|new year day|new year's day|new years day",
    "new-year-eve": "new year's eve|new years eve|new year eve|nye",
    "martin-luther-king": "martin luther king day|martin luther king jr day|mlk day|mlk",
    "groundhog": "groundhog day|ground hog day",
    "valentine": "valentine's day|valentines day|valentine day|valentine's|valentines|"
    "st valentine's day",
    "presidents": "presidents day|president's day|presidents' day|washington's birthday",
    "women": "women's day|womens day|international women's day|international womens day",
    "patrick": "saint patrick|st patrick|st. patrick|st patrick's|st patrick's day|st patricks day|saint patrick's day|st. patrick's day|st patty's day",
    "fools": "april fools|april fool's|april fools day|april fool's day|april fools' day|fool's day",
    "earth": "earth day",
    "labour": "may day|mayday|international workers' day|international workers day|"
    "international worker's day|labour day|workers' day",
    "mother": "mother's day|mothers day|mothers' day",
    "mothering": "mothering sunday",
    "memorial": "memorial day",
    "children": "children's day|childrens day",
    "father": "father's day|fathers day|fathers' day",
    "juneteenth": "juneteenth",
    "independence": "independence day",
    "bastille": "bastille day",
    "us-labor": "labor day",
    "teacher": "teacher's day|teachers' day|teachers day",
    "columbus": "columbus day|indigenous peoples' day|indigenous peoples day",
    "halloween": "halloween|all hallows eve|all hallow's eve|hallowe'en",
    "all-saints": "all saints day|all saints' day|all saint's day",
    "guy-fawkes": "bonfire night|guy fawkes night|guy fawkes day",
    "veterans": "veterans day|veteran's day|veterans' day|remembrance day|armistice day",
    "thanksgiving": "thanksgiving|thanksgiving day|thanks giving",
    "black-friday": "black friday",
    "cyber-monday": "cyber monday",
    "christmas-eve": "christmas eve|xmas eve|x-mas eve",
    "christmas": "christmas|christmas day|xmas|xmas day|x-mas",
    "boxing": "boxing day|st stephen's day",
    "early-may": "early may bank holiday|may bank holiday",
    "spring-bank": "spring bank holiday",
    "summer-bank": "august bank holiday|summer bank holiday",
    "shrove-tuesday": "shrove tuesday|pancake day|mardi gras",
    "ash-wednesday": "ash wednesday",
    "palm-sunday": "palm sunday",
    "maundy-thursday": "maundy thursday",
    "good-friday": "good friday",
    "easter": "easter|easter sunday|easter day",
    "easter-monday": "easter monday",
    "ascension": "ascension day|ascension",
    "pentecost": "pentecost|whitsun|whit sunday",
    "ramadan": "ramadan",
    "eid-al-fitr": "eid al fitr|eid al-fitr|eid-al-fitr|eid ul fitr|eid",
    "eid-al-adha": "eid al adha|eid al-adha|eid-al-adha",
    "spring-festival": "chinese new year|lunar new year|spring festival|chinese new year's day",
    "spring-eve": "chinese new year's eve|chinese new year eve|lunar new year's eve",
    "lantern": "lantern festival",
    "qingming": "qingming|qingming festival|tomb sweeping day|tomb-sweeping day|ching ming",
    "dragon-boat": "dragon boat festival|duanwu|duanwu festival|dragon boat day",
    "qixi": "qixi|qixi festival",
    "mid-autumn": "mid-autumn festival|mid autumn festival|moon festival|mid-autumn day",
    "double-ninth": "double ninth festival|chongyang",
    "winter-solstice": "winter solstice",
    "summer-solstice": "summer solstice",
}
_SEASONS = {"SP": "spring", "SU": "summer", "FA": "autumn fall", "WI": "winter"}
_EDGES = {
    "start": "start of|beginning of|begin of|the first part of|early|early in|start|beginning",
    "middle": "middle of|mid|mid-|in the middle of|halfway through",
    "end": "end of|the end of|ending of|late|late in|the last part of|end|close of",
}
_EDGE_WORDS = {("year", "end"): "eoy", ("month", "end"): "eom", ("week", "end"): "eow"}
_ZONES = {
    "UTC": "utc|gmt|z|zulu|greenwich time|greenwich mean time",
    "Europe/London": "london time|uk time|british time|bst|british summer time",
    "Europe/Paris": "cet|cest|central european time|paris time|french time",
    "Europe/Berlin": "berlin time|german time|germany time",
    "Europe/Oslo": "oslo time|norwegian time|norway time",
    "Europe/Zurich": "zurich time|swiss time|geneva time|switzerland time",
    "Europe/Madrid": "madrid time|spanish time|barcelona time|spain time",
    "Europe/Rome": "rome time|italian time|milan time|italy time",
    "Europe/Athens": "eet|athens time|greek time|greece time",
    "Europe/Lisbon": "lisbon time|portuguese time|portugal time|porto time",
    "Europe/Dublin": "dublin time|irish time|ireland time",
    "Europe/Amsterdam": "amsterdam time|dutch time|rotterdam time",
    "Europe/Brussels": "brussels time|belgian time|belgium time",
    "Europe/Vienna": "vienna time|austrian time|austria time",
    "Europe/Stockholm": "stockholm time|swedish time|sweden time",
    "Europe/Copenhagen": "copenhagen time|danish time|denmark time",
    "Europe/Helsinki": "helsinki time|finnish time|finland time",
    "Europe/Warsaw": "warsaw time|polish time|poland time|krakow time",
    "Europe/Prague": "prague time|czech time",
    "Europe/Budapest": "budapest time|hungarian time",
    "Europe/Bucharest": "bucharest time|romanian time",
    "Europe/Kiev": "kyiv time|kiev time|ukrainian time",
    "Europe/Istanbul": "istanbul time|turkish time|turkey time",
    "Africa/Cairo": "cairo time|egypt time|egyptian time",
    "Africa/Lagos": "lagos time|nigeria time|nigerian time",
    "Africa/Nairobi": "nairobi time|kenya time|kenyan time",
    "Africa/Johannesburg": "johannesburg time|cape town time|south african time",
    "Asia/Jerusalem": "tel aviv time|jerusalem time|israel time",
    "Asia/Riyadh": "riyadh time|saudi time",
    "Asia/Karachi": "karachi time|pakistan time",
    "Asia/Dhaka": "dhaka time",
    "Asia/Bangkok": "bangkok time|thai time|thailand time",
    "Asia/Jakarta": "jakarta time",
    "Asia/Manila": "manila time|philippine time",
    "Asia/Ho_Chi_Minh": "saigon time|vietnam time|hanoi time",
    "Asia/Kuala_Lumpur": "kuala lumpur time|malaysia time|malaysian time",
    "Australia/Brisbane": "brisbane time",
    "Australia/Perth": "perth time",
    "Pacific/Honolulu": "hawaii time|honolulu time|hst",
    "America/Anchorage": "alaska time|anchorage time",
    "America/Vancouver": "vancouver time",
    "America/Phoenix": "phoenix time|arizona time",
    "America/Mexico_City": "mexico city time|mexico time|mexican time",
    "America/Bogota": "bogota time|colombia time",
    "America/Lima": "lima time|peru time",
    "America/Santiago": "santiago time|chile time",
    "America/Argentina/Buenos_Aires": "buenos aires time|argentina time",
    "Europe/Moscow": "moscow time|msk",
    "America/New_York": "et|est|edt|eastern time|eastern|new york time|eastern standard time|"
    "eastern daylight time|boston time|miami time|atlanta time|washington time|philadelphia time",
    "America/Chicago": "ct|cdt|central time|chicago time|central standard time",
    "America/Denver": "mt|mst|mdt|mountain time|denver time|mountain standard time",
    "America/Los_Angeles": "pt|pst|pdt|pacific time|pacific|seattle time|california time|"
    "los angeles time|san francisco time|pacific standard time|pacific daylight time|la time",
    "America/Sao_Paulo": "sao paulo time|brasilia time|brazil time|rio time",
    "America/Toronto": "toronto time|montreal time|ottawa time",
    "Asia/Shanghai": "beijing time|china time|shanghai time|china standard time|chinese time",
    "Asia/Hong_Kong": "hong kong time|hkt",
    "Asia/Taipei": "taipei time|taiwan time",
    "Asia/Singapore": "singapore time|sgt",
    "Asia/Tokyo": "tokyo time|japan time|jst|japanese time",
    "Asia/Seoul": "seoul time|korea time|kst",
    "Asia/Kolkata": "ist|india time|indian time|delhi time|mumbai time",
    "Asia/Dubai": "dubai time",
    "Australia/Sydney": "sydney time|aest|aedt|melbourne time",
    "Pacific/Auckland": "auckland time|new zealand time|nzt",
}
_SMALL_WORDS = {
    "the": "the", "a": "a an", "of": "of", "in": "in during", "on": "on", "at": "at @ around about",
    "around": "around about circa ~", "for": "for", "from": "from", "between": "between",
    "to": "to till til until through thru ~", "till": "till til until through thru", "and": "and &",
    "or": "or", "dash": "-", "slash": "/", "dot": ".", "comma": ",", "open": "(", "close": ")",
    "is": "is", "by": "by", "oclock": "oclock", "ish": "ish", "sharp": "sharp exactly",
    "ago": "ago back earlier", "hence": "hence later", "later": "later", "earlier": "earlier",
    "every": "every each", "other": "other second alternate", "once": "once one", "any": "any", "all": "all",
    "week": "week", "day": "day", "half": "half", "quarter": "quarter", "s": "s", "year": "year",
    "past": "past after", "before": "before", "after": "after", "since": "since", "fiscal": "fiscal school fy sy financial",
    "until": "until till til", "within": "within", "rest": "rest remainder", "same": "same",
    "starting": "starting beginning commencing start begin", "than": "than", "time": "time", "date": "date",
    "century": "century", "night": "night", "per": "per", "next": "next", "hundred": "hundred",
    "equals": "=", "greater": ">", "less": "<", "eve": "eve", "then": "then", "more": "more",
    "over": "over", "twice": "twice", "whole": "whole entire full", "only": "only", "apostrophe": "'",
    "o": "oh o zero", "to-only": "to of till before",
}  # fmt: skip
_PHRASES = {
    "oclock": "o'clock|o clock",
    "fromnow": "from now|from today|hence|from this moment",
    "later": "later on",
    "inthe": "in the",
    "before": "earlier than|prior to|ahead of",
    "after": "later than",
    "since": "starting from|as early as|as of|no earlier than|not before|starting on",
    "until": "as late as|no later than|not later than|up to|up until|by|due by|not after",
    "orlater": "or later|or after|and later|and after|onwards|onward|and onwards|or more|and greater|"
    "or greater|or above|or newer",
    "orearlier": "or earlier|or before|and earlier|and before|or less",
    "todate": "to date",
    "sofar": "so far",
    "afternext": "after next",
    "restof": "rest of|the rest of|remaining of|remaining|remainder of|the remainder of",
    "orso": "or so",
    "greaterthan": "greater than|more than|bigger than",
    "lessthan": "less than|smaller than|fewer than",
    "weekof": "week of|week commencing|week beginning|week starting|week from|wc|w/c|week including",
    "time": "'s time|' time|s time",
    "possessive": "'s",
    "every other": "every other|every second|every alternate",
    "and a half": "and a half|and one half|and half",
    "and a quarter": "and a quarter",
    "half a": "half a|half an|half of a|half",
    "more than": "more than|over|at least|longer than|greater than",
    "less than": "less than|under|at most|shorter than|fewer than",
    "now": _NOW,
    "tonight": "tonight|tonite|2nite|to night",
    "end of day": "end of day|end of the day|eod|close of business|cob|close of play",
    "yearword": "year|yr",
    "workweek": "work week|workweek|working week|business week",
    "fortnight": "fortnight",
    "coming word": "coming|upcoming",
    "following word": "following",
    "ampm": "ampm|am/pm",
    "this": "this",
    "ytd": "ytd|year to date",
    "mtd": "mtd|month to date",
}
_COUNTS = {
    "a few": 3, "few": 3, "several": 3, "some": 3, "a couple": 2, "a couple of": 2, "couple": 2,
    "couple of": 2, "a dozen": 12, "half a dozen": 6,
}  # fmt: skip
_RATES: dict[str, tuple[str, float]] = {
    "hourly": ("hour", 1),
    "daily": ("day", 1),
    "everyday": ("day", 1),
    "nightly": ("day", 1),
    "weekly": ("week", 1),
    "biweekly": ("week", 2),
    "bi-weekly": ("week", 2),
    "fortnightly": ("week", 2),
    "monthly": ("month", 1),
    "bimonthly": ("month", 2),
    "bi-monthly": ("month", 2),
    "quarterly": ("quarter", 1),
    "semiannual": ("half", 1),
    "semi-annual": ("half", 1),
    "semiannually": ("half", 1),
    "biannual": ("half", 1),
    "yearly": ("year", 1),
    "annually": ("year", 1),
    "annual": ("year", 1),
    "biennial": ("year", 2),
}


_CLOCKS = {
    "noon": Clock(12), "midday": Clock(12), "12 noon": Clock(12), "noonish": Clock(12, is_approximate=True), "noon-ish": Clock(12), "midnight": Clock(0),
    "mid night": Clock(0), "12 midnight": Clock(0),
}  # fmt: skip

Entry = tuple[str, str, Any]


def _phrases(symbol: str, table: Mapping[Any, str], separator: str = "|") -> Iterator[Entry]:
    """Each phrase of a table with its key as the meaning."""
    for key, phrases in table.items():
        for phrase in phrases.split(separator):
            yield phrase, symbol, key


def _values(symbol: str, table: Mapping[str, Any]) -> Iterator[Entry]:
    for phrase, value in table.items():
        yield phrase, symbol, value


def _literals() -> Iterator[Entry]:
    for symbol, words in _SMALL_WORDS.items():
        for word in words.split():
            yield word, symbol, None
    for symbol, phrases in _PHRASES.items():
        for phrase in phrases.split("|"):
            yield phrase, symbol.replace(" ", "-"), None


def _plurals() -> Iterator[Entry]:
    """Words whose plural says "each": mornings, Mondays."""
    for key, words in _PARTS.items():
        known = words.split()
        for word in known:
            if word.endswith("s") and word[:-1] in known:
                yield word, "PARTS", key
    for number, words in enumerate(_WEEKDAYS):
        for word in words.split():
            yield word + "s", "WDAYS", number


def _entries() -> Iterator[Entry]:
    yield from _phrases("MONTH", dict(enumerate(_MONTHS, start=1)), " ")
    yield from _phrases("WDAY", dict(enumerate(_WEEKDAYS)), " ")
    yield from _plurals()
    for symbol, table in (("UNIT", _UNITS), ("REL", _RELATIONS), ("SEASON", _SEASONS),
                          ("PARTWORD", _PARTS)):  # fmt: skip
        yield from _phrases(symbol, table, " ")
    yield from _phrases("PARTWORD", _PHRASE_PARTS)
    yield from _phrases("UNIT", _PHRASE_UNITS)
    yield from _phrases("DAYOFFSET", _DAYS)
    for symbol, table in (("FEAST", _FEASTS), ("ZONE", _ZONES), ("EDGE", _EDGES)):
        yield from _phrases(symbol, table)
    yield from _phrases("EDGEWORD", _EDGE_WORDS)
    for symbol, phrases in (("NOW", _NOW), ("SOON", _SOON), ("RECENT", _RECENT),
                            ("WORKDAYS", "weekdays"), ("WEEKEND", "weekend"),
                            ("WEEKENDS", "weekends")):  # fmt: skip
        yield from _phrases(symbol, {0: phrases})
    yield from _phrases("AMPM", {False: "am|a.m.|a.m|a m", True: "pm|p.m.|p.m|p m"})
    yield from _values("QUARTER", {f"q{number}": number for number in range(1, 5)})
    yield from _values("HALF", {"h1": 1, "h2": 2})
    yield from _values("DECADE", {word: 10 * at for at, word in enumerate(_DECADES, start=2)})
    yield from _values("CLOCK", _CLOCKS)
    hours = "one two three four five six seven eight nine ten eleven twelve".split()
    about = {
        f"{word}ish": Clock(number + 12 * (number < 7), is_approximate=True)
        for number, word in enumerate(hours, start=1)
    }
    yield from _values("CLOCK", about)
    yield from _values("COUNT", _COUNTS)
    yield from _values("RATE", _RATES)
    yield from _literals()


LEXICON = Lexicon(_entries())

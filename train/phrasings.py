"""The many ways in which people ask what a term means.

Pure text and the standard library, so that benches can import it without torch. It knows nothing
of tokens, models or the glossary's file. `HELD_OUT` is never trained on: its `calibration` half may
tune a judge's threshold, its `test` half may only measure.
"""

import random
import re
from collections.abc import Sequence


def phrases(text: str) -> list[str]:
    """A list written compactly: phrases between bars, over as many lines as they need."""
    return [phrase.strip() for phrase in " ".join(text.split()).split(" | ")]


FIELDS = {
    "economics": ("economics", "economists", "economist", "an economics"),
    "anthropology": ("anthropology", "anthropologists", "anthropologist", "an anthropology"),
}

# {t} is the term, {f} the field ("economics"), {p} its people ("economists"), {w} one of them.
# A family shares its core words; the families below are trained on, those in HELD_OUT are not.
TRAINED = {
    "what is": phrases(
        """
        what is {t}? | what is {t}? | what is {t}? | what's {t}? | what are {t}? | whats {t} |
        what is {t} | what is meant by {t}? | what exactly is {t}? | so what is {t}? |
        what, exactly, is {t}? | what is {t} in {f}? | in {f}, what is {t}? |
        in {f}, what's {t}? | what is {t} about? | what is this {t} thing? |
        what on earth is {t}? | what is the concept of {t}? | what is {t} supposed to be? |
        what actually is {t}? | what was {t}? | what were {t}? | what would {t} be? |
        what's this thing called {t}? | what is {t}, in short? |
        what is {t} and what does it mean? | well, what is {t} then? |
        what kind of thing is {t}? | what is the idea of {t}? | what is the idea behind {t}?
        """
    ),
    "mean": phrases(
        """
        what does {t} mean? | what does {t} mean? | what do {t} mean? |
        what does the term {t} mean? | what does the word {t} mean? |
        what does the phrase {t} mean? | what do {p} mean by {t}? | what do people mean by {t}? |
        what does {t} mean in {f}? | in {f}, what does {t} mean? |
        what does it mean when someone says {t}? | {t} means what? | {t} means what exactly? |
        what does a {w} mean by {t}? | what did they mean by {t}? | what is {t} taken to mean? |
        when {p} say {t}, what do they mean? | what might {t} mean?
        """
    ),
    "meaning": phrases(
        """
        what is the meaning of {t}? | what's the meaning of {t}? | meaning of {t} |
        meaning of {t}? | {t} meaning | {t} meaning? | the meaning of {t} in {f}? |
        what is the meaning of the term {t}? | give me the meaning of {t}. |
        tell me the meaning of {t}. | i want to know the meaning of {t}. |
        meaning of the word {t} | i am looking for the meaning of {t}. |
        what meaning does {t} have? | {t} - meaning | what meaning do {p} give to {t}?
        """
    ),
    "define": phrases(
        """
        define {t}. | define {t} | define {t} | define: {t} | define the term {t}. |
        define {t} in one sentence. | how would you define {t}? | how do you define {t}? |
        how do {p} define {t}? | define {t} for me. | define what {t} is. | define {t} briefly. |
        define {t} as {p} do. | i need to define {t}. | how should i define {t}? |
        how might one define {t}? | define the word {t}. | define the concept of {t}. |
        define {t} in {f}. | try to define {t}.
        """
    ),
    "definition": phrases(
        """
        what is the definition of {t}? | what's the definition of {t}? | definition of {t} |
        definition of {t}? | {t}: definition | {t} definition | {t} - definition? |
        definition: {t} | give me the definition of {t}. | give me a definition of {t}. |
        give a definition of {t}. | i need a definition of {t}. | i need the definition of {t}. |
        what is the textbook definition of {t}? | a short definition of {t}? |
        the definition of {t} in {f}? | what would be a definition of {t}? |
        provide a definition for {t}. | i am looking for a definition of {t}. |
        textbook definition of {t} | state the definition of {t}. |
        do you have a definition of {t}? | write the definition of {t}. |
        one-line definition of {t}
        """
    ),
    "explain": phrases(
        """
        explain {t}. | explain {t} | explain {t} to me. | explain the term {t}. |
        explain what {t} is. | explain what {t} means. | explain the concept of {t}. |
        explain in one sentence what {t} is. | can somebody explain {t}? |
        i need somebody to explain {t}. | explain {t} in simple words. |
        explain {t} in a sentence. | explain briefly what {t} means. |
        explain to me what {t} means. | how would you explain {t}? | how do {p} explain {t}? |
        explain {t} like a textbook would.
        """
    ),
    "tell": phrases(
        """
        tell me what {t} is. | tell me what {t} means. | tell me about {t}. |
        tell me what {t} are. | say what {t} is. | tell me in one sentence what {t} is. |
        tell me something about {t}. | just tell me what {t} means. |
        tell me what {p} mean by {t}. | tell me what is {t}. | tell me quickly what {t} is. |
        tell us what {t} means. | tell me, what is {t}?
        """
    ),
    "refer": phrases(
        """
        what does {t} refer to? | what do {t} refer to? | what does the term {t} refer to? |
        what is {t} referring to? | to what does {t} refer? | what do {p} refer to as {t}? |
        what does {t} refer to in {f}? | what does the expression {t} refer to?
        """
    ),
    "understand": phrases(
        """
        help me understand {t}. | help me understand {t} in one sentence. |
        help me understand what {t} is. | i want to understand {t}. | i don't understand {t}. |
        i do not understand what {t} means. | i don't get what {t} is. |
        what should i understand by {t}? | what do {p} understand by {t}? | help me with {t}. |
        i'd like to understand what {t} means.
        """
    ),
    "know": phrases(
        """
        do you know what {t} is? | do you know what {t} means? | i want to know what {t} is. |
        i'd like to know what {t} means. | i would like to know what {t} is. |
        i don't know what {t} means. | i don't know what {t} is. | do you know {t}? |
        does anyone know what {t} is? | anybody know what {t} is? | know what {t} means? |
        i need to know what {t} is. | what should i know about {t}?
        """
    ),
    "reading": phrases(
        """
        i keep reading about {t}; what does it mean? | i read about {t}. what is it? |
        my book mentions {t}. what is that? | the text speaks of {t}. what does that mean? |
        i came across {t}. what is it? | i saw the word {t}; what does it mean? |
        what is it, this {t} i keep hearing about? | i heard of {t}, what is it? |
        i just read {t} in a book. meaning? | people keep saying {t}. what is that? |
        the chapter uses the term {t}. what does it mean? |
        my teacher said {t}. what does that mean? |
        i was reading about {f} and found {t}. what is it? |
        someone mentioned {t} and i don't know what it is.
        """
    ),
    "study": phrases(
        """
        flash card: {t} | flashcard: {t} | glossary: {t} | key term: {t} |
        glossary entry for {t} | exam question: what is {t}? | quiz: what is {t}? |
        quiz me: define {t}. | vocabulary: {t} | term: {t} | i have {f} homework: what is {t}? |
        for my {f} exam: what is {t}? | for {f} class, define {t}. |
        i am studying {f}. what is {t}? | i'm learning {f}; explain {t}. |
        student here, what is {t}? | question 1: define {t}. | short answer: what is {t}? |
        look up {t}. | look up {t} in the glossary. | {f} term: {t} | {f}: {t} |
        {f} question: what does {t} mean? | what does the glossary say about {t}?
        """
    ),
    "bare": phrases(
        """
        {t} | {t} | {t}? | {t}? | {t}. | {t}: | {t}, what is it? | {t}, what is that? |
        {t}, what does it mean? | {t} = ? | {t} in {f} | {t} ({f}) | {t} - what is it? |
        {t} - what does that mean? | {t} explained | {t}? what's that? | {t}, please. |
        {t}, in one sentence? | term {t}? | the term {t}? | about {t}
        """
    ),
    "describe": phrases(
        """
        describe {t}. | describe what {t} is. | describe {t} in one sentence. |
        describe the term {t}. | how would you describe {t}? | how do {p} describe {t}? |
        describe {t} briefly. | describe {t} to me.
        """
    ),
    "used": phrases(
        """
        what is the term {t} used for? | how is the term {t} used in {f}? |
        how do {p} use the term {t}? | what does {t} stand for? | how do {p} use the word {t}? |
        what is called {t}? | what do {p} call {t}? | what is known as {t}? |
        what is something called {t}?
        """
    ),
}

FOLLOW_UPS = phrases(
    """
    and {t}? | and what is {t}? | what about {t}? | and what does {t} mean? | ok, and {t}? |
    now {t}. | next: {t} | also, what is {t}? | and {t}, what is that? | then what is {t}? |
    how about {t}? | now define {t}. | and how about {t}? | another one: {t} |
    next question: what is {t}?
    """
)

# Never trained on. The halves share no wording, so a threshold set on one is honest on the other.
HELD_OUT = {
    "calibration": [
        "Could you clarify what {t} is?",
        "How is {t} defined?",
        "I'm not sure what {t} means, can you help?",
        "Remind me what {t} is.",
        "What's {t} all about?",
        "In a few words, what is {t}?",
        "Summarise {t} for me in a line.",
        "What do we call {t}, and what is it?",
        "Which concept does {t} name?",
        "Please spell out the meaning of {t}",
        "what's meant when {p} talk about {t}?",
        "My professor used the word {t} today. What did she mean?",
        "Fill in the blank: {t} is ...",
        "Got a quick definition of {t}?",
        "For a beginner in {f}: {t}?",
    ],
    "test": [
        "Can you shed some light on {t}?",
        "How would {p} characterise {t}?",
        "Say in plain language what {t} is about.",
        "I never learned what {t} is. Teach me.",
        "Give me one sentence on {t}.",
        "What is understood by {t}?",
        "Any idea what {t} is?",
        "There is a question on {t} in my {f} test. What do I write?",
        "What's the deal with {t}?",
        "If a friend asked you about {t}, what would you reply?",
        "The newspaper talks about {t} - what is it?",
        "How does one define {t} in {f}?",
        "What sort of thing do {p} have in mind with {t}?",
        "Please enlighten me: {t}",
        "I wonder what {t} could be.",
    ],
}

# Shares of questions with words of random sentences around the term, or around the question. At a
# tenth, a model learnt the answers but was led astray by the words of phrasings it had not seen; at
# a quarter, with at most five words after the term, still by those that follow it.
CARRIED_SHARE = 0.35
CHATTED_SHARE = 0.2
BARE_END_SHARE = 0.25  # of the former, those that end with the term

OPENERS = phrases(
    """
    please | hello, | hi, | hi! | hey, | ok, | okay, | so, | quick question: | question: |
    sorry, | hey there, | good morning, | excuse me, | hi there! | one thing: | just wondering, |
    i have a question: | a question: | could you please tell me: | please answer: | hm, | well, |
    alright, | dear assistant, | not sure about this one: | remind me: | quickly: |
    in one sentence: | briefly, | in short, | in simple terms, | as an expert, | help!
    """
)
REQUESTS = phrases(
    """
    can you | could you | could you please | can you please | please | would you |
    would you please | will you | i'd like you to | i want you to | you should | i need you to |
    kindly | would you mind to | can u
    """
)
TELL_REQUESTS = phrases(
    """
    can you tell me | could you tell me | could you please tell me | please tell me |
    do you know | tell me | i want to know | i'd like to know | i was wondering |
    can you explain | could you explain | i wonder | can you say | let me know |
    would you tell me | do you happen to know | i need to know | any chance you know
    """
)
INDIRECT = phrases(
    """
    what {t} is | what {t} means | what {t} are | what the term {t} means | what is {t} |
    what {p} mean by {t} | what is meant by {t} | what {t} refers to | what {t} stands for |
    what {t} is in {f} | how {t} is to be understood
    """
)
ENDINGS = phrases(
    """
    please | please? | thanks | thanks! | thank you | thank you. | in one sentence | in short |
    briefly | in simple terms | i forgot | i need it for class | keep it short |
    one sentence please | i am new to {f} | as {p} use it | just the definition |
    it is for my homework | no examples needed
    """
)
QUOTES = [
    ("“", "”"),
    ('"', '"'),
    ("'", "'"),
    ("‘", "’"),
    ("«", "»"),
    ("*", "*"),
    ("**", "**"),
    ("`", "`"),
    ("_", "_"),
    ("[", "]"),
]
REQUEST_FAMILIES = {"define", "explain", "tell", "describe"}


def term_forms(term: str) -> list[str]:
    """The ways to write a glossary term: as printed, without its parenthesis, by its acronym."""
    forms = [term]
    match = re.match(r"^(.*?)\s*\((.*?)\)\s*(.*)$", term)
    if match:
        before, inner, after = match.groups()
        forms.append(f"{before} {after}".strip())
        alternative = re.sub(r"^or\s+", "", inner)
        if after or alternative.isupper() or alternative == "COLAs":
            forms.append(f"{alternative} {after}".strip())
    return forms


def normal_form(term: str) -> str:
    """One key for the spellings of a term that nobody would call different terms."""
    words = re.sub(r"[^a-z0-9]+", " ", term.lower()).split()
    return " ".join(word[:-1] if word.endswith("s") and len(word) > 3 else word for word in words)


def held_out_question(phrasing: str, term: str, field: str) -> str:
    """A held-out phrasing with the term as the glossary prints it."""
    return _fill(phrasing, term, field)


def random_question(
    draw: random.Random,
    term: str,
    field: str,
    carriers: Sequence[str] = (),
    *,
    follow_up: bool = False,
) -> str:
    """One of very many trained ways to ask for `term`; equal draws give equal questions.

    Given `carriers` (any sentences), some questions are made of their words: so a model learns that
    the term decides the answer and not the words around it, which is what carries over to phrasings
    it never saw.
    """
    if carriers and draw.random() < CARRIED_SHARE:
        sentence = _carried(draw, carriers)
    else:
        sentence = _core(draw, follow_up=follow_up)
        if carriers and draw.random() < CHATTED_SHARE:
            sentence = _chatted(draw, sentence, carriers)
    if draw.random() < 0.14:
        sentence = f"{draw.choice(OPENERS)} {sentence}"
    if draw.random() < 0.12:
        sentence = _with_ending(draw, sentence)
    if draw.random() < 0.04:
        sentence = _with_typo(draw, sentence)
    sentence = _punctuated(draw, sentence)
    written = _written_term(draw, draw.choice(term_forms(term)) if draw.random() < 0.6 else term)
    style = draw.random()
    if style < 0.22:  # everything in small letters, as typed in a chat
        written = written.lower() if draw.random() < 0.8 else written
    elif style < 0.25:
        sentence = re.sub(r"(?<![{\w'])[a-z](?!\})", lambda m: m.group().upper(), sentence)
    else:
        sentence = _sentence_case(sentence)
    question = _fill(sentence, written, field)
    if style >= 0.22 and draw.random() < 0.8:
        question = question[:1].upper() + question[1:]
    return question


def _core(draw: random.Random, *, follow_up: bool) -> str:
    if follow_up and draw.random() < 0.3:
        return draw.choice(FOLLOW_UPS)
    if draw.random() < 0.12:
        return f"{draw.choice(TELL_REQUESTS)} {draw.choice(INDIRECT)}?"
    family = draw.choices(list(TRAINED), weights=[len(cores) ** 0.5 for cores in TRAINED.values()])[
        0
    ]
    core = draw.choice(TRAINED[family])
    if family in REQUEST_FAMILIES and core.split()[0] in REQUEST_FAMILIES and draw.random() < 0.35:
        core = f"{draw.choice(REQUESTS)} {core.rstrip('.')}?"
    return core


def _carried(draw: random.Random, carriers: Sequence[str]) -> str:
    """Up to seven words of one sentence before the term, up to eight of another after it."""
    before, after = (draw.choice(carriers).lower().split() for _ in range(2))
    start = draw.randrange(len(before))
    words = [*before[start : start + draw.randrange(8)], "{t}", *after[-draw.randrange(1, 9) :]]
    if draw.random() < BARE_END_SHARE:
        del words[words.index("{t}") + 1 :]
    return " ".join(words).rstrip(".,;:?!”") + draw.choice(["?", "?", ".", ""])


def _chatted(draw: random.Random, sentence: str, carriers: Sequence[str]) -> str:
    """A question in the middle of other talk: some words before it, or after it, or both."""
    before, after = (draw.choice(carriers).lower().split() for _ in range(2))
    lead = " ".join(before[-draw.randrange(2, 8) :]).rstrip(".,;:?!”")
    tail = " ".join(after[: draw.randrange(2, 8)]).rstrip(".,;:?!”")
    chance = draw.random()
    if chance < 0.4:
        return lead + draw.choice([". ", ", ", "; ", " - "]) + sentence
    if chance < 0.8:
        return sentence.rstrip("?.") + draw.choice([", ", "? ", ". ", " "]) + tail
    return f"{lead}. {sentence.rstrip('?.')}, {tail}?"


def _with_ending(draw: random.Random, sentence: str) -> str:
    joint = (
        draw.choice([", ", " ", " - "])
        if not sentence.endswith(("?", ".")) or draw.random() < 0.5
        else " "
    )
    return (sentence.rstrip("?.") if joint != " " else sentence) + joint + draw.choice(ENDINGS)


def _with_typo(draw: random.Random, sentence: str) -> str:
    """Swap or drop one letter of one word which is not the term."""
    words = sentence.split(" ")
    places = [i for i, word in enumerate(words) if word.isalpha() and len(word) > 3]
    if places:
        i = draw.choice(places)
        cut = draw.randrange(1, len(words[i]) - 1)
        word = words[i]
        words[i] = word[:cut] + (
            word[cut + 1] + word[cut] + word[cut + 2 :] if draw.random() < 0.5 else word[cut + 1 :]
        )
    return " ".join(words)


def _punctuated(draw: random.Random, sentence: str) -> str:
    chance = draw.random()
    if chance < 0.15:
        return sentence.rstrip("?.!")
    if chance < 0.18:
        return sentence.rstrip("?.!") + draw.choice(["??", "!", " ?", "?!", "...", "?"])
    return sentence


def _written_term(draw: random.Random, term: str) -> str:
    chance = draw.random()
    if chance < 0.12:
        term = " ".join(word[:1].upper() + word[1:] for word in term.split(" "))
    elif chance < 0.18:
        term = term[:1].upper() + term[1:]
    elif chance < 0.195:
        term = term.upper()
    elif chance < 0.23:
        term = term.lower()
    chance = draw.random()
    if chance < 0.16:
        left, right = draw.choices(QUOTES, weights=[4, 6, 3, 2, 1, 1, 1, 1, 0.5, 0.5])[0]
        return f"{left}{term}{right}"
    if chance < 0.24:
        return (
            f"the {term}"
            if draw.random() < 0.5
            else f"{'an' if term[:1].lower() in 'aeiou' else 'a'} {term}"
        )
    return term


def _sentence_case(sentence: str) -> str:
    sentence = re.sub(r"\bi\b(?!')|\bi(?=')", "I", sentence)
    sentence = re.sub(r"([.?!] )([a-z])", lambda m: m.group(1) + m.group(2).upper(), sentence)
    return sentence[:1].upper() + sentence[1:]


def _fill(sentence: str, term: str, field: str) -> str:
    name, people, one, _ = FIELDS[field]
    sentence = sentence.replace("a {w}", f"an {one}").replace("{w}", one)
    return sentence.replace("{f}", name).replace("{p}", people).replace("{t}", term)

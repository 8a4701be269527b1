"""One conversation's things: which number each has, in which written forms it was seen, and where.

Pure: the vault keeps it. The same things in the same order give the same numbers, so a preview,
which keeps nothing, shows what a sending will send.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from tandem.privacy.placeholders import FORM_LETTERS, numbers_for, shown_for
from tandem.types import Origin, Placeholder


@dataclass(frozen=True, slots=True)
class Thing:
    """Something personal. `key` is its identity, `forms` how it was written, in order of sight."""

    number: int
    kind: str
    key: str
    forms: tuple[str, ...]
    origins: frozenset[Origin]
    is_chinese: bool

    def shown(self, form: str) -> str:
        """The placeholder of one of its forms."""
        return shown_for(self.kind, self.number, self.forms.index(form), is_chinese=self.is_chinese)

    def form_by_letter(self, letter: str) -> str:
        """What the placeholder with this letter stands for; the first form for an unknown one."""
        place = FORM_LETTERS.find(letter) if letter else 0
        return self.forms[place] if 0 <= place < len(self.forms) else self.forms[0]


@dataclass(slots=True)
class Book:
    """The things of one conversation by number and by key. `changed`: the numbers not kept yet.

    `is_for_vectors`: nothing is restored from it, but a thing must have the same placeholder in
    each such book, however it is written and whatever else is in there.
    """

    key: bytes = field(repr=False)
    is_for_vectors: bool = False
    by_number: dict[int, Thing] = field(default_factory=dict[int, Thing], repr=False)
    by_key: dict[str, int] = field(default_factory=dict[str, int], repr=False)
    changed: set[int] = field(default_factory=set[int])

    def put(self, thing: Thing) -> None:
        """Take in a thing as it was kept."""
        self.by_number[thing.number] = thing
        self.by_key[thing.key] = thing.number

    def seen(
        self,
        kind: str,
        key: str,
        form: str,
        origins: Iterable[Origin],
        *,
        is_chinese: bool,
        taken: Collection[int] = frozenset(),
    ) -> Thing:
        """The thing, known from now on in this form and with these origins.

        `taken`: numbers that the texts hold themselves, so that no new thing gets one of them.
        """
        thing = self._known(key)
        if self.is_for_vectors and thing is not None:
            form = thing.forms[0]
        if thing is not None and form not in thing.forms and len(thing.forms) == len(FORM_LETTERS):
            key = f"{key}\0{form}"  # more forms than letters: it goes on as another thing
            thing = self._known(key)
        if thing is None:
            number = self._free_number(kind, key, taken)
            thing = Thing(number, kind, key, (form,), frozenset(origins), is_chinese)
            self._note(thing)
            return thing
        forms = thing.forms if form in thing.forms else (*thing.forms, form)
        better = replace(thing, forms=forms, origins=thing.origins.union(origins))
        if better != thing:
            self._note(better)
        return better

    def shown(self, key: str, form: str) -> str:
        """The placeholder of a thing that was seen in this form."""
        thing = self.by_number[self.by_key[key]]
        if self.is_for_vectors:
            form = thing.forms[0]
        elif form not in thing.forms:  # more forms than letters
            thing = self.by_number[self.by_key[f"{key}\0{form}"]]
        return thing.shown(form)

    def _known(self, key: str) -> Thing | None:
        number = self.by_key.get(key)
        return None if number is None else self.by_number[number]

    def _note(self, thing: Thing) -> None:
        self.put(thing)
        self.changed.add(thing.number)

    def _free_number(self, kind: str, key: str, taken: Collection[int]) -> int:
        for number in numbers_for(self.key, kind, key, is_long=self.is_for_vectors):
            if number not in self.by_number and number not in taken:
                return number
        raise AssertionError("the numbers are endless")


_SHOWN = re.compile(rf"(\d+)([{FORM_LETTERS[1:]}]?)$")


def book_from(items: Iterable[Placeholder]) -> Book:
    """A book out of a departure's own placeholders, where no vault keeps the conversation."""
    book = Book(b"")
    for item in items:
        found = _SHOWN.search(item.shown)
        assert found is not None, "a placeholder ends in its number"
        number, place = int(found[1]), FORM_LETTERS.index(found[2] or FORM_LETTERS[0])
        known = book.by_number.get(number)
        forms = known.forms if known else ()
        forms += (item.value,) * (place + 1 - len(forms))
        forms = (*forms[:place], item.value, *forms[place + 1 :])
        book.put(Thing(number, item.kind, item.shown, forms, frozenset(item.origins), False))
    return book

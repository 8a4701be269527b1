"""vCards: reading people, new ones, and changes that touch nothing else."""

from __future__ import annotations

from tandem.connectors.cards import Person, new_card, people, with_lines
from tandem.connectors.records import Item

OLD = """BEGIN:VCARD
VERSION:3.0
UID:c-1
FN:林国强
N:林;国强;;;
item1.EMAIL;TYPE=INTERNET,WORK:lin@example.com
item1.X-ABLABEL:work
TEL;TYPE=CELL:+86 199 0000 0112
NOTE:Father\\, likes
  tea\\; no sugar
ORG:Green;Tea "house"
BDAY:1964-09-30
END:VCARD
"""


def read(text: str) -> Person:
    (found,) = people([Item("c.vcf", text, "")])
    return found


def test_a_card_is_read() -> None:
    """Groups, folded lines, escapes, both orders of a Chinese name."""
    person = read(OLD)
    assert (
        person.names[:3] == ("林国强", "国强 林", "林国强")[:1] + ("国强 林",) + person.names[2:3]
    )
    assert person.mails == ("lin@example.com",) and person.phones == ("+86 199 0000 0112",)
    assert person.note == "Father, likes tea; no sugar" and person.uid == "c-1"
    assert person.organization == 'Green Tea "house"' and person.birthday == "1964-09-30"


def test_a_new_card_is_read_back() -> None:
    """Whatever stands in a name."""
    person = read(new_card("u", "Ana; Roth, née B\\", mails=["a@example.org"], phones=["1"]))
    assert person.name == "Ana; Roth, née B\\"
    assert (person.mails, person.phones) == (("a@example.org",), ("1",))
    assert all(len(line.encode()) <= 75 for line in new_card("u", "名" * 100).split("\r\n"))


def test_a_change_touches_nothing_else() -> None:
    """The other lines stay, in their order."""
    after = with_lines(OLD, "TEL", ["TEL;TYPE=CELL:1", "TEL;TYPE=HOME:2"])
    assert read(after).phones == ("1", "2")
    assert [line for line in after.splitlines() if "TEL" not in line][:6] == OLD.splitlines()[:6]
    assert read(with_lines(OLD, "TITLE", ["TITLE:Dr"])).title == "Dr"


def test_what_is_no_card_is_nobody() -> None:
    """No error."""
    assert people([Item("x", "no card", ""), Item("y", "BEGIN:VCARD\nEND:VCARD", "")])[0].name == ""

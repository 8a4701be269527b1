"""What every Shelf promises. A subclass says how to get an empty one and gives three texts."""

from __future__ import annotations

import pytest

from tandem.connectors.ports import Shelf
from tandem.errors import Conflict

CALENDAR = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//tandem//test//EN\r
BEGIN:VEVENT\r
UID:{uid}\r
DTSTAMP:20260101T000000Z\r
DTSTART:20260311T090000Z\r
DTEND:20260311T100000Z\r
SUMMARY:{title}\r
END:VEVENT\r
END:VCALENDAR\r
"""
CARD = """BEGIN:VCARD\r
VERSION:3.0\r
UID:{uid}\r
FN:{title}\r
N:{title};;;;\r
END:VCARD\r
"""


class ShelfContract:
    """Subclasses give a fixture `shelf`, empty, and `text`."""

    def text(self, uid: str, title: str) -> str:
        """A text of this shelf's kind."""
        return CALENDAR.format(uid=uid, title=title)

    def same(self, one: str, other: str) -> bool:
        """Whether two texts say the same: a server may write lines in another order."""
        return sorted(one.split()) == sorted(other.split())

    def test_an_added_item_is_there(self, shelf: Shelf) -> None:
        """What was added is found by its href and in the list, with the text that was given."""
        href = shelf.href_for("a-1")
        added = shelf.add(href, self.text("a-1", "Tea"))
        assert added.href == href and added.etag
        found = shelf.get(href)
        assert found is not None and found.etag == added.etag
        assert self.same(found.text, self.text("a-1", "Tea"))
        assert [item.href for item in shelf.items()] == [href]

    def test_what_is_not_there_is_none(self, shelf: Shelf) -> None:
        """No error for a name that nobody has."""
        assert shelf.get(shelf.href_for("nobody")) is None
        assert shelf.items() == ()

    def test_nothing_is_added_over_another(self, shelf: Shelf) -> None:
        """A second item of the same href is refused and the first one stays."""
        href = shelf.href_for("a-1")
        shelf.add(href, self.text("a-1", "Tea"))
        with pytest.raises(Conflict):
            shelf.add(href, self.text("a-1", "Coffee"))
        found = shelf.get(href)
        assert found is not None and "Tea" in found.text

    def test_replacing_needs_the_version_that_is_there(self, shelf: Shelf) -> None:
        """With an old etag nothing is overwritten."""
        first = shelf.add(shelf.href_for("a-1"), self.text("a-1", "Tea"))
        second = shelf.replace(first, self.text("a-1", "Coffee"))
        assert second.etag != first.etag
        with pytest.raises(Conflict):
            shelf.replace(first, self.text("a-1", "Water"))
        found = shelf.get(first.href)
        assert found is not None and "Coffee" in found.text

    def test_removing_needs_the_version_that_is_there(self, shelf: Shelf) -> None:
        """With an old etag nothing is removed; what is gone cannot be removed again."""
        first = shelf.add(shelf.href_for("a-1"), self.text("a-1", "Tea"))
        second = shelf.replace(first, self.text("a-1", "Coffee"))
        with pytest.raises(Conflict):
            shelf.remove(first)
        shelf.remove(second)
        assert shelf.get(first.href) is None
        with pytest.raises(Conflict):
            shelf.remove(second)
        with pytest.raises(Conflict):
            shelf.replace(second, self.text("a-1", "Water"))

    def test_each_write_has_its_inverse(self, shelf: Shelf) -> None:
        """add and remove, replace and replace: in the end all is as before, under the same href."""
        kept = shelf.add(shelf.href_for("kept"), self.text("kept", "Tea"))
        changed = shelf.replace(kept, self.text("kept", "Coffee"))
        back = shelf.replace(changed, kept.text)
        shelf.remove(back)
        again = shelf.add(kept.href, kept.text)
        assert again.href == kept.href and self.same(again.text, kept.text)

    def test_names_that_files_and_urls_mind(self, shelf: Shelf) -> None:
        """Any UID gives an href of its own."""
        for name in ("a/b", "..", "ü 日程?#", "x" * 300, "a%2Fb"):
            href = shelf.href_for(name)
            shelf.add(href, self.text(name, "Tea"))
            assert shelf.get(href) is not None
        assert len(shelf.items()) == 5

    def test_changes_tell_what_is_new(self, shelf: Shelf) -> None:
        """From the empty token on: all; later only what changed, and what is gone."""
        one = shelf.add(shelf.href_for("one"), self.text("one", "Tea"))
        two = shelf.add(shelf.href_for("two"), self.text("two", "Tea"))
        first = shelf.changes("")
        assert {item.href for item in first.changed} == {one.href, two.href}
        shelf.replace(one, self.text("one", "Coffee"))
        shelf.remove(two)
        three = shelf.add(shelf.href_for("three"), self.text("three", "Tea"))
        second = shelf.changes(first.token)
        assert {item.href for item in second.changed} == {one.href, three.href}
        assert second.gone == (two.href,)
        third = shelf.changes(second.token)
        assert third.changed == () and third.gone == ()

"""The private dictionary: every written form, kept current, quick with thousands of contacts."""

from __future__ import annotations

import threading
import time

import pytest

from tandem.personal import Finding, Kind
from tandem.privacy.detection.detector import learn
from tandem.privacy.detection.dictionary import (
    Entry,
    PrivateDictionary,
    entries_of,
    entries_of_header,
)

YAJING = Entry("person:1", Kind.PERSON, ("宋雅静",))


def keys(known: PrivateDictionary, text: str) -> list[str]:
    return [item.key for item in known.matches(text)]


@pytest.mark.parametrize(
    "text",
    [
        "宋雅静来了", "宋雅靜來了", "雅静来了", "静静来了", "小静来了", "宋老师好", "小宋在吗", "Song Yajing", "SONG YAJING",
        "song yajing", "Yajing Song", "songyajing", "Song Ya Jing", "Yajing's shop", "Ms. Song", "Teacher Song", "Y. Song",
        "ask Xiaojing", "ask Jingjing", "S.Y.J.", "Song Y.J.", "song.yajing@example.org", "Ｓｏｎｇ Ｙａｊｉｎｇ",
    ],
)  # fmt: skip
def test_every_written_form_of_a_chinese_name(text: str) -> None:
    """Characters of both kinds, pinyin in any order, initials, nicknames, forms of address."""
    assert keys(PrivateDictionary([YAJING]), text) == ["person:1"], text


@pytest.mark.parametrize(
    "text",
    ["Robert Miller", "miller, robert", "Bob called", "Rob's car", "Mr. Miller", "R. Miller", "ask Miller", "R.J.M.", "MILLER"],
)  # fmt: skip
def test_every_written_form_of_an_english_name(text: str) -> None:
    """Case, order, nickname, initials, possessive."""
    known = PrivateDictionary([Entry("person:2", Kind.PERSON, ("Robert James Miller",))])
    assert keys(known, text) == ["person:2"], text


@pytest.mark.parametrize(
    "text", ["a song for you", "Song lyrics", "he will mark it", "Will you come?", "静坐", "宋朝"]
)
def test_everyday_words_are_no_names(text: str) -> None:
    """Names that are words too are taken for words where nothing says otherwise."""
    known = PrivateDictionary([YAJING, Entry("person:3", Kind.PERSON, ("Will Mark",))])
    assert keys(known, text) == []


def test_the_form_of_address_belongs_to_the_name() -> None:
    """ "Ms. Song" is masked whole."""
    (item,) = PrivateDictionary([YAJING]).matches("Dear Ms. Song, hello")
    assert (item.start, item.end) == (5, 13)


def test_kept_current() -> None:
    """What is removed is forgotten, and what shares its words stays."""
    known = PrivateDictionary([YAJING, Entry("person:4", Kind.PERSON, ("宋伟",))])
    known.remove("person:1")
    assert keys(known, "宋雅静和宋伟") == ["person:4"]
    known.add(YAJING)
    assert keys(known, "宋雅静和宋伟") == ["person:1", "person:4"]
    for key in ("person:1", "person:4"):
        known.remove(key)
    assert len(known) == 0 and keys(known, "宋雅静和宋伟") == []


def test_cards_and_headers_become_entries() -> None:
    """A contact's numbers are found however they are written; a mail's people by their names."""
    known = PrivateDictionary(
        entries_of(
            "c1", names=("Ann Lee",), phones=("+1 (212) 555-0123",), organisations=("Acme Corp.",)
        )
        + entries_of_header('"Bo Dahl" <bo@example.org>, cy@example.org')
    )
    text = "BO@example.org; Ann, 212.555.0123, acme corp, Dahl"
    assert [item.kind for item in known.matches(text)].count(Kind.PERSON) >= 2
    assert {item.kind for item in known.matches(text)} == {
        Kind.PERSON, Kind.PHONE, Kind.ORGANISATION, Kind.EMAIL
    }  # fmt: skip


def test_learnt_from_a_conversation() -> None:
    """A name found by any recognizer is known by all its forms afterwards."""
    shown = PrivateDictionary()
    text = "Song Yajing has a shop"
    learn(shown, text, [Finding(0, 11, Kind.PERSON, "person:song yajing", 0.9, "a test")])
    assert keys(shown, "Is Yajing there?") == ["person:song yajing"]


def test_quick_with_thousands_of_contacts() -> None:
    """5,000 contacts cost a look-up hardly more than 50 do, and changes do not disturb readers."""

    def contacts(count: int) -> PrivateDictionary:
        parts = "an bei cai dong fang guo hui jia lan mei ning ora pei ron tao wen yu zoe".split()
        size = len(parts)
        return PrivateDictionary(
            Entry(
                f"person:{i}",
                Kind.PERSON,
                (f"{parts[i % size]}{parts[i // size % size]} {parts[i // 7 % size]}son{i}",),
            )
            for i in range(count)
        )

    text = "We met at the station and went to Beican Fangson123 for lunch. " * 160
    spent: list[float] = []
    for known in (contacts(50), contacts(5000)):
        before = time.process_time()
        known.matches(text)
        spent.append(time.process_time() - before)
    assert spent[1] < 6 * spent[0] + 0.05


def test_readers_and_writers_at_once() -> None:
    """No look-up fails while entries come and go, and what stays is always found."""
    known = PrivateDictionary([YAJING])
    failures: list[object] = []

    def read() -> None:
        for _ in range(300):
            if keys(known, "Song Yajing") != ["person:1"]:
                failures.append("not found")

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for index in range(300):
        known.add(Entry(f"person:x{index}", Kind.PERSON, (f"Song Wei{index}",)))
        known.remove(f"person:x{index}")
    for reader in readers:
        reader.join()
    assert failures == []


@pytest.mark.parametrize(
    ("contact", "written"),
    [
        (contact, written)
        for contact, forms in {
            "Song Yajing": "宋雅静昨天来了|我和宋雅靜去|雅静说她不来|宋亚晶到了",
            "Yajing Song": "让宋雅静来",
            "Zhang Wei": "张伟说|張偉來了",
            "宋雅静": "Song Yajing came|yajing song|SONG YAJING|songyajing|S.Y.J. signed|SYJ approved|Ms. Song|宋雅靜|"
            "宋　雅　静|宋 雅 静|宋\u200b雅静|小宋|老宋|宋总|宋女士|静静在家|阿静|雅静姐|Ｓｏｎｇ Ｙａｊｉｎｇ|宋·雅静",
            "張偉": "张伟来了|Zhang Wei is here|张总说|小张来了|阿伟呢",
            "陳大文": "陈大文|Chen Dawen",
            "欧阳修文": "欧阳先生|Ouyang Xiuwen|修文说|小欧阳|歐陽修文",
            "Robert O'Neill": "Bob O'Neill|robert oneill|R. O'Neill|O’Neill, Robert|Mr. O'Neill",
        }.items()
        for written in forms.split("|")
    ],
)
def test_a_contact_is_found_as_people_write_it(contact: str, written: str) -> None:
    """Characters for a contact in pinyin and back, given name alone, initials, nicknames, both
    sets of characters, wide letters, marks between.
    """
    known = PrivateDictionary([Entry("person:1", Kind.PERSON, (contact,))])
    assert {item.key for item in known.matches(f"{written}。")} == {"person:1"}


@pytest.mark.parametrize(
    "text",
    ["今天的方法很重要", "历史书上没有", "我们为什么要去", "价格上涨了", "力是相互的", "一位老师"],
)
def test_sounds_do_not_find_everyday_words(text: str) -> None:
    """ "Fang Fa", "Li Shi" and "Jia Ge" are people; 方法, 历史 and 价格 are not."""
    names = ("Fang Fa", "Li Shi", "Wei Shenme", "Jia Ge", "Xiang Hu", "Yi Wei")
    known = PrivateDictionary(Entry(f"p:{name}", Kind.PERSON, (name,)) for name in names)
    assert known.matches(text) == []


def test_a_sound_is_forgotten_with_its_entry() -> None:
    """Of two who sound alike the other stays."""
    known = PrivateDictionary([Entry("person:1", Kind.PERSON, ("Song Yajing",))])
    known.remove("person:1")
    assert known.matches("宋雅静") == []

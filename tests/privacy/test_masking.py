"""The guard that looks inside: what leaves, in which form, and what never does."""

from __future__ import annotations

import base64
import dataclasses
import json
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tandem.errors import BadRequest, DeviceFault
from tandem.personal import NOTHING_AROUND, Around, Finding, Kind
from tandem.policy.covering import Sinks
from tandem.privacy.detection.dictionary import Entry, PrivateDictionary
from tandem.privacy.masking import Limits, Masking
from tandem.privacy.restoring import restored
from tandem.types import (
    Action,
    Blocked,
    Departure,
    ImagePart,
    Message,
    Mode,
    Origin,
    Outgoing,
    Request,
    ResponseFormat,
    Sampling,
    TextPart,
    Tool,
    ToolCall,
    ToolChoice,
    message,
)
from tests.privacy.spotting import PEOPLE, Spotting, encode, guard_in, vault_in

NAME = "Ann Lee"


def ask(*texts: str | Message, talk: str | None = "talk", **more: Any) -> Request:
    said = tuple(message("user", each) if isinstance(each, str) else each for each in texts)
    return Request(said, may_leave_device=True, conversation_id=talk, **more)


def sent(guard: Masking, request: Request, **more: Any) -> Departure:
    found = guard.departure(request, encode, **more)
    assert isinstance(found, Departure), found
    return found


def text_of(departure: Departure) -> str:
    assert departure.request is not None
    return departure.request.messages[-1].text


# --- what leaves --------------------------------------------------------------------------------


def everywhere(value: str) -> Request:
    """A request with the value in every field that can hold text."""
    identifier = "ask_" + value.replace(" ", "_")
    tree = {"type": "object", "properties": {value: {"description": value, "enum": [value]}}}
    return Request(
        messages=(
            message("system", f"The user is {value}."),
            Message("user", (TextPart(f"I am {value}."), ImagePart(f"https://a.b/{value}"))),
            Message(
                "assistant",
                (TextPart(f"Hello {value}"),),
                (ToolCall("1", identifier, json.dumps({"to": [{"name": value}]})),),
            ),
            Message("tool", (TextPart(json.dumps({"found": value})),), tool_call_id="1"),
            Message("tool", (TextPart(f"{value} was found"),), tool_call_id="1"),
            Message("user", (TextPart("Go on."),), name=identifier),
        ),
        tools=(Tool(identifier, f"Asks {value}", tree),),
        tool_choice=ToolChoice("named", identifier),
        response_format=ResponseFormat("json_schema", schema=tree, schema_name=identifier),
        sampling=Sampling(stop=(value,)),
        may_leave_device=True,
        conversation_id="talk",
    )


def test_no_field_of_a_request_lets_a_value_out(tmp_path: Path) -> None:
    """Every field that holds text, in clear: none is in the bytes."""
    request = everywhere(NAME)
    told = encode(request).body
    assert told.count(b"Ann") >= 13, "the test says less than it should"
    departure = sent(guard_in(tmp_path), replace(request, messages=request.messages[:1]))
    assert b"Ann" not in departure.outgoing.body
    pictureless = tuple(
        replace(each, content=tuple(p for p in each.content if isinstance(p, TextPart)))
        for each in request.messages
    )
    departure = sent(guard_in(tmp_path), replace(request, messages=pictureless))
    assert b"Ann" not in departure.outgoing.body and b"Lee" not in departure.outgoing.body
    grammar = replace(
        request, messages=pictureless, response_format=ResponseFormat("grammar", grammar=NAME)
    )
    assert isinstance(guard_in(tmp_path).departure(grammar, _spelt), Departure)


def _spelt(request: Request) -> Outgoing:
    """Everything a request holds, as it comes: a new field would be seen here."""
    told = dataclasses.asdict(replace(request, conversation_id=None))
    body = json.dumps(told, default=str, ensure_ascii=False).encode()
    assert b"Ann" not in body
    return Outgoing("POST", "http://127.0.0.1/v1", (), body)


@pytest.mark.parametrize(
    "hidden",
    [
        base64.b64encode(b"the name is Ann Lee, really").decode(),
        b"the name is Ann Lee".hex(),
        "Ann\u200b Lee",
        "Ａｎｎ Ｌｅｅ",
        "Ann%20Lee",
        "\\u0041nn \\u004cee",
        "Ann&#32;Lee",
        "\u202eAnn Lee\u202c",
    ],
)
def test_hidden_forms_of_a_known_name_do_not_leave(tmp_path: Path, hidden: str) -> None:
    """Packed, escaped, widened or with marks in between: found when the user's contacts know it."""
    known = PrivateDictionary([Entry("person:ann", Kind.PERSON, (NAME,))])
    guard = guard_in(tmp_path, dictionary=known)
    departure = sent(guard, ask(f"Look: {hidden} (end)"))
    assert hidden not in text_of(departure) and "(end)" in text_of(departure)
    restorer = guard.restoring(ask(), departure)
    back = restored(text_of(departure), restorer.book, lambda kind, spot: True)
    assert back == f"Look: {hidden} (end)"


def test_the_same_thing_is_the_same_over_turns_and_another_elsewhere(tmp_path: Path) -> None:
    """One placeholder per thing and conversation, whether in one process or the next."""
    first = sent(guard_in(tmp_path), ask(f"{NAME} and {NAME}"))
    again = sent(guard_in(tmp_path), ask(f"{NAME} and {NAME}", "and Bob O'Neill?", NAME))
    one, two = text_of(first).split(" and ")
    assert one == two == text_of(again)
    assert first.placeholders[0].number == 2 and first.placeholders[0].value == NAME
    others = {text_of(sent(guard_in(tmp_path), ask(NAME, talk=str(n)))) for n in range(8)}
    assert len(others) > 5


def test_a_client_without_conversation_ids_gets_steady_placeholders(tmp_path: Path) -> None:
    """A conversation that begins alike is the same; nothing of it is kept."""
    guard = guard_in(tmp_path)
    one = text_of(sent(guard, ask(NAME, talk=None)))
    more = sent(guard, ask(NAME, "Bob O'Neill", NAME, talk=None))
    assert text_of(more) == one
    assert vault_in(tmp_path).book("talk").by_number == {}


def test_requests_for_vectors_name_a_thing_alike_and_keep_nothing(tmp_path: Path) -> None:
    """An index of many texts: a person has one name in all, and no text makes the next slower."""
    known = PrivateDictionary([Entry("person:ann", Kind.PERSON, (NAME, "Annie"))])
    guard = guard_in(tmp_path, dictionary=known)

    def leaving(*texts: str) -> list[str]:
        asked = replace(ask(*texts, talk=None), is_for_vectors=True)
        request = sent(guard, asked).request
        assert request is not None
        return [each.text for each in request.messages]

    texts = [f"{NAME} is one of Bob O'Neill's friends", NAME, "Annie"]
    (name,) = leaving(NAME)
    assert leaving(*texts)[1:] == [name, name] and len(name.split()[1]) == 9
    assert leaving("Annie", "Bob O'Neill")[0] == name
    assert leaving("Bob O'Neill", NAME)[1] == name
    rows = sqlite3.connect(tmp_path / "vault.sqlite").execute("select count(*) from things")
    assert rows.fetchone() == (0,)


def test_found_once_is_masked_everywhere(tmp_path: Path) -> None:
    """A value shown in one text is masked in all others and in later turns, in other forms too."""

    class OnlyInTheMail(Spotting):
        def find(self, text: str, around: Around = NOTHING_AROUND) -> list[Finding]:
            return super().find(text, around) if text.startswith("Mail") else []

    guard = guard_in(tmp_path, detector=OnlyInTheMail())
    texts = ("What does Ann want? Ask Ann Lee.", "Mail from Ann Lee")
    departure = sent(guard, ask(*texts))
    assert b"Ann" not in departure.outgoing.body
    assert "Lee" not in text_of(sent(guard, ask("And did Lee call?")))


def test_chinese_conversations_get_chinese_placeholders(tmp_path: Path) -> None:
    """A placeholder reads as the text around it."""
    departure = sent(guard_in(tmp_path), ask("请给张伟写一封信，告诉他明天的会议取消了。"))
    assert text_of(departure).startswith("请给人物") and "张伟" not in text_of(departure)


def test_the_users_own_look_alikes_come_back_as_they_were(tmp_path: Path) -> None:
    """Text that looks like a placeholder, by chance or by an attacker, restores nobody."""
    guard = guard_in(tmp_path)
    shown = text_of(sent(guard, ask(NAME)))
    departure = sent(guard, ask(NAME, f"{shown} is not {NAME}"))
    assert text_of(departure).count(shown) == 1
    book = guard.restoring(ask(), departure).book
    back = restored(text_of(departure), book, lambda kind, spot: True)
    assert back == f"{shown} is not {NAME}"


def test_numbers_in_the_text_are_not_given_away(tmp_path: Path) -> None:
    """No new thing gets a number that stands in the text."""
    numbers = " ".join(str(number) for number in range(100, 1000))
    departure = sent(guard_in(tmp_path), ask(f"{NAME}: {numbers}"))
    assert not 100 <= int(departure.placeholders[0].shown.split()[-1]) < 1000


def test_a_number_in_json_becomes_a_text(tmp_path: Path) -> None:
    """JSON stays JSON."""
    guard = guard_in(tmp_path, detector=Spotting({"4915112345678": Kind.PHONE}))
    tool = Message("tool", (TextPart('{"tel": 4915112345678, "n": 1}'),), tool_call_id="1")
    told = json.loads(text_of(sent(guard, ask(tool))))
    assert told["n"] == 1 and told["tel"].startswith("Phone ")


# --- the policy ---------------------------------------------------------------------------------


def test_origin_and_destination_decide(tmp_path: Path) -> None:
    """Organisations that were typed stay readable; those from a mail do not, nor when repeated."""
    guard = guard_in(tmp_path)
    assert "Contoso" in text_of(sent(guard, ask("Who owns Contoso?")))
    mail = message("tool", "Invoice of Contoso", Origin.MAIL)
    both = sent(guard, ask(mail, "Who owns Contoso?", talk="other"))
    assert b"Contoso" not in both.outgoing.body
    assert set(both.placeholders[0].origins) == {Origin.MAIL, Origin.TYPED}
    later = sent(guard, ask("And what does Contoso make?", talk="other"))
    assert b"Contoso" not in later.outgoing.body, "a summary or a repetition keeps the origin"
    open_ = guard_in(tmp_path, rules={"* from mail to 127.0.0.1": Action.KEEP})
    assert b"Contoso" in sent(open_, ask(mail, talk="third")).outgoing.body


def test_what_the_contacts_know_is_a_contact_wherever_it_stands(tmp_path: Path) -> None:
    """A typed organisation that is in the user's contacts is masked."""
    known = PrivateDictionary([Entry("organisation:c", Kind.ORGANISATION, ("Contoso",))])
    departure = sent(guard_in(tmp_path, dictionary=known), ask("Who owns Contoso?"))
    assert b"Contoso" not in departure.outgoing.body
    assert Origin.CONTACTS in departure.placeholders[0].origins


def test_the_strictest_rule_of_all_origins_counts(tmp_path: Path) -> None:
    """Forbid from mail: nothing leaves, although the same name was typed too."""
    guard = guard_in(tmp_path, rules={"person from mail": Action.FORBID})
    assert isinstance(guard.departure(ask(NAME), encode), Departure)
    mail = message("tool", f"Mail of {NAME}", Origin.MAIL)
    blocked = guard.departure(ask(mail, NAME, uncovered=frozenset({"Person 1"})), encode)
    assert isinstance(blocked, Blocked) and blocked.code == "forbidden"
    assert NAME not in blocked.reason


def test_ask_waits_for_the_users_word_on_each(tmp_path: Path) -> None:
    """Undecided things are shown in the preview and hold back the sending."""
    guard = guard_in(tmp_path, rules={"person": Action.ASK})
    request = ask(f"{NAME} and Bob O'Neill")
    preview = sent(guard, request, is_preview=True)
    names = [item.shown for item in preview.placeholders if item.is_open]
    assert len(names) == 2
    assert isinstance(guard.departure(request, encode), Blocked)
    half = replace(request, covered=frozenset(names[:1]))
    assert isinstance(guard.departure(half, encode), Blocked)
    said = replace(half, uncovered=frozenset(names[1:]))
    assert text_of(sent(guard, said)) == f"{names[0]} and Bob O'Neill"


def test_the_user_covers_and_uncovers_single_things(tmp_path: Path) -> None:
    """A word on one thing outranks the rules, and the preview says so."""
    guard = guard_in(tmp_path)
    request = ask(f"Does {NAME} work for Contoso?")
    preview = sent(guard, request, is_preview=True)
    person, firm = preview.placeholders
    assert (person.action, firm.action) == (Action.MASK, Action.KEEP)
    turned = replace(request, uncovered=frozenset({person.shown}), covered=frozenset({firm.shown}))
    departure = sent(guard, turned)
    assert text_of(departure) == f"Does {NAME} work for {firm.shown}?"
    assert "you uncovered" in departure.placeholders[0].reason


def test_generalised_things_leave_coarser(tmp_path: Path) -> None:
    """Coordinates to a tenth of a degree, for good."""
    departure = sent(guard_in(tmp_path), ask("What is near 48.2082, 16.3738?"))
    assert text_of(departure) == "What is near 48.2, 16.4?"
    assert departure.placeholders[0].coarse == "48.2, 16.4"


def test_a_kept_thing_that_holds_a_covered_one_is_covered(tmp_path: Path) -> None:
    """ "Ann Lee Ltd" would tell who Ann Lee is."""
    values = {**PEOPLE, "Ann Lee Ltd": Kind.ORGANISATION}

    class Longest(Spotting):
        def find(self, text: str, around: Around = NOTHING_AROUND) -> list[Finding]:
            found = super().find(text, around)
            longest = [item for item in found if item.kind is Kind.ORGANISATION]
            inside = {item.start for item in longest}
            return sorted(
                [*longest, *(item for item in found if item.start not in inside)],
                key=lambda item: item.start,
            )[: 1 if inside else None]

    guard = guard_in(tmp_path, detector=Longest(values))
    departure = sent(guard, ask(NAME, "Who owns Ann Lee Ltd?"))
    assert b"Ann" not in departure.outgoing.body


def test_local_only_and_consent_go_before_everything(tmp_path: Path) -> None:
    """Nothing is even looked at."""
    detector = Spotting()
    guard = guard_in(tmp_path, detector=detector)
    for request in (
        ask("Nobody"),
        replace(ask("Nobody"), mode=Mode.LOCAL_ONLY),
        replace(ask("Nobody"), may_leave_device=False),
    )[1:]:
        assert isinstance(guard.departure(request, encode), Blocked)
    assert detector.num_looks == 0


# --- previews -----------------------------------------------------------------------------------


def test_a_preview_is_what_is_sent_and_keeps_nothing(tmp_path: Path) -> None:
    """The same bytes, and the vault is as it was."""
    guard = guard_in(tmp_path)
    request = ask(f"{NAME} lives at 12 High Street.")
    preview = sent(guard, request, is_preview=True)
    assert vault_in(tmp_path).book("talk").by_number == {}
    assert sent(guard, request) == preview
    assert len(vault_in(tmp_path).book("talk").by_number) == 2


# --- faults -------------------------------------------------------------------------------------


class Broken:
    """A detector with a bug."""

    def find(self, text: str, around: Around = NOTHING_AROUND) -> list[Finding]:
        raise RuntimeError("bug")


def test_a_fault_anywhere_means_that_nothing_leaves(tmp_path: Path) -> None:
    """Detector, vault, encoder: each raises before there is a departure."""
    with pytest.raises(RuntimeError):
        guard_in(tmp_path, detector=Broken()).departure(ask(NAME), encode)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "vault.sqlite").write_bytes(b"rubbish" * 999)
    with pytest.raises(DeviceFault):
        guard_in(elsewhere).departure(ask(NAME), encode)


def test_the_last_net_catches_what_an_encoder_adds(tmp_path: Path) -> None:
    """A value that comes into the bytes by another way than the texts: blocked."""
    guard = guard_in(tmp_path)
    ways: list[Callable[[], Outgoing]] = [
        lambda: Outgoing("POST", "http://127.0.0.1/v1?q=Ann+Lee", (), b"{}"),
        lambda: Outgoing("POST", "http://127.0.0.1/v1", (("X-User", NAME),), b"{}"),
        lambda: Outgoing("POST", "http://127.0.0.1/v1", (), b'{"user": "\\u0041nn Lee"}'),
        lambda: Outgoing("POST", "http://127.0.0.1/v1", (), b'{"Ann Lee": 1}'),
        lambda: Outgoing("POST", "http://127.0.0.1/v1", (), b"frame Ann Lee"),
    ]
    for way in ways:
        blocked = guard.departure(ask(NAME), lambda _, way=way: way())
        assert isinstance(blocked, Blocked) and blocked.code == "last_net"


def test_another_host_than_the_rules_were_asked_for_is_blocked(tmp_path: Path) -> None:
    """Rules for one destination do not count for another."""
    guard = guard_in(tmp_path)
    other = guard.departure(ask("x"), lambda _: Outgoing("POST", "http://127.0.0.2/", (), b"{}"))
    assert isinstance(other, Blocked) and other.code == "host"


def test_too_much_is_refused(tmp_path: Path) -> None:
    """More text or more things than are looked through: a clear word, nothing sent."""
    small = guard_in(tmp_path, limits=Limits(characters=1000, things=2))
    long = small.departure(ask("x" * 1001), encode)
    assert isinstance(long, Blocked) and long.code == "too_long"
    many = small.departure(ask(f"{NAME}, Bob O'Neill, 12 High Street"), encode)
    assert isinstance(many, Blocked) and many.code == "too_many"


def test_odd_texts_are_refused_or_sent_without_the_value(tmp_path: Path) -> None:
    """Half characters, controls, direction marks, deep nesting: an error or a masked text."""
    guard = guard_in(tmp_path)
    with pytest.raises(BadRequest):
        guard.departure(ask(f"\ud800 {NAME}"), encode)
    odd = sent(guard, ask(f"\x00\u202e{NAME}\u2069\ufffd\ufeff"))
    assert b"Ann" not in odd.outgoing.body
    deep: Any = NAME
    for _ in range(200):
        deep = [deep]
    with pytest.raises(BadRequest, match="deep"):
        guard.departure(ask("x", tools=(Tool("t", schema={"a": deep}),)), encode)
    arguments = "[" * 100_000
    call = Message("assistant", (), (ToolCall("1", "t", arguments + NAME),))
    assert b"Ann" not in sent(guard, ask(call)).outgoing.body


def test_many_threads_do_not_mix(tmp_path: Path) -> None:
    """Thirty-two threads, each with a name of its own: nobody's name comes back elsewhere."""
    names = [f"Zoe{chr(65 + n % 26)}{n} Quill" for n in range(32)]
    guard = guard_in(tmp_path, detector=Spotting(dict.fromkeys(names, Kind.PERSON)))
    faults: list[str] = []

    def talk(number: int) -> None:
        for turn in range(5):
            request = ask(f"Turn {turn} of {names[number]}", talk=f"talk {number}")
            departure = sent(guard, request)
            book = guard.restoring(request, departure).book
            back = restored(text_of(departure), book, lambda kind, spot: True)
            if back != f"Turn {turn} of {names[number]}":
                faults.append(back)

    threads = [threading.Thread(target=talk, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_sinks_are_closed_by_default() -> None:
    """Nothing is put back into what leads out unless the user says so."""
    assert Sinks() == Sinks(frozenset(), frozenset(), frozenset())

"""Very much at once: the time stays linear, the memory bounded, and nothing leaks for its size.

The whole sizes (10 MB of text, a million things) are marked slow; a tenth and less runs each time.
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from pathlib import Path

import pytest

from tandem.errors import DeviceFault
from tandem.policy.covering import Sinks
from tandem.privacy.book import Book
from tandem.privacy.detection.detector import LayeredDetector
from tandem.privacy.masking import MAX_CHARACTERS, Limits
from tandem.privacy.restoring import Restorer
from tandem.privacy.vault import Vault
from tandem.types import Blocked, Origin, Request, TextDelta, message
from tests.privacy.spotting import encode, guard_in, vault_in
from tests.privacy.test_pictures import ask

PARAGRAPH = (
    "Call Ann Lee on +49 176 1234567 or write to ann.lee@example.org before 2026-03-14. "
    "The invoice DE89 3704 0044 0532 0130 00 is due; 请转告王小明会议改到三点，电话13800138000。\n"
    'x = {"key": [1, 2, 3], "args": {"enum": "open"}}; return x["key"][0] + 1\n'
)
MB = 1_000_000


def cpu_seconds(detector: LayeredDetector, text: str) -> float:
    before = time.process_time()
    assert detector.find(text)
    return time.process_time() - before


def text_of(size: int) -> str:
    return (
        (PARAGRAPH * (size // len(PARAGRAPH.encode()) + 1))
        .encode()[:size]
        .decode("utf-8", "ignore")
    )


@pytest.mark.parametrize(
    "size", [pytest.param(100_000, id="100 kB"), pytest.param(10 * MB, marks=pytest.mark.slow)]
)
def test_the_time_for_a_long_text_is_linear(size: int) -> None:
    """Ten times the text takes about ten times the time; the last line is found as the first is."""
    detector = LayeredDetector()
    detector.find(PARAGRAPH)
    short = min(cpu_seconds(detector, text_of(size // 10)) for _ in range(2))
    long = cpu_seconds(detector, text_of(size))
    sys.stdout.write(f"{size / MB:g} MB: {long:.1f} s of CPU, a tenth: {short:.2f} s\n")
    assert long < 50 * short  # a hundred times would be the square; threads spin on a busy machine
    text = text_of(size) + "\nMy password is hunter2!x"
    tail = detector.find(text)
    assert any(item.kind == "password" and item.end == len(text) for item in tail)


def test_ten_megabytes_are_refused_before_anything_is_looked_through(tmp_path: Path) -> None:
    """More than a user can look at in a preview does not leave."""
    text = "Ann Lee " * (10 * MB // 8)
    assert len(text) > MAX_CHARACTERS
    started = time.process_time()
    request = Request((message("user", text),), may_leave_device=True)
    found = guard_in(tmp_path).departure(request, encode)
    assert isinstance(found, Blocked) and found.code == "too_long"
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "count", [pytest.param(5_000), pytest.param(1_000_000, marks=pytest.mark.slow)]
)
def test_many_things_are_kept_read_and_restored(tmp_path: Path, count: int) -> None:
    """Each thing has a number of its own, on disk and back; a stream of all of them is restored."""
    vault = vault_in(tmp_path)
    steps = list[str]()
    started = time.process_time()

    def step(name: str) -> None:
        nonlocal started
        steps.append(f"{name} {time.process_time() - started:.1f} s")
        started = time.process_time()

    def fill(book: Book) -> None:
        for number in range(count):
            name = f"Ann {number:07}"
            book.seen("person", f"person:{name}", name, (Origin.TYPED,), is_chinese=False)

    kept = vault.keep("talk", fill)
    step("keep")
    assert len(kept.by_number) == count == len(kept.by_key)
    vault.aclose()
    if count < 10_000:
        tracemalloc.start()
    book = vault_in(tmp_path).book("talk")
    step("read")
    assert len(book.by_number) == count
    restorer = Restorer(book, Sinks(), ())
    shown = [thing.shown(thing.forms[0]) for thing in book.by_number.values()]
    told = list[str]()
    for at in range(0, count, 500):
        events = restorer.feed(TextDelta("\n".join(shown[at : at + 500]) + "\n"))
        told += [each.text for each in events if isinstance(each, TextDelta)]
    told += [each.text for each in restorer.rest() if isinstance(each, TextDelta)]
    step("restore")
    assert (
        "".join(told).split() == " ".join(each.forms[0] for each in book.by_number.values()).split()
    )
    sys.stdout.write(f"{count} things: {', '.join(steps)}\n")
    if count < 10_000:
        assert tracemalloc.get_traced_memory()[1] < 4_000 * count + 20 * MB
        tracemalloc.stop()


def test_a_request_with_too_many_things_is_refused(tmp_path: Path) -> None:
    """The limit of one request stands before the vault: nothing of it is kept."""
    lines = "\n".join(f"a{number}@example.org" for number in range(501))
    request = Request((message("user", lines),), may_leave_device=True, conversation_id="t")
    guard = guard_in(tmp_path, detector=LayeredDetector(), limits=Limits(things=500))
    found = guard.departure(request, encode)
    assert isinstance(found, Blocked) and found.code == "too_many"
    assert not vault_in(tmp_path).book("t").by_number


def test_a_vault_from_another_machine_lets_nothing_out(tmp_path: Path) -> None:
    """Its file was copied, its key was not: refused by name, and the file stays as it was."""
    guard_in(tmp_path).departure(ask(), encode)
    before = (tmp_path / "vault.sqlite").read_bytes()
    other = Vault(tmp_path / "vault.sqlite", lambda *, is_new: b"o" * 32)
    with pytest.raises(DeviceFault) as told:
        other.book("talk")
    assert "key" in str(told.value) and told.value.remedy
    assert (tmp_path / "vault.sqlite").read_bytes() == before

"""What every Detector promises, as tests. Subclass and give the fixture `detector`."""

from __future__ import annotations

import threading
import time

from tandem.personal import Around, Finding, Kind
from tandem.ports import Detector

TEXTS = (
    "",
    "Nothing to see here.",
    "Write to ann.lee@example.org or ring +86 138-0013-8000.",
    "我的电话是１３８-００１３-８０００，身份证１１０１０１１９９００３０７１２３４",
    "Card 4111 1111 1111 1111\u200b, thanks\u202e!",
    "\ud800 broken \x00 text \ufffd",
)


class DetectorContract:
    """Inherit as `class TestX(DetectorContract)`."""

    def test_findings_are_in_order_and_inside_the_text(self, detector: Detector) -> None:
        """Offsets point into the given text, never overlap, and hold at least one character."""
        for text in TEXTS:
            at = 0
            for item in detector.find(text):
                assert at <= item.start < item.end <= len(text)
                assert item.key.startswith(str(item.kind) + ":") and 0 < item.score <= 1
                assert item.reason and text[item.start : item.end] not in item.reason
                at = item.end

    def test_the_same_text_gives_the_same_findings_in_every_thread(
        self, detector: Detector
    ) -> None:
        """Pure and thread-safe."""
        wanted = [detector.find(text) for text in TEXTS]
        seen: list[list[list[Finding]]] = []

        def look() -> None:
            seen.append([detector.find(text) for text in TEXTS])

        threads = [threading.Thread(target=look) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert seen == [wanted] * 4

    def test_what_is_known_is_found(self, detector: Detector) -> None:
        """A detector asks what it is given, and keeps its key."""
        text = "ask zorblax about it"
        finding = Finding(4, 11, Kind.PERSON, "person:z", 0.9, "in a test")

        class Knows:
            def matches(self, text: str) -> list[Finding]:
                return [finding]

        found = detector.find(text, Around((Knows(),)))
        assert [item.key for item in found if item.start == 4] == ["person:z"]

    def test_time_is_linear(self, detector: Detector) -> None:
        """Ten times the text takes about ten times as long, not a hundred, whatever is in it."""
        for piece in ("1", "1 ", "a@", "a.", "张", "http://", "x1-", "=", "\u200b", "0x", "A "):
            short, long = piece * 250, piece * 2500
            detector.find(short)
            # Up to three times: threads wait for each other on a busy processor.
            assert any(
                cpu_seconds(detector, long) < 40 * max(cpu_seconds(detector, short), 0.005)
                for _ in range(3)
            ), repr(piece)


def cpu_seconds(detector: Detector, text: str) -> float:
    """What one look takes."""
    before = time.process_time()
    detector.find(text)
    return time.process_time() - before

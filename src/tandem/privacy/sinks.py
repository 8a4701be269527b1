"""Where in an answer a placeholder stands: in plain words, inside a link, or in code that reaches
out. Pure.

A value put back inside a link leaves the device as soon as the link is opened or a picture is
loaded, and the answer's writer chose where to: so links are told apart here with a bias, and what
is not certainly plain counts as a link.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Spot(StrEnum):
    """Where a placeholder stands."""

    WORDS = "words"
    LINK = "link"
    CODE = "code"


# How far back the answer is remembered. A stretch without a paragraph's end that is longer is
# taken for a link.
REMEMBERED = 4096
# How much of a block of code is held back to see whether it reaches out.
MAX_BLOCK = 8192

_RUN = re.compile(r"[^\s\"<>，。；！？、（）【】《》「」“”]*\Z")
_ADDRESS = re.compile(
    r"(?i)://|^[(\[{'`*_]*//|www\.|\\\\|"
    r"(?:mailto|tel|sms|data|javascript|vbscript|file|ftp|geo|sip|callto|intent|blob|magnet):|"
    r"\b[a-z][a-z0-9+.-]*:[^\s]*[/?=&]|"
    r"(?:[\w-]+\.)+[a-z]{2,24}(?::\d+)?[/?#]|"
    r"\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?[/?#]|localhost[:/]|\]:\d+[/?#]"
)
_DEFINITION = re.compile(r"^\s{0,8}\[[^\]]*\]:[^\n]*\Z", re.M)
_TAG = re.compile(r"<(?:[a-zA-Z!/?][^<>]*=|[a-zA-Z][\w+.-]*:)[^<>]*\Z", re.DOTALL)
_STYLE = re.compile(r"(?i)(?:url|src|import)\s*\([^)]*\Z")
# What follows a placeholder and makes it a host's name or a user's before a host.
_HOST_AFTER = re.compile(r"(?i)\.[a-z0-9-]+(?:\.[a-z0-9-]+)*(?:[/:?#,;!]|\Z|[\s\"'<>()\[\]])")
_RUN_AFTER = re.compile(r"\.[^\s\"'<>()\[\]/:?#]*")
AFTER_LIMIT = 80

_REACHES_OUT = re.compile(
    r"(?i)://|\bcurl\b|\bwget\b|\bfetch\b|requests\.|urllib|http|\bsocket|axios|XMLHttp|\bnc\b|"
    r"\bncat\b|\bssh\b|\bscp\b|\bs?ftp\b|smtp|sendmail|\bmail\b|Invoke-Web|Invoke-Rest|WebSocket|"
    r"\bping\b|\bdig\b|nslookup|telnet|rsync|webhook|sendBeacon|/dev/tcp|\bapi\b|upload"
)
# Languages whose blocks show data: nothing runs them.
_DATA = frozenset(
    "json jsonl yaml yml csv tsv text txt plain plaintext md markdown xml toml ini diff "
    "output log ics vcard vcf".split()
)


def spot_in(before: str, after: str, mention: str, *, is_cut: bool) -> Spot:
    """Where a placeholder stands whose text is `mention`, outside of blocks of code.

    `before` is the answer up to it, from the last `REMEMBERED` characters if `is_cut`. `after` is
    what follows as far as it is known; it must hold the next `AFTER_LIMIT` characters, or the rest
    of what stands glued to the placeholder, or all there is.
    """
    paragraph = before.rpartition("\n\n")[2]
    if is_cut and paragraph is before:
        return Spot.LINK
    if _is_glued_to_address(before, after, mention):
        return Spot.LINK
    if _is_open_destination(paragraph) or _DEFINITION.search(paragraph):
        return Spot.LINK
    if _TAG.search(before) or _STYLE.search(paragraph):
        return Spot.LINK
    line = before.rpartition("\n")[2]
    if line.count("`") % 2 and reaches_out(line.rpartition("`")[2]):
        return Spot.CODE
    return Spot.WORDS


def _is_glued_to_address(before: str, after: str, mention: str) -> bool:
    run = _RUN.search(before)
    glued = run[0] if run else ""
    if glued and _ADDRESS.search(glued):
        return True
    if re.search(r"%[0-9A-Fa-f]{2}|\w\+\w", mention):
        return True  # written as only addresses are
    run_after = run_of(after)
    return run_after[1:2].isalnum() and (
        len(run_after) >= AFTER_LIMIT or _HOST_AFTER.match(after) is not None
    )


def run_of(after: str) -> str:
    """What is glued to a placeholder by a dot."""
    found = _RUN_AFTER.match(after[:AFTER_LIMIT])
    return found[0] if found else ""


def _is_open_destination(paragraph: str) -> bool:
    """Whether a link's "](" is still open: in its address, or in its title."""
    last = paragraph.rfind("](")
    if last < 0:
        return False
    depth = 1
    for char in paragraph[last + 2 :]:
        depth += (char == "(") - (char == ")")
        if depth == 0:
            return False
    return True


def reaches_out(code: str) -> bool:
    """Whether code looks as if it sent something somewhere."""
    return _REACHES_OUT.search(code) is not None


def is_address(text: str) -> bool:
    """Whether a whole text, such as a tool's argument, is an address."""
    return re.match(r"(?i)\s*(?:[a-z][a-z0-9+.-]*:|//|www\.)\S", text) is not None or bool(
        re.match(r"(?i)\s*(?:[\w-]+\.)+[a-z]{2,24}(?::\d+)?(?:[/?#]|\s*\Z)", text)
    )


_FENCE = re.compile(r"^(?:\s|>|[-*+]\s|\d+[.)]\s)*(?P<marks>`{3,}|~{3,})\s*(?P<language>[\w+#.-]*)")


class Trail:
    """What was said so far, as much of it as decides where the next placeholder stands.

    `block`: the open block of code that may run, from its beginning or its last `MAX_BLOCK`
    characters. The same text in other pieces leaves the same trail.
    """

    def __init__(self) -> None:
        self.block: str | None = None
        self.language = ""
        self.begin = ""
        self._fence = ""
        self._line = ""  # its first 256 characters: a fence shows at a line's beginning
        self._said = ""
        self._num_said = 0

    @property
    def before(self) -> str:
        """The last `REMEMBERED` characters."""
        return self._said[-REMEMBERED:]

    @property
    def is_cut(self) -> bool:
        """Whether there were more."""
        return self._num_said > REMEMBERED

    def add(self, text: str) -> None:
        """More of the answer, as the cloud wrote it."""
        self.begin = self.begin or text.lstrip()[:1]
        self._num_said += len(text)
        self._said = (self._said + text)[-REMEMBERED:]
        for piece in re.split(r"(?<=\n)", text):
            self._line = (self._line + piece)[:256]
            if self.block is not None:
                self.block = (self.block + piece)[-MAX_BLOCK:]
            if piece.endswith("\n"):
                self._end_line(self._line)
                self._line = ""

    def block_rest(self, text: str) -> str | None:
        """What is left of the open block in `text`, which follows; `None` if its end is not there.

        A last line without its line end may yet go on, so it is no end.
        """
        at = 0
        for piece in re.split(r"(?<=\n)", text):
            line = self._line + piece if at == 0 else piece
            if piece.endswith("\n") and self._is_end(line):
                return text[:at]
            at += len(piece)
        return None

    def _end_line(self, line: str) -> None:
        if self._fence:
            if self._is_end(line):
                self._fence, self.language, self.block = "", "", None
            return
        found = _FENCE.match(line)
        if found is not None:
            self._fence = found["marks"]
            self.language = found["language"].lower()
            self.block = None if self.language in _DATA else ""

    def _is_end(self, line: str) -> bool:
        marks = line.strip().lstrip("> ")
        return (
            bool(self._fence) and len(marks) >= len(self._fence) and set(marks) == {self._fence[0]}
        )

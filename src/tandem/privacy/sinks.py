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


# How far back the answer is remembered. What stands glued to something longer is taken for a link.
REMEMBERED = 4096
# How much of a block of code is held back to see whether it reaches out.
MAX_BLOCK = 8192

_RUN = re.compile(r"[^\s\"<>，。；！？、（）【】《》「」“”]*")
_ADDRESS = re.compile(
    r"(?i)://|^[(\[{'`*_]*//|www\.|\\\\|"
    r"(?:mailto|tel|sms|data|javascript|vbscript|file|ftp|geo|sip|callto|intent|blob|magnet):|"
    r"\b[a-z][a-z0-9+.-]*:[^\s]*[/?=&]|"
    r"(?:[\w-]+\.)+[a-z]{2,24}(?::\d+)?[/?#]|"
    r"\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?[/?#]|localhost[:/]|\]:\d+[/?#]"
)
_DEFINITION = re.compile(r"\s{0,8}\[[^\]\n]*\]:")
# What opens and closes links and tags, wherever it stands.
_MARKS = re.compile(r"\]\(|\n\n|<[a-zA-Z!/?]|[()<>=]")
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


def spot_in(trail: Trail, after: str, mention: str) -> Spot:
    """Where a placeholder stands whose text is `mention`, outside of blocks of code.

    `after` is what follows as far as it is known; it must hold the next `AFTER_LIMIT` characters,
    or the rest of what stands glued to the placeholder, or all there is.
    """
    if trail.is_in_link or _DEFINITION.match(trail.line):
        return Spot.LINK
    if _is_glued_to_address(trail.before, after, mention):
        return Spot.LINK
    line = trail.before.rpartition("\n")[2]
    if _STYLE.search(line):
        return Spot.LINK
    if line.count("`") % 2 and reaches_out(line.rpartition("`")[2]):
        return Spot.CODE
    return Spot.WORDS


def _is_glued_to_address(before: str, after: str, mention: str) -> bool:
    run = _RUN.match(before[::-1])  # from its end, as it is short and what is before it is not
    glued = run[0][::-1] if run else ""
    if len(glued) >= REMEMBERED or _ADDRESS.search(glued):
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
        self.before = ""  # the last `REMEMBERED` characters
        self.line = ""  # the line's first 256 characters: a fence shows at its beginning
        self._fence = ""
        self._depth = 0  # of round brackets in the link that was opened last
        self._tag = ""  # "<" once a tag is open, "<=" once it has a value

    @property
    def is_in_link(self) -> bool:
        """Whether a Markdown link's destination, or a tag with a value, is open."""
        return self._depth > 0 or self._tag == "<="

    def add(self, text: str) -> None:
        """More of the answer, as the cloud wrote it."""
        self.begin = self.begin or text.lstrip()[:1]
        self._mark(text)
        self.before = (self.before + text)[-REMEMBERED:]
        for piece in re.split(r"(?<=\n)", text):
            self.line = (self.line + piece)[:256]
            if self.block is not None:
                self.block = (self.block + piece)[-MAX_BLOCK:]
            if piece.endswith("\n"):
                self._end_line(self.line)
                self.line = ""

    def _mark(self, text: str) -> None:
        """Follow what opens and closes, also where a mark of two signs was cut."""
        carried = self.before[-1:]
        for match in _MARKS.finditer(carried + text):
            if match.end() <= len(carried):
                continue
            mark = match[0]
            if mark == "](":
                self._depth = 1
            elif mark == "(":
                self._depth += self._depth > 0
            elif mark == ")":
                self._depth = max(0, self._depth - 1)
            elif mark == "\n\n":
                self._depth, self._tag = 0, ""
            elif mark == "=":
                self._tag += "=" if self._tag == "<" else ""
            else:
                self._tag = "<" if len(mark) == 2 else ""

    def block_rest(self, text: str) -> str | None:
        """What is left of the open block in `text`, which follows; `None` if its end is not there.

        A last line without its line end may yet go on, so it is no end.
        """
        at = 0
        for piece in re.split(r"(?<=\n)", text):
            line = self.line + piece if at == 0 else piece
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

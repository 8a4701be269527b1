"""What IMAP writes and reads, as pure functions: search terms, uid ranges, FETCH answers, roles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from tandem.connectors.records import ROLES, MailQuery

_SYSTEM = {"seen", "answered", "flagged", "draft", "deleted"}
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_PART = re.compile(rb'FLAGS \((?P<flags>[^)]*)\)|INTERNALDATE "(?P<date>[^"]*)"|'
                   rb"RFC822\.SIZE (?P<size>\d+)|UID (?P<uid>\d+)")  # fmt: skip
# Names that servers without SPECIAL-USE give to the usual folders.
_NAMES = {
    "sent": {"sent", "sent items", "sent mail", "sent messages", "已发送", "已发送邮件"},
    "drafts": {"drafts", "draft", "草稿", "草稿箱"},
    "trash": {
        "trash",
        "deleted items",
        "deleted messages",
        "bin",
        "已删除",
        "已删除邮件",
        "垃圾箱",
    },
    "archive": {"archive", "archives", "all mail", "归档", "存档"},
    "junk": {"junk", "spam", "junk e-mail", "bulk mail", "垃圾邮件"},
}


@dataclass(frozen=True, slots=True)
class Found:
    """One mail in the answer to a FETCH."""

    uid: int
    flags: tuple[str, ...] = ()
    date: str = ""
    size: int = 0
    literal: bytes = b""
    has_literal: bool = False


def found_mails(data: Iterable[Any]) -> Iterator[Found]:
    """The mails in what imaplib gives: a tuple with a literal, then the rest of the line."""
    head, literal, has_literal = b"", b"", False
    for each in data:
        if isinstance(each, tuple):
            head, literal = cast("tuple[bytes, bytes]", each)
            has_literal = True
            continue
        if not isinstance(each, bytes):
            continue
        yield from _found(head + b" " + each, literal, has_literal)
        head, literal, has_literal = b"", b"", False


def _found(line: bytes, literal: bytes, has_literal: bool) -> Iterator[Found]:
    told: dict[str, bytes] = {}
    for match in _PART.finditer(line):
        told |= {name: value for name, value in match.groupdict().items() if value is not None}
    if "uid" in told:
        yield Found(
            uid=int(told["uid"]),
            flags=tuple(told.get("flags", b"").decode("utf-8", "replace").split()),
            date=told.get("date", b"").decode("ascii", "replace"),
            size=int(told.get("size", b"0")),
            literal=literal,
            has_literal=has_literal,
        )


def ranges(uids: Iterable[int]) -> str:
    """Uids as IMAP writes a set: `1:3,7`."""
    parts: list[list[int]] = []
    for uid in sorted(uids):
        if parts and uid == parts[-1][1] + 1:
            parts[-1][1] = uid
        else:
            parts.append([uid, uid])
    return ",".join(f"{a}:{b}" if a != b else str(a) for a, b in parts)


def uids_in(text: str) -> Iterator[int]:
    """The uids of such a set."""
    for part in text.split(",") if text else []:
        first, _, last = part.partition(":")
        yield from range(int(first), int(last or first) + 1)


def flag_list(flags: Iterable[str]) -> str:
    """Flags as IMAP writes them: its own with a backslash, keywords as atoms."""
    words = [f"\\{each.capitalize()}" if each in _SYSTEM else _atom(each) for each in flags]
    return " ".join(sorted(words))


def system_flag(written: str) -> str:
    """A flag as we write it."""
    return written[1:].lower() if written.startswith("\\") else written


def is_role(name: str, flags: Iterable[str]) -> str:
    """What a folder is for: by its SPECIAL-USE flag, else by its name; empty if neither tells."""
    if name.upper() == "INBOX":
        return "inbox"
    given = {flag.lower().lstrip("\\") for flag in flags}
    for role in (*ROLES, "all"):
        if role in given:
            return "archive" if role == "all" else role
    last = name.rpartition("/")[2].lower()
    return next((role for role, names in _NAMES.items() if last in names), "")


def search_terms(query: MailQuery) -> bytes:
    """The query as SEARCH wants it. Days are widened by one: the server's zone is not ours."""
    terms: list[str] = []
    for key, words in (("FROM", query.sender), ("TO", query.to), ("SUBJECT", query.subject)):
        if words and key == "TO":
            terms.append(f"OR TO {_quoted(words)} CC {_quoted(words)}")
        elif words:
            terms.append(f"{key} {_quoted(words)}")
    terms += [f"TEXT {_quoted(word)}" for word in query.text.split()]
    if query.message_id:
        terms.append(f"HEADER Message-ID {_quoted(query.message_id)}")
    if query.since is not None:
        terms.append(f"SINCE {_day(query.since, -1)}")
    if query.before is not None:
        terms.append(f"BEFORE {_day(query.before, 2)}")
    terms += [_flag_term(flag, "") for flag in sorted(query.with_flags)]
    terms += [_flag_term(flag, "UN") for flag in sorted(query.without_flags)]
    return " ".join(terms or ["ALL"]).encode("utf-8", "replace")


def _flag_term(flag: str, prefix: str) -> str:
    return f"{prefix}{flag.upper()}" if flag in _SYSTEM else f"{prefix}KEYWORD {_atom(flag)}"


def _quoted(words: str) -> str:
    plain = re.sub(r"[\r\n\0]", " ", words)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _atom(keyword: str) -> str:
    return re.sub(r"[^\w$.-]", "_", keyword, flags=re.ASCII)


def _day(seconds: float, shift: int) -> str:
    day = datetime.fromtimestamp(seconds, UTC) + timedelta(days=shift)
    return f"{day.day:02}-{_MONTHS[day.month - 1]}-{day.year}"

"""Mail as plain files: one Maildir per folder (cr.yp.to/proto/maildir.html), as mutt reads it.

The reference backend. A file's name carries its time of arrival, its uid and its flags, so that
moving and flagging are one rename each, which a kill -9 cannot halve. Keywords are the small
letters of a file's flags, named in `dovecot-keywords` as Dovecot does.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase
from urllib.parse import unquote

import msgspec

from tandem import private_file
from tandem.connectors.files import file_name
from tandem.connectors.mime import body_of, head_of
from tandem.connectors.records import (
    ANSWERED,
    DRAFT,
    FLAGGED,
    SEEN,
    Folder,
    Mail,
    MailChanges,
    MailQuery,
    MailRef,
)
from tandem.errors import Conflict, DeviceFault, StoreRefused

_LETTERS = {"D": DRAFT, "F": FLAGGED, "R": ANSWERED, "S": SEEN, "T": "deleted"}
_NAME = re.compile(r"(\d+)\.U(\d+)\.[^:]*:2,([A-Za-z]*)")
_ROLES = {
    "inbox": "inbox",
    "sent": "sent",
    "drafts": "drafts",
    "trash": "trash",
    "archive": "archive",
    "junk": "junk",
}
_FIRST = ("INBOX", "Sent", "Drafts", "Trash", "Archive")
_MAX_HEAD_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    uid: int
    received_at: float
    flags: frozenset[str]


class Maildir:
    """A Mailbox of files. Several processes may share it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        with _faults(root):
            if not self._at("INBOX").is_dir():
                for name in _FIRST:
                    self._make(name)

    def folders(self) -> tuple[Folder, ...]:
        """Every folder with a `cur` in it."""
        with _faults(self._root):
            found = [path.parent for path in self._root.rglob("cur") if path.is_dir()]
        names = sorted(self._name_of(path) for path in found)
        return tuple(Folder(name, _ROLES.get(name.lower(), "")) for name in names)

    def search(self, query: MailQuery) -> tuple[Mail, ...]:
        """Reads every mail of the folders asked for: there is no index here."""
        found: list[Mail] = []
        with _faults(self._root):
            for folder in self.folders():
                if folder.name not in query.folders and (
                    query.folders or folder.role in ("trash", "junk")
                ):
                    continue
                found += self._search(folder.name, query)
        found.sort(key=lambda mail: (mail.received_at, mail.ref.uid), reverse=True)
        return tuple(found[: query.limit])

    def find(self, ref: MailRef) -> Mail | None:
        """The mail without its body."""
        with _faults(self._root):
            file = self._file(ref)
            return self._mail(ref.folder, file) if file else None

    def read(self, ref: MailRef) -> bytes:
        """The file."""
        with _faults(self._root):
            return self._needed(ref).path.read_bytes()

    def append(self, folder: str, raw: bytes, flags: frozenset[str], received_at: float) -> MailRef:
        """Written to `tmp` first, as Maildir wants it."""
        with self._locked(folder):
            uid = self._next_uid(folder)
            name = f"{int(received_at)}.U{uid}.tandem:2,{self._letters(folder, flags)}"
            draft = self._at(folder) / "tmp" / name
            private_file.replace_bytes(draft, raw)
            draft.rename(self._at(folder) / "cur" / name)
        return MailRef(folder, uid, self._validity(folder))

    def move(self, ref: MailRef, folder: str) -> MailRef:
        """One rename into the other folder."""
        with self._locked(folder):
            file = self._needed(ref)
            uid = self._next_uid(folder)
            letters = self._letters(folder, file.flags)
            name = f"{int(file.received_at)}.U{uid}.tandem:2,{letters}"
            file.path.rename(self._at(folder) / "cur" / name)
        return MailRef(folder, uid, self._validity(folder))

    def flag(self, ref: MailRef, *, add: frozenset[str], remove: frozenset[str]) -> frozenset[str]:
        """One rename."""
        with self._locked(ref.folder):
            file = self._needed(ref)
            letters = self._letters(ref.folder, (file.flags - remove) | add)
            name = f"{file.path.name.partition(':')[0]}:2,{letters}"
            file.path.rename(file.path.with_name(name))
        return file.flags

    def expunge(self, ref: MailRef) -> None:
        """Delete the file."""
        with self._locked(ref.folder):
            file = self._file(ref)
            if file is not None:
                file.path.unlink()

    def make_folder(self, name: str) -> None:
        """A new Maildir."""
        if not name.strip("/"):
            raise StoreRefused("A folder needs a name.", remedy="Choose one.")
        with _faults(self._root):
            if (self._at(name) / "cur").is_dir():
                raise Conflict("There is a folder of this name.", remedy="Choose another name.")
            self._make(name)

    def drop_folder(self, name: str) -> None:
        """Only an empty one without folders inside."""
        path = self._at(name)
        with _faults(self._root):
            if not (path / "cur").is_dir() or any((path / "cur").iterdir()):
                raise Conflict("The folder is not there or not empty.", remedy="Look into it.")
            for part in ("cur", "new", "tmp"):
                (path / part).rmdir()
            for kept in (".uids", ".lock", "dovecot-keywords"):
                (path / kept).unlink(missing_ok=True)
            if not any(path.iterdir()):
                path.rmdir()

    def changes(self, folder: str, token: str) -> MailChanges:
        """The token lists every mail with its flags: the simplest thing that is always right."""
        before: dict[str, str] = msgspec.json.decode(token) if token else {}
        with _faults(self._root):
            validity = self._validity(folder)
            files = {str(file.uid): file for file in self._files(folder)}
            now = {uid: " ".join(sorted(file.flags)) for uid, file in files.items()}
            is_anew = bool(before) and before.get("validity") != str(validity)
            known: dict[str, str] = {} if is_anew else before
            changed = [f for uid, f in files.items() if known.get(uid) != now[uid]]
            mails = tuple(self._mail(folder, file) for file in changed)
        return MailChanges(
            token=msgspec.json.encode({"validity": str(validity), **now}).decode(),
            changed=mails,
            gone=tuple(
                MailRef(folder, int(uid), validity)
                for uid in known
                if uid != "validity" and uid not in now
            ),
            is_anew=is_anew,
        )

    # --- files ----------------------------------------------------------------------------------

    def _at(self, folder: str) -> Path:
        parts = [file_name(part) for part in folder.split("/")]
        # Inside a Maildir these three are its own.
        parts = [f"%{ord(p[0]):02X}{p[1:]}" if p in ("cur", "new", "tmp") else p for p in parts]
        return self._root.joinpath(*parts)

    def _name_of(self, path: Path) -> str:
        return "/".join(unquote(part) for part in path.relative_to(self._root).parts)

    def _make(self, name: str) -> None:
        for part in ("tmp", "new", "cur"):
            (self._at(name) / part).mkdir(parents=True, exist_ok=True, mode=0o700)
        self._validity(name)

    def _files(self, folder: str) -> Iterator[_File]:
        keywords = self._keywords(folder)
        try:
            paths = sorted((self._at(folder) / "cur").iterdir())
        except FileNotFoundError:
            return
        for path in paths:
            if match := _NAME.fullmatch(path.name):
                flags = {
                    _LETTERS.get(letter) or keywords.get(letter, letter) for letter in match[3]
                }
                yield _File(path, int(match[2]), float(match[1]), frozenset(flags))

    def _file(self, ref: MailRef) -> _File | None:
        if ref.validity and ref.validity != self._validity(ref.folder):
            return None
        return next((file for file in self._files(ref.folder) if file.uid == ref.uid), None)

    def _needed(self, ref: MailRef) -> _File:
        file = self._file(ref)
        if file is None:
            raise Conflict("The mail is no longer there.", remedy="Search for it again.")
        return file

    def _mail(self, folder: str, file: _File) -> Mail:
        with file.path.open("rb") as opened:
            head = opened.read(_MAX_HEAD_BYTES)
        ref = MailRef(folder, file.uid, self._validity(folder))
        return Mail(ref, head_of(head), file.flags, file.received_at, file.path.stat().st_size)

    def _search(self, folder: str, query: MailQuery) -> Iterator[Mail]:
        for file in self._files(folder):
            mail = self._mail(folder, file)
            if fits(mail, query) and (
                not query.text or holds_words(mail, file.path.read_bytes(), query.text)
            ):
                yield mail

    # --- uids and keywords ----------------------------------------------------------------------

    def _uids(self, folder: str) -> tuple[int, int]:
        """The folder's validity and its next uid."""
        path = self._at(folder) / ".uids"
        try:
            validity, following = path.read_text("ascii").split()
            return int(validity), int(following)
        except FileNotFoundError:
            # No two folders ever made under one name share a validity.
            validity = int.from_bytes(os.urandom(4), "big") | 1
            private_file.replace(path, f"{validity} 1")
            return validity, 1

    def _validity(self, folder: str) -> int:
        return self._uids(folder)[0] if (self._at(folder) / "cur").is_dir() else 0

    def _next_uid(self, folder: str) -> int:
        """Kept on disk before it is used: a uid that a crash has burnt is never used again."""
        validity, uid = self._uids(folder)
        private_file.replace(self._at(folder) / ".uids", f"{validity} {uid + 1}")
        return uid

    def _keywords(self, folder: str) -> dict[str, str]:
        try:
            lines = (self._at(folder) / "dovecot-keywords").read_text("utf-8").splitlines()
        except FileNotFoundError:
            return {}
        pairs = (line.split(" ", 1) for line in lines if " " in line)
        return {ascii_lowercase[int(number)]: name for number, name in pairs}

    def _letters(self, folder: str, flags: frozenset[str]) -> str:
        system = {flag: letter for letter, flag in _LETTERS.items()}
        known = {name: letter for letter, name in self._keywords(folder).items()}
        new = sorted(flag for flag in flags if flag not in system and flag not in known)
        if new:
            if len(known) + len(new) > len(ascii_lowercase):
                raise StoreRefused("A folder takes 26 keywords at most.", remedy="Use fewer.")
            known |= {name: ascii_lowercase[len(known) + i] for i, name in enumerate(new)}
            lines = [f"{ascii_lowercase.index(letter)} {name}" for name, letter in known.items()]
            private_file.replace(self._at(folder) / "dovecot-keywords", "\n".join(lines) + "\n")
        return "".join(sorted(system.get(flag) or known[flag] for flag in flags))

    @contextmanager
    def _locked(self, folder: str) -> Generator[None]:
        """One writer at a time in this folder."""
        with _faults(self._root):
            if not (self._at(folder) / "cur").is_dir():
                raise Conflict("There is no such folder.", remedy="Make it first.")
            with (self._at(folder) / ".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield


def fits(mail: Mail, query: MailQuery) -> bool:
    """Whether everything but the words of `query.text` holds."""
    head = mail.head
    people = " ".join(str(each) for each in (*head.to, *head.cc))
    tests = (
        _has(str(head.sender or ""), query.sender),
        _has(people, query.to),
        _has(head.subject, query.subject),
        not query.message_id or head.message_id == query.message_id,
        query.since is None or mail.received_at >= query.since,
        query.before is None or mail.received_at < query.before,
        query.with_flags <= mail.flags,
        not query.without_flags & mail.flags,
    )
    return all(tests)


def holds_words(mail: Mail, raw: bytes, words: str) -> bool:
    """Whether every word stands in the mail's header or text."""
    head = mail.head
    people = (head.sender, *head.to, *head.cc)
    whole = " ".join([head.subject, *(str(each) for each in people if each), body_of(raw).text])
    return all(_has(whole, word) for word in words.split())


def _has(text: str, words: str) -> bool:
    return words.casefold() in text.casefold()


@contextmanager
def _faults(root: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise DeviceFault(
            f"The mail in {root} cannot be used: {error.strerror}.",
            remedy="Free some disk space, or check the folder's rights.",
        ) from error

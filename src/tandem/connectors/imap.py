"""A mail server by IMAP: UIDPLUS and MOVE for exact places, CONDSTORE for what changed.

imap-tools makes the connection and knows folder names; the commands whose untagged answers matter
(COPYUID, MODSEQ) go through the standard library's client beneath it. A read is tried once more on
a fresh connection when the old one has died; a write never is: its caller looks first whether it
happened.
"""

from __future__ import annotations

import contextlib
import imaplib
import re
import ssl
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import msgspec
from imap_tools.mailbox import (
    BaseMailBox,
    MailBox,
    MailBoxStartTls,
    MailBoxUnencrypted,
)
from imap_tools.utils import encode_folder

from tandem.connectors.accounts import Account
from tandem.connectors.imap_faults import DEAD, faults, gone, lacks, said_no
from tandem.connectors.imap_words import (
    Found,
    flag_list,
    found_mails,
    is_role,
    ranges,
    search_terms,
    system_flag,
    uids_in,
)
from tandem.connectors.maildir import fits
from tandem.connectors.mime import head_of
from tandem.connectors.records import Folder, Mail, MailChanges, MailQuery, MailRef
from tandem.errors import Conflict, StoreRefused, StoreUnreachable

T = TypeVar("T")
_META = "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])"
_CHUNK = 200


@dataclass(frozen=True, slots=True)
class _Selected:
    validity: int
    modseq: int
    exists: int


class ImapMailbox:
    """A Mailbox on a server. Connects when first asked; `close` ends it."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._box: BaseMailBox | None = None
        self._delimiter = "/"
        self._folders: tuple[Folder, ...] | None = None

    def close(self) -> None:
        """Say good-bye if there is a connection."""
        box, self._box = self._box, None
        if box is not None:
            with contextlib.suppress(*DEAD, imaplib.IMAP4.error):
                box.client.logout()
            with contextlib.suppress(*DEAD, imaplib.IMAP4.error):
                box.client.shutdown()  # a dead connection never came to its end above

    def folders(self) -> tuple[Folder, ...]:
        """Roles by SPECIAL-USE (RFC 6154), else by the usual names."""

        def ask() -> tuple[Folder, ...]:
            found: list[Folder] = []
            box = self._connected()
            with faults(self._account.host):
                listed = box.folder.list()
            for each in listed:
                self._delimiter = each.delim or "/"
                if "\\noselect" not in {flag.lower() for flag in each.flags}:
                    name = each.name.replace(self._delimiter, "/")
                    found.append(Folder(name, is_role(name, each.flags)))
            return tuple(sorted(found, key=lambda folder: folder.name))

        self._folders = self._again(ask)
        return self._folders

    def search(self, query: MailQuery) -> tuple[Mail, ...]:
        """The server looks for the words; times and flags are checked here to the second."""
        found: list[Mail] = []
        for folder in self.folders():
            left_out = not query.folders and folder.role in ("trash", "junk")
            if left_out or (query.folders and folder.name not in query.folders):
                continue

            def ask(name: str = folder.name) -> list[Mail]:
                selected = self._select(name)
                uids = self._uids(search_terms(query)) if selected.exists else []
                if query.limit is not None and not query.text:
                    uids = sorted(uids)[-max(4 * query.limit, 50) :]
                return list(self._fetch(name, selected.validity, uids))

            found += [mail for mail in self._again(ask) if fits(mail, query)]
        found.sort(key=lambda mail: (mail.received_at, mail.ref.uid), reverse=True)
        return tuple(found[: query.limit])

    def find(self, ref: MailRef) -> Mail | None:
        """The mail without its body."""

        def ask() -> Mail | None:
            selected = self._select(ref.folder)
            if ref.validity and ref.validity != selected.validity:
                return None
            return next(self._fetch(ref.folder, selected.validity, [ref.uid]), None)

        try:
            return self._again(ask)
        except Conflict:
            return None

    def read(self, ref: MailRef) -> bytes:
        """BODY.PEEK, so that no flag changes."""

        def ask() -> bytes:
            self._at(ref)
            data = self._do("uid", "FETCH", str(ref.uid), "(UID BODY.PEEK[])")
            for each in found_mails(data):
                if each.uid == ref.uid:
                    return each.literal
            raise gone()

        return self._again(ask)

    def append(self, folder: str, raw: bytes, flags: frozenset[str], received_at: float) -> MailRef:
        """UIDPLUS tells the new uid."""
        self._again(self._noop)
        moment = datetime.fromtimestamp(int(received_at), UTC)
        date = moment.strftime("%d-%b-%Y %H:%M:%S +0000")
        date = f'"{_english(date, moment.month)}"'
        data = self._do("append", self._name(folder), f"({flag_list(flags)})", date, raw)
        match = re.search(rb"APPENDUID (\d+) (\d+)", b" ".join(_texts(data)))
        if match is None:
            raise lacks("UIDPLUS")
        return MailRef(folder, int(match[2]), int(match[1]))

    def move(self, ref: MailRef, folder: str) -> MailRef:
        """UID MOVE (RFC 6851); without it, copy and expunge this one."""
        self._again(lambda: self._present(ref))
        client = self._connected().client
        client.untagged_responses.pop("COPYUID", None)
        if "MOVE" in client.capabilities:
            data = self._do("uid", "MOVE", str(ref.uid), self._name(folder))
        else:
            data = self._do("uid", "COPY", str(ref.uid), self._name(folder))
        told = [*_texts(data), *_texts(client.untagged_responses.get("COPYUID", []))]
        match = re.search(rb"(?:COPYUID )?(\d+) (\d+) (\d+)", b" ".join(told))
        if "MOVE" not in client.capabilities:
            self.expunge(ref)
        if match is None:
            raise gone() if "MOVE" in client.capabilities else lacks("UIDPLUS")
        return MailRef(folder, int(match[3]), int(match[1]))

    def flag(self, ref: MailRef, *, add: frozenset[str], remove: frozenset[str]) -> frozenset[str]:
        """Two STOREs at most; each alone may be done twice without harm."""
        before = self._again(lambda: self._present(ref)).flags
        for sign, flags in (("+", add), ("-", remove)):
            if flags:
                wanted = f"{sign}FLAGS.SILENT"
                self._do("uid", "STORE", str(ref.uid), wanted, f"({flag_list(flags)})")
        return before

    def expunge(self, ref: MailRef) -> None:
        """UID EXPUNGE (RFC 4315) takes this one alone."""
        try:
            self._again(lambda: self._at(ref))
        except Conflict:
            return
        if "UIDPLUS" not in self._connected().client.capabilities:
            raise lacks("UIDPLUS")
        self._do("uid", "STORE", str(ref.uid), "+FLAGS.SILENT", "(\\Deleted)")
        self._do("uid", "EXPUNGE", str(ref.uid))

    def make_folder(self, name: str) -> None:
        """Subscribed too, so that other programs show it."""
        self._again(self._noop)
        try:
            self._do("create", self._name(name))
        except StoreRefused:
            if any(folder.name == name for folder in self.folders()):
                raise Conflict(
                    "There is a folder of this name.", remedy="Choose another."
                ) from None
            raise
        self._do("subscribe", self._name(name))

    def drop_folder(self, name: str) -> None:
        """Looked into first: the server would delete one with mail in it."""
        if self._again(lambda: self._select(name)).exists:
            raise Conflict("The folder is not empty.", remedy="Look into it.")
        client = self._connected().client
        self._do("unselect" if "UNSELECT" in client.capabilities else "close")
        self._do("delete", self._name(name))
        self._do("unsubscribe", self._name(name))

    def changes(self, folder: str, token: str) -> MailChanges:
        """By CONDSTORE (RFC 7162) where the server has it, else all flags are read anew."""

        def ask() -> MailChanges:
            before = msgspec.json.decode(token, type=_Token) if token else _Token()
            now = self._select(folder)
            is_anew = bool(before.validity) and before.validity != now.validity
            known = set[int]() if is_anew or not token else set(uids_in(before.uids))
            uids = set(self._uids(b"ALL")) if now.exists else set[int]()
            changed = uids - known
            if known and not (now.modseq and now.modseq == before.modseq):
                since = f"(CHANGEDSINCE {before.modseq})" if before.modseq and now.modseq else ""
                data = self._do("uid", "FETCH", "1:*", f"(UID FLAGS) {since}".strip())
                changed |= {each.uid for each in found_mails(data) if each.uid in uids}
            mails = tuple(self._fetch(folder, now.validity, sorted(changed)))
            kept = _Token(now.validity, now.modseq, ranges(uids))
            lost = tuple(MailRef(folder, uid, now.validity) for uid in sorted(known - uids))
            return MailChanges(msgspec.json.encode(kept).decode(), mails, lost, is_anew)

        return self._again(ask)

    def wait(self, folder: str, seconds: float) -> bool:
        """IDLE (RFC 2177): whether something happened within this time."""

        def ask() -> bool:
            self._select(folder)
            with faults(self._account.host):
                return bool(self._connected().idle.wait(timeout=seconds))

        return self._again(ask)

    # --- the connection -------------------------------------------------------------------------

    def _connected(self) -> BaseMailBox:
        if self._box is None:
            with faults(self._account.host):
                self._box = _open(self._account)
                client = self._box.client
                typ, data = client.capability()
                if typ == "OK" and data[0]:
                    client.capabilities = tuple(data[0].decode().upper().split())
                if {"ENABLE", "CONDSTORE"} <= set(client.capabilities):
                    client.enable("CONDSTORE")
                if len(self._box.folder.list("", "INBOX")):
                    self._delimiter = self._box.folder.list("", "INBOX")[0].delim or "/"
        return self._box

    def _do(self, command: str, *arguments: Any) -> list[Any]:
        """One command; its data. A dead connection is forgotten: the next call makes a new one."""
        client = self._connected().client
        try:
            with faults(self._account.host):
                typ, data = getattr(client, command)(*arguments)
        except StoreUnreachable:
            self._forget()
            raise
        if typ != "OK":
            raise said_no(self._account.host, typ, b" ".join(_texts(data)))
        return data

    def _again(self, ask: Callable[[], T]) -> T:
        """A read: once more where a connection that was there before has died."""
        was_there = self._box is not None
        try:
            return ask()
        except StoreUnreachable:
            self._forget()
            if not was_there:
                raise
        return ask()

    def _forget(self) -> None:
        box, self._box = self._box, None
        if box is not None:
            with contextlib.suppress(Exception):  # it is dead already
                box.client.shutdown()

    def _noop(self) -> None:
        self._do("noop")

    # --- places ---------------------------------------------------------------------------------

    def _name(self, folder: str) -> str:
        """Encoded (UTF-7) and quoted."""
        return encode_folder(folder.replace("/", self._delimiter)).decode("ascii")

    def _select(self, folder: str) -> _Selected:
        client = self._connected().client
        try:
            data = self._do("select", self._name(folder))
        except StoreRefused as error:
            raise Conflict("There is no such folder.", remedy="Make it first.") from error
        validity = _number(client.response("UIDVALIDITY")[1])
        modseq = _number(client.response("HIGHESTMODSEQ")[1])
        return _Selected(validity, modseq, _number(data))

    def _at(self, ref: MailRef) -> int:
        selected = self._select(ref.folder)
        if ref.validity and ref.validity != selected.validity:
            raise gone()
        return selected.validity

    def _present(self, ref: MailRef) -> Mail:
        validity = self._at(ref)
        mail = next(self._fetch(ref.folder, validity, [ref.uid]), None)
        if mail is None:
            raise gone()
        return mail

    def _uids(self, terms: bytes) -> list[int]:
        charset = [] if terms.isascii() else ["CHARSET", "UTF-8"]
        data = self._do("uid", "SEARCH", *charset, terms)
        return [int(each) for text in _texts(data) for each in text.split()]

    def _fetch(self, folder: str, validity: int, uids: Iterable[int]) -> Iterator[Mail]:
        wanted = sorted(uids)
        for start in range(0, len(wanted), _CHUNK):
            some = wanted[start : start + _CHUNK]
            data = self._do("uid", "FETCH", ranges(some), _META)
            for each in found_mails(data):
                if each.uid in some and each.has_literal:
                    yield _mail(folder, validity, each)


class _Token(msgspec.Struct):
    validity: int = 0
    modseq: int = 0
    uids: str = ""


def _mail(folder: str, validity: int, found: Found) -> Mail:
    ref = MailRef(folder, found.uid, validity)
    flags = frozenset(system_flag(each) for each in found.flags if each.lower() != "\\recent")
    try:
        received = parsedate_to_datetime(found.date.strip().replace("-", " ", 2)).timestamp()
    except (ValueError, TypeError):
        received = 0.0
    return Mail(ref, head_of(found.literal), flags, received, found.size)


def _open(account: Account) -> BaseMailBox:
    host, port, seconds = account.host, account.port, account.timeout_seconds
    if account.security == "tls":
        # Without a context of ours the library would take any certificate.
        context = ssl.create_default_context()
        box: BaseMailBox = MailBox(host, port, timeout=seconds, ssl_context=context)
    elif account.security == "starttls":
        context = ssl.create_default_context()
        box = MailBoxStartTls(host, port, timeout=seconds, ssl_context=context)
    else:
        box = MailBoxUnencrypted(host, port, timeout=seconds)
    try:
        credential = account.credential()
        if credential.is_token:
            box.xoauth2(account.user, credential.secret, initial_folder=None)
        elif (account.user + credential.secret).isascii():
            box.login(account.user, credential.secret, initial_folder=None)
        else:
            box.login_utf8(account.user, credential.secret, initial_folder=None)
    except BaseException:
        box.client.shutdown()
        raise
    return box


def _texts(data: Iterable[Any]) -> list[bytes]:
    return [each for each in data if isinstance(each, bytes)]


def _number(data: Iterable[Any]) -> int:
    texts = _texts(data)
    return int(texts[-1]) if texts and texts[-1].isdigit() else 0


def _english(date: str, month: int) -> str:
    """The month as IMAP spells it, whatever this machine's language."""
    names = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    return re.sub(r"-.*?-", f"-{names[month - 1]}-", date, count=1)

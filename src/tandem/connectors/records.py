"""The nouns of the user's stores: frozen values, no I/O.

Everything that is not mail is a text in one of the usual formats (.ics, .vcf, .md): an `Item`. Its
`etag` names this very version; a write says which version it replaces, so that nothing that changed
meanwhile is overwritten.
"""

from __future__ import annotations

from dataclasses import dataclass

# Flags of a mail, as IMAP's without the backslash, in small letters. Any other word is a keyword.
SEEN, ANSWERED, FLAGGED, DRAFT = "seen", "answered", "flagged", "draft"

# What a folder is for, where the store says so (RFC 6154).
ROLES = ("inbox", "sent", "drafts", "trash", "archive", "junk")


@dataclass(frozen=True, slots=True)
class Item:
    """One text of a shelf: a calendar object, a card, a note or a message.

    `href` is its name on the shelf and never changes; `etag` changes with every write.
    """

    href: str
    text: str
    etag: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened on a shelf since a token. `gone` are hrefs.

    `is_anew`: the token meant nothing any more; `changed` is then everything there is.
    """

    token: str
    changed: tuple[Item, ...]
    gone: tuple[str, ...]
    is_anew: bool = False


@dataclass(frozen=True, slots=True)
class Folder:
    """A mail folder. `role` is one of `ROLES` or empty."""

    name: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class MailRef:
    """Where a mail is. `uid` is never used again in this folder as long as `validity` stays."""

    folder: str
    uid: int
    validity: int = 0


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox of a person: the name may be empty."""

    name: str
    address: str

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


@dataclass(frozen=True, slots=True)
class Head:
    """What a mail's header says, decoded. `message_id` and its kin keep their angle brackets.

    `sent_at` is seconds since the Unix epoch, `None` where the header has no usable date.
    """

    message_id: str = ""
    subject: str = ""
    sender: Address | None = None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    sent_at: float | None = None
    in_reply_to: str = ""
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail without its body. `received_at` is seconds since the Unix epoch, `size` is bytes."""

    ref: MailRef
    head: Head
    flags: frozenset[str]
    received_at: float
    size: int


@dataclass(frozen=True, slots=True)
class MailQuery:
    """What to look for: every given part must hold. Words are compared without regard to case.

    `text` is looked for in header and body, `since` and `before` (seconds since the Unix epoch) in
    the time of arrival. `folders` empty: everywhere but in trash and junk.
    """

    text: str = ""
    sender: str = ""
    to: str = ""
    subject: str = ""
    message_id: str = ""
    since: float | None = None
    before: float | None = None
    with_flags: frozenset[str] = frozenset()
    without_flags: frozenset[str] = frozenset()
    folders: tuple[str, ...] = ()
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class MailChanges:
    """What happened in a folder since a token.

    `is_anew`: the token meant nothing any more (new UIDVALIDITY); `changed` is then the whole
    folder and whatever was known of it is void.
    """

    token: str
    changed: tuple[Mail, ...]
    gone: tuple[MailRef, ...]
    is_anew: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail on its way out: the bytes, and who gets them (the envelope, Bcc included)."""

    message_id: str
    sender: str
    recipients: tuple[str, ...]
    raw: bytes

"""Builds the user's mails as bytes: new ones, replies in their thread, forwards, invitations."""

from __future__ import annotations

import email.policy
import email.utils
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from tandem.assistant.manner import Manner, body_of_letter
from tandem.connectors.mime import Attachment, body_of, head_of
from tandem.connectors.records import Address, Letter


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail before it is bytes. `words` are the finished text without greeting and close."""

    to: tuple[Address, ...]
    subject: str
    words: str
    cc: tuple[Address, ...] = ()
    greeting: str = ""
    attachments: tuple[Attachment, ...] = ()
    below: str = ""  # what is quoted or sent on
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    calendar: tuple[str, str] | None = None  # (method, text) of an iMIP message


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes: the user, with their manner. `stamp` makes Message-IDs unique."""

    name: str
    address: str
    manner: Manner

    def letter(self, draft: Draft, now: datetime, stamp: str) -> Letter:
        """The mail as it will leave, and its envelope."""
        message = EmailMessage(policy=email.policy.SMTP)
        domain = self.address.rpartition("@")[2] or "localhost"
        message_id = f"<{stamp}@{domain}>"
        message["From"] = str(_safe(Address(self.name, self.address)))
        message["To"] = ", ".join(str(_safe(one)) for one in draft.to)
        if draft.cc:
            message["Cc"] = ", ".join(str(_safe(one)) for one in draft.cc)
        message["Subject"] = " ".join(draft.subject.split())
        message["Date"] = email.utils.format_datetime(now)
        message["Message-ID"] = message_id
        if draft.in_reply_to:
            message["In-Reply-To"] = draft.in_reply_to
            message["References"] = " ".join((*draft.references, draft.in_reply_to))
        message.set_content(self.text(draft))
        if draft.calendar is not None:
            method, text = draft.calendar
            message.add_alternative(
                text.encode("utf-8"), maintype="text", subtype="calendar",
                params={"method": method, "charset": "utf-8"},
            )  # fmt: skip
        for part in draft.attachments:
            main, _, sub = (part.kind or "application/octet-stream").partition("/")
            if main in ("message", "multipart"):
                main, sub = "application", "octet-stream"
            message.add_attachment(
                part.content, maintype=main, subtype=sub or "octet-stream", filename=part.name
            )
        people = tuple(dict.fromkeys(one.address for one in (*draft.to, *draft.cc)))
        return Letter(message_id, self.address, people, message.as_bytes())

    def text(self, draft: Draft) -> str:
        """The whole text: greeting, words, close, signature, and what stands below."""
        signature = f"-- \n{self.manner.signature}" if self.manner.signature else ""
        close = "" if signature and self.manner.close in signature else self.manner.close
        return body_of_letter((draft.greeting, draft.words, close, signature, draft.below)) + "\n"


def _safe(one: Address) -> str:
    return email.utils.formataddr((one.name, one.address), charset="utf-8")


def reply_subject(subject: str) -> str:
    """The subject with one `Re:` before it."""
    return subject if subject.lower().startswith(("re:", "回复：", "回复:")) else f"Re: {subject}"


def quoted(raw: bytes, text: str, when: datetime, language: str) -> str:
    """The mail's text with `> ` before each line, under a line that says who wrote it and when."""
    sender = head_of(raw).sender
    name = (sender.name or sender.address) if sender else ""
    if language == "zh":
        head = f"{when:%Y-%m-%d %H:%M} {name}:"
    else:
        head = f"On {when.day} {when:%B %Y} at {when:%H:%M}, {name} wrote:"
    return "\n".join([head, *(f"> {line}".rstrip() for line in text.strip().splitlines())])


def forwarded(raw: bytes, text: str, when: datetime, language: str) -> str:
    """A mail as it stands in one that sends it on."""
    head = head_of(raw)
    names = ("发件人", "日期", "主题", "收件人") if language == "zh" else (
        "From", "Date", "Subject", "To"
    )  # fmt: skip
    title = (
        "---------- 转发的邮件 ----------"
        if language == "zh"
        else "---------- Forwarded mail ----------"
    )
    values = (
        str(head.sender or ""),
        f"{when:%Y-%m-%d %H:%M}",
        head.subject,
        ", ".join(str(one) for one in head.to),
    )
    lines = [f"{name}: {value}" for name, value in zip(names, values, strict=True)]
    return "\n".join([title, *lines, "", text.strip()])


def attachments_of(raws: Sequence[bytes]) -> tuple[Attachment, ...]:
    """What hangs on these mails, apart from invitations' calendar parts."""
    return tuple(
        part
        for raw in raws
        for part in body_of(raw).attachments
        if part.name and part.kind != "text/calendar"
    )

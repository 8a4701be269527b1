"""What went wrong with a mail server, in our words."""

from __future__ import annotations

import contextlib
import imaplib
import ssl
from collections.abc import Generator

from imap_tools.errors import ImapToolsError

from tandem.errors import (
    Conflict,
    StoreBroken,
    StoreBusy,
    StoreFault,
    StoreRefused,
    StoreUnreachable,
)

DEAD = (imaplib.IMAP4.abort, OSError, ssl.SSLError, EOFError)


@contextlib.contextmanager
def faults(host: str) -> Generator[None]:
    """The library's errors in our words."""
    try:
        yield
    except StoreFault:
        raise
    except ssl.SSLCertVerificationError:
        raise StoreUnreachable(
            f"The secure connection to {host} failed: its certificate is not valid here.",
            remedy="Check the host's name, this machine's clock and its certificates.",
        ) from None
    except TimeoutError:
        raise StoreUnreachable(f"{host} did not answer in time.", remedy="Try again.") from None
    except DEAD as error:
        raise StoreUnreachable(
            f"The connection to {host} failed ({type(error).__name__}).", remedy="Try again."
        ) from None
    except ImapToolsError as error:
        said = str(getattr(error, "command_result", "")).encode("utf-8", "replace")
        raise said_no(host, "NO", said) from None
    except imaplib.IMAP4.error as error:
        typ = "BAD" if "error: BAD" in str(error) else "NO"
        raise said_no(host, typ, str(error).encode("utf-8", "replace")) from None
    except (ValueError, LookupError, AttributeError, AssertionError, TypeError) as error:
        raise StoreBroken(
            f"{host} answered what IMAP does not allow ({type(error).__name__}).",
            remedy="Try again; if it stays so, tell who runs the server.",
        ) from None


def said_no(host: str, typ: str, said: bytes) -> StoreFault:
    """What a NO or BAD means, by its response code (RFC 5530)."""
    upper = said.upper()
    if typ == "BAD":
        return StoreBroken(f"{host} does not understand the command.", remedy="Tell who runs it.")
    if b"UNAVAILABLE" in upper or b"INUSE" in upper or b"LIMIT" in upper or b"THROTTL" in upper:
        return StoreBusy(f"{host} asks to come again later.", remedy="Try again later.")
    if b"AUTHENTICAT" in upper or b"LOGIN" in upper:
        return StoreRefused(
            f"{host} does not accept the user or the password.",
            remedy="Connect again: tandem connect mail. Some servers want an app password.",
        )
    if b"OVERQUOTA" in upper or b"QUOTA" in upper:
        return StoreRefused(f"The mailbox on {host} is full.", remedy="Make room there.")
    if b"TRYCREATE" in upper or b"NONEXISTENT" in upper or b"DOESN'T EXIST" in upper:
        return Conflict("There is no such folder.", remedy="Make it first.")
    return StoreRefused(f"{host} refused the command.", remedy="Check the rights there.")


def gone() -> Conflict:
    """The mail is not where it was."""
    return Conflict("The mail is no longer there.", remedy="Search for it again.")


def lacks(capability: str) -> StoreRefused:
    """The server cannot do what exact undo needs."""
    return StoreRefused(
        f"The mail server has no {capability}, without which no act can be undone exactly.",
        remedy="Ask who runs it.",
    )

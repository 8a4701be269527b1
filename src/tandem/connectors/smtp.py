"""The way out by SMTP submission (RFC 6409): for every recipient, or for nobody.

No protocol tells later whether a letter was taken. Servers that file a copy into Sent by themselves
(Gmail, Outlook) leave that as evidence; with others the moment between the last dot and its answer
stays open when this process dies in it, and `has_taken` says `None`: the user is asked, nothing is
sent twice and nothing is given up silently.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from collections.abc import Callable, Generator
from functools import partial

from tandem.connectors.accounts import Account, sasl_token
from tandem.connectors.records import Letter
from tandem.errors import StoreBroken, StoreBusy, StoreFault, StoreRefused, StoreUnreachable


class SmtpPost:
    """A Post. One connection per letter: letters are rare, and a kept one would be stale.

    `is_in_sent` looks for a Message-ID in the Sent folder. `files_sent`: the server puts a copy
    there itself, so that none in it means that the letter was not taken.
    """

    def __init__(
        self,
        account: Account,
        *,
        is_in_sent: Callable[[str], bool] | None = None,
        files_sent: bool = False,
        host_name: str = "localhost",
    ) -> None:
        self._account = account
        self._is_in_sent = is_in_sent
        self._files_sent = files_sent
        self._host_name = host_name  # ours is nobody's business

    def send(self, letter: Letter, *, about_to: Callable[[], None] | None = None) -> None:
        """Hand it over; a refused recipient means that nobody gets it."""
        with _faults(self._account.host), self._line() as line:
            self._address(line, letter)
            _hand_over(line, letter.raw, about_to)

    def has_taken(self, letter: Letter) -> bool | None:
        """What the Sent folder tells; raises a `StoreFault` if it cannot be asked."""
        if self._is_in_sent is None:
            return None
        if self._is_in_sent(letter.message_id):
            return True
        return False if self._files_sent else None

    def try_log_in(self) -> None:
        """Connect and log in, no more. Raises a `StoreFault`."""
        with _faults(self._account.host), self._line():
            pass

    def recall(self, letter: Letter) -> bool:
        """What SMTP has taken does not come back."""
        del letter
        return False

    @contextlib.contextmanager
    def _line(self) -> Generator[smtplib.SMTP]:
        account = self._account
        context = ssl.create_default_context()
        seconds = account.timeout_seconds
        if account.security == "tls":
            line: smtplib.SMTP = smtplib.SMTP_SSL(
                account.host, account.port, self._host_name, timeout=seconds, context=context
            )
        else:
            line = smtplib.SMTP(account.host, account.port, self._host_name, timeout=seconds)
        try:
            line.ehlo()
            if account.security == "starttls":
                line.starttls(context=context)
                line.ehlo()
            self._log_in(line)
            yield line
            with contextlib.suppress(smtplib.SMTPException, OSError):
                line.quit()
        finally:
            line.close()

    def _log_in(self, line: smtplib.SMTP) -> None:
        if not line.has_extn("auth"):
            return  # a relay on one's own machine
        credential = self._account.credential()
        if credential.is_token:
            line.user = self._account.user
            line.auth("XOAUTH2", partial(_shown, sasl_token(line.user, credential.secret)))
        else:
            line.login(self._account.user, credential.secret)

    def _address(self, line: smtplib.SMTP, letter: Letter) -> None:
        options: list[str] = []
        if not (letter.sender + "".join(letter.recipients)).isascii():
            if not line.has_extn("smtputf8"):
                raise StoreRefused(
                    "The mail server takes no addresses beyond ASCII.",
                    remedy="Use another address.",
                )
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        elif line.has_extn("8bitmime"):
            options = ["BODY=8BITMIME"]
        code, said = line.mail(letter.sender, options)
        if code != 250:
            raise smtplib.SMTPSenderRefused(code, said, letter.sender)
        refused: dict[str, tuple[int, bytes]] = {}
        for each in letter.recipients:
            answer = line.rcpt(each)
            if answer[0] not in (250, 251):
                refused[each] = answer
        if refused or not letter.recipients:
            line.rset()
            raise smtplib.SMTPRecipientsRefused(refused)


def _hand_over(line: smtplib.SMTP, raw: bytes, about_to: Callable[[], None] | None) -> None:
    """DATA. Ours, as the library's leaves no moment between the server's go and the last dot."""
    code, said = line.docmd("DATA")
    if code != 354:
        raise smtplib.SMTPDataError(code, said)
    content = re.sub(rb"\r\n|\r|\n", b"\r\n", raw)
    content = re.sub(rb"(?m)^\.", b"..", content)
    line.send(content if content.endswith(b"\r\n") else content + b"\r\n")
    if about_to is not None:
        about_to()
    line.send(b".\r\n")
    code, said = line.getreply()
    if code != 250:
        raise smtplib.SMTPDataError(code, said)


def _shown(token: str, _challenge: bytes | None = None, /) -> str:
    return token


@contextlib.contextmanager
def _faults(host: str) -> Generator[None]:
    """The library's errors in our words. Nothing here quotes an address."""
    try:
        yield
    except StoreFault:
        raise
    except smtplib.SMTPAuthenticationError:
        raise StoreRefused(
            f"{host} does not accept the user or the password.",
            remedy="Connect again: tandem connect mail. Some servers want an app password.",
        ) from None
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        if codes and all(code < 500 for code in codes):
            raise StoreBusy(f"{host} asks to come again later.", remedy="Try again.") from None
        raise StoreRefused(
            f"{host} refuses {len(codes)} of the recipients; nobody got the mail.",
            remedy="Check the addresses.",
        ) from None
    except smtplib.SMTPResponseException as error:
        raise _answered(host, error.smtp_code) from None
    except smtplib.SMTPNotSupportedError:
        raise StoreRefused(
            f"{host} does not offer what the account is set to.",
            remedy="Check security and port of the account.",
        ) from None
    except ssl.SSLCertVerificationError:
        raise StoreUnreachable(
            f"The secure connection to {host} failed: its certificate is not valid here.",
            remedy="Check the host's name, this machine's clock and its certificates.",
        ) from None
    except (smtplib.SMTPException, OSError, EOFError, ValueError) as error:
        raise StoreUnreachable(
            f"The connection to {host} failed ({type(error).__name__}).", remedy="Try again."
        ) from None


def _answered(host: str, code: int) -> StoreFault:
    if code == 552 or code == 452:
        return StoreRefused(f"{host} has no room for the mail.", remedy="Make it smaller.")
    if 400 <= code < 500:
        return StoreBusy(f"{host} asks to come again later ({code}).", remedy="Try again later.")
    if 500 <= code < 600:
        return StoreRefused(f"{host} refuses the mail ({code}).", remedy="Check what it wants.")
    return StoreBroken(f"{host} answers {code}, which is no answer here.", remedy="Try again.")

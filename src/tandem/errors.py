"""One tree of exceptions. Each says what went wrong, whose fault it is and what to do.

    TandemError
    ├── BadRequest            the caller's fault: the request cannot be served as it is
    │   ├── ContextTooLong    the prompt does not fit the model
    │   ├── Unsupported       a valid wish that this engine cannot fulfil
    │   └── Unauthorized      no token, or a wrong one (the caller of our own server)
    ├── BadSettings           the settings' fault: file, key, value, missing credential
    ├── BadModel              the model file's fault: not GGUF, truncated, unknown architecture
    ├── Stays                 policy: the request must not leave the device
    ├── Overloaded            we are at a limit; later it will work
    ├── DeviceFault           this machine's fault: disk full, port in use, out of memory
    ├── CloudFault            the other side's fault
    │   ├── CloudUnreachable  refused, reset, no such host, TLS
    │   ├── CloudTimeout      nothing came in time, or it never ends
    │   ├── CloudRejected     it said no: wrong key, quota, 4xx
    │   ├── CloudBroken       it answered 5xx, malformed data or a stream cut short
    │   └── CloudBusy         429 or 503, with `retry_after_seconds` where it said so
    └── StoreFault            the fault of the user's mail, calendar or contacts server
        ├── StoreUnreachable  no connection, cut off, or nothing came in time
        ├── StoreRefused      it said no and did nothing: password, rights, quota
        ├── StoreBusy         it asks to come again later, with `retry_after_seconds`
        ├── StoreBroken       it answered what its protocol does not allow
        └── Conflict          what should be written has changed there meanwhile

`code` is stable and fits into a ledger; `guilty` is one of "you", "settings", "model", "policy",
"this machine", "cloud", "server". The message never quotes the user's text.
"""

from __future__ import annotations

from typing import ClassVar


class TandemError(Exception):
    """The root. `remedy` is one sentence that says what the user can do."""

    code: ClassVar[str] = "error"
    guilty: ClassVar[str] = "this machine"

    def __init__(self, message: str, *, remedy: str = "", param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.param = param

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class BadRequest(TandemError):
    """The caller's fault."""

    code = "bad_request"
    guilty = "you"


class ContextTooLong(BadRequest):
    """The prompt does not fit the model's context."""

    code = "context_length_exceeded"


class Unsupported(BadRequest):
    """A valid wish that this engine cannot fulfil."""

    code = "unsupported"


class Unauthorized(BadRequest):
    """The caller of our own server has no token, or a wrong one."""

    code = "unauthorized"


class BadSettings(TandemError):
    """The settings' fault: an unknown key, a wrong value, a missing credential."""

    code = "bad_settings"
    guilty = "settings"


class BadModel(TandemError):
    """The model file's fault."""

    code = "bad_model"
    guilty = "model"


class Stays(TandemError):
    """Policy: the request must not leave the device."""

    code = "stays_on_device"
    guilty = "policy"


class Overloaded(TandemError):
    """We are at a limit."""

    code = "overloaded"

    def __init__(
        self, message: str, *, remedy: str = "", retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.retry_after_seconds = retry_after_seconds


class DeviceFault(TandemError):
    """This machine's fault: disk full, port in use, out of memory."""

    code = "device_fault"


class CloudFault(TandemError):
    """The other side's fault."""

    code = "cloud_fault"
    guilty = "cloud"


class CloudUnreachable(CloudFault):
    """Refused, reset before an answer, no such host, or TLS failed.

    `has_connected` is false where there was no connection, so nothing can have left.
    """

    code = "cloud_unreachable"

    def __init__(self, message: str, *, remedy: str = "", has_connected: bool = True) -> None:
        super().__init__(message, remedy=remedy)
        self.has_connected = has_connected


class CloudTimeout(CloudFault):
    """Nothing came in time, or it never ends."""

    code = "cloud_timeout"


class CloudRejected(CloudFault):
    """The cloud said no: wrong key, quota, a 4xx."""

    code = "cloud_rejected"

    def __init__(self, message: str, *, remedy: str = "", status: int | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.status = status


class CloudBroken(CloudFault):
    """A 5xx, malformed data, or a stream cut short."""

    code = "cloud_broken"


class CloudBusy(CloudFault):
    """429 or 503."""

    code = "cloud_busy"

    def __init__(
        self, message: str, *, remedy: str = "", retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.retry_after_seconds = retry_after_seconds


class StoreFault(TandemError):
    """The fault of the user's own mail, calendar or contacts server."""

    code = "store_fault"
    guilty = "server"


class StoreUnreachable(StoreFault):
    """No connection, cut off, or nothing came in time."""

    code = "store_unreachable"


class StoreRefused(StoreFault):
    """It said no and did nothing: wrong password, no right, no space left."""

    code = "store_refused"


class StoreBusy(StoreFault):
    """It asks to come again later."""

    code = "store_busy"

    def __init__(
        self, message: str, *, remedy: str = "", retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.retry_after_seconds = retry_after_seconds


class StoreBroken(StoreFault):
    """It answered what its protocol does not allow."""

    code = "store_broken"


class Conflict(StoreFault):
    """What should be written has changed meanwhile; nothing was overwritten."""

    code = "conflict"

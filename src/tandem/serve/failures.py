"""Errors of Tandem as OpenAI's clients know them: status, headers and the four-keyed body. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from tandem.errors import (
    BadModel,
    BadRequest,
    BadSettings,
    CloudBusy,
    CloudFault,
    CloudTimeout,
    Conflict,
    ContextTooLong,
    DeviceFault,
    Overloaded,
    Stays,
    StoreFault,
    TandemError,
    Unauthorized,
    Unsupported,
)

Headers = tuple[tuple[bytes, bytes], ...]

# The first class that fits, so the narrow ones come before the wide. `type` is OpenAI's word for
# the kind of fault, by which its clients choose their own exceptions and retries.
_KINDS: tuple[tuple[type[TandemError], int, str], ...] = (
    (Unauthorized, 401, "invalid_request_error"),
    (ContextTooLong, 400, "invalid_request_error"),
    (Unsupported, 400, "invalid_request_error"),
    (BadRequest, 400, "invalid_request_error"),
    (Stays, 403, "permission_error"),
    (Overloaded, 429, "rate_limit_error"),
    (CloudBusy, 503, "server_error"),
    (CloudTimeout, 504, "server_error"),
    (CloudFault, 502, "server_error"),
    (Conflict, 409, "invalid_request_error"),
    (StoreFault, 502, "server_error"),
    (BadModel, 500, "server_error"),
    (BadSettings, 500, "server_error"),
    (DeviceFault, 500, "server_error"),
)


class HttpRefusal(BadRequest):
    """A refusal on the level of HTTP itself: no such path, too large, too slow, wrong host."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        remedy: str = "",
        param: str | None = None,
        headers: Headers = (),
        closes: bool = False,
    ) -> None:
        super().__init__(message, remedy=remedy, param=param)
        self.status = status
        self.short_code = code
        self.headers = headers
        self.closes = closes


@dataclass(frozen=True, slots=True)
class Failure:
    """An error as it goes out."""

    status: int
    headers: Headers
    body: bytes


def failure_from(error: TandemError) -> Failure:
    """The status, extra headers and body for an error."""
    status, kind = _status(error)
    code = error.short_code if isinstance(error, HttpRefusal) else error.code
    inner = {"message": _message(error), "type": kind, "param": error.param, "code": code}
    return Failure(status, _headers(error), msgspec.json.encode({"error": inner}))


def failure_of_a_bug(request_id: str) -> Failure:
    """Our own fault, unforeseen: no detail leaves, only the number to look up."""
    inner = {
        "message": f"Tandem failed inside (request {request_id}). Please report it.",
        "type": "server_error",
        "param": None,
        "code": "bug",
    }
    return Failure(500, (), msgspec.json.encode({"error": inner}))


def _message(error: TandemError) -> str:
    """Clients such as litellm know a prompt that is too long by these words, not by its code."""
    if isinstance(error, ContextTooLong):
        return f"{error} (The input is longer than the model's context length.)"
    return str(error)


def _status(error: TandemError) -> tuple[int, str]:
    if isinstance(error, HttpRefusal):
        kinds = {403: "permission_error", 503: "server_error"}
        return error.status, kinds.get(error.status, "invalid_request_error")
    for family, status, kind in _KINDS:
        if isinstance(error, family):
            return status, kind
    return 500, "server_error"


def _headers(error: TandemError) -> Headers:
    if isinstance(error, HttpRefusal):
        closing = ((b"connection", b"close"),) if error.closes else ()
        return (*error.headers, *closing)
    if isinstance(error, Unauthorized):
        return ((b"www-authenticate", b'Bearer realm="tandem"'),)
    if isinstance(error, (Overloaded, CloudBusy)):
        # Without a word from the other side: OpenAI's clients then wait about a second.
        seconds = 1 if error.retry_after_seconds is None else round(error.retry_after_seconds)
        return ((b"retry-after", str(max(seconds, 1)).encode()),)
    return ()

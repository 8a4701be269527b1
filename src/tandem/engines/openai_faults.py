"""Whose fault it is when a server says no: statuses and error bodies as errors of Tandem.

Pure. The server's own message is never passed on, as it may quote the user's text; its code is.
"""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, cast

import msgspec

from tandem.errors import (
    CloudBroken,
    CloudBusy,
    CloudFault,
    CloudRejected,
    ContextTooLong,
    TandemError,
)

# No server means more than an hour; a larger figure is an error or an attack.
MAX_RETRY_AFTER_SECONDS = 3600.0

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
# In words: OpenAI and vLLM ("maximum context length"), SGLang ("model's context length"),
# llama-server ("exceeds the available context size", code exceed_context_size_error).
_TOO_LONG = re.compile(
    r"context_length_exceeded|exceed_context_size|context (length|size|window)",
    re.IGNORECASE,
)
_QUOTA = ("insufficient_quota", "billing_not_active", "billing_hard_limit_reached")


def fault_from_status(
    status: int,
    body: bytes,
    retry_after: str | None,
    *,
    now: float,
    credential_name: str | None,
) -> TandemError:
    """The error for a reply that is not a success. `now` is seconds since the Unix epoch."""
    error = _error_of(body)
    if status in (400, 413, 422) and _is_too_long(error):
        return _too_long()
    if status == 429 and _code_of(error) in _QUOTA:
        return CloudRejected(
            "The cloud account's quota is used up.",
            remedy="Add credit at the provider, or ask the device only.",
            status=status,
        )
    if status in (429, 503, 529):  # 529: Anthropic's word for overloaded
        seconds = _seconds(retry_after, now)
        return CloudBusy(
            f"The cloud is busy (HTTP {status}).",
            remedy="Try again later." if seconds is None else f"Try again in {seconds:.0f} s.",
            retry_after_seconds=seconds,
        )
    if status >= 500:
        return CloudBroken(f"The cloud failed (HTTP {status}).", remedy="Try again later.")
    return _rejected(status, error, credential_name)


def fault_from_error(error: Any) -> TandemError:
    """The error for an error event inside a stream."""
    if _is_too_long(error):
        return _too_long()
    code = _code_of(error)
    if code in ("rate_limit_exceeded", "rate_limit_error", "overloaded_error", "overloaded"):
        return CloudBusy("The cloud is busy.", remedy="Try again later.")
    named = f" ({code})" if code else ""
    return CloudBroken(f"The cloud reported an error in mid-answer{named}.", remedy="Ask again.")


def _rejected(status: int, error: Any, credential_name: str | None) -> CloudFault:
    key = credential_name or "the API key"
    remedies = {
        401: f"The key is missing, wrong or expired: set {key} anew.",
        402: "Add credit at the provider.",
        403: f"The key may not use this model or place: check {key} and the model's name.",
        404: "Check the URL and the model's name in the settings.",
        413: "Shorten the question or its attachments.",
    }
    code = _code_of(error)
    named = f", {code}" if code else ""
    if 300 <= status < 400:
        return CloudRejected(
            f"The cloud redirects to another address (HTTP {status}), which is not followed.",
            remedy="Put the final address into the settings.",
            status=status,
        )
    return CloudRejected(
        f"The cloud refused the request (HTTP {status}{named}).",
        remedy=remedies.get(status, "It does not take this request: check the model's abilities."),
        status=status,
    )


def _too_long() -> ContextTooLong:
    return ContextTooLong(
        "The conversation is longer than the cloud model's context.",
        remedy="Shorten it or start a new conversation.",
        param="messages",
    )


def _error_of(body: bytes) -> Any:
    """The `error` of a body: an object (OpenAI), a text (Ollama), or the whole body (old vLLM)."""
    try:
        found: Any = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if isinstance(found, dict):
        fields = cast("dict[str, Any]", found)
        return fields.get("error", fields)
    return None


def _is_too_long(error: Any) -> bool:
    if isinstance(error, str):
        return bool(_TOO_LONG.search(error))
    if not isinstance(error, dict):
        return False
    fields = cast("dict[str, Any]", error)
    return any(_TOO_LONG.search(str(fields.get(name))) for name in ("code", "type", "message"))


def _code_of(error: Any) -> str | None:
    if not isinstance(error, dict):
        return None
    fields = cast("dict[str, Any]", error)
    for name in ("code", "type"):
        found = fields.get(name)
        if isinstance(found, str) and _CODE.fullmatch(found):
            return found
    return None


def _seconds(retry_after: str | None, now: float) -> float | None:
    """RFC 9110, section 10.2.3: a number of seconds, or a date."""
    if not retry_after:
        return None
    text = retry_after.strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            date = parsedate_to_datetime(text)
        except ValueError:
            return None
        seconds = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now
    if not seconds < float("inf"):  # NaN too
        return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_SECONDS)

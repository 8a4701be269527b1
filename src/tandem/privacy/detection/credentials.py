"""Keys, tokens and passwords: by their own form, by what stands before them, by their randomness."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

from tandem.personal import Around, Finding, Kind
from tandem.privacy.detection.view import View

# The forms that their makers gave them. Prefixes are theirs; lengths are at least, as they grow.
_KEY_FORMS = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"sk-(?:ant-|proj-|or-|svcacct-)?[A-Za-z0-9_-]{18,250}"
    r"|(?:gh[pousr]_|github_pat_|glpat-|gloas-|hf_|npm_|pypi-|dop_v1_|shpat_|shpss_|rk_live_|rk_test_|"
    r"sk_live_|sk_test_|pk_live_|whsec_|xapp-|dckr_pat_|figd_|lin_api_|secret_|ntn_|r8_|gsk_|xai-|tvly-|"
    r"pplx-|nvapi-)[A-Za-z0-9_-]{16,250}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,250}"
    r"|(?:AKIA|ASIA|AGPA|AIDA|AROA|ABIA|ACCA)[A-Z0-9]{16}"
    r"|AIza[A-Za-z0-9_-]{30,45}|ya29\.[A-Za-z0-9_-]{20,250}"
    r"|SG\.[A-Za-z0-9_-]{16,40}\.[A-Za-z0-9_-]{16,60}"
    r"|eyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{8,4000}(?:\.[A-Za-z0-9_-]{0,2000})?"
    r"|LTAI[A-Za-z0-9]{12,30}|AKID[A-Za-z0-9]{13,60}|SK[0-9a-f]{32}|AC[0-9a-f]{32}|key-[0-9a-f]{32}"
    r"|\d{8,10}:AA[A-Za-z0-9_-]{32,36}"
    r"|AGE-SECRET-KEY-1[A-Z0-9]{50,60}"
    r")(?![A-Za-z0-9])"
)
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----")
_PRIVATE_KEY_END = re.compile(r"-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----")
_PAIR = re.compile(
    r"(?i)(?:[\w.-]{0,40}(?:secret|token|api[_-]?key|access[_-]?key|private[_-]?key|auth[_-]?key|account[_-]?key|"
    r"client[_-]?secret|credentials?)|authorization|x-api-key|cookie|密钥|令牌|秘钥)"
    r"[\"'”]?\s{0,3}(?:[:=：]|=>|是|为|\bis\b)\s{0,3}(?:(?:bearer|basic|token)\s{1,3})?[\"'“”`]?"
    r"([^\s\"'“”`,;，；。)）}\]]{8,500})"
)
_BEARER = re.compile(r"(?i)\b(?:bearer|basic)\s{1,3}([A-Za-z0-9_.+/=~-]{16,2000})")
_RANDOM = re.compile(r"(?<![A-Za-z0-9_/+.=-])[A-Za-z0-9_+/-]{24,200}={0,2}(?![A-Za-z0-9_/+=-])")

# "password: X", "password is X", "password 'X'", "密码是X".
_PASSWORD = re.compile(
    r"(?i)(?:\bpass(?:word|code|phrase|wd)s?|\bpwd|\bpsw|\bpin(?: code| number)?|密码|口令|暗号|通关密语)"
    r"(?P<tie>[\"'”’]?\s{0,3}(?:(?:is|was|are|of)\b|为|是|改成|改为|设为|设成|叫|[:=：]|=>|-)?\s{0,3}(?:set to\s{1,3}|[:=：]\s{0,3})?)"
    r"(?P<quote>[\"'“‘”’`「『]?)(?P<value>[^\s\"“”‘’`「」『』，。；！？（）<>\u3400-\u9fff]{3,128})"
)
_LOGIN = re.compile(
    r"(?<![A-Za-z0-9_.+-])[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}\s{0,2}[/|:]\s{0,2}([^\s\"'“”，。；（）/|]{4,64})"
)
# What follows "password" in talk about passwords.
_TALK = frozenset(
    """is was are be been for reset recovery manager managers policy policies protected field fields must should
    that this the a an and or of on in to at by with from has have had will would can could may might does
    did do not no attempts attempt allowed allowing granted required protection change changes changed expired
    incorrect wrong correct weak strong invalid missing unknown length strength hash hashes here below above
    issue issues incident incidents system systems prompt prompts page again now then please forgotten resets
    leak leaks exposed was were via using used manager's authentication authenticated protecting generator
    again. needed entered stored hashed encrypted secure safe same different empty blank none null true false
    case sensitive login logins credentials security verification sharing before after because if when while
    where until since also only correctly incorrectly successfully immediately every each too very so just already always never still about what how who why your my his her their
    our its it they you i we he she""".split()
)  # fmt: skip


class CredentialRecognizer:
    """Keys, tokens and passwords."""

    def find(self, view: View, around: Around) -> Iterator[Finding]:
        """Each secret by its form, its name, or its randomness."""
        text = view.text
        for match in _KEY_FORMS.finditer(text):
            yield _secret(match.span(), match[0], 0.99, "the form of a key or token")
        yield from _private_keys(text)
        for pattern, reason in ((_PAIR, "named as a secret"), (_BEARER, "what logs in")):
            for match in pattern.finditer(text):
                if _is_dense(match[1]):
                    yield _secret(match.span(1), match[1], 0.93, reason)
        for match in _RANDOM.finditer(text):
            if _is_random(match[0]):
                yield _secret(match.span(), match[0], 0.8, "as random as a key")
        yield from _passwords(text)
        yield from _whole_field(text, around.field)


def _secret(span: tuple[int, int], value: str, score: float, reason: str) -> Finding:
    return Finding(*span, Kind.SECRET, f"{Kind.SECRET}:{value}", score, reason)


def _private_keys(text: str) -> Iterator[Finding]:
    at = 0
    while (begin := _PRIVATE_KEY.search(text, at)) is not None:
        end = _PRIVATE_KEY_END.search(text, begin.end())
        at = end.end() if end else len(text)
        yield _secret((begin.start(), at), text[begin.start() : at], 0.99, "a private key")


def _passwords(text: str) -> Iterator[Finding]:
    for match in _PASSWORD.finditer(text):
        value = match["value"]
        if match["quote"] in "'" and match["quote"]:
            value = value.split("'")[0]
        value = value.rstrip(".,;:)]'")
        if value and _is_password(match, value):
            start = match.start("value")
            yield _password((start, start + len(value)), value, "named as a password")
    for match in _LOGIN.finditer(text):
        value = match[1].rstrip(".,;:)]'")
        if _is_dense(value) or re.search(r"\d", value):
            yield _password(
                (match.start(1), match.start(1) + len(value)), value, "beside a login name"
            )


def _password(span: tuple[int, int], value: str, reason: str) -> Finding:
    return Finding(*span, Kind.PASSWORD, f"{Kind.PASSWORD}:{value}", 0.92, reason)


def _is_password(match: re.Match[str], value: str) -> bool:
    tie = match["tie"].strip(" \"'”’").lower()
    is_pin = match[0].lower().startswith("pin")
    if value.lower() in _TALK:
        return False
    if is_pin:
        return bool(re.fullmatch(r"\d{4,8}", value))
    if (
        match["quote"]
        or tie in ("is", "was")
        or tie.endswith((":", "=", "：", ">", "成", "为", "是", "set to", "叫"))
    ):
        return True
    # Bare, as in "with password Qr7!dke": only what no everyday word looks like.
    return bool(re.search(r"[^A-Za-z'’-]", value) or re.search(r"[a-z][A-Z]", value))


def _whole_field(text: str, field: str) -> Iterator[Finding]:
    """The value of a field that is called "password" or "api_key" is one, whatever it looks like."""
    name = field.lower()
    value = text.strip()
    if not value or not name:
        return
    start = text.index(value)
    span = (start, start + len(value))
    if re.search(r"pass(word|wd|code|phrase)|^pwd$|密码|口令", name):
        yield _password(span, value, f"the field {field!r}")
    elif re.search(r"secret|token|api[_-]?key|authorization|cookie|private[_-]?key|密钥", name):
        yield _secret(span, value, 0.95, f"the field {field!r}")


def _is_dense(value: str) -> bool:
    """Whether a word holds more than letters of one case: a digit, a sign, a capital inside."""
    return len(value) >= 5 and bool(
        re.search(r"\d|[^\w\s]|_", value) or re.search(r"[a-z][A-Z]", value)
    )


def _is_random(value: str) -> bool:
    """High entropy per character with letters of both cases and digits; hashes and UUIDs have one
    case and are no secrets.
    """
    if not (re.search(r"[a-z]", value) and re.search(r"[A-Z]", value) and re.search(r"\d", value)):
        return False
    if len(re.findall(r"\d", value)) < 3 or re.search(r"[/-]\w{1,12}[/-]\w{1,12}[/-]", value):
        return False
    counts = Counter(value).values()
    entropy = -sum(n / len(value) * math.log2(n / len(value)) for n in counts)
    return entropy > 3.9 and entropy > 0.82 * math.log2(min(len(value), 64))

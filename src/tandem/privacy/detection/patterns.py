"""What its own form tells: e-mail, addresses on the web, network addresses, coordinates, plates."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from stdnum import bitcoin

from tandem.personal import Around, Finding, Kind
from tandem.privacy.detection.recognizer import compact, found, words_before
from tandem.privacy.detection.view import View

# Every repeat is bounded, so that no text makes a search longer than its length allows.
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9\u00c0-\u024f_.+%-])[A-Za-z0-9\u00c0-\u024f_.+%'-]{1,64}@"
    r"(?:[A-Za-z0-9\u00c0-\u024f](?:[A-Za-z0-9\u00c0-\u024f-]{0,62})?\.){1,6}[A-Za-z]{2,24}(?![A-Za-z0-9_-])"
)
_URL = re.compile(
    r"(?i)(?<![A-Za-z0-9_@])(?:(?:https?|ftp|wss?)://|www\.)[^\s<>\"'“”‘’，。；！？（）【】\\^`{|}\u3400-\u9fff]{3,2000}"
)
_URL_END = ".,;:!?)]>'\"*"
_URL_SECRET = re.compile(
    r"(?i)//[^/\s@]{1,200}:[^/\s@]{1,200}@"
    r"|[?&#;](?:[\w-]{0,30}(?:token|secret|password|passwd|pwd|api_?key|signature|sessionid)|key|sig|auth"
    r"|code|sid|jwt|x-amz-[\w-]{1,30})=[^&\s]{6,}"
)
_DOMAIN_AFTER = re.compile(
    r"(?i)(?:website|web site|homepage|网站|网址)\W{1,4}((?:[\w-]{1,63}\.){1,4}[a-z]{2,12})\b"
)
_IPV4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.]*\d)")
_IPV6 = re.compile(r"(?i)(?<![A-Za-z0-9_:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![A-Za-z0-9_:])")
_MAC = re.compile(r"(?i)(?<![A-Za-z0-9_:-])[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}(?![A-Za-z0-9_:-])")
_BITCOIN = re.compile(
    r"(?<![A-Za-z0-9_])(?:bc1[02-9ac-hj-np-z]{25,60}|[13][1-9A-HJ-NP-Za-km-z]{25,34})(?![A-Za-z0-9_])"
)
_ETHEREUM = re.compile(r"(?<![A-Za-z0-9_])0x[0-9a-fA-F]{40}(?![A-Za-z0-9_])")
_COORDINATES = re.compile(
    r"(?<![\d.])[-+]?(?:[1-8]?\d|90)\.\d{3,15}\s{0,2}[,，;]\s{0,2}[-+]?(?:1[0-7]\d|\d{1,2}|180)\.\d{3,15}(?![\d.]*\d)"
    r"|(?<!\d)\d{1,3}\s?°\s?\d{1,2}\s?['′]\s?(?:\d{1,2}(?:\.\d{1,6})?\s?[\"″]\s?)?[NSns北南]?[\s,，]{0,3}"
    r"\d{1,3}\s?°\s?\d{1,2}\s?['′]\s?(?:\d{1,2}(?:\.\d{1,6})?\s?[\"″]\s?)?[EWew东西]?"
    r"|(?<![\d.])\d{1,2}\.\d{2,10}\s?°\s?[NSns][\s,]{1,3}\d{1,3}\.\d{2,10}\s?°\s?[EWew]"
)
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE = re.compile(
    f"(?:[{_PROVINCES}]|(?<![A-Za-z])WJ)[A-HJ-Z][ ·.-]?[A-HJ-NP-Z0-9]{{4,5}}"
    "(?:[A-HJ-NP-Z0-9]|[挂学警港澳领])(?![A-Za-z0-9])"
)


class FormRecognizer:
    """What a pattern alone can tell."""

    def find(self, view: View, around: Around) -> Iterator[Finding]:
        """E-mail and web addresses, networks, devices, wallets, coordinates, Chinese plates."""
        text = view.text
        if "@" in text:
            for match in _EMAIL.finditer(text):
                key = f"{Kind.EMAIL}:{match[0].lower()}"
                yield Finding(*match.span(), Kind.EMAIL, key, 0.99, "the form of an e-mail address")
        if "://" in text or "www." in text.lower():
            yield from _urls(text)
        for match in _DOMAIN_AFTER.finditer(text):
            yield found(match.span(1), Kind.URL, match[1].lower(), 0.9, "a web site's name")
        yield from _networks(text)
        yield from _wallets(text)
        for match in _COORDINATES.finditer(text):
            if "." in match[0] or "°" in match[0]:
                yield found(
                    match.span(), Kind.COORDINATES, match[0], 0.9, "the form of coordinates"
                )
        for match in _PLATE.finditer(text):
            yield found(match.span(), Kind.PLATE, match[0], 0.97, "the form of a Chinese plate")


def _urls(text: str) -> Iterator[Finding]:
    for match in _URL.finditer(text):
        url = match[0].rstrip(_URL_END)
        if url.count("(") > url.count(")") and match[0][len(url) : len(url) + 1] == ")":
            url += ")"
        span = (match.start(), match.start() + len(url))
        if _URL_SECRET.search(url):
            yield Finding(
                *span, Kind.SECRET, f"{Kind.SECRET}:{url}", 0.97, "a web address with a secret"
            )
        else:
            yield Finding(*span, Kind.URL, f"{Kind.URL}:{url.lower()}", 0.95, "a web address")


def _networks(text: str) -> Iterator[Finding]:
    for match in _IPV4.finditer(text):
        before = words_before(text, match.start(), 10)
        if _is_address(match[0]) and not before.rstrip(" :v").endswith(("version", "版本", "ver")):
            yield found(match.span(), Kind.IP_ADDRESS, match[0] + " ", 0.95, "an IPv4 address")
    if text.count(":") > 2:
        for match in _IPV6.finditer(text):
            if _is_address(match[0]) and len(match[0]) > 3:
                yield found(match.span(), Kind.IP_ADDRESS, match[0], 0.95, "an IPv6 address")
    for match in _MAC.finditer(text):
        yield found(match.span(), Kind.DEVICE_ID, match[0], 0.95, "a device's network address")


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _wallets(text: str) -> Iterator[Finding]:
    for match in _BITCOIN.finditer(text):
        if bitcoin.is_valid(match[0]):
            yield Finding(
                *match.span(), Kind.CRYPTO_WALLET, f"{Kind.CRYPTO_WALLET}:{match[0]}", 0.99,
                "a Bitcoin address, its checksum fits",
            )  # fmt: skip
    for match in _ETHEREUM.finditer(text):
        key = f"{Kind.CRYPTO_WALLET}:{compact(match[0])}"
        yield Finding(
            *match.span(), Kind.CRYPTO_WALLET, key, 0.95, "the form of an Ethereum address"
        )

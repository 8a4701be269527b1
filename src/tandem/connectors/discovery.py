"""Finds the servers of a mail address: what its domain says, then the usual names.

In this order: the domain's own autoconfig file, its SRV records, the usual host names. Nothing is
sent but the domain's name (autoconfig may be told the address by its own domain only); no third
party is asked. What is found is a proposal that the user sees before a password goes there.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

from tandem.connectors.accounts import Security, is_this_machine
from tandem.connectors.srv import Target, name_servers, targets
from tandem.errors import BadRequest, StoreRefused

SECONDS = 5.0
_SECURITY: dict[str, Security] = {"SSL": "tls", "STARTTLS": "starttls", "plain": "plain"}
# Servers of these domains put a copy of each sent mail into Sent by themselves.
_FILE_SENT = ("gmail.com", "googlemail.com", "google.com", "outlook.com", "office365.com")


@dataclass(frozen=True, slots=True)
class Place:
    """One server, as proposed. `how` says who proposed it."""

    host: str
    port: int
    security: Security
    user: str
    how: str


@dataclass(frozen=True, slots=True)
class MailPlaces:
    """Where mail is read and where it is sent."""

    imap: Place
    smtp: Place

    @property
    def files_sent(self) -> bool:
        """Whether the server is known to file copies of sent mail itself."""
        return any(f".{self.smtp.host}".endswith(f".{each}") for each in _FILE_SENT)


Fetch = Callable[[str], bytes | None]
Srv = Callable[[str], tuple[Target, ...]]
Knock = Callable[[str, int], bool]


def fetched(url: str) -> bytes | None:
    """The page, or `None`; over https, or from this machine; redirects are not followed."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        if parts.scheme == "https":
            line: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, parts.port or 443, timeout=SECONDS, context=ssl.create_default_context()
            )
        elif is_this_machine(host):
            line = http.client.HTTPConnection(host, parts.port or 80, timeout=SECONDS)
        else:
            return None
        try:
            line.request("GET", parts.path + (f"?{parts.query}" if parts.query else ""))
            response = line.getresponse()
            content = response.read(1 << 20)
            return content if response.status == 200 else None
        finally:
            line.close()
    except (OSError, http.client.HTTPException):
        return None


def answers(host: str, port: int) -> bool:
    """Whether somebody takes connections there."""
    try:
        with socket.create_connection((host, port), SECONDS):
            return True
    except OSError:
        return False


def asked_srv(name: str) -> tuple[Target, ...]:
    """By the machine's name servers."""
    return targets(name, name_servers())


def mail_places(
    address: str,
    *,
    fetch: Fetch = fetched,
    srv: Srv = asked_srv,
    knock: Knock = answers,
) -> MailPlaces:
    """The mail servers of an address. Raises `StoreRefused` when nothing is found."""
    name, domain = _parts(address)
    found = _by_autoconfig(address, name, domain, fetch) or _by_srv(address, domain, srv)
    if found is None:
        imap = _guessed(address, (f"imap.{domain}", f"mail.{domain}", domain), 993, knock)
        smtp = _guessed(address, (f"smtp.{domain}", f"mail.{domain}", domain), 465, knock)
        found = MailPlaces(imap, smtp) if imap and smtp else None
    if found is None:
        raise StoreRefused(
            f"Nobody says where the mail of {domain} is.",
            remedy="Give the servers: tandem connect mail ADDRESS --imap HOST --smtp HOST.",
        )
    return found


def dav_place(address: str, kind: str, *, srv: Srv = asked_srv, knock: Knock = answers) -> Place:
    """The calendar or contacts server of an address; the rest `.well-known` tells (RFC 6764)."""
    _, domain = _parts(address)
    service = "caldavs" if kind == "calendar" else "carddavs"
    for target in srv(f"_{service}._tcp.{domain}"):
        return Place(target.host, target.port, "tls", address, "the domain's SRV record")
    prefix = "caldav" if kind == "calendar" else "carddav"
    hosts = (domain, f"{prefix}.{domain}", f"dav.{domain}")
    found = _guessed(address, hosts, 443, knock)
    if found is None:
        raise StoreRefused(
            f"Nobody says where the {kind} of {domain} is.",
            remedy=f"Give the server: tandem connect {kind} ADDRESS --url https://HOST/PATH.",
        )
    return found


def _parts(address: str) -> tuple[str, str]:
    name, at, domain = address.strip().rpartition("@")
    if not (at and name and domain) or any(each in domain for each in "/\\:?# "):
        raise BadRequest("This is no mail address.", remedy="Such as ana@example.org.")
    return name, domain.lower()


def _by_autoconfig(address: str, name: str, domain: str, fetch: Fetch) -> MailPlaces | None:
    """The file that Thunderbird reads, too (wiki.mozilla.org, "Autoconfiguration")."""
    for url in (
        f"https://autoconfig.{domain}/mail/config-v1.1.xml?emailaddress={quote(address)}",
        f"https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml",
    ):
        content = fetch(url)
        if content is None or b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            continue
        try:
            tree = ElementTree.fromstring(content)
        except ElementTree.ParseError:
            continue
        words = {"%EMAILADDRESS%": address, "%EMAILLOCALPART%": name, "%EMAILDOMAIN%": domain}
        imap = _server(tree, "incomingServer", "imap", words)
        smtp = _server(tree, "outgoingServer", "smtp", words)
        if imap and smtp:
            return MailPlaces(imap, smtp)
    return None


def _server(tree: Any, tag: str, kind: str, words: dict[str, str]) -> Place | None:
    for server in tree.iter(tag):
        security = _SECURITY.get(server.findtext("socketType", ""))
        port = server.findtext("port", "")
        if server.get("type") != kind or security is None or not port.isdigit():
            continue
        host, user = server.findtext("hostname", ""), server.findtext("username", "")
        for word, value in words.items():
            host, user = host.replace(word, value), user.replace(word, value)
        if host and (security != "plain" or is_this_machine(host)):
            address = words["%EMAILADDRESS%"]
            return Place(host, int(port), security, user or address, "the domain's autoconfig file")
    return None


def _by_srv(address: str, domain: str, srv: Srv) -> MailPlaces | None:
    imap = _service(address, domain, (("_imaps", "tls"), ("_imap", "starttls")), srv)
    smtp = _service(address, domain, (("_submissions", "tls"), ("_submission", "starttls")), srv)
    return MailPlaces(imap, smtp) if imap and smtp else None


def _service(
    address: str, domain: str, services: tuple[tuple[str, Security], ...], srv: Srv
) -> Place | None:
    for service, security in services:
        for target in srv(f"{service}._tcp.{domain}"):
            return Place(target.host, target.port, security, address, "the domain's SRV record")
    return None


def _guessed(address: str, hosts: tuple[str, ...], port: int, knock: Knock) -> Place | None:
    for host in hosts:
        if knock(host, port):
            return Place(host, port, "tls", address, "a usual name that answers")
    return None

"""Calendars by CalDAV (RFC 4791) and contacts by CardDAV (RFC 6352): a thin client.

Few verbs of WebDAV are enough: PROPFIND and REPORT to read, PUT and DELETE with If-Match to write,
sync-collection (RFC 6578) to learn what changed. Texts travel as the server gives them.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, unquote, urlsplit
from xml.etree import ElementTree

import msgspec

from tandem.connectors.dav_http import DavHttp
from tandem.connectors.files import url_name
from tandem.connectors.records import Changes, Item
from tandem.errors import Conflict, StoreBroken, StoreRefused

Kind = Literal["calendar", "contacts"]
_CHUNK = 100
_FOUND = frozenset({207})
_XML = {"Content-Type": "application/xml; charset=utf-8"}
_SPACES = {"D": "DAV:", "C": "urn:ietf:params:xml:ns:caldav", "A": "urn:ietf:params:xml:ns:carddav"}
_PREFIX = " ".join(f'xmlns:{short}="{long}"' for short, long in _SPACES.items())


@dataclass(frozen=True, slots=True)
class _Kind:
    home: str
    collection: str
    multiget: str
    data: str
    content_type: str
    suffix: str
    well_known: str


KINDS: dict[Kind, _Kind] = {
    "calendar": _Kind(
        "C:calendar-home-set",
        "C:calendar",
        "C:calendar-multiget",
        "C:calendar-data",
        "text/calendar; charset=utf-8",
        ".ics",
        "/.well-known/caldav",
    ),
    "contacts": _Kind(
        "A:addressbook-home-set",
        "A:addressbook",
        "A:addressbook-multiget",
        "A:address-data",
        "text/vcard; charset=utf-8",
        ".vcf",
        "/.well-known/carddav",
    ),
}


@dataclass(frozen=True, slots=True)
class Collection:
    """A calendar or an address book of the user."""

    path: str
    name: str
    takes: frozenset[str]  # VEVENT, VTODO, ...; empty: not told


class DavShelf:
    """A Shelf of one or more collections on a server. A new item goes into the first."""

    def __init__(self, line: DavHttp, collections: tuple[str, ...], kind: Kind) -> None:
        self._line = line
        self._collections = tuple(
            path if path.endswith("/") else path + "/" for path in collections
        )
        self._kind = KINDS[kind]

    def items(self) -> tuple[Item, ...]:
        """Their etags first, then the texts by multiget."""
        found: list[Item] = []
        for path in self._collections:
            found += self._texts(path, self._etags(path))
        return tuple(sorted(found, key=lambda item: item.href))

    def get(self, href: str) -> Item | None:
        """One GET."""
        reply = self._line.ask("GET", href, allowed=frozenset({404, 410}))
        if reply.status >= 400:
            return None
        text = reply.body.decode("utf-8", "surrogateescape")
        return Item(href, text, reply.headers.get("etag") or _own_etag(text))

    def href_for(self, name: str) -> str:
        """In the first collection."""
        return f"{self._collections[0]}{url_name(name)}{self._kind.suffix}"

    def add(self, href: str, text: str) -> Item:
        """PUT with If-None-Match."""
        return self._put(href, text, {"If-None-Match": "*"})

    def replace(self, item: Item, text: str) -> Item:
        """PUT with If-Match."""
        return self._put(item.href, text, {"If-Match": item.etag})

    def remove(self, item: Item) -> None:
        """DELETE with If-Match."""
        self._line.ask("DELETE", item.href, headers={"If-Match": item.etag})

    def changes(self, token: str) -> Changes:
        """By sync-collection; a server without it is asked for all etags."""
        before = msgspec.json.decode(token, type=dict[str, _Token]) if token else {}
        changed, gone, is_anew = list[Item](), list[str](), False
        after: dict[str, _Token] = {}
        for path in self._collections:
            old = before.get(path, _Token())
            new, etags, lost, anew = self._changed(path, old)
            changed += self._texts(path, etags)
            gone += lost
            is_anew = is_anew or anew
            after[path] = new
        return Changes(msgspec.json.encode(after).decode(), tuple(changed), tuple(gone), is_anew)

    # --- reading --------------------------------------------------------------------------------

    def _etags(self, path: str) -> dict[str, str]:
        body = _document("D:propfind", "<D:prop><D:getetag/><D:resourcetype/></D:prop>")
        return dict(self._listed(path, self._multistatus("PROPFIND", path, body, depth="1")))

    def _listed(self, path: str, tree: ElementTree.Element) -> Iterator[tuple[str, str]]:
        for href, status, prop in _responses(tree):
            if href == path or href.endswith("/") or status >= 300:
                continue
            etag = prop.findtext(".//D:getetag", "", _SPACES)
            if not self._is_ours(href):
                continue
            yield href, etag

    def _is_ours(self, href: str) -> bool:
        return any(href.startswith(path) for path in self._collections)

    def _texts(self, path: str, etags: dict[str, str]) -> Iterator[Item]:
        hrefs = sorted(etags)
        for start in range(0, len(hrefs), _CHUNK):
            some = hrefs[start : start + _CHUNK]
            wanted = "".join(f"<D:href>{_escaped(_on_wire(href))}</D:href>" for href in some)
            body = _document(
                self._kind.multiget, f"<D:prop><D:getetag/><{self._kind.data}/></D:prop>{wanted}"
            )
            tree = self._multistatus("REPORT", path, body, depth="1")
            for href, status, prop in _responses(tree):
                text = prop.findtext(f".//{self._kind.data}", None, _SPACES)
                if status < 300 and text is not None:
                    etag = prop.findtext(".//D:getetag", "", _SPACES) or etags.get(href, "")
                    yield Item(href, _with_wire_ends(text), etag or _own_etag(text))

    def _changed(self, path: str, old: _Token) -> tuple[_Token, dict[str, str], list[str], bool]:
        """The new token, etags of what changed, hrefs of what is gone, and whether all is anew."""
        if old.etags is None:
            try:
                return self._synced(path, old)
            except (StoreRefused, StoreBroken, Conflict):
                if old.sync:  # the token is too old, or sync-collection is gone
                    new, etags, _, _ = self._changed(path, _Token())
                    return new, etags, [], True
        now = self._etags(path)
        known = old.etags or {}
        changed = {href: etag for href, etag in now.items() if known.get(href) != etag}
        return _Token(etags=now), changed, [href for href in known if href not in now], False

    def _synced(self, path: str, old: _Token) -> tuple[_Token, dict[str, str], list[str], bool]:
        etags, gone, token = dict[str, str](), list[str](), old.sync
        while True:
            body = _document(
                "D:sync-collection",
                f"<D:sync-token>{_escaped(token)}</D:sync-token>"
                "<D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop>",
            )
            tree = self._multistatus("REPORT", path, body)
            is_cut = False
            for href, status, prop in _responses(tree):
                if status == 404 and self._is_ours(href):
                    gone.append(href)
                elif status == 507 and href == path:
                    is_cut = True  # more than the server gives at once (RFC 6578, 3.6)
                elif status < 300 and href != path and not href.endswith("/"):
                    etags[href] = prop.findtext(".//D:getetag", "", _SPACES)
            token = tree.findtext("D:sync-token", "", _SPACES)
            if not token:
                raise StoreBroken("The server sent no sync-token.")
            if not is_cut:
                return (
                    _Token(sync=token),
                    etags,
                    [each for each in gone if each not in etags],
                    False,
                )

    def _multistatus(
        self, method: str, path: str, body: bytes, *, depth: str = "0"
    ) -> ElementTree.Element:
        reply = self._line.ask(method, path, headers={**_XML, "Depth": depth}, body=body)
        return _tree(reply.body)

    # --- writing --------------------------------------------------------------------------------

    def _put(self, href: str, text: str, headers: dict[str, str]) -> Item:
        content = text.encode("utf-8", "surrogateescape")
        headers = {**headers, "Content-Type": self._kind.content_type}
        reply = self._line.ask("PUT", href, headers=headers, body=content)
        if etag := reply.headers.get("etag"):
            return Item(href, text, etag)
        # Without an etag the server has not stored it as it was sent (RFC 4791, 5.3.4).
        stored = self.get(href)
        if stored is None:
            raise StoreBroken("The server took it and does not have it.", remedy="Try again.")
        return stored


def collections_of(line: DavHttp, kind: Kind, path: str = "") -> tuple[Collection, ...]:
    """The user's calendars or address books, found from any path of the server (RFC 6764).

    Raises a `StoreFault`: `StoreRefused` where there is none.
    """
    about = KINDS[kind]
    starts = [path] if path else [about.well_known, "/"]
    for start in starts:
        try:
            found = _from(line, about, start)
        except (Conflict, StoreBroken):
            continue
        except StoreRefused as error:
            if "password" in error.message:
                raise
            continue
        if found:
            return found
    raise StoreRefused(
        f"The server offers no {kind}.", remedy="Give the address of the collection itself."
    )


def _from(line: DavHttp, about: _Kind, start: str) -> tuple[Collection, ...]:
    wanted = f"<D:current-user-principal/><{about.home}/><D:resourcetype/>"
    here = _props(line, start, wanted, "0")
    found = _collections(here, about)
    if found:
        return found
    home = _href(here, about.home)
    if not home and (principal := _href(here, "D:current-user-principal")):
        home = _href(_props(line, principal, f"<{about.home}/>", "0"), about.home)
    if not home:
        return ()
    names = "<D:resourcetype/><D:displayname/><C:supported-calendar-component-set/>"
    return _collections(_props(line, home, names, "1"), about)


def _props(line: DavHttp, path: str, props: str, depth: str) -> ElementTree.Element:
    body = _document("D:propfind", f"<D:prop>{props}</D:prop>")
    reply = line.ask("PROPFIND", path, headers={**_XML, "Depth": depth}, body=body, allowed=_FOUND)
    return _tree(reply.body)


def _href(tree: ElementTree.Element, name: str) -> str:
    found = tree.findtext(f".//{name}/D:href", "", _SPACES).strip()
    return urlsplit(found).path


def _collections(tree: ElementTree.Element, about: _Kind) -> tuple[Collection, ...]:
    found: list[Collection] = []
    for href, _, prop in _responses(tree):
        if prop.find(f".//D:resourcetype/{about.collection}", _SPACES) is None:
            continue
        name = prop.findtext(".//D:displayname", "", _SPACES)
        comps = prop.findall(".//C:supported-calendar-component-set/C:comp", _SPACES)
        takes = frozenset(comp.get("name", "").upper() for comp in comps)
        found.append(Collection(href, name or posixpath.basename(href.rstrip("/")), takes))
    return tuple(found)


# --- XML ----------------------------------------------------------------------------------------


class _Token(msgspec.Struct, omit_defaults=True):
    sync: str = ""
    etags: dict[str, str] | None = None


def _document(name: str, inner: str) -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?><{name} {_PREFIX}>{inner}</{name}>'.encode()


def _tree(body: bytes) -> ElementTree.Element:
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise StoreBroken("The server's answer declares entities, which WebDAV has no use for.")
    try:
        return ElementTree.fromstring(body)
    except ElementTree.ParseError:
        raise StoreBroken("The server's answer is no XML.", remedy="Check the address.") from None


def _responses(tree: ElementTree.Element) -> Iterator[tuple[str, int, ElementTree.Element]]:
    """(href, status, the response) of each; hrefs as paths, escaped one way only."""
    for response in tree.findall("D:response", _SPACES):
        href = urlsplit(response.findtext("D:href", "", _SPACES).strip()).path
        line = response.findtext("D:status", "", _SPACES) or "HTTP/1.1 200 OK"
        words = line.split()
        status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 200
        # What the server says it does not know is none of the answer.
        for propstat in response.findall("D:propstat", _SPACES):
            if " 200" not in propstat.findtext("D:status", " 200", _SPACES):
                response.remove(propstat)
        yield _on_wire(href), status, response


def _on_wire(href: str) -> str:
    return quote(unquote(href), safe="/@+:,;=!$&'()*~")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _with_wire_ends(text: str) -> str:
    """XML turns CRLF into LF; the formats want CRLF."""
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def _own_etag(text: str) -> str:
    return '"' + hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32] + '"'

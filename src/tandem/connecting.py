"""What `tandem connect` does: finds the servers, tries them, and says what to put into the
settings.

Nothing is kept that did not work: a server is logged in to before its settings and its password are
written.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from tandem.connectors.accounts import Account, Credential, Security, is_this_machine
from tandem.connectors.dav import Collection, Kind, collections_of
from tandem.connectors.dav_http import DavHttp
from tandem.connectors.discovery import MailPlaces, Place, dav_place, mail_places
from tandem.connectors.imap import ImapMailbox
from tandem.connectors.oauth import Provider, Tokens, sign_in
from tandem.connectors.smtp import SmtpPost
from tandem.errors import BadRequest, Stays
from tandem.types import Mode

__all__ = ["Credential", "MailPlaces", "Provider", "Tokens", "dav_place", "mail_places", "sign_in"]


def given_place(text: str, user: str, ports: Mapping[Security, int], security: Security) -> Place:
    """A host that the user named, as HOST or HOST:PORT."""
    host, _, port = text.rpartition(":") if text.count(":") == 1 else (text, "", "")
    if port and not port.isdigit():
        raise BadRequest("The port is no number.", remedy="Such as imap.example.org:993.")
    return Place(host or text, int(port) if port else ports[security], security, user, "you")


def place_of_url(url: str, user: str) -> tuple[Place, str]:
    """A calendar's or address book's server and path, from its address."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("https", "http") or not host:
        raise BadRequest("This is no address.", remedy="Such as https://dav.example.org/ana/.")
    security: Security = "tls" if parts.scheme == "https" else "plain"
    port = parts.port or (443 if security == "tls" else 80)
    return Place(host, port, security, user, "you"), parts.path or "/"


def refuse_if_local(mode: Mode, *hosts: str) -> None:
    """Raises `Stays` where local-only is on and a host is another machine."""
    if mode is Mode.LOCAL_ONLY and not all(is_this_machine(host) for host in hosts):
        raise Stays(
            "Local-only is switched on: no server on another machine is asked.",
            remedy="Choose another mode first: tandem config set mode prefer-local.",
        )


def try_mail(places: MailPlaces, credential: Credential) -> tuple[str, ...]:
    """Log in to both servers; gives the folders. Raises a `StoreFault`."""
    box = ImapMailbox(_account(places.imap, credential))
    try:
        folders = tuple(folder.name for folder in box.folders())
    finally:
        box.close()
    SmtpPost(_account(places.smtp, credential)).try_log_in()
    return folders


def try_dav(
    place: Place, kind: Kind, credential: Credential, path: str = ""
) -> tuple[Collection, ...]:
    """Log in; gives the user's calendars or address books, those that take events first."""
    line = DavHttp(_account(place, credential))
    try:
        found = collections_of(line, kind, path if path != "/" else "")
    finally:
        line.close()
    useful = [each for each in found if not each.takes or each.takes & {"VEVENT", "VTODO"}]
    return tuple(sorted(useful, key=lambda each: bool(each.takes) and "VEVENT" not in each.takes))


def mail_settings(places: MailPlaces, *, provider: Provider | None = None) -> dict[str, str]:
    """What goes into the settings for mail."""
    imap, smtp = places.imap, places.smtp
    found = {
        "mail.imap_host": imap.host,
        "mail.imap_port": str(imap.port),
        "mail.imap_security": imap.security,
        "mail.smtp_host": smtp.host,
        "mail.smtp_port": str(smtp.port),
        "mail.smtp_security": smtp.security,
        "mail.user": imap.user,
        "mail.files_sent": "true" if places.files_sent else "false",
        "mail.sign_in": "oauth" if provider else "password",
    }
    if provider:
        found["mail.oauth_client_id"] = provider.client_id
        found["mail.oauth_token_url"] = provider.token_url
    return found


def dav_settings(name: str, place: Place, collections: tuple[Collection, ...]) -> dict[str, str]:
    """What goes into the settings for a calendar or contacts server."""
    return {
        f"{name}.host": place.host,
        f"{name}.port": str(place.port),
        f"{name}.security": place.security,
        f"{name}.user": place.user,
        f"{name}.collections": ",".join(each.path for each in collections),
    }


def _account(place: Place, credential: Credential) -> Account:
    return Account(place.host, place.port, place.user, lambda: credential, place.security)

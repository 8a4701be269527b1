"""`tandem connect`: your own mail, calendar and contacts servers."""

from __future__ import annotations

import sys
from typing import Annotated, Any, Literal

import typer

from tandem.cli.start import Ready, Start, command_app
from tandem.connectors.accounts import Security
from tandem.errors import BadRequest, BadSettings

app = command_app()
Address = Annotated[str, typer.Argument(help="Your mail address.")]
User = Annotated[str, typer.Option("--user", help="The user's name there, if not the address.")]
SecurityOption = Annotated[
    str, typer.Option("--security", help="tls, starttls or plain (this machine only).")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before the password goes there.")]
_IMAP: dict[Security, int] = {"tls": 993, "starttls": 143, "plain": 143}
_SMTP: dict[Security, int] = {"tls": 465, "starttls": 587, "plain": 25}


@app.callback(invoke_without_command=True)
def connect(ctx: typer.Context) -> None:
    """Connect your own mail, calendar and contacts servers."""
    if ctx.invoked_subcommand is None:
        status(ctx)


@app.command()
def mail(
    ctx: typer.Context,
    address: Address,
    imap: Annotated[str, typer.Option("--imap", help="HOST[:PORT] where mail is read.")] = "",
    smtp: Annotated[str, typer.Option("--smtp", help="HOST[:PORT] where mail is sent.")] = "",
    user: User = "",
    security: SecurityOption = "tls",
    files_sent: Annotated[
        bool, typer.Option("--files-sent", help="The server itself files copies of sent mail.")
    ] = False,
    oauth: Annotated[
        str,
        typer.Option("--oauth", help="CLIENT_ID,AUTHORIZE_URL,TOKEN_URL[,SCOPE]: sign in there."),
    ] = "",
    yes: Yes = False,
) -> None:
    """Find your mail server, try it and keep it."""
    from dataclasses import replace

    from tandem import connecting  # the clients: not for --help

    start, ready = _ready(ctx)
    if imap or smtp:
        level = _security(security)
        places = connecting.MailPlaces(
            connecting.given_place(imap or smtp, user or address, _IMAP, level),
            connecting.given_place(smtp or imap, user or address, _SMTP, level),
        )
    else:
        connecting.refuse_if_local(ready.settings.mode, address.rpartition("@")[2])
        places = connecting.mail_places(address)
    if user:
        places = replace(places, imap=replace(places.imap, user=user))
    places = replace(places, smtp=replace(places.smtp, user=places.imap.user))
    connecting.refuse_if_local(ready.settings.mode, places.imap.host, places.smtp.host)
    for what, place in (("Read", places.imap), ("Send", places.smtp)):
        print(f"{what}: {place.host}:{place.port} ({place.security}), says {place.how}")
    provider = _provider(oauth)
    _agree(yes, places.imap.host)
    if provider is None:
        secret = _password(places.imap.host)
        credential = connecting.Credential(secret)
    else:
        from tandem.clock import SystemClock

        secret = connecting.sign_in(provider, lambda url: print(f"Open this: {url}"))
        credential = connecting.Tokens(provider, secret, SystemClock()).credential()
    folders = connecting.try_mail(places, credential)
    changes = connecting.mail_settings(places, provider=provider)
    if files_sent:
        changes["mail.files_sent"] = "true"
    _keep(start, ready, "mail", places.imap.user, places.imap.host, secret, changes)
    print(f"Connected: {len(folders)} folders. Fetch your mail: tandem connect sync")


@app.command()
def calendar(
    ctx: typer.Context,
    address: Address,
    url: Annotated[str, typer.Option("--url", help="The server's or calendar's address.")] = "",
    user: User = "",
    yes: Yes = False,
) -> None:
    """Find your calendar server (CalDAV), try it and keep it."""
    _dav(ctx, "calendar", address, url, user, yes)


@app.command()
def contacts(
    ctx: typer.Context,
    address: Address,
    url: Annotated[str, typer.Option("--url", help="The server's or address book's address.")] = "",
    user: User = "",
    yes: Yes = False,
) -> None:
    """Find your contacts server (CardDAV), try it and keep it."""
    _dav(ctx, "contacts", address, url, user, yes)


@app.command()
def sync(
    ctx: typer.Context,
    watch: Annotated[
        bool, typer.Option("--watch", help="Stay, and do so when mail comes.")
    ] = False,
) -> None:
    """Deliver what waits and fetch what is new."""
    _, ready = _ready(ctx)
    with _opened(ready) as opened:
        while True:
            done = opened.finish()
            waiting = len(opened.mirror.waiting()) if opened.mirror else 0
            if done.fault is not None and not watch:
                raise done.fault
            delivered = done.delivered.num_done if done.delivered else 0
            print(f"{delivered} delivered, {done.num_new} new or changed, {waiting} waiting.")
            if not watch:
                return
            opened.wait()


@app.command()
def status(ctx: typer.Context) -> None:
    """Show which servers are connected, and what waits to be done there."""
    _, ready = _ready(ctx)
    settings = ready.settings
    for name, host, user in (
        ("mail", settings.mail.imap_host, settings.mail.user),
        ("calendar", settings.calendar.host, settings.calendar.user),
        ("contacts", settings.contacts.host, settings.contacts.user),
    ):
        print(f"{name:<9} {f'{user} on {host}' if host else 'plain files'}")
    with _opened(ready) as opened:
        for each in opened.mirror.waiting() if opened.mirror else ():
            reason = f": {each.reason}" if each.reason else ""
            print(f"{each.number:>5} {each.state:<9} {type(each.write).__name__}{reason}")


@app.command()
def keep(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(help="The act, as `tandem connect status` lists it.")],
    which: Annotated[str, typer.Argument(help="mine or theirs")],
) -> None:
    """Decide a conflict, a refusal or a doubt: `mine` does it again, `theirs` gives it up."""
    if which not in ("mine", "theirs"):
        raise BadRequest("Say mine or theirs.")
    _, ready = _ready(ctx)
    with _opened(ready) as opened:
        if opened.mirror is None or opened.remote is None:
            raise BadRequest("No server is connected, so nothing waits.")
        from contextlib import contextmanager

        with contextmanager(opened.remote)() as remote:
            opened.outbox(remote).resolve(number, which)
        opened.finish()
    print("Done.")


# --- parts --------------------------------------------------------------------------------------


def _dav(
    ctx: typer.Context, kind: Literal["calendar", "contacts"], address: str, url: str, user: str,
    yes: bool,
) -> None:  # fmt: skip
    from dataclasses import replace

    from tandem import connecting  # the clients: not for --help

    start, ready = _ready(ctx)
    path = ""
    if url:
        place, path = connecting.place_of_url(url, user or address)
    else:
        connecting.refuse_if_local(ready.settings.mode, address.rpartition("@")[2])
        place = connecting.dav_place(address, kind)
    place = replace(place, user=user or place.user)
    connecting.refuse_if_local(ready.settings.mode, place.host)
    print(f"Server: {place.host}:{place.port} ({place.security}), says {place.how}")
    _agree(yes, place.host)
    secret = _password(place.host)
    found = connecting.try_dav(place, kind, connecting.Credential(secret), path)
    changes = connecting.dav_settings(kind, place, found)
    _keep(start, ready, kind, place.user, place.host, secret, changes)
    print(f"Connected: {', '.join(each.name for each in found)}. Fetch it: tandem connect sync")


def _keep(
    start: Start,
    ready: Ready,
    name: str,
    user: str,
    host: str,
    secret: str,
    changes: dict[str, str],
) -> None:
    """The password first: settings without one would only fail."""
    from tandem.bootstrap_stores import PASSWORDS, keyring_name
    from tandem.config_file import change

    if PASSWORDS[name] not in start.environ:
        try:
            ready.secrets.keep_api_key(keyring_name(name, user, host), secret)
        except BadSettings as error:
            raise BadSettings(
                "The keyring did not take the password, or there is none; nothing was changed.",
                remedy=f"Unlock it, or put the password into {PASSWORDS[name]} and connect again.",
            ) from error
    for key, value in changes.items():
        change(start.settings_file(), key, value)


def _agree(yes: bool, host: str) -> None:
    if not yes and sys.stdin.isatty():
        typer.confirm(f"Give your password to {host}?", abort=True)


def _password(host: str) -> str:
    if sys.stdin.isatty():
        secret: str = typer.prompt(f"Password (or app password) for {host}", hide_input=True)
    else:
        secret = sys.stdin.readline().rstrip("\r\n")
    if not secret:
        raise BadRequest("The password is empty.")
    return secret


def _provider(text: str) -> Any:
    if not text:
        return None
    from tandem.connecting import Provider

    parts = [part.strip() for part in text.split(",", 3)]
    if len(parts) < 3:
        raise BadRequest("--oauth takes CLIENT_ID,AUTHORIZE_URL,TOKEN_URL[,SCOPE].")
    client, authorize, token, *scope = parts
    return Provider(authorize, token, client, scope[0] if scope else "")


def _security(text: str) -> Security:
    if text not in ("tls", "starttls", "plain"):
        raise BadRequest("--security is tls, starttls or plain.")
    return text


def _opened(ready: Ready) -> Any:
    from tandem.bootstrap_stores import open_stores

    return open_stores(ready.settings, ready.paths, ready.secrets)


def _ready(ctx: typer.Context) -> tuple[Start, Ready]:
    from tandem.types import Mode

    start: Start = ctx.obj
    ready = start.ready()
    if ready.settings.mode is Mode.LOCAL_ONLY:
        start.lock()
    return start, ready

"""Download a model into the store: from a hub's repository, a URL or a file.

A cut download goes on where it stopped, also in a later run (Range with If-Range, so a file that
has changed on the server starts anew). The checksum is the one that the hub tells, or the user's.
Nothing of the user's is sent but the address; redirects to a hub's storage are followed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, urlsplit

import aiohttp
import msgspec

from tandem.errors import (
    BadRequest,
    CloudBroken,
    CloudBusy,
    CloudRejected,
    CloudTimeout,
    CloudUnreachable,
    TandemError,
)
from tandem.modelstore import Model, ModelStore, checked_name, faults, sha256_of

DEFAULT_HUB = "https://huggingface.co"
# Tried in this order where a repository holds several files and the user named none: the quality
# lost at 4 bits is small and the size a quarter of 16 bits.
PREFERRED = ("q4_k_m", "q8_0", "q5_k_m", "q6_k", "q4_0", "f16", "bf16")
NUM_TRIES = 5
FIRST_PAUSE_SECONDS = 0.5
IDLE_SECONDS = 60.0
CHUNK_BYTES = 1 << 20
_REPOSITORY = re.compile(r"([\w.-]+/[\w.-]+?)(?::([\w./-]+))?")


@dataclass(frozen=True, slots=True)
class Progress:
    """`num_bytes` of `total` are here (`None` = not known); `step` says what is done."""

    step: str
    num_bytes: int = 0
    total: int | None = None


class _Lfs(msgspec.Struct):
    sha256: str = ""


class _File(msgspec.Struct):
    rfilename: str
    lfs: _Lfs | None = None


class _Listing(msgspec.Struct):
    """What the hub tells of a repository, as far as it matters here."""

    siblings: list[_File]


@dataclass(frozen=True, slots=True)
class _Wanted:
    url: str
    name: str
    source: str
    sha256: str = ""


async def pull(
    store: ModelStore,
    source: str,
    *,
    name: str | None = None,
    sha256: str = "",
    hub: str = DEFAULT_HUB,
    token: str | None = None,
    progress: Callable[[Progress], None] = lambda progress: None,
    pause_seconds: float = FIRST_PAUSE_SECONDS,
) -> Model:
    """Get a model. `source`: OWNER/NAME[:FILE or quantisation], a URL, or a file's path.

    `token` is for gated repositories and goes to the hub only. Raises `BadRequest`, `BadModel`,
    `DeviceFault` and `CloudFault`s; what was downloaded stays for the next try unless it is wrong.
    """
    if (file := _own_file(source)) is not None:
        return await asyncio.to_thread(store.add_file, file, name)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=IDLE_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        with _network_faults(source):
            wanted = await _wanted(session, source, hub.rstrip("/"), headers)
        if sha256:
            wanted = replace(wanted, sha256=sha256)
        wanted = replace(wanted, name=checked_name(name or wanted.name))
        is_hub = wanted.url.startswith(f"{hub.rstrip('/')}/")
        with store.reserved(wanted.name):
            trip = _Download(store, wanted, headers if is_hub else {}, progress)
            await trip.run(session, pause_seconds)
            progress(Progress("checking"))
            return await asyncio.to_thread(_adopted, store, wanted, trip)


def _adopted(store: ModelStore, wanted: _Wanted, trip: _Download) -> Model:
    """The downloaded file under its name, if it is the one that was meant."""
    partial = store.partial(wanted.name)
    found = sha256_of(partial)
    if wanted.sha256 and found != wanted.sha256.lower():
        trip.forget()
        raise CloudBroken(
            f"The checksum of {wanted.name} is wrong: {found[:12]}..., "
            f"wanted {wanted.sha256[:12]}.... The download was deleted.",
            remedy="Pull again; if it happens twice, the file at the source is not the one meant.",
        )
    try:
        return store.adopt(partial, wanted.name, source=wanted.source, sha256=found)
    finally:
        trip.forget_note()


def _own_file(source: str) -> Path | None:
    path = Path(source).expanduser()
    return path if path.is_file() else None


async def _wanted(
    session: aiohttp.ClientSession, source: str, hub: str, headers: dict[str, str]
) -> _Wanted:
    """The file that is meant, with its checksum where it is known."""
    if source.startswith(("http://", "https://")):
        url, _, fragment = source.partition("#")
        sha256 = fragment.removeprefix("sha256=") if fragment.startswith("sha256=") else ""
        stem = Path(urlsplit(url).path).name.removesuffix(".gguf")
        return _Wanted(url, stem, url.partition("?")[0], sha256)
    match = _REPOSITORY.fullmatch(source)
    if match is None:
        raise BadRequest(
            f"{source!r} is neither a file, nor a URL, nor OWNER/NAME.",
            remedy="Give OWNER/NAME, OWNER/NAME:FILE, https://.../MODEL.gguf, or a path.",
        )
    repository, which = match.groups()
    url = f"{hub}/api/models/{repository}?blobs=true"
    async with session.get(url, headers=headers) as response:
        _check_status(response, repository)
        try:
            listing = msgspec.json.decode(await response.read(), type=_Listing)
        except msgspec.DecodeError as error:
            raise CloudBroken("The hub's answer cannot be read.", remedy="Try later.") from error
    sums = {each.rfilename: each.lfs.sha256 if each.lfs else "" for each in listing.siblings}
    file = chosen_file(list(sums), which, repository)
    return _Wanted(
        f"{hub}/{repository}/resolve/main/{quote(file)}",
        Path(file).name.removesuffix(".gguf"),
        f"{repository}:{file}",
        sums[file],
    )


def chosen_file(files: list[str], which: str | None, repository: str) -> str:
    """The GGUF file that is meant by `which` (a name, a part of it, or nothing).

    Raises `BadRequest` naming the files there are.
    """
    models = sorted(file for file in files if file.lower().endswith(".gguf"))
    if not models:
        raise BadRequest(
            f"{repository} holds no GGUF file.",
            remedy="Look for a repository with GGUF in its name.",
        )
    if which in models:
        return which
    parts = (which.lower(),) if which else PREFERRED
    for part in parts:
        matching = [file for file in models if part in file.lower()]
        if len(matching) == 1 or (matching and not which):
            return matching[0]
    if len(models) == 1 and not which:
        return models[0]
    raise BadRequest(
        f"{repository} holds several models: {', '.join(models)}.",
        remedy=f"Say which: tandem models pull {repository}:FILE.",
    )


class _Download:
    """One file on its way, over as many connections as it takes."""

    def __init__(
        self,
        store: ModelStore,
        wanted: _Wanted,
        headers: dict[str, str],
        progress: Callable[[Progress], None],
    ) -> None:
        self._store = store
        self._wanted = wanted
        self._headers = headers
        self._progress = progress
        self._partial = store.partial(wanted.name)
        self._note = self._partial.with_suffix(".partial.json")

    async def run(self, session: aiohttp.ClientSession, pause_seconds: float) -> None:
        """Try, and try again where the last try got further or a pause may help."""
        with faults(self._store.folder):
            self._store.folder.mkdir(parents=True, exist_ok=True)
        for number in range(1, NUM_TRIES + 1):
            before = self._size()
            try:
                with _network_faults(self._wanted.source):
                    return await self._once(session)
            except (CloudUnreachable, CloudTimeout, CloudBusy, CloudBroken) as fault:
                if number == NUM_TRIES:
                    kept = self._size() / 1e6
                    raise type(fault)(
                        f"{fault.message} {kept:.0f} MB are kept.",
                        remedy="Give the same command again to go on from there.",
                    ) from fault
                wait = getattr(fault, "retry_after_seconds", None) or pause_seconds * 2**number
                self._progress(Progress("waiting", before))
                await asyncio.sleep(min(30.0, wait))

    def forget(self) -> None:
        """Delete what is here."""
        self._partial.unlink(missing_ok=True)
        self.forget_note()

    def forget_note(self) -> None:
        """Delete the note that a resumption needs."""
        self._note.unlink(missing_ok=True)

    async def _once(self, session: aiohttp.ClientSession) -> None:
        start, headers = self._size(), dict(self._headers)
        tag = self._tag()
        if start and tag:
            headers |= {"Range": f"bytes={start}-", "If-Range": tag}
        else:
            start = 0
        async with session.get(self._wanted.url, headers=headers) as response:
            if response.status == 416:
                self.forget()
                raise CloudBroken("The server has another file than before.")
            _check_status(response, self._wanted.source)
            if response.status == 206:
                _check_range(response, start)
            else:
                start = 0
            length = response.content_length
            total = None if length is None else start + length
            self._store.make_room(length or 0)
            self._keep_tag(response.headers.get("ETag", ""))
            await self._write(response, start, total)

    async def _write(self, response: aiohttp.ClientResponse, start: int, total: int | None) -> None:
        num_bytes = start
        with faults(self._store.folder), self._partial.open("r+b" if start else "wb") as file:
            file.seek(start)
            async for chunk in response.content.iter_chunked(CHUNK_BYTES):
                file.write(chunk)
                num_bytes += len(chunk)
                self._progress(Progress("downloading", num_bytes, total))
            file.truncate()
        if total is not None and num_bytes != total:
            raise CloudBroken(f"The download stopped at {num_bytes} of {total} bytes.")

    def _size(self) -> int:
        return self._partial.stat().st_size if self._partial.exists() else 0

    def _tag(self) -> str:
        with contextlib.suppress(OSError, ValueError):
            note = json.loads(self._note.read_text("utf-8"))
            if note.get("url") == self._wanted.url:
                return str(note.get("tag", ""))
        return ""

    def _keep_tag(self, tag: str) -> None:
        # A weak tag does not promise equal bytes, so it is no ground for going on.
        strong = "" if tag.startswith("W/") else tag
        with faults(self._store.folder):
            self._note.write_text(json.dumps({"url": self._wanted.url, "tag": strong}), "utf-8")


def _check_range(response: aiohttp.ClientResponse, start: int) -> None:
    if not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
        raise CloudBroken("The server went on from another place than asked.")


def _check_status(response: aiohttp.ClientResponse, what: str) -> None:
    status = response.status
    if status in (200, 206):
        return
    if status in (401, 403):
        raise CloudRejected(
            f"{what} may not be read without leave ({status}).",
            remedy="Accept its licence on the hub and set HF_TOKEN.",
            status=status,
        )
    if status == 404:
        raise CloudRejected(f"{what} is not there (404).", remedy="Check the name.", status=404)
    if status in (429, 503):
        after = response.headers.get("Retry-After", "")
        raise CloudBusy(
            f"The server is busy ({status}).",
            remedy="Try again later.",
            retry_after_seconds=float(after) if after.isdigit() else None,
        )
    if status >= 500:
        raise CloudBroken(f"The server failed ({status}).", remedy="Try again later.")
    raise CloudRejected(f"The server said no ({status}).", remedy="Check the URL.", status=status)


@contextlib.contextmanager
def _network_faults(what: str) -> Generator[None]:
    """Say that the far side or the way there is at fault."""
    try:
        yield
    except TandemError:
        raise
    except TimeoutError as error:
        raise CloudTimeout(f"Nothing more came from {what}.", remedy="Try again later.") from error
    except aiohttp.InvalidURL as error:
        raise BadRequest(f"{what!r} is no URL.", remedy="Check it.") from error
    except aiohttp.ClientConnectorError as error:
        raise CloudUnreachable(
            f"{what} cannot be reached: {error.strerror or 'no connection'}.",
            remedy="Check the network and the address.",
        ) from error
    except aiohttp.ClientError as error:
        raise CloudBroken(f"The download of {what} was cut.", remedy="Try again.") from error

"""Models on this disk: pulled over a real connection, checked, listed, removed."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from tandem.errors import (
    BadModel,
    BadRequest,
    CloudBroken,
    CloudRejected,
    CloudUnreachable,
    DeviceFault,
)
from tandem.modelstore import ModelStore
from tandem.pulling import Progress, chosen_file, pull

CONTENT = bytes(range(256)) * 4096  # 1 MiB
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Hub:
    """A small model hub with planted faults; it counts what it was asked."""

    def __init__(self) -> None:
        self.cuts = 0
        self.status = 200
        self.content = CONTENT
        self.tag = '"one"'
        self.ranges: list[str] = []
        self.seen_tokens: list[str] = []

    async def api(self, request: web.Request) -> web.Response:
        self.seen_tokens.append(request.headers.get("Authorization", ""))
        if self.status != 200:
            return web.Response(status=self.status)
        lfs = {"sha256": SHA256, "size": len(CONTENT)}
        files = [{"rfilename": "README.md"}, {"rfilename": "toy-Q8_0.gguf", "lfs": lfs}]
        return web.json_response({"siblings": files})

    async def resolve(self, request: web.Request) -> web.Response:
        raise web.HTTPFound("/storage/toy.gguf")

    async def file(self, request: web.Request) -> web.StreamResponse:
        wanted = request.headers.get("Range", "")
        self.ranges.append(wanted)
        start = 0
        if wanted and request.headers.get("If-Range") == self.tag:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        body = self.content[start:]
        headers = {"ETag": self.tag, "Content-Length": str(len(body))}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(self.content) - 1}/{len(self.content)}"
        response = web.StreamResponse(status=206 if start else 200, headers=headers)
        await response.prepare(request)
        if self.cuts:
            self.cuts -= 1
            await response.write(body[: len(body) // 2])
            assert request.transport is not None
            request.transport.abort()
            return response
        await response.write(body)
        return response


@asynccontextmanager
async def running(hub: Hub) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/api/models/{owner}/{name}", hub.api)
    app.router.add_get("/{owner}/{name}/resolve/main/{file}", hub.resolve)
    app.router.add_get("/storage/toy.gguf", hub.file)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    bundled = tmp_path / "package" / "pocket.gguf"
    bundled.parent.mkdir()
    bundled.write_bytes(b"GGUF pocket")
    return ModelStore(tmp_path / "models", {"pocket": bundled})


async def test_a_repository_is_pulled_checked_and_listed(store: ModelStore) -> None:
    """OWNER/NAME finds the file, follows the redirect, checks the hub's checksum."""
    seen: list[Progress] = []
    async with running(Hub()) as url:
        model = await pull(store, "owner/toy", hub=url, progress=seen.append)
    assert model.name == "toy-Q8_0" and model.sha256 == SHA256
    assert model.path.read_bytes() == CONTENT
    assert [each.name for each in store.models()] == ["pocket", "toy-Q8_0"]
    assert seen[-2].num_bytes == seen[-2].total == len(CONTENT)
    assert sorted(path.name for path in store.folder.iterdir()) == [
        "toy-Q8_0.card.json",
        "toy-Q8_0.gguf",
    ]


async def test_a_cut_download_goes_on_where_it_stopped(store: ModelStore) -> None:
    """Three cuts: each try asks for the rest only, and the file is whole."""
    hub = Hub()
    hub.cuts = 3
    async with running(hub) as url:
        model = await pull(store, f"{url}/storage/toy.gguf#sha256={SHA256}", pause_seconds=0.01)
    assert model.path.read_bytes() == CONTENT
    assert hub.ranges[0] == "" and all(each.startswith("bytes=") for each in hub.ranges[1:])


async def test_it_goes_on_in_a_later_run(store: ModelStore) -> None:
    """When every try is cut, what came is kept, said, and used by the next command."""
    hub = Hub()
    hub.cuts = 5
    async with running(hub) as url:
        with pytest.raises(CloudBroken, match="kept"):
            await pull(store, f"{url}/storage/toy.gguf", pause_seconds=0.01)
        assert store.partial("toy").stat().st_size > 0
        hub.ranges.clear()
        model = await pull(store, f"{url}/storage/toy.gguf", pause_seconds=0.01)
    assert hub.ranges[0].startswith("bytes=")
    assert model.path.read_bytes() == CONTENT


async def test_a_changed_file_starts_anew(store: ModelStore) -> None:
    """A file that changed between two tries is not glued together."""
    hub = Hub()
    hub.cuts = 5
    async with running(hub) as url:
        with pytest.raises(CloudBroken):
            await pull(store, f"{url}/storage/toy.gguf", pause_seconds=0.01)
        hub.tag, hub.content = '"two"', CONTENT[::-1]
        model = await pull(store, f"{url}/storage/toy.gguf", pause_seconds=0.01)
    assert model.path.read_bytes() == CONTENT[::-1]


async def test_a_wrong_checksum_leaves_nothing(store: ModelStore) -> None:
    """The error says so, and neither the model nor a part of it is there."""
    async with running(Hub()) as url:
        with pytest.raises(CloudBroken, match="checksum"):
            await pull(store, f"{url}/storage/toy.gguf", sha256="0" * 64)
    assert list(store.folder.iterdir()) == []


async def test_what_is_no_model_leaves_nothing(store: ModelStore) -> None:
    """A download that the validator refuses is deleted."""

    def refuse(path: Path) -> None:
        raise BadModel("not GGUF")

    store.validate = refuse
    async with running(Hub()) as url:
        with pytest.raises(BadModel):
            await pull(store, f"{url}/storage/toy.gguf")
    assert list(store.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("status", "words"), [(404, "not there"), (401, "licence"), (403, "HF_TOKEN")]
)
async def test_a_no_from_the_hub_says_what_to_do(
    store: ModelStore, status: int, words: str
) -> None:
    """Missing and gated repositories are the request's end, with a remedy."""
    hub = Hub()
    hub.status = status
    async with running(hub) as url:
        with pytest.raises(CloudRejected, match=words):
            await pull(store, "owner/toy", hub=url, token="secret")
    assert hub.seen_tokens == ["Bearer secret"]


async def test_a_dead_hub_is_unreachable(store: ModelStore) -> None:
    """No server: the network is named."""
    with pytest.raises(CloudUnreachable):
        await pull(store, "owner/toy", hub="http://127.0.0.1:1")


async def test_two_pulls_of_one_name_do_not_mix(store: ModelStore) -> None:
    """The second is told to wait; another name is free; the end of the first frees the name."""
    async with running(Hub()) as url:
        with store.reserved("toy"):
            with pytest.raises(DeviceFault, match="Another command"):
                await pull(store, f"{url}/storage/toy.gguf")
            await pull(store, f"{url}/storage/toy.gguf", name="other")
        await pull(store, f"{url}/storage/toy.gguf")
    assert [model.name for model in store.models()] == ["pocket", "other", "toy"]


async def test_no_room_is_said_before(store: ModelStore) -> None:
    """A model that does not fit is a DeviceFault with both sizes."""
    with pytest.raises(DeviceFault, match=r"needs .* MB; .* has"):
        store.make_room(10**18)


async def test_a_file_of_ones_own_is_copied(store: ModelStore, tmp_path: Path) -> None:
    """A path is a source too."""
    own = tmp_path / "mine.gguf"
    own.write_bytes(CONTENT)
    model = await pull(store, str(own))
    assert model.name == "mine" and store.find("mine").path.read_bytes() == CONTENT


@pytest.mark.parametrize("source", ["../../nowhere/passwd", "no slash", "owner/na me", ""])
async def test_nonsense_is_refused(store: ModelStore, source: str) -> None:
    """What is no source is a BadRequest, and no path leaves the folder."""
    with pytest.raises(BadRequest):
        await pull(store, source)
    with pytest.raises(BadModel, match="pocket"):
        store.find("../pocket")


def test_rm_takes_what_belongs_to_it_and_not_what_is_bundled(store: ModelStore) -> None:
    """The file, its card and its calibration go; a bundled model stays."""
    own = store.folder.parent / "mine.gguf"
    own.write_bytes(CONTENT)
    store.add_file(own)
    store.write_calibration("mine", {"threshold": 0.5})
    assert store.find("mine").is_calibrated
    store.rm("mine")
    assert list(store.folder.iterdir()) == []
    with pytest.raises(BadRequest, match="stays"):
        store.rm("pocket")


def test_a_users_calibration_comes_before_the_bundled_one(store: ModelStore) -> None:
    """What the user has calibrated on their own questions wins."""
    bundled = store.find("pocket").path
    bundled.with_name("pocket.calibration.json").write_text('{"threshold": 0.5}')
    assert store.read_calibration("pocket") == {"threshold": 0.5}
    store.write_calibration("pocket", {"threshold": 0.9})
    assert store.read_calibration("pocket") == {"threshold": 0.9}
    store.write_calibration("pocket", {})
    (store.folder / "pocket.calibration.json").write_text("{broken")
    with pytest.raises(BadModel, match="calibrate pocket"):
        store.read_calibration("pocket")


def test_the_file_is_chosen_as_a_user_would() -> None:
    """A part of a name is enough; without one, the usual quantisation; an unclear wish is asked."""
    files = ["a-Q8_0.gguf", "a-Q4_K_M.gguf", "a-F16.gguf", "README.md"]
    assert chosen_file(files, None, "o/n") == "a-Q4_K_M.gguf"
    assert chosen_file(files, "q8_0", "o/n") == "a-Q8_0.gguf"
    with pytest.raises(BadRequest, match="a-F16"):
        chosen_file(files, "q", "o/n")
    with pytest.raises(BadRequest, match="no GGUF"):
        chosen_file(["x.bin"], None, "o/n")

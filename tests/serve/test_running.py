"""The server as a process: its socket, its signals, its drain, TLS."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import ssl
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tandem.engines.scripted import Reply, ScriptedEngine
from tandem.errors import BadSettings, DeviceFault
from tandem.serve.running import Certificate, run
from tests.serve.raw import post, receive, send
from tests.serving import made, serving

ASK = {"model": "tandem", "messages": [{"role": "user", "content": "q"}], "stream": True}
APP = made(ScriptedEngine(Reply("words")))


async def test_a_port_in_use_is_named() -> None:
    """The message says which port, and how to choose another."""
    async with serving(APP) as port:
        with pytest.raises(DeviceFault, match=rf"Port {port} on 127\.0\.0\.1 is in use.*--port"):
            await run(APP, host="127.0.0.1", port=port)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com"])
async def test_the_network_is_not_served_in_the_clear(host: str) -> None:
    """Another address than loopback needs TLS."""
    with pytest.raises(BadSettings, match="certificate"):
        await run(APP, host=host, port=0)


async def test_an_address_of_another_machine_is_a_fault(tmp_path: Path) -> None:
    """With TLS the address must still be one of this machine's."""
    with pytest.raises(DeviceFault, match=r"serve\.host"):
        await run(APP, host="192.0.2.1", port=0, certificate=certificate(tmp_path))


async def test_ipv6_loopback() -> None:
    """[::1] is this machine too, where there is IPv6."""
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    server = asyncio.ensure_future(run(APP, host="::1", port=0, on_ready=port.set_result))
    await asyncio.wait({server, port}, return_when=asyncio.FIRST_COMPLETED)
    if server.done() and isinstance(server.exception(), DeviceFault):
        pytest.skip("this machine has no IPv6")
    reader, writer = await asyncio.open_connection("::1", await port)
    host = f"[::1]:{port.result()}"
    writer.write(post(port.result(), b"", path="/health", method="GET", host=host))
    assert (await receive(reader)).status == 200
    writer.close()
    server.cancel()
    await asyncio.gather(server, return_exceptions=True)


def certificate(folder: Path) -> Certificate:
    pytest.importorskip("cryptography")
    from tests.certificates import write_certificate

    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    write_certificate(made.chain, made.key)
    return made


async def test_tls(tmp_path: Path) -> None:
    """With a certificate the same server speaks https."""
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    files = certificate(tmp_path)
    server = asyncio.ensure_future(
        run(APP, host="127.0.0.1", port=0, on_ready=port.set_result, certificate=files)
    )
    trusting = ssl.create_default_context(cafile=files.chain)
    reader, writer = await asyncio.open_connection("127.0.0.1", await port, ssl=trusting)
    writer.write(post(port.result(), ASK))
    assert b"words" in (await receive(reader)).body
    writer.close()
    server.cancel()
    await asyncio.gather(server, return_exceptions=True)


async def test_slow_headers_are_408() -> None:
    """A client that never finishes its headers is sent away (slow-loris)."""
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    server = asyncio.ensure_future(
        run(APP, host="127.0.0.1", port=0, on_ready=port.set_result, header_seconds=0.2)
    )
    for raw in (b"", b"GET /health HTTP/1.1\r\nHost: x"):
        started = time.monotonic()
        got = await send(await port, raw)
        assert got.status == 408 and got.error and time.monotonic() - started < 2
    server.cancel()
    await asyncio.gather(server, return_exceptions=True)


# --- a process of its own -----------------------------------------------------------------------

PROGRAM = """
import sys
from tandem.clock import SystemClock
from tandem.engines.scripted import Reply, ScriptedEngine
from tandem.serve.app import create_app
from tandem.serve.running import blocking, run

engine = ScriptedEngine(Reply("word " * int(sys.argv[1]), seconds_per_token=0.05))
app = create_app(engine, models={"tandem": None}, token="a-token-for-tests-0123456789",
                 clock=SystemClock())
blocking(run(app, host="127.0.0.1", port=0, drain_seconds=1,
             on_ready=lambda port: print(port, flush=True)))
print("ended")
"""


@contextlib.asynccontextmanager
async def process(num_words: int) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    source = Path(__file__).parents[2] / "src"
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, str(num_words),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(source)},
    )  # fmt: skip
    assert started.stdout is not None
    try:
        yield started, int(await asyncio.wait_for(started.stdout.readline(), 20))
    finally:
        with contextlib.suppress(ProcessLookupError):
            started.kill()
        await started.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_lets_answers_end(number: signal.Signals) -> None:
    """A running stream is finished, new connections are refused, the exit is clean and silent."""
    async with process(10) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(post(port, ASK))
        await asyncio.sleep(0.15)
        server.send_signal(number)
        await asyncio.sleep(0.1)
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", port)
        assert (await receive(reader)).body.endswith(b"data: [DONE]\n\n")
        writer.close()
        out, err = await asyncio.wait_for(server.communicate(), 5)
        assert (server.returncode, out, err) == (0, b"ended\n", b"")


async def test_the_drain_has_an_end() -> None:
    """An answer that takes too long is cut; the process does not hang, and shows no traceback."""
    async with process(1000) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(post(port, ASK))
        await asyncio.sleep(0.15)
        started = time.monotonic()
        server.send_signal(signal.SIGTERM)
        out, err = await asyncio.wait_for(server.communicate(), 10)
        assert time.monotonic() - started < 5
        assert (server.returncode, out, err) == (0, b"ended\n", b"")
        with pytest.raises(asyncio.IncompleteReadError):
            await receive(reader)
        writer.close()


async def test_a_whole_reply_that_is_cut_says_why() -> None:
    """Nothing was sent yet, so the client gets an error in OpenAI's shape."""
    async with process(1000) as (server, port):
        asking = asyncio.ensure_future(send(port, post(port, {**ASK, "stream": False}), seconds=9))
        await asyncio.sleep(0.15)
        server.send_signal(signal.SIGTERM)
        got = await asking
        assert got.status == 503 and got.error["code"] == "server_ending"
        assert (await asyncio.wait_for(server.communicate(), 5)) == (b"ended\n", b"")

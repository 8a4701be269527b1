"""The ASGI application: a table of routes, the checks before them, and the errors after them.

The table is plain data and the tests are made from it: each route that is not open must refuse a
request without the token. Routing reads `scope["path"]` alone. What the routes answer is in `chat`
and below; what may be asked, in `access`.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import secrets
import struct
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import msgspec

from tandem.errors import TandemError, Unsupported
from tandem.ports import Clock, Embedder, Engine
from tandem.privacy.preview import preview_told
from tandem.serve import joint
from tandem.serve.access import Access, Gate, Limits
from tandem.serve.chat import Chat, no_model
from tandem.serve.doing import Acts, Doing
from tandem.serve.failures import HttpRefusal, failure_from, failure_of_a_bug
from tandem.serve.line import HungUp, Line, Receive, Scope, Send
from tandem.serve.replies import error_piece, model_body
from tandem.serve.schema import chat_call, embeddings_call
from tandem.types import Blocked, Departure, Mode, Request

# For our own bugs only: the kind and place of an unforeseen exception, never its message, which may
# hold the user's text.
_log = logging.getLogger("tandem.serve")


@dataclass(frozen=True, slots=True)
class Route:
    """One path and method. `is_open`: needs no token; `{id}` at the end takes the rest of the path.

    `answer` names the method of `App`.
    """

    method: str
    path: str
    answer: str
    is_open: bool = False


ROUTES = (
    Route("POST", "/v1/chat/completions", "chat"),
    Route("POST", "/v1/chat/preview", "preview"),
    Route("POST", "/v1/embeddings", "embeddings"),
    Route("GET", "/v1/models", "models"),
    Route("GET", "/v1/models/{id}", "model"),
    Route("GET", joint.PATH, "joint"),
    Route("POST", "/tandem/v1/do", "do"),
    Route("POST", "/tandem/v1/cards", "card"),
    Route("POST", "/tandem/v1/undo", "undo"),
    Route("GET", "/tandem/v1/tools", "tools"),
    Route("GET", "/health", "health", is_open=True),
    Route("GET", "/health/live", "health", is_open=True),
    Route("GET", "/health/ready", "ready", is_open=True),
)


_ENDING = HttpRefusal(
    503, "server_ending", "The server is being stopped.", remedy="Ask again when it is back."
)


class AsgiApp(Protocol):
    """What a server of ASGI runs."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...


def create_app(
    engine: Engine,
    *,
    models: Mapping[str, Mode | None],
    token: str,
    clock: Clock,
    embedder: Embedder | None = None,
    cloud_embedder: Embedder | None = None,
    allowed_hosts: Sequence[str] = (),
    limits: Limits | None = None,
    api_may_leave: bool = False,
    honour_request_consent: bool = False,
    preview: Callable[[Request], Departure | Blocked] | None = None,
    ready: Callable[[], str | None] = lambda: None,
    hall: joint.Hall | None = None,
    acts: Callable[[], Acts] | None = None,
) -> AsgiApp:
    """The server's application. The engine and the embedders stay the caller's to close.

    `models`: the names that may be asked for and the mode that each stands for; `cloud_embedder`
    answers for the one that stands for the cloud alone, `embedder` for the others. `api_may_leave`:
    requests may leave the device unless they say no; `honour_request_consent`: a request may itself
    say yes. `preview` tells what a request would let out, and sends nothing. `ready` tells why the
    server is not ready, or `None`. `hall`: where sessions of joint decoding are held, where this
    server verifies. `acts` opens the assistant, in a thread of its own. Raises `BadSettings` on a
    weak token.
    """
    limits = limits or Limits()
    chat = Chat(
        engine,
        models=models,
        clock=clock,
        api_may_leave=api_may_leave,
        honour_request_consent=honour_request_consent,
        deadline_seconds=limits.deadline_seconds,
    )
    access = Access(token, allowed_hosts)
    doing = Doing(acts)
    embedders = {
        name: cloud_embedder if mode is Mode.CLOUD_ONLY else embedder
        for name, mode in models.items()
    }
    return App(chat, access, embedders, limits, clock, ready, hall, doing, preview)


class App:
    """Made by `create_app`."""

    def __init__(
        self,
        chat: Chat,
        access: Access,
        models: Mapping[str, Embedder | None],
        limits: Limits,
        clock: Clock,
        ready: Callable[[], str | None],
        hall: joint.Hall | None,
        doing: Doing,
        preview: Callable[[Request], Departure | Blocked] | None = None,
    ) -> None:
        self._preview = preview
        self._chat = chat
        self._access = access
        self._models = tuple(models)
        self._embedders = models
        self._limits = limits
        self._gate = Gate(limits, clock)
        self._created = int(clock.now())
        self._ready = ready
        self._hall = hall
        self._doing = doing
        self._table: dict[str, dict[str, Route]] = {}
        for route in ROUTES:
            self._table.setdefault(route.path, {})[route.method] = route
        self._answers: dict[str, Callable[[Line, str, str], Awaitable[None]]] = {
            "chat": self._answer_chat,
            "preview": self._answer_preview,
            "embeddings": self._answer_embeddings,
            "models": self._answer_models,
            "model": self._answer_model,
            "joint": self._answer_joint,
            "health": self._answer_health,
            "ready": self._answer_ready,
            **{what: partial(self._answer_do, what) for what in ("do", "card", "undo", "tools")},
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await self._attend(scope, receive, send)
            return
        line = Line(scope, receive, send, self._limits.stall_seconds)
        request_id = secrets.token_hex(12)
        try:
            await self._serve(scope, line, request_id)
        except HungUp:
            return
        except asyncio.CancelledError:
            if not line.has_begun:
                failure = failure_from(_ENDING)
                await line.reply(failure.status, failure.headers, failure.body)
            raise
        except TandemError as error:
            failure = failure_from(error)
            headers = (*failure.headers, (b"x-request-id", request_id.encode()))
            await line.reply(failure.status, headers, failure.body)
        except Exception as error:  # noqa: BLE001 - the last wall: no traceback to the user
            _report(error, request_id)
            failure = failure_of_a_bug(request_id)
            if line.has_begun:
                await line.finish(error_piece(failure))
            else:
                headers = ((b"x-request-id", request_id.encode()),)
                await line.reply(failure.status, headers, failure.body)

    async def _attend(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A session of joint decoding: the same checks and limits as any request's."""
        headers, server = scope["headers"], scope.get("server")
        with ExitStack() as inside:
            try:
                self._access.check_host(headers, server[1] if server else 0)
                self._access.check_token(headers)
                if self._hall is None or scope["path"] != joint.PATH:
                    raise _no_route({})
                joint.check_text(self._hall, headers)
                inside.enter_context(self._gate.entered())
            except TandemError as refusal:
                await joint.refuse(scope, send, refusal)
                return
            try:
                await joint.attend(self._hall, receive, send, self._limits.stall_seconds)
            except Exception as error:  # noqa: BLE001 - the last wall: other sessions go on
                _report(error, secrets.token_hex(12))

    async def _serve(self, scope: Scope, line: Line, request_id: str) -> None:
        path: str = scope["path"]
        server = scope.get("server")
        self._access.check_host(line.headers, server[1] if server else 0)
        methods, rest = self._find(path)
        method: str = scope["method"]
        route = methods.get("GET" if method == "HEAD" else method)
        if route is None or not route.is_open:
            self._access.check_token(line.headers)
        if route is None:
            raise _no_route(methods)
        await self._answers[route.answer](line, request_id, rest)

    def _find(self, path: str) -> tuple[dict[str, Route], str]:
        """The routes of a path, and what stands for `{id}`."""
        found = self._table.get(path)
        if found is not None:
            return found, ""
        stem, _, rest = path.partition("/v1/models/")
        if not stem and rest:
            return self._table["/v1/models/{id}"], rest
        return {}, ""

    # --- the answers ------------------------------------------------------------------------

    async def _answer_chat(self, line: Line, request_id: str, _: str) -> None:
        with self._gate.entered():
            body = await line.body(self._limits.max_body_bytes, self._limits.body_seconds)
            await self._chat.answer(line, body, request_id)

    async def _answer_preview(self, line: Line, request_id: str, _: str) -> None:
        """What a chat completion with this body would let out, as data; nothing is sent."""
        with self._gate.entered():
            body = await line.body(self._limits.max_body_bytes, self._limits.body_seconds)
            call = chat_call(body)
            self._check_model(call.model)
            if self._preview is None:
                raise Unsupported("This server has no cloud to preview for.")
            async with line:
                # A long text takes the guard a while, and others are waiting.
                found = await asyncio.to_thread(self._preview, call.request)
        await self._reply(line, request_id, {"object": "chat.preview", **preview_told(found)})

    async def _answer_embeddings(self, line: Line, request_id: str, _: str) -> None:
        with self._gate.entered():
            body = await line.body(self._limits.max_body_bytes, self._limits.body_seconds)
            call = embeddings_call(body)
            self._check_model(call.model)
            embedder = self._embedders[call.model]
            if embedder is None:
                raise Unsupported("This server makes no embeddings.", param="model")
            async with line:
                vectors, num_tokens = await embedder.embed(call.texts)
        if call.num_dimensions not in (None, len(vectors[0])):
            raise Unsupported(
                f"This model's vectors have {len(vectors[0])} dimensions.",
                remedy="Leave dimensions out.",
                param="dimensions",
            )
        form = _base64 if call.is_base64 else list[float]
        await self._reply(
            line,
            request_id,
            {
                "object": "list",
                "data": [
                    {"object": "embedding", "index": index, "embedding": form(vector)}
                    for index, vector in enumerate(vectors)
                ],
                "model": call.model,
                "usage": {"prompt_tokens": num_tokens, "total_tokens": num_tokens},
            },
        )

    async def _answer_do(self, what: str, line: Line, request_id: str, _: str) -> None:
        with self._gate.entered():
            body = b""
            if what != "tools":
                body = await line.body(self._limits.max_body_bytes, self._limits.body_seconds)
            await self._reply(line, request_id, await self._doing.answer(what, body))

    async def _answer_models(self, line: Line, request_id: str, _: str) -> None:
        data = [model_body(name, self._created) for name in self._models]
        await self._reply(line, request_id, {"object": "list", "data": data})

    async def _answer_model(self, line: Line, request_id: str, name: str) -> None:
        self._check_model(name)
        await self._reply(line, request_id, model_body(name, self._created))

    async def _answer_joint(self, line: Line, request_id: str, _: str) -> None:
        if self._hall is None:
            raise _no_route({})
        headers = ((b"x-request-id", request_id.encode()),)
        await line.reply(200, headers, self._hall.card_json)

    async def _answer_health(self, line: Line, request_id: str, _: str) -> None:
        await self._reply(line, request_id, {"status": "ok"})

    async def _answer_ready(self, line: Line, request_id: str, _: str) -> None:
        reason = self._ready()
        if reason is None:
            await self._reply(line, request_id, {"status": "ok"})
        else:
            await self._reply(line, request_id, {"status": "not ready", "reason": reason}, 503)

    def _check_model(self, name: str) -> None:
        if name not in self._models:
            raise no_model(self._models)

    async def _reply(self, line: Line, request_id: str, body: object, status: int = 200) -> None:
        headers = ((b"x-request-id", request_id.encode()),)
        await line.reply(status, headers, msgspec.json.encode(body))


def _no_route(methods: Mapping[str, Route]) -> HttpRefusal:
    if not methods:
        return HttpRefusal(404, "not_found", "There is no such path.", remedy="See /v1/models.")
    allowed = ", ".join(sorted(methods))
    return HttpRefusal(
        405,
        "method_not_allowed",
        f"This path takes {allowed} only.",
        headers=((b"allow", allowed.encode()),),
    )


def _base64(vector: Sequence[float]) -> str:
    """OpenAI's form: little-endian 32-bit floats."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _report(error: Exception, request_id: str) -> None:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else "?"
    _log.error("request %s: %s in %s", request_id, type(error).__name__, place)

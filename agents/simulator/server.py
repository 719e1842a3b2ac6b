"""The simulator: Anthropic's Messages API over real HTTP, on loopback only."""

import asyncio
import contextlib
import json
import logging
import threading
from collections.abc import Callable
from urllib.parse import parse_qs

from agents.simulator import cache, connection, faults, known_models, output, validate, wire
from agents.simulator.errors import ApiError
from agents.simulator.ids import new_id

logger = logging.getLogger(__name__)

Brain = Callable[[dict], tuple[list[dict], str]]
LOOPBACK = ("127.0.0.1", "::1")
_START_SECONDS = 10


class Server:
    """A running simulator.

    brain: may be replaced at any time. requests: dicts of method, path, headers, body, in test
    mode only (a demo keeps no prompts). keys_seen: every credential sent, wrong ones too.
    brain_errors: what the brain raised; the client got a 500. redirect_to: base URL that the
    fault "redirect" names, None is this server under another name. answering: how many requests
    are being answered now.
    """

    def __init__(self, brain, *, faults_on, chunk_chars, chunk_delay_seconds, keys):
        self.brain = brain
        self.requests = []
        self.keys_seen = set()
        self.brain_errors = []
        self.redirect_to = None
        self.answering = 0
        self.cache = cache.PromptCache()
        self._faults = faults.Faults()
        self._faults_on = faults_on
        self._chunk_chars = chunk_chars
        self._delay_seconds = chunk_delay_seconds
        self._keys = keys
        self._listener = None
        self._conversations = set()

    @property
    def port(self):
        return self._listener.sockets[0].getsockname()[1]

    @property
    def base_url(self):
        host = self._listener.sockets[0].getsockname()[0]
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    async def start(self, host, port):
        self._listener = await asyncio.start_server(self._serve_connection, host, port)

    async def close(self):
        """Stop listening and drop open connections, streams included."""
        self._listener.close()
        for conversation in self._conversations:
            conversation.cancel()
        await asyncio.gather(*self._conversations, return_exceptions=True)

    async def _serve_connection(self, reader, writer):
        conversation = asyncio.current_task()
        self._conversations.add(conversation)
        try:
            # A cancelled conversation is a closed server, no error to report.
            with contextlib.suppress(asyncio.CancelledError):
                await connection.converse(reader, writer, self._answer)
        finally:
            self._conversations.discard(conversation)

    async def _answer(self, request, reply):
        request_id = new_id("req")
        self.answering += 1
        try:
            key = self._authenticate(request)
            fault = self._faults.due(key, request.path) if self._faults_on else None
            faults.refuse(fault)
            redirect_to = self.redirect_to or f"http://localhost:{self.port}"
            if not await faults.answer_instead(fault, reply, redirect_to=redirect_to):
                await self._route(request, reply, request_id, key, fault)
        except ApiError as error:
            headers = wire.headers(request_id, "application/json", exhausted=error.status == 429)
            await reply.whole(error.status, [*headers, *error.headers], wire.dump(error.body(request_id)))
        finally:
            self.answering -= 1

    def _authenticate(self, request):
        """Return the API key, or raise 401. Both ways to send a key count, with either version."""
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        key = bearer if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")
        self._record(request, key)
        if not key:
            raise ApiError(401, "x-api-key or authorization header is required")
        if self._keys is not None:
            valid = key in self._keys
        elif fault := faults.parse(key):
            valid = self._faults_on and faults.known(fault[0])
        else:
            valid = key.startswith("sk-ant-")
        if not valid:
            raise ApiError(401, "invalid x-api-key")
        return key

    def _record(self, request, key):
        if self._keys is not None:
            return
        self.keys_seen |= {key} if key else set()
        try:
            body = json.loads(request.body) if request.body else None
        except (ValueError, RecursionError):
            body = request.body
        self.requests.append(
            {"method": request.method, "path": request.path, "headers": request.headers, "body": body}
        )

    async def _route(self, request, reply, request_id, key, fault):
        version = request.headers.get("anthropic-version")
        if version not in (validate.OLD_VERSION, validate.NEW_VERSION):
            raise ApiError(400, "anthropic-version: header is required and must name a known version")
        if request.too_large:
            raise ApiError(413, "Request exceeds the maximum size")
        match request.method, request.path.removeprefix("/").split("/"):
            case "POST", ["v1", "messages"]:
                await self._messages(request, reply, request_id, key, version, fault)
            case "POST", ["v1", "messages", "count_tokens"]:
                body = validate.parse(request.body)
                validate.count_request(body)
                counted = {"input_tokens": cache.input_tokens(body)}
                await self._send_json(reply, request_id, counted, fault)
            case "GET", ["v1", "models"]:
                await self._send_json(reply, request_id, _model_page(request.query), fault)
            case "GET", ["v1", "models", model_id] if model_id in known_models.MODELS:
                described = known_models.describe(known_models.MODELS[model_id])
                await self._send_json(reply, request_id, described, fault)
            case "GET", ["v1", "models", model_id]:
                raise ApiError(404, f"model: {model_id}")
            case _, ["v1", "messages"] | ["v1", "messages", "count_tokens"] | ["v1", "models", *_]:
                raise ApiError(405, "Method Not Allowed")
            case _:
                raise ApiError(404, "Not Found")

    async def _messages(self, request, reply, request_id, key, version, fault):
        body = validate.parse(request.body)
        model = validate.message_request(body, version=version)
        used = self.cache.account(key, body, model)
        answer = faults.change_output(fault, await self._think(body, model, used))
        whole = wire.message(new_id("msg"), model.id, used, answer)
        if not body.get("stream"):
            if fault == "overloadmid":
                raise ApiError(529, "Overloaded")
            await self._send_json(reply, request_id, whole, fault)
            return
        chunk_chars = faults.CHUNK_CHARS.get(fault, self._chunk_chars)
        events = faults.change_events(fault, list(wire.events(whole, answer, chunk_chars=chunk_chars)))
        frames = faults.change_frames(fault, [wire.frame(event) for event in events])
        headers = wire.headers(request_id, "text/event-stream; charset=utf-8")
        await reply.head(200, [*headers, ("cache-control", "no-cache")])
        await faults.send_frames(fault, reply, frames, delay_seconds=self._delay_seconds)

    async def _think(self, body, model, used):
        """Ask the brain, in a thread, and return the Output within the request's limits."""
        room = model.window - used.total
        limit, reason = body["max_tokens"], "max_tokens"
        if room < limit:
            limit, reason = room, "model_context_window_exceeded"
        structured = bool((body.get("output_config") or {}).get("format"))
        if limit == 0:
            return output.Output([], reason, 0, structured=structured)
        try:
            blocks, stop_reason = await asyncio.to_thread(self.brain, body)
            return output.finish(blocks, stop_reason, limit=limit, limit_reason=reason, structured=structured)
        except Exception as error:
            logger.exception("The simulator's brain failed")
            if self._keys is None:
                # Not in a demo: the traceback would keep the prompt.
                self.brain_errors.append(error)
            raise ApiError(500, f"The simulator's brain failed: {error!r}") from error

    async def _send_json(self, reply, request_id, payload, fault):
        headers = wire.headers(request_id, "application/json")
        data = wire.dump(payload)
        if fault is None:
            await reply.whole(200, headers, data)
            return
        if fault == "huge" and len(data) < faults.HUGE_BYTES:
            data = b" " * faults.HUGE_BYTES + data
        middle = len(data) // 2
        frames = faults.change_frames(fault, [data[:middle], data[middle:]])
        await reply.head(200, headers)
        await faults.send_frames(fault, reply, frames, delay_seconds=0)


def _model_page(query):
    asked = parse_qs(query)
    stages = asked.get("lifecycle[]") or asked.get("lifecycle") or ["active", "deprecated"]
    limit = asked.get("limit", ["20"])[0]
    if not limit.isdecimal() or not 1 <= int(limit) <= 1000:
        raise ApiError(400, "limit: must be from 1 to 1000")
    return known_models.page(
        [model for model in known_models.MODELS.values() if model.lifecycle in stages],
        limit=int(limit),
        after_id=asked.get("after_id", [None])[0],
        before_id=asked.get("before_id", [None])[0],
    )


async def serve(
    brain,
    *,
    host="127.0.0.1",
    port=0,
    faults=False,
    chunk_chars=24,
    chunk_delay_seconds=0.0,
    keys=None,
):
    """Start a simulator and return its Server; port 0 picks a free one.

    faults: obey keys `sk-ant-sim-<fault>-<n>`. keys: the keys to accept; None is test mode, which
    accepts every `sk-ant-…` and records requests. Raises ValueError for a host beyond loopback.
    """
    if host not in LOOPBACK:
        raise ValueError(f"the simulator serves loopback only, not {host}")
    server = Server(
        brain,
        faults_on=faults,
        chunk_chars=chunk_chars,
        chunk_delay_seconds=chunk_delay_seconds,
        keys=keys,
    )
    await server.start(host, port)
    return server


@contextlib.contextmanager
def running(brain, **options):
    """Run a simulator in a thread of its own, for synchronous tests; yields its Server.

    options: those of `serve`.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="simulator", daemon=True)
    thread.start()
    try:
        server = _on(loop, serve(brain, **options))
        try:
            yield server
        finally:
            _on(loop, server.close())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _on(loop, work):
    return asyncio.run_coroutine_threadsafe(work, loop).result(_START_SECONDS)

"""Anthropic's Messages API. The only importer of the SDK (2.10 or newer; facts in llm.md §4)."""

import asyncio
import json
from collections import defaultdict
from weakref import WeakKeyDictionary

import anthropic

from agents.catalog import Usage, tokens_of
from agents.providers import outcomes
from agents.providers.base import Finished, ProviderError, Started, Text, ToolCall, Working
from agents.text import clean, named_path
from buildpractical.lib import http
from features.failures import Failure

# Every call brings its own key. A base client without one would look for keys in the environment.
PLACEHOLDER_KEY = "no-key"
_READ_SECONDS = 60
# No token is that long on average: what passes it is no answer of so many tokens.
MOST_CHARS_PER_TOKEN = 32
_MOST_TOKENS = 2**31 - 1
_COUNTS = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens")

# What bytes that are no UTF-8, JSON or event of the agreed form raise, in the SDK or in _Answer.
_MALFORMED = (
    *(anthropic.APIResponseValidationError, ValueError, TypeError, LookupError),
    *(AttributeError, RecursionError),
)

# One client for each event loop: its pooled connections belong to the loop, and a fork has loops of its own.
_clients = WeakKeyDictionary()


class Anthropic:
    """A provider at one base URL."""

    def __init__(self, base_url):
        self._base_url = base_url

    async def stream(self, request, *, key, deadline_seconds, progress_seconds):
        """See Provider.stream."""
        if not key:
            # with_options(api_key="") silently keeps the base client's credential.
            raise ProviderError(Failure.NO_KEY, permanent=True, sent=False)
        clock = _Clock(deadline_seconds, progress_seconds)
        answer = _Answer(request)
        source = None
        try:
            client = _client(self._base_url).with_options(api_key=key)
            source = await clock.wait(client.messages.create(stream=True, **request))
            answer.request_id = source.response.headers.get("request-id", "")
            events = aiter(source)
            while True:
                event = await clock.wait(anext(events, None))
                if event is None:
                    break
                for ours in answer.take(event):
                    if not isinstance(ours, Started):
                        clock.moved()
                    yield ours
            yield answer.finished()
        except ProviderError as error:
            error.request_id = error.request_id or answer.request_id
            raise
        except Exception as error:
            # from None: the SDK's exceptions hold the request, and with it the key and the prompt.
            raise _translated(error, answer) from None
        finally:
            if source is not None:
                await source.close()


def _client(base_url):
    clients = _clients.setdefault(asyncio.get_running_loop(), {})
    if base_url not in clients:
        clients[base_url] = anthropic.AsyncAnthropic(
            api_key=PLACEHOLDER_KEY,
            base_url=base_url,
            max_retries=0,
            http_client=http.async_client(base_url, read_seconds=_READ_SECONDS),
        )
    return clients[base_url]


class _Clock:
    """Two deadlines around every wait: the whole call, and the time since something came.

    The SDK swallows pings, so a look at the clock between events would never happen on a stream of pings.
    """

    def __init__(self, deadline_seconds, progress_seconds):
        self._now = asyncio.get_running_loop().time
        self._progress_seconds = progress_seconds
        self._end = self._now() + deadline_seconds
        self.moved()

    def moved(self):
        self._quiet_end = self._now() + self._progress_seconds

    async def wait(self, awaitable):
        async with asyncio.timeout_at(min(self._end, self._quiet_end)):
            return await awaitable


class _Answer:
    """Joins raw events. The SDK's own accumulation completes a cut tool call without a word."""

    def __init__(self, request):
        self.request_id = ""
        self.started = False
        self._request = request
        self._room = request["max_tokens"] * MOST_CHARS_PER_TOKEN
        self._usage = {}
        self._misread = False
        self._blocks = {}
        self._pieces = defaultdict(list)
        self._stopped = set()
        self._stop_reason = None
        self._category = ""
        self._complete = False

    def take(self, event):
        """Return our events for one of the SDK's; what we do not know is ignored."""
        match event.type:
            case "message_start":
                self.started = True
                self._count(event.message.usage)
                return [Started(self.request_id, str(event.message.model)[:60], self._bill())]
            case "content_block_start":
                self._blocks[event.index] = event.content_block.to_dict()
            case "content_block_delta":
                return [self._within_room(ours) for ours in self._delta(event.index, event.delta)]
            case "content_block_stop":
                self._stopped.add(event.index)
            case "message_delta":
                self._stop_reason = event.delta.stop_reason
                self._category = str(getattr(event.delta.stop_details, "category", None) or "")
                self._count(event.usage)
            case "message_stop":
                self._complete = True
        return []

    def _delta(self, index, delta):
        match delta.type:
            case "text_delta":
                piece = clean(delta.text)
                self._pieces[index].append(piece)
                return [Text(piece)]
            case "input_json_delta":
                self._pieces[index].append(delta.partial_json)
                return [Working(len(delta.partial_json))]
            case "thinking_delta":
                self._pieces[index].append(delta.thinking)
                return [Working(len(delta.thinking))]
            case "signature_delta":
                self._blocks[index]["signature"] = delta.signature
        return []

    def _within_room(self, ours):
        """Return the event; raise when the answer is longer than its tokens can be.

        The cap on bytes alone would leave a chat with an answer that no model can read again.
        """
        self._room -= len(ours.text) if isinstance(ours, Text) else ours.chars
        if self._room < 0:
            raise ProviderError(Failure.TOO_BIG, permanent=True, error_type="answer over its tokens")
        return ours

    def _count(self, usage):
        """Keep every count that is not null: message_delta repeats some, and the later one counts."""
        for name in _COUNTS:
            self._keep(name, getattr(usage, name, None))
        if split := getattr(usage, "cache_creation", None):
            self._keep("1h", getattr(split, "ephemeral_1h_input_tokens", None))

    def _keep(self, name, count):
        if isinstance(count, int) and 0 <= count <= _MOST_TOKENS:
            self._usage[name] = count
        elif count is not None:
            self._misread = True

    def _guess(self):
        """Return what the call used by our own estimate: its figures are none."""
        written = sum(len(piece) for pieces in self._pieces.values() for piece in pieces)
        asked = json.dumps(self._request, default=str)
        return Usage(input=tokens_of(len(asked)), output=tokens_of(written))

    def _bill(self):
        if self._misread:
            return self._guess()
        written = self._usage.get("cache_creation_input_tokens", 0)
        # message_start alone tells the two kinds of writes apart; the rest is the shorter kind.
        written_1h = min(self._usage.get("1h", 0), written)
        return Usage(
            input=self._usage.get("input_tokens", 0),
            cache_read=self._usage.get("cache_read_input_tokens", 0),
            cache_write_5m=written - written_1h,
            cache_write_1h=written_1h,
            output=self._usage.get("output_tokens", 0),
        )

    def finished(self):
        """Return Finished, or raise: without a start, a stop reason and the end mark the answer broke off."""
        if not (self.started and self._stop_reason and self._complete):
            raise ProviderError(Failure.PROTOCOL_ERROR, permanent=False, error_type="incomplete stream")
        blocks, calls = [], []
        for index in sorted(self._blocks):
            block = self._blocks[index] | self._joined(index)
            if block["type"] in ("text", "thinking", "tool_use"):
                blocks.append(block)
            if block["type"] == "tool_use":
                path = named_path("".join(self._pieces[index]))
                calls.append(ToolCall(block["id"], block["name"], block["input"], path))
        return Finished(
            blocks, self._stop_reason, self._bill(), self._category, calls, estimated=self._misread
        )

    def _joined(self, index):
        whole = "".join(self._pieces[index])
        match self._blocks[index]["type"]:
            case "text":
                return {"text": whole}
            case "thinking":
                return {"thinking": whole}
            case "tool_use":
                return {"input": self._tool_input(index, whole)}
        return {}

    def _tool_input(self, index, whole):
        if index not in self._stopped:
            return None
        try:
            fields = json.loads(whole or "{}")
        except (ValueError, RecursionError):
            return None
        return clean(fields) if isinstance(fields, dict) else None


def _translated(error, answer):
    """Return the ProviderError for what the SDK or the connection raised."""
    known = {"request_id": answer.request_id}
    cause = error.__cause__ if isinstance(error, anthropic.APIConnectionError) else error
    # The guard sits below the SDK, which wraps what it raises.
    if isinstance(cause, http.TooBig):
        return ProviderError(Failure.TOO_BIG, permanent=True, error_type="answer over the cap", **known)
    if isinstance(cause, http.Refused):
        return ProviderError(Failure.UNREACHABLE, permanent=True, error_type="guard", sent=False, **known)
    if isinstance(error, anthropic.APIStatusError):
        return outcomes.of_refusal(
            status=error.status_code,
            error_type=error.type,
            code=error.error_code,
            retry_after=_retry_after(error.response.headers.get("retry-after")),
            request_id=error.request_id or answer.request_id,
            message=error.api_message,
        )
    name = type(cause).__name__
    if isinstance(cause, TimeoutError) or name in ("ReadTimeout", "WriteTimeout", "PoolTimeout"):
        return ProviderError(Failure.TIMEOUT, permanent=False, error_type=name, **known)
    if isinstance(error, (anthropic.APIConnectionError, *http.TRANSPORT_ERRORS, OSError)):
        if answer.started:
            return ProviderError(Failure.PROTOCOL_ERROR, permanent=False, error_type=name, **known)
        sent = name not in ("ConnectError", "ConnectTimeout")
        return ProviderError(Failure.UNREACHABLE, permanent=False, error_type=name, sent=sent, **known)
    if isinstance(error, _MALFORMED):
        return ProviderError(Failure.PROTOCOL_ERROR, permanent=False, error_type=name, **known)
    return ProviderError(Failure.PROVIDER_ERROR, permanent=False, error_type=name[:60], **known)


def _retry_after(value):
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return None
    return seconds if 0 <= seconds < float("inf") else None

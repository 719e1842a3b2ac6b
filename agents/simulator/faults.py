"""Failures on request: key `sk-ant-sim-<fault>-<n>` fails n times, then works.

An optional ending, `sk-ant-sim-<fault>-<n>-<anything>`, gives a test a key of its own. Faults meet
POST /v1/messages; those of `_BOTH_PATHS` also GET /v1/models, counted apart; none count_tokens.
"""

import asyncio
import re
from collections import Counter
from dataclasses import replace

from agents.simulator import output, wire
from agents.simulator.errors import ApiError, bad_request
from agents.simulator.ids import new_id

HUGE_BYTES = 20 * 1024 * 1024
FLOOD_BYTES = 10 * 1024 * 1024
# Of a stream, in place of the server's.
CHUNK_CHARS = {"huge": HUGE_BYTES, "flood": 16 * 1024}
PING_SECONDS = 0.05
SLOW_SECONDS = 1.0

_KEY = re.compile(r"sk-ant-sim-([a-z0-9]+)-(\d+)(?:-\w+)?")
_RETRY_IN = re.compile(r"429in(\d+)")
_STATUSES = {"400", "401", "402", "403", "404", "408", "409", "413", "422", "500", "503", "504", "529"}
# name: status, error code, retry-after
_REFUSALS = {name: (int(name), None, None) for name in _STATUSES} | {
    "429": (429, None, 1),
    "429bare": (429, None, None),
    "429hours": (429, None, 7_200),
    "forbidden": (403, None, None),
    "onhold": (400, "organization_on_hold", None),
    "spendlimit": (429, "enforced_spend_limit_reached", None),
    "contractlimit": (429, "contract_spend_limit_reached", None),
}
# Instead of any answer of the API.
_INSTEAD = {"html", "hang", "reset", "redirect", "nohttp"}
# In the bytes of an answer.
_BYTES = {"badjson", "badutf8", "huge", "slow", "cut", "cutchunk", "resethead", "resetmid", "hangmid"}
# In the content of a Message.
_CONTENT = {
    "empty",
    "refusal",
    "refusalmid",
    "maxtokens",
    "context",
    "unknownstop",
    "nul",
    "surrogate",
    "flood",
}
# In the events of a stream; without a stream they change nothing, but for overloadmid, a 529.
_EVENTS = {
    *("badsse", "oddjson", "oddstart", "overloadmid", "unknownerror", "unknownevent", "unknownblock"),
    *("cutend", "drip", "pings"),
}
_BOTH_PATHS = (_STATUSES | {"429", "429bare", "429hours"} | _INSTEAD | _BYTES) - {"404", "413"}
NAMES = set(_REFUSALS) | {"toolong"} | _INSTEAD | _BYTES | _CONTENT | _EVENTS


def parse(key):
    """Return (fault, n) of a fault key, or None."""
    match = _KEY.fullmatch(key)
    return (match[1], int(match[2])) if match else None


def known(fault):
    """Tell whether a fault of this name exists; `429in<seconds>` sets its own retry-after."""
    return fault in NAMES or _RETRY_IN.fullmatch(fault) is not None


class Faults:
    """Counts calls by key and path."""

    def __init__(self):
        self._calls = Counter()

    def due(self, key, path):
        """Return the name of the fault this call must show, or None."""
        parsed = parse(key)
        if parsed is None or not _applies(parsed[0], path):
            return None
        self._calls[key, path] += 1
        return parsed[0] if self._calls[key, path] <= parsed[1] else None


def _applies(fault, path):
    if path == "/v1/messages":
        return fault != "forbidden"
    on_models = path.startswith("/v1/models")
    return on_models and (fault in _BOTH_PATHS or fault == "forbidden" or fault.startswith("429in"))


def refuse(fault):
    """Raise the ApiError of a fault that is an error answer."""
    if fault is None:
        return
    if fault == "toolong":
        raise bad_request("prompt is too long: 1000001 tokens > 1000000 maximum")
    if match := _RETRY_IN.fullmatch(fault):
        status, code, retry_after = 429, None, int(match[1])
    elif fault in _REFUSALS:
        status, code, retry_after = _REFUSALS[fault]
    else:
        return
    headers = [("retry-after", str(retry_after))] if retry_after is not None else []
    raise ApiError(status, f"Simulated {fault}", error_code=code, headers=headers)


async def answer_instead(fault, reply, *, redirect_to):
    """Give the answer of a fault that replaces the API's; tell whether one was given."""
    match fault:
        case "html":
            page = b"<!doctype html><title>Sign in</title><p>Please sign in to this network.</p>"
            await reply.whole(200, [("content-type", "text/html; charset=utf-8")], page)
        case "redirect":
            await reply.whole(307, [("location", f"{redirect_to}/redirected/v1/messages")], b"")
        case "nohttp":
            await reply.raw(b"220 mail.example ESMTP\r\n")
        case "hang":
            await reply.until_client_leaves()
        case "reset":
            reply.reset()
        case _:
            return False
    return True


def change_output(fault, answer):
    """Return the Output with the fault in its content."""
    match fault:
        case "empty":
            return replace(answer, pieces=[], stop_reason="end_turn", tokens=1)
        case "refusal":
            details = {"type": "refusal", "category": "cyber", "explanation": "Simulated refusal."}
            return replace(answer, pieces=[], stop_reason="refusal", stop_details=details, tokens=1)
        case "refusalmid":
            return _half(answer, "refusal")
        case "maxtokens":
            return _half(answer, "max_tokens")
        case "context":
            return _half(answer, "model_context_window_exceeded")
        case "unknownstop":
            return replace(answer, stop_reason="future_reason")
        case "nul":
            return _with_text(answer, "before\x00after")
        case "surrogate":
            return _with_text(answer, "before\ud800after")
        case "huge":
            return _with_text(answer, "x" * HUGE_BYTES)
        case "flood":
            return _with_text(answer, "All work and no play. " * (FLOOD_BYTES // 22))
    return answer


def _half(answer, stop_reason):
    half = max(answer.tokens // 2, 1)
    cut = output.finish(answer.content, stop_reason, limit=half, limit_reason=stop_reason)
    return replace(cut, stop_reason=stop_reason, structured=answer.structured)


def _with_text(answer, text):
    piece = output.Piece({"type": "text", "text": text}, text)
    return replace(answer, pieces=[piece, *answer.pieces])


def change_events(fault, events):
    """Return the stream's events with the fault among them."""
    half = len(events) // 2
    match fault:
        case "overloadmid":
            error = ApiError(529, "Overloaded").body(new_id("req"))
            return [*events[:half], error]
        case "unknownerror":
            return [*events[:half], {"type": "error", "error": {"type": "future_error", "message": "?"}}]
        case "oddjson":
            # Good JSON of another form than agreed.
            return [*events[:half], {"type": "content_block_delta", "delta": [1, 2]}, *events[half:]]
        case "oddstart":
            wrong = {"input_tokens": 10**30, "output_tokens": "many", "cache_read_input_tokens": -5}
            start = events[0] | {
                "message": events[0]["message"] | {"usage": wrong, "model": "claude\x00\ud800"}
            }
            return [start, *(event | {"usage": wrong} if "usage" in event else event for event in events[1:])]
        case "unknownevent":
            return [*events[:half], {"type": "future_event", "detail": {"n": 1}}, *events[half:]]
        case "unknownblock":
            start = {"type": "content_block_start", "index": 0, "content_block": {"type": "future_block"}}
            delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "future_delta"}}
            stop = {"type": "content_block_stop", "index": 0}
            later = [e | {"index": e["index"] + 1} if "index" in e else e for e in events[1:]]
            return [events[0], start, delta, stop, *later]
        case "cutend":
            return events[:-1]
    return events


def change_frames(fault, frames):
    """Return the body's byte frames with the fault in them."""
    half = max(len(frames) // 2, 1)
    match fault:
        case "badjson":
            return [*frames[:half], b'event: content_block_delta\ndata: {"type": "content_bl\n\n']
        case "badutf8":
            return [*frames[:half], b'event: content_block_delta\ndata: {"type": "\xff\xfe"}\n\n']
        case "badsse":
            return [*frames[:half], b"%%% not an event stream %%%\n\n", b"\x01\x02 garbage\n\n"]
    return frames


async def send_frames(fault, reply, frames, *, delay_seconds):
    """Send the body of a started answer, and end it as the fault says."""
    half = frames[: max(len(frames) // 2, 1)]
    match fault:
        case "cut":
            await _send(reply, half, delay_seconds)
            await reply.end()
        case "cutchunk":
            await _send(reply, half, delay_seconds)
            await reply.raw(b"1000\r\nevent: content_block_del")
        case "resethead":
            await asyncio.sleep(PING_SECONDS)
            reply.reset()
        case "resetmid":
            await _send(reply, half, delay_seconds)
            # Lets the client read what was sent; a reset at once may throw it away.
            await asyncio.sleep(PING_SECONDS)
            reply.reset()
        case "hangmid":
            await _send(reply, half, delay_seconds)
            await reply.until_client_leaves()
        case "pings":
            while True:
                await _send(reply, [wire.frame({"type": "ping"})], PING_SECONDS)
        case "drip":
            await _send(reply, half, delay_seconds)
            while True:
                await _send(reply, half[-1:], PING_SECONDS)
        case "slow":
            single = (bytes([byte]) for frame in frames for byte in frame)
            await _send(reply, single, SLOW_SECONDS)
            await reply.end()
        case _:
            await _send(reply, frames, delay_seconds)
            await reply.end()


async def _send(reply, frames, delay_seconds):
    for frame in frames:
        await reply.data(frame)
        if delay_seconds:
            await asyncio.sleep(delay_seconds)

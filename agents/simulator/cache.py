"""Prompt-cache accounting: which input tokens are read, written or plain.

Modelled on the vendor's prompt-caching page as llm.md sections 2 and 6 record it; unverified.
"""

import hashlib
import json
import time
from dataclasses import dataclass

from agents.simulator import tokens
from agents.simulator.reading import as_blocks

TTL_SECONDS = {"5m": 300, "1h": 3600}
# A breakpoint looks for older entries at most this many blocks back.
LOOKBACK_BLOCKS = 20


@dataclass(frozen=True)
class InputUsage:
    """Input tokens of one request; the total is the sum of plain, read and both writes."""

    plain: int
    read: int
    written_5m: int
    written_1h: int

    @property
    def written(self):
        return self.written_5m + self.written_1h

    @property
    def total(self):
        return self.plain + self.read + self.written


@dataclass(frozen=True)
class _Place:
    """A block's place in the prompt: prefix hash, tokens up to its end, ttl of its marker."""

    prefix: str
    end: int
    ttl: str | None


class PromptCache:
    """Live prefixes by hash. clock: seconds, monotonic."""

    def __init__(self, clock=time.monotonic):
        self._clock = clock
        self._entries = {}

    def account(self, key, request, model):
        """Read and write the cache for one request; return its InputUsage."""
        places = _places(key, request)
        total = places[-1].end
        marked = [n for n, place in enumerate(places) if place.ttl]
        hit = max((self._hit(places, n) for n in marked), default=-1)
        self._renew(places[: hit + 1])
        read = reached = places[hit].end if hit >= 0 else 0
        written = {"5m": 0, "1h": 0}
        for place in (places[n] for n in marked if n > hit):
            # Below the minimum the API caches nothing and says nothing.
            if place.end >= model.min_cache:
                self._entries[place.prefix] = [self._clock() + TTL_SECONDS[place.ttl], place.ttl]
                written[place.ttl] += place.end - reached
                reached = place.end
        return InputUsage(total - reached, read, written["5m"], written["1h"])

    def _hit(self, places, marked):
        for n in range(marked, max(-1, marked - LOOKBACK_BLOCKS - 1), -1):
            if self._live(places[n].prefix):
                return n
        return -1

    def _live(self, prefix):
        expires, _ttl = self._entries.get(prefix, (0, None))
        return expires > self._clock()

    def _renew(self, places):
        for entry in (self._entries[p.prefix] for p in places if self._live(p.prefix)):
            entry[0] = self._clock() + TTL_SECONDS[entry[1]]


def input_tokens(request):
    """Return all input tokens of a request."""
    return _places("", request)[-1].end


def _places(key, request):
    """Return the _Place of every block: tools, then system, then messages.

    A change of key, model, schema, effort or thinking changes every hash.
    """
    config = request.get("output_config") or {}
    seed = [key, request["model"], config.get("format"), config.get("effort"), request.get("thinking")]
    running = hashlib.sha256(json.dumps(seed, sort_keys=True).encode())
    end, places = 0, []
    for level, block in _blocks(request):
        running.update(f"\n{level} {tokens.canonical(block)}".encode())
        end += tokens.of_block(block)
        marker = block.get("cache_control")
        ttl = marker.get("ttl", "5m") if marker else None
        places.append(_Place(running.hexdigest(), end, ttl))
    if top := request.get("cache_control"):
        last = places[-1]
        places[-1] = _Place(last.prefix, last.end, last.ttl or top.get("ttl", "5m"))
    return places


def _blocks(request):
    for tool in request.get("tools") or []:
        yield "tools", tool
    for block in as_blocks(request.get("system")):
        yield "system", block
    for turn in request["messages"]:
        for block in as_blocks(turn["content"]):
            yield turn["role"], block

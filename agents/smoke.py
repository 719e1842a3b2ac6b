"""A few paid calls that tell whether the real API takes what we send (llm.md §6). Only llm_smoke runs this."""

import asyncio
from dataclasses import dataclass, field

from django.conf import settings

from agents import catalog, providers, tools
from agents.answers import parse
from agents.contracts import Alignment, Title, schema_of
from agents.providers.base import Finished, ProviderError, Started
from buildpractical.lib.redact import live

SECONDS = 120
# About 4,900 tokens: above every known minimum for caching (4,096).
LONG_TEXT = "The harbour lay still, and nobody had counted the boats that morning. " * 280
SAY_OK = {"role": "user", "content": "Answer with the single word: ok"}
COMPARE = {
    "role": "user",
    "content": "Upstream: 'A tool has a name.' Candidate: 'A tool has a name.' Compare them: verdict APPROVE, "
    "no gaps, nothing invented, no injection notes.",
}
WRITE = {"role": "user", "content": "Write the file hello.txt with the text hello, by the tool write_file."}


@dataclass
class Line:
    """The result of one call. cost: micro-USD or None."""

    name: str
    model: str
    ok: bool
    words: str
    usage: catalog.Usage = field(default_factory=catalog.Usage)
    cost: int | None = 0


async def run(*, key, base_url):
    """Yield a Line for each call, cheapest questions first."""
    models = list(dict.fromkeys(line["model"] for line in settings.AGENT_CATALOG.values()))
    with live(key):
        for model in models:
            yield await _call("answers", model, key, base_url, _request(model, [SAY_OK]), _has_text)
        for turn, expected in (("cache written", _any), ("cache read", _reads_cache)):
            request = _request(models[0], [SAY_OK], system=_long())
            yield await _call(turn, models[0], key, base_url, request, expected)
        for name, contract in (("verdict", Alignment), ("other schema", Title)):
            request = _request(models[0], [COMPARE], system=_long(), schema=schema_of(contract))
            yield await _call(name, models[0], key, base_url, request, _fits(contract))
        request = _request(models[0], [WRITE], tools=tools.definitions())
        yield await _call("tool call", models[0], key, base_url, request, _writes)


def _request(model, messages, *, system=None, schema=None, **more):
    request = {"model": model, "max_tokens": 400, "messages": messages} | more
    if system:
        request["system"] = system
    if schema:
        request["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
    return request


def _long():
    return [{"type": "text", "text": LONG_TEXT, "cache_control": {"type": "ephemeral"}}]


async def _call(name, model, key, base_url, request, expected):
    finished = started = None
    try:
        events = providers.at(base_url).stream(
            request, key=key, deadline_seconds=SECONDS, progress_seconds=SECONDS
        )
        async for event in events:
            started = event if isinstance(event, Started) else started
            finished = event if isinstance(event, Finished) else finished
    except ProviderError as error:
        words = f"{error.failure} ({error.error_type}) {error.request_id}".strip()
        cost = 0 if not error.sent else None
        return Line(name, model, False, words, cost=cost)
    words = expected(finished)
    cost = catalog.cost_microusd(model, finished.usage)
    text = words or f"as expected, answered by {started.model}"
    return Line(name, model, not words, text, finished.usage, cost)


def _text(finished):
    return "".join(block["text"] for block in finished.blocks if block["type"] == "text")


def _any(finished):
    return ""


def _has_text(finished):
    return "" if _text(finished).strip() else f"no text, stop reason {finished.stop_reason}"


def _reads_cache(finished):
    return "" if finished.usage.cache_read else "nothing was read from the cache"


def _fits(contract):
    def expected(finished):
        data, errors = parse(contract, _text(finished))
        return "" if data else "; ".join(errors)

    return expected


def _writes(finished):
    calls = [(call.name, call.fields) for call in finished.tool_calls]
    good = any(
        name == "write_file" and fields and set(fields) == {"path", "content"} for name, fields in calls
    )
    return "" if good else f"no whole call of write_file, stop reason {finished.stop_reason}"


def collect(**options):
    """Return all Lines of `run`, for a synchronous caller; each is handed to `tell` as it comes."""
    tell = options.pop("tell")

    async def gather():
        lines = []
        async for line in run(**options):
            tell(line)
            lines.append(line)
        return lines

    return asyncio.run(gather())

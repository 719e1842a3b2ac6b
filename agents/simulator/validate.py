"""What the API refuses, beyond the form of a request (llm.md section 6, "Must refuse")."""

import json

from agents.simulator import cache, schemas, shapes
from agents.simulator.errors import ApiError, bad_request
from agents.simulator.known_models import MODELS
from agents.simulator.output import sign
from agents.simulator.reading import as_blocks

OLD_VERSION = "2023-06-01"
NEW_VERSION = "2026-10-21"
MAX_BREAKPOINTS = 4
_SAMPLING = ("temperature", "top_p", "top_k")


def parse(raw):
    """Return the JSON object in a request body.

    Lone surrogates are refused: they are no valid Unicode, although the SDK sends them.
    """
    try:
        body = json.loads(raw)
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise bad_request("The request body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise bad_request("The request body must be a JSON object.")
    return body


def count_request(body):
    """Check a count_tokens body and return its KnownModel."""
    shapes.check(shapes.CountRequest, body)
    return _common(body)


def message_request(body, *, version):
    """Check a messages body and return its KnownModel."""
    shapes.check(shapes.MessageRequest, body)
    model = _common(body)
    _check_limits(body, model)
    _check_sampling(body, model, version)
    return model


def _common(body):
    model = MODELS.get(body["model"])
    if model is None:
        raise ApiError(404, f"model: {body['model']}")
    _check_thinking(body, model)
    _check_tools(body, model)
    _check_texts(body)
    _check_turns(body, model)
    _check_breakpoints(body)
    schemas.check(body)
    return model


def _check_limits(body, model):
    if body["max_tokens"] > model.max_output:
        raise bad_request(
            f"max_tokens: {body['max_tokens']} > {model.max_output}, which is the maximum allowed "
            f"number of output tokens for {model.id}"
        )
    total = cache.input_tokens(body)
    if total > model.window:
        raise bad_request(f"prompt is too long: {total} tokens > {model.window} maximum")
    budget = (body.get("thinking") or {}).get("budget_tokens", 0)
    if budget and budget >= body["max_tokens"]:
        raise bad_request("`max_tokens` must be greater than `thinking.budget_tokens`")


def _check_sampling(body, model, version):
    used = [name for name in _SAMPLING if body.get(name) is not None]
    if used and (version == NEW_VERSION or not model.sampling):
        raise bad_request(f"{used[0]}: sampling parameters are not supported")


def _check_thinking(body, model):
    thinking = body.get("thinking")
    if thinking and thinking["type"] not in model.thinking:
        raise bad_request(f"thinking.type: {thinking['type']!r} is not supported on {model.id}")
    effort = (body.get("output_config") or {}).get("effort")
    if effort and effort not in model.efforts:
        raise bad_request(f"output_config.effort: {effort!r} is not supported on {model.id}")


def _check_tools(body, model):
    names = [tool["name"] for tool in body.get("tools") or []]
    if len(names) != len(set(names)):
        raise bad_request("tools: Tool names must be unique.")
    for tool in body.get("tools") or []:
        if tool["input_schema"].get("type") != "object":
            raise bad_request(f"tools.{names.index(tool['name'])}.input_schema.type: must be 'object'")
    choice = body.get("tool_choice")
    if not choice:
        return
    if not names:
        raise bad_request("tool_choice may only be specified while providing tools.")
    if choice["type"] == "tool" and choice["name"] not in names:
        raise bad_request(f"tool_choice: tool {choice['name']!r} not found in provided tools")
    if choice["type"] in ("any", "tool"):
        if not model.forced_tools:
            raise bad_request(f"tool_choice: forced tool use is not supported on {model.id}")
        if (body.get("thinking") or {"type": "disabled"})["type"] != "disabled":
            raise bad_request("Thinking may not be enabled when tool_choice forces tool use.")


def _check_texts(body):
    for place, content in _contents(body):
        if not content:
            raise bad_request(f"{place}: must have non-empty content")
        for block in as_blocks(content):
            if block["type"] == "text" and not block["text"].strip():
                raise bad_request(f"{place}: text content blocks must contain non-whitespace text")
            if block["type"] == "thinking" and block["signature"] != sign(block["thinking"]):
                raise bad_request(f"{place}: Invalid `signature` in `thinking` block")


def _contents(body):
    if body.get("system") is not None:
        yield "system", body["system"]
    for n, turn in enumerate(body["messages"]):
        yield f"messages.{n}", turn["content"]
        for block in as_blocks(turn["content"]):
            if block["type"] == "tool_result" and isinstance(block.get("content"), list):
                yield f"messages.{n}.tool_result", block["content"]


def _check_turns(body, model):
    turns = _merged(body["messages"])
    if turns[0][0] != "user":
        raise bad_request('messages: first message must use the "user" role')
    if turns[-1][0] == "assistant" and not model.prefill:
        raise bad_request(
            "This model does not support assistant message prefill. "
            "The conversation must end with a user message."
        )
    seen = set()
    for n, (role, blocks) in enumerate(turns):
        _check_kinds(n, role, blocks)
        answered = _leading_results(n, blocks)
        asked = [b["id"] for b in turns[n - 1][1] if b["type"] == "tool_use"] if n else []
        if role == "user" and sorted(asked) != sorted(answered):
            raise bad_request(
                f"messages.{n}: `tool_use` ids and the `tool_result` blocks immediately after must "
                f"pair one to one: asked {asked}, answered {answered}"
            )
        ids = [b["id"] for b in blocks if b["type"] == "tool_use"]
        if len(ids) != len(set(ids)) or seen & set(ids):
            raise bad_request(f"messages.{n}: `tool_use` ids must be unique")
        seen |= set(ids)
    if any(block["type"] == "tool_use" for block in turns[-1][1]):
        raise bad_request("messages: `tool_use` ids were found without `tool_result` blocks after")


def _merged(messages):
    """Return [(role, blocks)]; neighbours of one role are one turn, as the API treats them."""
    turns = []
    for turn in messages:
        if turns and turns[-1][0] == turn["role"]:
            turns[-1][1].extend(as_blocks(turn["content"]))
        else:
            turns.append((turn["role"], as_blocks(turn["content"])))
    return turns


def _check_kinds(n, role, blocks):
    allowed = {"user": ("text", "tool_result"), "assistant": ("text", "tool_use", "thinking")}[role]
    for block in blocks:
        if block["type"] not in allowed:
            raise bad_request(f"messages.{n}: `{block['type']}` blocks are not allowed in {role} turns")


def _leading_results(n, blocks):
    kinds = [block["type"] == "tool_result" for block in blocks]
    if kinds != sorted(kinds, reverse=True):
        raise bad_request(f"messages.{n}: `tool_result` blocks must come first in the content")
    return [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]


def _check_breakpoints(body):
    marked = [*(body.get("tools") or []), *as_blocks(body.get("system"))]
    for turn in body["messages"]:
        marked += as_blocks(turn["content"])
    markers = [block["cache_control"] for block in [*marked, body] if block.get("cache_control")]
    if len(markers) > MAX_BREAKPOINTS:
        raise bad_request(
            f"A maximum of {MAX_BREAKPOINTS} blocks with cache_control may be provided. Found {len(markers)}."
        )
    # "1h" sorts before "5m".
    lives = [marker.get("ttl", "5m") for marker in markers]
    if lives != sorted(lives):
        raise bad_request("cache_control: a ttl='1h' block must not come after a ttl='5m' block.")

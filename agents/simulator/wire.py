"""The wire objects: response headers, the Message, its event stream."""

import json
from datetime import UTC, datetime, timedelta

ORGANIZATION_ID = "00000000-0000-4000-8000-000000000000"
# Documents and files are long; text-sized chunks would take a demo minutes.
JSON_CHUNK_CHARS = 400
_LIMITS = {"requests": 4_000, "tokens": 2_400_000, "input-tokens": 2_000_000, "output-tokens": 400_000}


def dump(payload):
    """Return JSON bytes: UTF-8, but escapes where a lone surrogate forbids it."""
    try:
        return json.dumps(payload, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(payload).encode()


def headers(request_id, content_type, *, exhausted=False):
    """Return the response headers every answer has. exhausted: no request is left (a 429)."""
    reset = (datetime.now(UTC) + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    pairs = [
        ("content-type", content_type),
        ("request-id", request_id),
        ("anthropic-organization-id", ORGANIZATION_ID),
    ]
    for name, limit in _LIMITS.items():
        remaining = 0 if exhausted and name == "requests" else limit - 1
        pairs += [
            (f"anthropic-ratelimit-{name}-limit", str(limit)),
            (f"anthropic-ratelimit-{name}-remaining", str(remaining)),
            (f"anthropic-ratelimit-{name}-reset", reset),
        ]
    return pairs


def message(message_id, model_id, used, output):
    """Return the Message object. used: InputUsage; output: Output."""
    return {
        "model": model_id,
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "content": output.content,
        "stop_reason": output.stop_reason,
        "stop_sequence": None,
        "stop_details": output.stop_details,
        "usage": _usage(used, output.tokens),
    }


def events(whole, output, *, chunk_chars):
    """Yield the events of a stream whose sum is the Message `whole`."""
    empty = {"content": [], "stop_reason": None, "stop_details": None}
    started = whole["usage"] | {"output_tokens": 1}
    yield {"type": "message_start", "message": whole | empty | {"usage": started}}
    for index, piece in enumerate(output.pieces):
        yield {"type": "content_block_start", "index": index, "content_block": _hollow(piece.block)}
        if index == 0:
            yield {"type": "ping"}
        for delta in _deltas(piece, chunk_chars, output.structured):
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    ended = {name: whole[name] for name in ("stop_reason", "stop_sequence", "stop_details")}
    # The 5m/1h split comes in message_start only.
    cumulative = {name: count for name, count in whole["usage"].items() if name.endswith("_tokens")}
    yield {"type": "message_delta", "delta": ended, "usage": cumulative}
    yield {"type": "message_stop"}


def frame(event):
    """Return one event in text/event-stream form; its name is its type."""
    return b"event: " + event["type"].encode() + b"\ndata: " + dump(event) + b"\n\n"


def _usage(used, output_tokens):
    return {
        "input_tokens": used.plain,
        "cache_creation_input_tokens": used.written,
        "cache_read_input_tokens": used.read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": used.written_5m,
            "ephemeral_1h_input_tokens": used.written_1h,
        },
        "output_tokens": output_tokens,
        "service_tier": "standard",
        "inference_geo": "not_available",
    }


def _hollow(block):
    empty = {"text": "", "thinking": "", "signature": "", "input": {}}
    return {name: empty.get(name, value) for name, value in block.items()}


def _deltas(piece, chunk_chars, structured):
    text, step = piece.streamed, chunk_chars
    if structured or piece.block["type"] == "tool_use":
        step = max(chunk_chars, JSON_CHUNK_CHARS)
    parts = [text[start : start + step] for start in range(0, len(text), step)]
    match piece.block["type"]:
        case "tool_use":
            # The API often sends an empty first part.
            yield from ({"type": "input_json_delta", "partial_json": part} for part in ["", *parts])
        case "thinking":
            yield from ({"type": "thinking_delta", "thinking": part} for part in parts)
            yield {"type": "signature_delta", "signature": piece.block["signature"]}
        case _:
            yield from ({"type": "text_delta", "text": part} for part in parts)

"""From a brain's blocks to what the client gets: ids, signatures, and the cut at the token limit."""

import base64
import hashlib
import json
from dataclasses import dataclass, field

from agents.simulator import tokens
from agents.simulator.ids import new_id


@dataclass(frozen=True)
class Piece:
    """One block as in a Message, and the text a stream sends for it."""

    block: dict
    streamed: str


@dataclass(frozen=True)
class Output:
    """A finished answer. tokens: output tokens, at least 1."""

    pieces: list[Piece]
    stop_reason: str
    tokens: int
    stop_details: dict | None = None
    structured: bool = field(default=False)

    @property
    def content(self):
        return [piece.block for piece in self.pieces]


def sign(thinking):
    """Return the signature of a thinking block; a changed block is refused when it comes back."""
    digest = hashlib.sha256(f"simulator {thinking}".encode("utf-8", "surrogatepass")).digest()
    return base64.b64encode(digest).decode()


def finish(blocks, stop_reason, *, limit, limit_reason="max_tokens", structured=False):
    """Return the Output for a brain's blocks, cut after `limit` tokens.

    A cut block stays, with its half text or half JSON; `limit_reason` is then the stop reason.
    """
    pieces, left = [], limit
    for piece in map(_whole, blocks):
        cost = tokens.of_text(piece.streamed)
        if cost > left:
            if left:
                pieces.append(_cut(piece, left))
            return Output(pieces, limit_reason, max(limit, 1), structured=structured)
        pieces.append(piece)
        left -= cost
    return Output(pieces, stop_reason, max(limit - left, 1), structured=structured)


def _whole(block):
    match block["type"]:
        case "text":
            return Piece({"type": "text", "text": block["text"]}, block["text"])
        case "thinking":
            thinking = block["thinking"]
            signed = {"type": "thinking", "thinking": thinking, "signature": sign(thinking)}
            return Piece(signed, thinking)
        case "tool_use":
            call = {
                "type": "tool_use",
                "id": block.get("id") or new_id("toolu"),
                "name": block["name"],
                "input": block["input"],
                "caller": {"type": "direct"},
            }
            return Piece(call, json.dumps(block["input"], ensure_ascii=False))
    raise ValueError(f"a brain may not answer with a block of type {block['type']!r}")


def _cut(piece, limit):
    streamed = tokens.head(piece.streamed, limit)
    match piece.block["type"]:
        case "tool_use":
            change = {"input": _complete_fields(piece.block["input"], streamed)}
        case "thinking":
            change = {"thinking": streamed, "signature": sign(streamed)}
        case _:
            change = {"text": streamed}
    return Piece(piece.block | change, streamed)


def _complete_fields(fields, streamed):
    """Return the fields whose value stands whole in the half JSON: what a lenient parser keeps."""
    kept = {}
    for name, value in fields.items():
        longer = kept | {name: value}
        # Without the closing brace; one more character proves that a number has ended.
        if len(json.dumps(longer, ensure_ascii=False)[:-1]) >= len(streamed):
            break
        kept = longer
    return kept

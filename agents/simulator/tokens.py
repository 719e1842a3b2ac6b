"""Token counts that are simple and always the same: four UTF-8 bytes make a token."""

import json

BYTES_PER_TOKEN = 4


def of_text(text):
    """Return the tokens of a string, rounded up."""
    return -(-len(text.encode("utf-8", "surrogatepass")) // BYTES_PER_TOKEN)


def head(text, tokens):
    """Return the longest start of `text` that costs at most `tokens`."""
    raw = text.encode("utf-8", "surrogatepass")[: tokens * BYTES_PER_TOKEN]
    return raw.decode("utf-8", "ignore")


def canonical(block):
    """Return the block as JSON with sorted keys, without its cache marker."""
    plain = {name: value for name, value in block.items() if name != "cache_control"}
    return json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def of_block(block):
    """Return the tokens of a request block: its text, else its canonical JSON."""
    return of_text(block["text"] if block.get("type") == "text" else canonical(block))

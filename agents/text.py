"""Text that came from a model or goes to one."""

import json
import re

_PATH = re.compile(r'"path"\s*:\s*("(?:[^"\\]|\\.)*")')
# Bidirectional controls make code read differently than it runs.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")


def clean(value):
    """Return the value without NUL and with lone surrogates replaced, in dicts and lists too.

    No database and no storage takes them, and the SDK passes both.
    """
    if isinstance(value, str):
        value = value.replace("\x00", "")
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {clean(name): clean(item) for name, item in value.items()}
    return value


def has_bidi_controls(text):
    """Return whether the text holds characters that turn the direction of reading."""
    return _BIDI.search(text) is not None


def named_path(partial_json):
    """Return the "path" in a tool call's JSON, also when the rest is cut off; "" when there is none."""
    found = _PATH.search(partial_json)
    if not found:
        return ""
    try:
        return clean(json.loads(found[1]))[:200]
    except ValueError:
        return ""


def shown(path):
    """Return a model's path as printable ASCII of at most 100 characters, safe in logs and events."""
    return "".join(char if " " <= char <= "~" else "?" for char in str(path))[:100]

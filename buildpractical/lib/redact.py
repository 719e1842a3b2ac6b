"""Keeps secrets out of text: known shapes, and every value that is open right now."""

import re
import threading
from contextlib import contextmanager

SHAPES = re.compile(
    # Provider keys; a letter or digit before it means a word such as "task-list-view".
    r"(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{8,}"
    # Headers with credentials, as text, JSON, dict or tuple; all cookies of the line.
    r"|(?i:(?:authorization|x-api-key|api[-_]key|set-cookie|cookie)['\"]?\s*[:=,]\s*(?:b(?=['\"]))?['\"]?"
    r"(?:(?:bearer|basic)\s+)?[^\s,;'\"]+(?:;\s*[^\s,;'\"]+)*)"
)
MASK = "***"

_lock = threading.Lock()
_open = {}


@contextmanager
def live(value):
    """Mask the value in every log line while the block runs."""
    with _lock:
        _open[value] = _open.get(value, 0) + 1
    try:
        yield
    finally:
        with _lock:
            _open[value] -= 1
            if not _open[value]:
                del _open[value]


def mask(text):
    """Return the text without secrets."""
    with _lock:
        values = sorted(_open, key=len, reverse=True)
    for value in values:
        # An empty value would put the mask between all characters.
        if value:
            text = text.replace(value, MASK)
    return SHAPES.sub(MASK, text)

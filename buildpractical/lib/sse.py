"""Server-sent events on the wire.

https://html.spec.whatwg.org/multipage/server-sent-events.html, read 2026-11-20.
"""

import json

# \r alone ends a line too: unsplit, a text could write fields of its own.
NEWLINES = str.maketrans({"\r": "\n"})
HEADERS = {
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",  # nginx would hold small pieces back
}
CONTENT_TYPE = "text/event-stream"


def frame(data, *, event="", seq=None):
    """Return one event as bytes.

    data: text, or anything else as compact JSON. event: "" reaches the page's onmessage.
    seq: becomes the Last-Event-ID that a reconnecting page sends.
    """
    if not isinstance(data, str):
        data = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    lines = [f"event: {event}"] if event else []
    if seq is not None:
        lines.append(f"id: {seq}")
    lines += [f"data: {line}" for line in data.replace("\r\n", "\n").translate(NEWLINES).split("\n")]
    return ("\n".join(lines) + "\n\n").encode("utf-8", "replace")


def comment(text=""):
    """Return a line that pages ignore; it keeps proxies from closing a quiet connection."""
    return f": {text}\n\n".encode()

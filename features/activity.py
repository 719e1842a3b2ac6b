"""The activity list: events in words."""

from django.db.models import Q

from features.failures import reason
from features.models import Document
from features.statuses import Status

SHOWN = 30
HIDDEN_KINDS = ("message", "run")
WHAT = {
    "created": "Started",
    "renamed": "Renamed",
    "stopping": "Stop was asked for",
    "limit_raised": "Spending limit raised",
    "file_refused": "A file was refused: its name or size is not allowed",
    "injection_note": "A text tried to give orders to the AI; it was not followed",
}


def recent(feature):
    """Return the newest events as dicts: at, words; one query."""
    events = feature.events.exclude(Q(kind__in=HIDDEN_KINDS)).order_by("-seq")[: 2 * SHOWN]
    lines = [
        {"at": event.at, "words": said}
        for event in events
        if (said := describe(event, is_demo=feature.is_demo))
    ]
    return _without_repeats(lines)[:SHOWN]


def describe(event, *, is_demo):
    """Return one event in words, or "" when it says nothing to a person."""
    data = event.data
    if event.kind == "status":
        status = data.get("status")
        return str(Status(status).label) if status in Status.values else ""
    if event.kind == "document":
        kind = data.get("kind")
        name = str(Document.Kind(kind).label) if kind in Document.Kind.values else "Document"
        if data.get("turned_down"):
            return "Proposed brief turned down"
        return f"{name} written, version {data.get('revision', '?')}"
    if event.kind == "file":
        return f"File written: {data['path']}" if data.get("path") else ""
    if event.kind == "review":
        return str(data.get("what") or "Review finished")
    if data.get("what") == "waiting":
        why = reason(data.get("failure"), is_demo=is_demo)
        return f"Waiting before the next try: {why}" if why else "Waiting before the next try"
    what = data.get("what", "")
    return WHAT.get(what) or (str(what).replace("_", " ").capitalize() if isinstance(what, str) else "")


def _without_repeats(lines):
    """Drop a line that only repeats the one after it: a claimed step stays in its status."""
    return [
        line
        for number, line in enumerate(lines)
        if number == 0 or lines[number - 1]["words"] != line["words"]
    ]

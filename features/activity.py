"""Events in words: the activity list, and the log with every kind."""

import json

from features.failures import reason
from features.kinds import KINDS
from features.models import Document
from features.statuses import Status

SHOWN = 30
TECHNICAL = sorted(kind.name for kind in KINDS.values() if kind.technical)
WHAT = {
    "created": "Started",
    "renamed": "Renamed",
    "moved": "Moved to another project",
    "stopping": "Stop was asked for",
    "limit_raised": "Spending limit raised",
    "released": "The site restarts; this step begins again by itself",
    "file_refused": "A file was refused: its name or size is not allowed",
    "injection_note": "A text tried to give orders to the AI; it was not followed",
}
# agent → what it does now
DOING = {
    "spec": "The spec is being written",
    "title": "A name is being found",
    "alignment": "A second reader compares it with what you asked for",
    "planner": "The plan is being written",
    "contract_test": "The tests are being written",
    "implementer": "The code is being written",
    "security_review": "The security review reads the code",
    "code_review": "The quality review reads the code",
}
PHASES = {"spec": "spec", "plan": "plan", "tests": "tests", "code": "code", "review": "reviews"}
STARTS = {
    "confirmed": "Started: the brief is confirmed",
    "revised": "Started again: the brief was revised",
    "retried": "Started again from the last good point",
}
ENDS = {"done": "Ended: done", "failed": "Ended with a problem", "stopped": "Ended: you stopped it"}
RECOVERIES = {
    "retry": "We try again by ourselves.",
    "restart": "The step begins again by itself; what was finished is kept.",
    "person": "It waits for you.",
}
TOOLS = {
    "write_file": "Writing",
    "edit_file": "Changing",
    "read_file": "Reading",
    "list_files": "Looking through the files",
}
REVIEWS = {"security_review": "Security review", "code_review": "Quality review"}
LINES = {
    "answered": "answer: {read:,} read, {written:,} written, tools used: {calls}",
    "cut": "answer was cut: too long",
    "nudged": "asked to go on, points open: {count}",
    "unusable": "answer of no use, errors: {count}; asked again",
    "kept": "already there from an earlier try; not paid for twice",
}


def recent(feature):
    """Return the newest events as dicts: seq, at, kind, words; one query."""
    events = feature.events.exclude(kind__in=TECHNICAL).order_by("-seq")[: 2 * SHOWN]
    return in_words(events, is_demo=feature.is_demo)[:SHOWN]


def in_words(events, *, is_demo):
    """Return those of the events, newest first, that say something to a person."""
    lines = [
        {"seq": event.seq, "at": event.at, "kind": event.kind, "data": event.data, "words": said}
        for event in events
        if (said := describe(event, is_demo=is_demo))
    ]
    return _without_repeats(lines)


def describe(event, *, is_demo):
    """Return one event in words, or "" when it says nothing to a person; an unknown kind as it stands."""
    if event.kind not in KINDS:
        return f"{event.kind} {json.dumps(event.data, ensure_ascii=False)}"
    return _SAYS[event.kind](event.data, is_demo)


def _status(data, is_demo):
    status = data.get("status")
    return str(Status(status).label) if status in Status.values else ""


def _document(data, is_demo):
    kind = data.get("kind")
    name = str(Document.Kind(kind).label) if kind in Document.Kind.values else "Document"
    if data.get("turned_down"):
        return "Proposed brief turned down"
    return f"{name} written, version {data.get('revision', '?')}"


def _file(data, is_demo):
    return f"File written: {data['path']}" if data.get("path") else ""


def _activity(data, is_demo):
    what = data.get("what", "")
    if what == "asking":
        doing = DOING.get(data.get("agent"), "The AI model is at work")
        return f"{doing}, round {data['turn']}" if data.get("turn", 1) > 1 else doing
    if what == "waiting":  # rows from before the kind "error"
        why = reason(data.get("failure"), is_demo=is_demo)
        return f"Waiting before the next try: {why}" if why else "Waiting before the next try"
    return WHAT.get(what) or (str(what).replace("_", " ").capitalize() if isinstance(what, str) else "")


def _phase(data, is_demo):
    name = PHASES.get(data.get("phase"), str(data.get("phase", "")))
    if data.get("state") == "end":
        return f"Step finished: {name}"
    again = f", try {data['attempt']}" if data.get("attempt", 1) > 1 else ""
    return f"Step begun: {name}{again}"


def _error(data, is_demo):
    why = reason(data.get("failure"), is_demo=is_demo) or "Something went wrong."
    return f"{why} {RECOVERIES.get(data.get('recovery'), '')}".strip()


def _review(data, is_demo):
    name = REVIEWS.get(data.get("kind"))
    if name is None:  # rows from before the registry
        return str(data.get("what") or "Review finished")
    verdict = "passed" if data.get("verdict") == "PASS" else "not passed"
    return f"{name}: {verdict}; findings: {data.get('findings', 0)}, to be mended: {data.get('blocking', 0)}"


def _tool_start(data, is_demo):
    return f"{TOOLS.get(data.get('tool'), 'Something we do not offer')} {data.get('path', '')}".strip()


def _tool_end(data, is_demo):
    end = "done" if data.get("ok") else f"refused ({data.get('code', '')})"
    return f"{_tool_start(data, is_demo)}: {end}"


def _progress(data, is_demo):
    said = f"{data.get('files', 0)} of {data.get('of_files', 0)} files"
    return said + (f", {data['tasks']} of {data['of_tasks']} tasks" if data.get("of_tasks") else "")


def _log(data, is_demo):
    known = {"read": 0, "written": 0, "calls": 0, "count": 0} | data
    about = f"{data['agent']} {data.get('turn', 1)}: " if data.get("agent") else ""
    return about + LINES.get(data.get("what"), str(data.get("what", ""))).format(**known)


def _test_run(data, is_demo):
    return f"Tests: {data.get('passed', 0)} passed, {data.get('failed', 0)} failed"


_SAYS = {
    "status": _status,
    "document": _document,
    "file": _file,
    "activity": _activity,
    "feature": _activity,
    "phase": _phase,
    "feature_start": lambda data, is_demo: STARTS.get(data.get("why"), "Started"),
    "feature_end": lambda data, is_demo: ENDS.get(data.get("result"), "Ended"),
    "complete": lambda data, is_demo: "Everything is finished",
    "error": _error,
    "review": _review,
    "tool_start": _tool_start,
    "tool_end": _tool_end,
    "progress": _progress,
    "log": _log,
    "test_run": _test_run,
    "message": lambda data, is_demo: "A message in the conversation",
    "run": lambda data, is_demo: (
        f"AI call {data.get('id', '')}, {data.get('agent', '')}: {data.get('state', '')}"
    ),
}


def _without_repeats(lines):
    """Drop a line that only repeats the one after it: a claimed step stays in its status."""
    return [
        line
        for number, line in enumerate(lines)
        if number == 0 or lines[number - 1]["words"] != line["words"]
    ]

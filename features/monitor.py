"""What the build monitor shows: reads only. Facts come from the rows; events only tell what happened."""

from features import activity, artifacts, documents, estimates, failures, stories
from features.kinds import KINDS, kind_named
from features.statuses import ACTIVE, WORKING, Status

S = Status
VIEWS = ("activity", "log")
LOG_ROWS = 200
MOST_FILES = 8
MOST_ERRORS = 3
# phase → share of the bar, by what it usually takes. Fixed: medians that move would move the bar back.
SHARES = {"spec": 15, "plan": 15, "tests": 20, "code": 35, "review": 15}
# status → (phase that it is in or before, whether that phase's own part counts)
PLACES = {
    S.SPEC_GENERATING: "spec",
    S.SPEC_READY: "plan",
    S.SPEC_APPROVED: "plan",
    S.PLAN_GENERATING: "plan",
    S.PLAN_READY: "tests",
    S.PLAN_APPROVED: "tests",
    S.TESTS_GENERATING: "tests",
    S.TESTS_READY: "code",
    S.TESTS_APPROVED: "code",
    S.IMPLEMENTING: "code",
    S.REVIEW: "review",
}
KINDS_OF_WORK = ("plan", "tests", *documents.REVIEWS)


def view_of(request):
    """Return the view that the address asks for."""
    view = request.GET.get("view")
    return view if view in VIEWS else VIEWS[0]


def kinds_of(request):
    """Return the kinds that the address asks for; none means all. Any name: newer rows may have it."""
    return [kind[:30] for kind in request.GET.getlist("kind") if kind and "\0" not in kind][:20]


def shell(feature, request):
    """Return what the frame of the monitor needs beside its parts; makes no query."""
    view, kinds = view_of(request), kinds_of(request)
    return {
        "feature": feature,
        "has_monitor": feature.status != S.DRAFTING,
        "view": view,
        "kinds": kinds,
        "all_kinds": [*KINDS.values(), *(kind_named(kind) for kind in kinds if kind not in KINDS)],
        "monitor_open": feature.status in ACTIVE or "view" in request.GET or bool(kinds),
        "is_ended": feature.status == S.DONE,
    }


def progress(feature, *, view, now):
    """Return the state of the build; at most six queries, for any number of rows."""
    moves = list(feature.transitions.order_by("version").values_list("source", "target", "at"))
    work = {row.kind: row for row in feature.documents.filter(kind__in=KINDS_OF_WORK, superseded_at=None)}
    files = list(artifacts.current(feature).order_by("-created_at", "-pk"))
    run = _Run(moves, feature, now)
    where = moves[-1][0] if feature.status == S.FAILED and moves else feature.status
    build = {
        "percent": _percent(feature, where, work, files),
        "run": run.number,
        "elapsed_seconds": int(run.seconds),
        "is_running": feature.status in ACTIVE,
        "left": estimates.in_words(estimates.left(feature, step_seconds=run.step_seconds)),
        "happened": activity.recent(feature),
        "files": files[:MOST_FILES],
        "more_files": max(0, len(files) - MOST_FILES),
        "tasks": _tasks(feature, where, work, files),
        "problems": _problems(feature, since=run.began, now=now),
    }
    build["now"] = _now(feature, build["happened"])
    return {"feature": feature, "view": view, "build": build}


def log(feature, *, kinds=(), after=None, before=None):
    """Return (rows, whether there are more, which are older); one query.

    rows: newest first, as dicts: seq, at, kind, known (its Kind or one of that name), words. after, before:
    sequence numbers that bound them.
    """
    events = feature.events.order_by("-seq")
    if kinds:
        events = events.filter(kind__in=kinds)
    if after is not None:
        events = events.filter(seq__gt=after)
    if before is not None:
        events = events.filter(seq__lt=before)
    found = list(events[: LOG_ROWS + 1])
    rows = [
        {
            "seq": event.seq,
            "at": event.at,
            "known": kind_named(event.kind),
            "words": activity.describe(event, is_demo=feature.is_demo) or event.kind,
        }
        for event in found[:LOG_ROWS]
    ]
    return rows, len(found) > LOG_ROWS


class _Run:
    """The present walk through the pipeline: from a confirmed or revised brief, or a retry, to its end.

    seconds: in which it was our turn. step_seconds: since the present step was first begun.
    """

    def __init__(self, moves, feature, now):
        starts = [n for n, (source, target, _) in enumerate(moves) if stories.begins(source, target)]
        self.number = len(starts)
        mine = moves[starts[-1] :] if starts else []
        self.began = mine[0][2] if mine else feature.created_at
        ends = [at for _, _, at in mine[1:]] + [now] * bool(mine)
        self.seconds = sum(
            max(0, (end - at).total_seconds())
            for (_, target, at), end in zip(mine, ends, strict=True)
            if target in ACTIVE
        )
        self.step_seconds = 0
        if feature.status in WORKING:
            entered = [at for source, target, at in mine if target == feature.status and source != target]
            # A run that starts in a working status enters it with its first claim.
            self.step_seconds = max(0, (now - (entered[-1] if entered else self.began)).total_seconds())


def _percent(feature, where, work, files):
    if where == S.DONE:
        return 100
    phase = PLACES.get(where)
    if phase is None:
        return 0
    names = list(SHARES)
    before = sum(SHARES[name] for name in names[: names.index(phase)])
    return int(before + SHARES[phase] * _part(feature, where, work, files))


def _part(feature, where, work, files):
    """Return how much of the present phase stands already, from 0 to 1; by rows, which only become more."""
    if where == S.TESTS_GENERATING and "tests" in work:
        planned = {test["path"] for test in work["tests"].data.get("tests", [])}
        return 0.3 + 0.7 * _share(planned, {file.path for file in files})
    if where == S.IMPLEMENTING and "plan" in work:
        written = {file.path for file in files if file.build == feature.build}
        return _share({file["path"] for file in work["plan"].data.get("files", [])}, written)
    if where == S.REVIEW:
        return sum(kind in work for kind in documents.REVIEWS) / len(documents.REVIEWS)
    return 0


def _share(planned, there):
    return len(planned & there) / len(planned) if planned else 0


def _tasks(feature, where, work, files):
    """Return the planned tasks as dicts: title, state (done, now, later, problem), words."""
    if "plan" not in work:
        return []
    plan = work["plan"].data
    paths = {file["id"]: file["path"] for file in plan.get("files", [])}
    there = {file.path for file in files}
    blocking = [
        finding.get("path")
        for kind in documents.REVIEWS
        if kind in work
        for finding in work[kind].data.get("findings", [])
        if finding.get("blocking")
    ]
    tasks, is_next = [], where == S.IMPLEMENTING and feature.status in ACTIVE
    for task in plan.get("tasks", []):
        wanted = [paths[name] for name in task.get("files", []) if name in paths]
        written = sum(path in there for path in wanted)
        found = sum(path in wanted for path in blocking)
        if found:
            state, words = "problem", f"{found} finding{'s' if found > 1 else ''} to mend"
        elif wanted and written == len(wanted):
            state, words = "done", "Passed the reviews" if feature.status == S.DONE else "Written"
        elif is_next:
            state, words, is_next = "now", f"{written} of {len(wanted)} files written", False
        else:
            state, words = "later", f"{written} of {len(wanted)} files written" if written else "Not yet"
        tasks.append({"title": task.get("title", ""), "state": state, "words": words})
    return tasks


def _problems(feature, *, since, now):
    """Return the newest problems of this run as dicts: at, words, what is done about it, is_over."""
    found = feature.events.filter(kind="error", at__gte=since).order_by("-seq")[:MOST_ERRORS]
    problems = []
    for event in found:
        recovery = event.data.get("recovery")
        # Only of the newest one may one say that it still stands.
        still = feature.status == S.FAILED if recovery == "person" else feature.wake_at is not None
        stands = still and not problems
        problems.append(
            {
                "at": event.at,
                "reason": failures.reason(event.data.get("failure"), is_demo=feature.is_demo),
                "done": activity.RECOVERIES.get(recovery, ""),
                "is_over": not stands,
                "is_fatal": event.data.get("severity") == "fatal",
                "until": feature.wake_at if stands else None,
            }
        )
    return problems


def _now(feature, happened):
    """Return what is being done, and the file it concerns, from the newest events; None when it is not our turn."""
    if feature.status not in ACTIVE:
        return None
    if feature.lease_token is None:
        return {"words": "Waiting for the next try" if feature.wake_at else "Waiting to begin", "file": ""}
    asking = next((line for line in happened if line["kind"] == "activity"), None)
    if asking is None or asking["data"].get("what") != "asking":
        return {"words": str(feature.get_status_display()), "file": ""}
    file = next((line for line in happened if line["kind"] == "file"), None)
    begun = next((line["seq"] for line in happened if line["kind"] == "status"), 0)
    path = file["data"].get("path", "") if file and file["seq"] > begun else ""
    return {"words": asking["words"], "file": path}

"""What a move of the engine is told as, beside the status: phases, begin and end of a build, problems."""

from features.failures import Failure
from features.statuses import ACTIVE, GATES, REVISABLE, WORKING, Status

S = Status

PHASES = {
    S.SPEC_GENERATING: "spec",
    S.PLAN_GENERATING: "plan",
    S.TESTS_GENERATING: "tests",
    S.IMPLEMENTING: "code",
    S.REVIEW: "review",
}
WORKER_LOST, RELEASED, REVISED = "worker lost", "released", "revised brief"  # reasons of moves


def of_move(feature, *, source, target, reason, fields):
    """Return the move's events as pairs of kind and data, for features.events.append_all.

    feature: as it was before. fields: what the move writes beside status and version.
    """
    told = [("status", {"status": target})]
    if begins(source, target):
        why = "confirmed" if source == S.DRAFTING else "revised" if reason == REVISED else "retried"
        told.append(("feature_start", {"why": why, "build": _build(feature, fields)}))
    if fields.get("lease_token"):
        phase = {"phase": PHASES[target], "state": "start", "attempt": fields["attempts"]}
        told.append(("phase", phase))
    elif target == source:
        told += _put_back(reason, fields.get("wake_at"))
    elif source in WORKING and target != S.FAILED:
        told.append(("phase", {"phase": PHASES[source], "state": "end"}))
    if target == S.DONE:
        build = _build(feature, fields)
        told += [("feature_end", {"result": "done", "build": build}), ("complete", {"build": build})]
    elif target == S.FAILED:
        told += _ended(fields["failure"], _build(feature, fields))
    return told


def _build(feature, fields):
    # Asked for where it is told only: a claim's look at the row leaves it out.
    if "build" in fields:
        return fields["build"]
    return feature.build


def begins(source, target):
    """Return whether the move starts a run of the pipeline: a confirmed or revised brief, or a retry."""
    if target not in ACTIVE or source == target:
        return False
    return source == S.DRAFTING or (
        source in REVISABLE and (source not in GATES or target != GATES[source][1])
    )


def _put_back(reason, wake_at):
    if reason == WORKER_LOST:
        return [_error("warning", Failure.WORKER_LOST, "restart", wake_at)]
    if reason in Failure.values:
        return [_error("warning", reason, "retry", wake_at)]
    return [("activity", {"what": "released"})] if reason == RELEASED else []


def _ended(failure, build):
    if failure == Failure.STOPPED:
        return [("feature_end", {"result": "stopped", "build": build})]
    end = ("feature_end", {"result": "failed", "build": build})
    return [_error("fatal", failure, "person"), end]


def _error(severity, failure, recovery, until=None):
    data = {"severity": severity, "failure": str(failure), "recovery": recovery}
    return "error", data | ({"until": until} if until else {})

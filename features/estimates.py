"""How long a step takes: a range from the past steps of this workspace, else from numbers we began with."""

from dataclasses import dataclass
from statistics import median

from django.db.models import F, OuterRef, Subquery

from features.models import Feature, Transition
from features.statuses import Status

S = Status
SAMPLES = 20  # newest steps of a kind that count
ENOUGH = 3
# Seeds, in seconds, until a workspace has ENOUGH steps of its own. Guesses, not measured: from the speed of a model
# and the usual size of the answers.
SEEDS = {
    Feature.Provider.DEMO: {
        S.SPEC_GENERATING: (1, 5),
        S.PLAN_GENERATING: (1, 5),
        S.TESTS_GENERATING: (2, 8),
        S.IMPLEMENTING: (2, 12),
        S.REVIEW: (1, 8),
    },
    Feature.Provider.ANTHROPIC: {
        S.SPEC_GENERATING: (45, 180),
        S.PLAN_GENERATING: (45, 180),
        S.TESTS_GENERATING: (90, 420),
        S.IMPLEMENTING: (180, 1_200),
        S.REVIEW: (60, 360),
    },
}
# What is left to do by us before it is the person's turn.
AHEAD = {
    S.SPEC_GENERATING: (S.SPEC_GENERATING,),
    S.SPEC_APPROVED: (S.PLAN_GENERATING,),
    S.PLAN_GENERATING: (S.PLAN_GENERATING,),
    S.PLAN_APPROVED: (S.TESTS_GENERATING,),
    S.TESTS_GENERATING: (S.TESTS_GENERATING,),
    S.TESTS_APPROVED: (S.IMPLEMENTING, S.REVIEW),
    S.IMPLEMENTING: (S.IMPLEMENTING, S.REVIEW),
    S.REVIEW: (S.REVIEW,),
}
WRONG = 2  # a step that takes so many times the most we said proves the range wrong: no more is said


@dataclass(frozen=True)
class Left:
    """Seconds until it is the person's turn: between low and high; is_late: the step has outrun its range."""

    low: float
    high: float
    is_late: bool = False


def left(feature, *, step_seconds):
    """Return what is Left, or None where nothing runs or the range has been wrong by more than 2×; one query.

    step_seconds: for how long the present step has run. A step that waits for its next try says when that is.
    """
    ahead = AHEAD.get(feature.status)
    if ahead is None or feature.wake_at:
        return None
    usual = ranges(feature, ahead)
    low, high = usual[ahead[0]]
    if step_seconds > WRONG * high:
        return None
    rest = [usual[status] for status in ahead[1:]]
    return Left(
        max(0, low - step_seconds) + sum(one[0] for one in rest),
        max(0, high - step_seconds) + sum(one[1] for one in rest),
        is_late=step_seconds > high,
    )


def ranges(feature, statuses):
    """Return {status: (low, high)} in seconds: medians of the faster and the slower half of past steps."""
    before = Transition.objects.filter(feature=OuterRef("feature"), version=OuterRef("version") - 1)
    moves = Transition.objects.filter(
        workspace_id=feature.workspace_id, feature__provider=feature.provider, source__in=statuses
    )
    moves = moves.exclude(target=F("source")).exclude(target=S.FAILED).order_by("-pk")
    rows = moves.annotate(began=Subquery(before.values("at")[:1])).values_list("source", "began", "at")
    taken = {status: [] for status in statuses}
    for source, began, ended in rows[: SAMPLES * len(statuses)]:
        if began is not None and len(taken[source]) < SAMPLES:
            taken[source].append((ended - began).total_seconds())
    seeds = SEEDS[feature.provider]
    return {
        status: _halves(sorted(seconds)) if len(seconds) >= ENOUGH else seeds[status]
        for status, seconds in taken.items()
    }


def _halves(ordered):
    half = (len(ordered) + 1) // 2
    return median(ordered[:half]), median(ordered[-half:])


def in_words(left):
    """Return a Left as "3 to 6 minutes left", "" for None."""
    if left is None:
        return ""
    if left.is_late:
        return "This takes longer than usual"
    if left.high < 60:
        return "Less than a minute left"
    low, high = round(left.low / 60), max(1, round(left.high / 60))
    if low < 1:
        return f"Up to {high} minute{'s' if high > 1 else ''} left"
    return f"About {high} minutes left" if low == high else f"{low} to {high} minutes left"

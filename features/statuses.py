"""The statuses of a feature and the walks between them."""

from django.db.models import TextChoices


class Status(TextChoices):
    """Where a feature stands; stored and shown by these names."""

    DRAFTING = "drafting", "Talking it through"
    SPEC_GENERATING = "spec_generating", "Writing the spec"
    SPEC_READY = "spec_ready", "Spec waits for you"
    SPEC_APPROVED = "spec_approved", "Spec approved"
    PLAN_GENERATING = "plan_generating", "Writing the plan"
    PLAN_READY = "plan_ready", "Plan waits for you"
    PLAN_APPROVED = "plan_approved", "Plan approved"
    TESTS_GENERATING = "tests_generating", "Writing the tests"
    TESTS_READY = "tests_ready", "Tests wait for you"
    TESTS_APPROVED = "tests_approved", "Tests approved"
    IMPLEMENTING = "implementing", "Writing the code"
    REVIEW = "review", "Being reviewed"
    DONE = "done", "Done"
    FAILED = "failed", "Stopped"


S = Status

# A worker may claim these; the claim moves an approved status to its working one.
STARTS = {
    S.SPEC_APPROVED: S.PLAN_GENERATING,
    S.PLAN_APPROVED: S.TESTS_GENERATING,
    S.TESTS_APPROVED: S.IMPLEMENTING,
}
WORKING = frozenset({S.SPEC_GENERATING, S.PLAN_GENERATING, S.TESTS_GENERATING, S.IMPLEMENTING, S.REVIEW})
QUEUED = frozenset(STARTS)
ACTIVE = WORKING | QUEUED
TERMINAL = frozenset({S.DONE, S.FAILED})
CLOSED = frozenset({S.DONE})  # nothing can happen any more; after a failure people may talk, revise and retry

# gate → (kind of the document on the table, status after approval)
GATES = {
    S.SPEC_READY: ("spec", S.SPEC_APPROVED),
    S.PLAN_READY: ("plan", S.PLAN_APPROVED),
    S.TESTS_READY: ("tests", S.TESTS_APPROVED),
}
REVISABLE = frozenset({S.FAILED, *GATES})  # a revised brief may be confirmed
CHAT_OPEN = frozenset({S.DRAFTING, *REVISABLE})

# Where Retry may lead: behind the newest approved document (features/transitions.py decides which).
CHECKPOINTS = frozenset({S.SPEC_GENERATING, S.REVIEW, *QUEUED})

ALLOWED = {
    S.DRAFTING: {S.SPEC_GENERATING},
    S.SPEC_GENERATING: {S.SPEC_GENERATING, S.SPEC_READY, S.FAILED},
    S.SPEC_READY: {S.SPEC_APPROVED, S.SPEC_GENERATING},
    S.SPEC_APPROVED: {S.SPEC_APPROVED, S.PLAN_GENERATING, S.FAILED},
    S.PLAN_GENERATING: {S.PLAN_GENERATING, S.PLAN_READY, S.FAILED},
    S.PLAN_READY: {S.PLAN_APPROVED, S.SPEC_GENERATING},
    S.PLAN_APPROVED: {S.PLAN_APPROVED, S.TESTS_GENERATING, S.FAILED},
    S.TESTS_GENERATING: {S.TESTS_GENERATING, S.TESTS_READY, S.FAILED},
    S.TESTS_READY: {S.TESTS_APPROVED, S.SPEC_GENERATING},
    S.TESTS_APPROVED: {S.TESTS_APPROVED, S.IMPLEMENTING, S.FAILED},
    S.IMPLEMENTING: {S.IMPLEMENTING, S.REVIEW, S.FAILED},
    S.REVIEW: {S.REVIEW, S.DONE, S.FAILED},
    S.DONE: set(),
    S.FAILED: set(CHECKPOINTS),
}

# The six stages a person sees, with the statuses that belong to each.
BREADCRUMB = (
    ("Talk", {S.DRAFTING}),
    ("Spec", {S.SPEC_GENERATING, S.SPEC_READY}),
    ("Plan", {S.SPEC_APPROVED, S.PLAN_GENERATING, S.PLAN_READY}),
    ("Tests", {S.PLAN_APPROVED, S.TESTS_GENERATING, S.TESTS_READY}),
    ("Code", {S.TESTS_APPROVED, S.IMPLEMENTING}),
    ("Review", {S.REVIEW, S.DONE}),
)

"""The seven steps of a feature with a model that answers at once: all that is written, and nothing else.

Each step does what every real one does: a row before the call and its completion after it, the output, and the
move with history, events and the next message. Nobody stands at the gates: the step approves its own document,
in its transaction.
"""

from agents import actions
from agents.actions import Ending, State
from agents.catalog import Usage, agent
from buildpractical.lib.clock import utcnow
from buildpractical.lib.connections import release_connection
from buildpractical.lib.tenancy import reading
from features import artifacts, documents, transitions
from features.statuses import Status
from features.steps import Outcome
from tests.factories import DATA, REVIEW

# status → what its step writes, and where it leads; the review is three steps
STEPS = {
    Status.SPEC_GENERATING: ("spec", "spec", Status.SPEC_READY),
    Status.PLAN_GENERATING: ("planner", "plan", Status.PLAN_READY),
    Status.TESTS_GENERATING: ("contract_test", "tests", Status.TESTS_READY),
    Status.IMPLEMENTING: ("implementer", "file", Status.REVIEW),
}
REVIEWS = (
    ("security_review", "security_review", Status.REVIEW),
    ("code_review", "code_review", Status.REVIEW),
    ("code_review", "verdict", Status.DONE),
)
STEPS_OF_A_FEATURE = len(STEPS) + len(REVIEWS)
INPUT_CHARS, USAGE = 24_000, Usage(input=6_000, cache_read=2_000, output=3_000)
CODE = b"export function main(): void {}\n" * 100


def run(feature, *, lease):
    name, output, target = STEPS.get(feature.status) or _review(feature)
    _call(feature, name)
    stored = artifacts.store(feature.workspace_id, feature.pk, CODE) if output == "file" else None

    def save(*, feature, now):
        if stored:
            artifacts.add(feature, path="src/main.ts", kind="source", stored=stored, now=now)
        elif output != "verdict":
            data = DATA.get(output, REVIEW)
            document = documents.add(feature, kind=output, data=data, body="# Text", now=now)
            if target in transitions.APPROVE:
                transitions.APPROVE[target](
                    feature=feature, document=document, actor=feature.created_by, now=now
                )

    return Outcome(target, save)


def _review(feature):
    with reading(feature.workspace_id):
        kinds = feature.documents.filter(kind__in=documents.REVIEWS, superseded_at=None)
        return REVIEWS[kinds.count()]


def _call(feature, name):
    run = actions.begin_run(
        feature=feature,
        agent=name,
        model=agent(name).model,
        turn=1,
        attempt=feature.attempts,
        prompt=name,
        prompt_sha256="0" * 64,
        input_chars=INPUT_CHARS,
        max_tokens=16_000,
        now=utcnow(),
    )
    assert run.state == State.RUNNING, run.failure
    release_connection()  # as the gateway does while the model answers
    actions.end_run(run, Ending(state=State.FINISHED, usage=USAGE, stop_reason="end_turn"), now=utcnow())

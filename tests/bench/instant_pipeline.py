"""Seven steps in a row with a model that answers at once: all that is written, and nothing else.

Each does what every real step does: a row before the call and its completion after it, the output, and the move
with history, events and the next message. No gate stands between: the first step is the implementer's, the others
are moves from review to review, of which the last one ends.
"""

from agents import actions
from agents.actions import Ending, State
from agents.catalog import Usage, agent
from buildpractical.lib.clock import utcnow
from buildpractical.lib.connections import release_connection
from features import artifacts, documents
from features.statuses import Status
from features.steps import Outcome
from tests.factories import DATA, REVIEW

OUTPUTS = ("file", "spec", "plan", "tests", "security_review", "code_review", "verdict")
INPUT_CHARS, USAGE = 24_000, Usage(input=6_000, cache_read=2_000, output=3_000)
CODE = b"export function main(): void {}\n" * 100


def run(feature, *, lease):
    # A claim and its end raise the version by one each.
    output = OUTPUTS[feature.version // 2]
    _call(feature)
    stored = artifacts.store(feature.workspace_id, feature.pk, CODE) if output == "file" else None

    def save(*, feature, now):
        if stored:
            artifacts.add(feature, path="src/main.ts", kind="source", stored=stored, now=now)
        elif output != "verdict":
            data = DATA.get(output, REVIEW)
            documents.add(feature, kind=output, data=data, body="# Text", now=now)

    return Outcome(Status.DONE if output == OUTPUTS[-1] else Status.REVIEW, save)


def _call(feature):
    run = actions.begin_run(
        feature=feature,
        agent="code_review",
        model=agent("code_review").model,
        turn=1,
        attempt=feature.attempts,
        prompt="code_review",
        prompt_sha256="0" * 64,
        input_chars=INPUT_CHARS,
        max_tokens=16_000,
        now=utcnow(),
    )
    assert run.state == State.RUNNING, run.failure
    release_connection()  # as the gateway does while the model answers
    actions.end_run(run, Ending(state=State.FINISHED, usage=USAGE, stop_reason="end_turn"), now=utcnow())

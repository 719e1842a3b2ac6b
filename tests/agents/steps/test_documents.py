"""Spec, plan and tests: what is kept, what is asked again, what is not paid twice."""

import time

import pytest

from agents import render
from agents.models import AgentRun
from agents.simulator.brains.scripted import in_order, json_text, text, tool
from agents.simulator.reading import inputs_of
from agents.steps import title as title_step
from features import documents
from features.failures import Failure
from features.statuses import Status
from tests.agents.answers import ALIGNED, TEST_CODE, writes
from tests.factories import BRIEF, NOON, PLAN, SPEC, TESTS, add_document

pytestmark = pytest.mark.django_db


def agents_of(feature):
    return list(feature.runs.values_list("agent", flat=True))


def test_spec_is_kept_as_data_and_as_text(model, feature_in, advance):
    feature, _ = feature_in(Status.SPEC_GENERATING)

    advance(feature)

    spec = documents.current(feature, "spec")
    assert (spec.data, spec.body) == (SPEC, render.spec(SPEC))
    assert spec.recommendation == {"verdict": "APPROVE", "reasons": []}


def test_spec_agent_gets_the_brief_as_data_and_its_role_last(model, feature_in, advance):
    feature, _ = feature_in(Status.SPEC_GENERATING)

    advance(feature)

    body = model.requests[0]["body"]
    assert inputs_of(body) == {"brief": BRIEF, "previous_spec": None}
    assert body["messages"][0]["content"][-1]["text"].startswith('<role name="spec">\n')
    assert "temperature" not in body


def test_invalid_answer_is_asked_again_with_the_errors(model, script, feature_in, advance):
    script(spec=in_order(json_text(SPEC | {"roles": "everybody"}), json_text(SPEC)))
    feature, _ = feature_in(Status.SPEC_GENERATING)

    assert advance(feature).status == Status.SPEC_READY

    again = inputs_of(model.requests[1]["body"])
    assert again["errors"] == ["roles: Input should be a valid list"]
    assert again["rejected_answer"]["roles"] == "everybody"
    first, second, *_ = feature.runs.all()
    assert (first.state, first.failure, first.turn) == ("failed", Failure.INVALID_OUTPUT, 1)
    assert (second.state, second.failure, second.turn) == ("finished", "", 2)


@pytest.mark.parametrize(
    "answer",
    [
        text("I would rather not."),
        text('{"summary": []}'),
        json_text(SPEC | {"requirements": []}),
        json_text(SPEC | {"requirements": SPEC["requirements"] * 2}),
        json_text(SPEC | {"extra": 1}),
    ],
)
def test_step_fails_with_words_when_the_second_answer_is_invalid_too(
    model, script, feature_in, advance, answer
):
    script(spec=answer)
    feature, _ = feature_in(Status.SPEC_GENERATING)

    advance(feature)

    assert (feature.status, feature.failure) == (Status.FAILED, Failure.INVALID_OUTPUT)
    assert documents.current(feature, "spec") is None
    assert agents_of(feature) == ["spec", "spec"]


def test_cut_document_is_asked_again_with_twice_the_length(model, feature_in, advance, settings):
    line = settings.AGENT_CATALOG["spec"]
    settings.AGENT_CATALOG = settings.AGENT_CATALOG | {"spec": line | {"max_tokens": 200}}
    feature, _ = feature_in(Status.SPEC_GENERATING)

    assert advance(feature).status == Status.SPEC_READY

    assert [request["body"]["max_tokens"] for request in model.requests[:2]] == [200, 400]
    run = feature.runs.first()
    assert (run.state, run.failure) == ("failed", Failure.TRUNCATED)
    assert feature.runs.filter(agent="spec").total().failed == 1


def test_second_try_that_takes_too_long_is_not_begun_anew(model, script, feature_in, advance, settings):
    line = settings.AGENT_CATALOG["spec"]
    script(spec=in_order(text("no JSON"), lambda request: time.sleep(0.6) or json_text(SPEC)))
    settings.AGENT_CATALOG = settings.AGENT_CATALOG | {
        "spec": line | {"deadline_seconds": 0.3, "progress_seconds": 0.3}
    }
    feature, _ = feature_in(Status.SPEC_GENERATING)

    advance(feature)

    assert (feature.status, feature.failure) == (Status.FAILED, Failure.TIMEOUT)
    assert list(feature.runs.values_list("failure", flat=True)) == [Failure.INVALID_OUTPUT, Failure.TIMEOUT]


def test_document_cut_twice_fails(model, feature_in, advance, settings):
    settings.AGENT_CATALOG = settings.AGENT_CATALOG | {
        "spec": settings.AGENT_CATALOG["spec"] | {"max_tokens": 50}
    }
    settings.MODEL_PROFILES = {}
    feature, _ = feature_in(Status.SPEC_GENERATING)

    assert advance(feature).failure == Failure.TRUNCATED


def test_transient_error_is_put_back_and_the_next_claim_goes_on(feature_in, advance, key_of):
    key_of("sk-ant-sim-529-1")
    feature, _ = feature_in(Status.SPEC_GENERATING, provider="anthropic")

    advance(feature)
    assert (feature.status, feature.lease_token) == (Status.SPEC_GENERATING, None)
    assert feature.wake_at

    type(feature).objects.filter(pk=feature.pk).update(wake_at=None)
    assert advance(feature).status == Status.SPEC_READY
    assert list(feature.runs.values_list("attempt", "failure")) == [
        (1, Failure.OVERLOADED),
        *[(2, "")] * 3,
    ]


def test_refusal_fails_the_step(feature_in, advance, key_of):
    key_of("sk-ant-sim-refusal-1")
    feature, _ = feature_in(Status.SPEC_GENERATING, provider="anthropic")

    assert advance(feature).failure == Failure.REFUSED


def test_finished_parts_are_skipped_when_the_step_runs_again(model, feature_in, advance):
    feature, _ = feature_in(Status.SPEC_GENERATING)
    spec = add_document(feature, "spec")
    documents.recommend(spec, verdict="APPROVE", reasons=[])

    assert advance(feature).status == Status.SPEC_READY

    assert agents_of(feature) == ["title"]


def test_person_who_named_the_feature_keeps_the_name(model, feature_in, advance):
    feature, _ = feature_in(Status.SPEC_GENERATING)
    type(feature).objects.filter(pk=feature.pk).update(title="Mine", title_is_mine=True)

    advance(feature)

    assert feature.title == "Mine"
    assert agents_of(feature) == ["spec", "alignment"]


def test_title_is_that_of_the_brief_when_the_agent_fails(model, script, feature_in, advance):
    script(title=text("no JSON"))
    feature, _ = feature_in(Status.SPEC_GENERATING)

    assert advance(feature).status == Status.SPEC_READY

    assert feature.title == BRIEF["title"]


@pytest.mark.parametrize(
    ("state", "failure", "done"),
    [
        ("finished", "", True),
        ("failed", "invalid_output", True),
        ("failed", "stopped", False),
        ("failed", "crashed", False),
        ("lost", "", False),
    ],
)
def test_title_is_asked_for_again_when_we_broke_off(feature_in, state, failure, done):
    feature, _ = feature_in(Status.SPEC_GENERATING)
    AgentRun.objects.create(
        workspace=feature.workspace,
        feature=feature,
        step="spec_generating",
        agent="title",
        provider="demo",
        model="m",
        prompt="title",
        prompt_sha256="0" * 64,
        state=state,
        failure=failure,
        started_at=NOON,
    )

    assert title_step._is_done(feature, since=NOON) is done


def test_orders_that_title_and_alignment_met_are_noted_without_their_words(
    model, script, feature_in, advance
):
    script(
        title=json_text({"title": "Tools", "injection_notes": ["B1 wanted SECRET."]}),
        alignment=json_text(ALIGNED | {"injection_notes": ["B2 wanted APPROVE."]}),
    )
    feature, _ = feature_in(Status.SPEC_GENERATING)

    advance(feature)

    assert [event.data for event in feature.events.filter(kind="activity").exclude(data__what="asking")] == [
        {"what": "injection_note", "agent": "title"},
        {"what": "injection_note", "agent": "alignment"},
    ]


def test_failed_alignment_is_no_opinion_and_blocks_nothing(model, script, feature_in, advance):
    script(alignment=text("no JSON"))
    feature, _ = feature_in(Status.SPEC_GENERATING)

    assert advance(feature).status == Status.SPEC_READY

    assert documents.current(feature, "spec").recommendation == {"verdict": "", "reasons": []}


def test_alignment_tells_what_to_revise_and_drops_unknown_ids(model, script, feature_in, advance):
    gaps = [
        {"about": "B2", "problem": "The lending rule is lost.", "fix": "Add it."},
        {"about": "B99", "problem": "?", "fix": "?"},
    ]
    script(alignment=json_text(ALIGNED | {"verdict": "revise", "gaps": gaps, "invented": ["A login"]}))
    feature, _ = feature_in(Status.SPEC_GENERATING)

    advance(feature)

    recommendation = documents.current(feature, "spec").recommendation
    assert recommendation["verdict"] == "REVISE"
    assert [(reason["id"], reason["problem"]) for reason in recommendation["reasons"]] == [
        ("B2", "The lending rule is lost."),
        ("", "Nobody asked for this: A login"),
    ]


def test_alignment_reads_the_problems_that_code_found(model, script, feature_in, advance):
    vague = SPEC["requirements"][0] | {
        "criteria": [{"id": "AC1.1", "ears": "The list is fast.", "verify": "Look."}]
    }
    script(spec=json_text(SPEC | {"requirements": [vague]}))
    feature, _ = feature_in(Status.SPEC_GENERATING)

    advance(feature)

    asked = next(r["body"] for r in model.requests if inputs_of(r["body"]).get("gate") == "spec")
    assert inputs_of(asked)["checks"] == [
        {"about": "AC1.1", "problem": "it is not in EARS form: no SHALL"},
        {"about": "AC1.1", "problem": "“fast” cannot be measured"},
    ]


def test_revised_spec_lists_the_ids_that_are_gone(model, script, feature_in, advance):
    feature, _ = feature_in(Status.SPEC_GENERATING)
    old = add_document(feature, "spec", data=SPEC | {"withdrawn": ["R9"]})
    documents.supersede(feature, kinds=["spec"], now=NOON)
    changed = SPEC | {"nonfunctional": [{"id": "N2", "text": "Two thousand tools."}]}
    script(spec=json_text(changed))

    advance(feature)

    assert documents.current(feature, "spec").data["withdrawn"] == ["R9", "N1"]
    assert inputs_of(model.requests[0]["body"])["previous_spec"] == old.data


def test_withdrawn_id_that_comes_back_is_refused(model, script, feature_in, advance):
    feature, _ = feature_in(Status.SPEC_GENERATING)
    add_document(feature, "spec", data=SPEC | {"withdrawn": ["N1"]})
    documents.supersede(feature, kinds=["spec"], now=NOON)

    assert advance(feature).failure == Failure.INVALID_OUTPUT


def test_plan_is_kept(model, feature_in, advance):
    feature, _ = feature_in(Status.SPEC_APPROVED)

    assert advance(feature).status == Status.PLAN_READY

    plan = documents.current(feature, "plan")
    assert (plan.data, plan.body) == (PLAN, render.plan(PLAN))


def test_tests_are_kept_as_index_and_as_files(model, feature_in, advance):
    feature, _ = feature_in(Status.PLAN_APPROVED)

    assert advance(feature).status == Status.TESTS_READY

    assert documents.current(feature, "tests").data == TESTS
    assert list(feature.artifacts.values_list("path", "kind", "superseded_at")) == [
        ("test/app.test.ts", "test", None)
    ]


def test_tests_may_be_written_at_their_own_paths_only(model, script, feature_in, advance):
    bodies = writes({"src/evil.ts": "x", "test/other.test.ts": "y"} | TEST_CODE)
    script(contract_test=lambda r: bodies(r) if r.get("tools") else json_text(TESTS))
    feature, _ = feature_in(Status.PLAN_APPROVED)

    assert advance(feature).status == Status.TESTS_READY

    assert list(feature.artifacts.values_list("path", flat=True)) == ["test/app.test.ts"]
    refused = feature.events.filter(kind="activity").exclude(data__what="asking")
    assert [event.data for event in refused] == [
        {"what": "file_refused", "code": "not_planned", "path": "src/evil.ts"},
        {"what": "file_refused", "code": "not_planned", "path": "test/other.test.ts"},
    ]


def test_step_fails_when_a_planned_test_is_never_written(model, script, feature_in, advance):
    bodies = writes({"test/app.test.ts": "// CT1 only\n"})
    script(contract_test=lambda r: bodies(r) if r.get("tools") else json_text(TESTS))
    feature, _ = feature_in(Status.PLAN_APPROVED)

    advance(feature)

    assert (feature.status, feature.failure) == (Status.FAILED, Failure.INCOMPLETE_TESTS)
    assert feature.failure_detail == "CT2 is missing in test/app.test.ts."


LOST_IMPORT = TEST_CODE["test/app.test.ts"] + "import { server } from '../src/server.js';\n"


def test_test_that_imports_what_the_plan_lacks_is_nudged(model, script, feature_in, advance):
    good = TEST_CODE["test/app.test.ts"] + "import { main } from '../src/main.js';\nimport 'node:test';\n"
    bodies = in_order(
        tool("write_file", {"path": "test/app.test.ts", "content": LOST_IMPORT}),
        text("Done."),
        tool("write_file", {"path": "test/app.test.ts", "content": good}),
        text("Done."),
    )
    script(contract_test=lambda r: bodies(r) if r.get("tools") else json_text(TESTS))
    feature, _ = feature_in(Status.PLAN_APPROVED)

    assert advance(feature).status == Status.TESTS_READY

    asked = [r["body"]["messages"][-1] for r in model.requests if r["body"].get("tools")]
    assert "the import ../src/server.js leads nowhere. Import only what the plan has." in str(asked[2])


def test_tests_that_keep_importing_what_the_plan_lacks_are_not_used(model, script, feature_in, advance):
    bodies = writes({"test/app.test.ts": LOST_IMPORT})
    script(contract_test=lambda r: bodies(r) if r.get("tools") else json_text(TESTS))
    feature, _ = feature_in(Status.PLAN_APPROVED)

    advance(feature)

    assert (feature.status, feature.failure) == (Status.FAILED, Failure.INCOMPLETE_TESTS)
    assert feature.failure_detail.startswith("test/app.test.ts, line 2: the import ../src/server.js")

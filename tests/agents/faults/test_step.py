"""Every fault of the provider, met by a step of the pipeline: claim, gateway, end, page, and what follows."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils.html import escape

from agents.simulator.brains.scripted import tool
from agents.simulator.faults import NAMES
from buildpractical.lib.clock import utcnow
from features import recovery, tasks
from features.failures import Failure as F
from features.models import Feature
from features.statuses import Status
from tests.agents.answers import CODE, SCRIPT
from tests.agents.faults.conftest import assert_recorded, words_of
from tests.agents.faults.table import OWN, ROWS, TAKEN, Row
from tests.live import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

# What only a step asks for, or takes otherwise: a document has a form.
OF_A_STEP = ROWS | {
    "maxtokens": Row(F.TRUNCATED, "", OWN, in_answer=True),
    "nul": Row(F.INVALID_OUTPUT, "", OWN, in_answer=True),
    "surrogate": Row(F.INVALID_OUTPUT, "", OWN, in_answer=True),
}


@pytest.fixture
def feature(feature_in, settings):
    settings.STEP_MAX_REQUEUES = 1
    return feature_in(Status.SPEC_GENERATING, provider="anthropic")[0]


@pytest.fixture
def page(ada_client, feature):
    """Return a function that gives the middle of the feature's page."""

    def get():
        answer = ada_client.get(reverse("features:gate", args=[feature.public_id]))
        return " ".join(answer.content.decode().split())

    return get


def run(feature):
    """Run the step that the feature waits for, as the queue does; returns how it ended and its seconds."""
    feature.refresh_from_db()
    began = time.monotonic()
    ended = tasks.advance(feature.pk, feature.version)
    feature.refresh_from_db()
    return ended, time.monotonic() - began


def assert_nothing_runs(feature, model):
    assert feature.lease_token is None
    assert not feature.runs.filter(state="running").exists()
    wait_until(lambda: model.answering == 0, what="the provider to be left")


@pytest.mark.parametrize("fault", OF_A_STEP)
def test_fault_in_a_step_is_recorded_told_and_over(feature, model, break_down, page, fault):
    row = OF_A_STEP[fault]
    break_down(fault, 2 if row.again or row.in_answer else 1, clock=row.clock)

    ended, seconds = run(feature)

    assert seconds < row.seconds
    assert_nothing_runs(feature, model)
    if row.again:
        assert (ended, feature.status, feature.requeues) == ("requeue", Status.SPEC_GENERATING, 1)
        assert_recorded(feature.runs.get(), row, row.failure)
        waiting = (feature.wake_at - utcnow()).total_seconds()
        assert 0 < waiting <= 6.5
        shown = page()
        assert escape(words_of(row.failure).partition(". ")[0]) in shown
        assert f'We try again by ourselves at <time datetime="{feature.wake_at:%Y-%m-%dT%H:%M:%S}' in shown
        assert recovery.recover_stuck(now=utcnow()) == {}
        assert recovery.recover_stuck(now=feature.wake_at + timedelta(seconds=1)) == {"hint": 1}
        ended, _ = run(feature)

    assert (ended, feature.status, feature.failure) == ("fail_step", Status.FAILED, row.in_the_end)
    runs = list(feature.runs.order_by("pk"))
    failures = [row.failure, row.in_the_end] if row.again or row.in_answer else [row.failure]
    assert [each.failure for each in runs] == failures
    for each, failure in zip(runs, failures, strict=True):
        assert_recorded(each, row, failure)
    shown = page()
    assert escape(words_of(row.in_the_end)) in shown
    assert "Retry</button>" in shown
    assert not feature.documents.filter(kind="spec").exists()
    assert_nothing_runs(feature, model)


@pytest.mark.parametrize("fault", ["401", "refusal", "refused", "429hours"])
def test_step_goes_on_by_retry_when_the_fault_has_gone(feature, break_down, ada_client, fault):
    break_down(fault, 1)
    run(feature)
    break_down.mend()
    if ROWS[fault].again:
        recovery.recover_stuck(now=feature.wake_at + timedelta(seconds=1))
    else:
        ada_client.post(reverse("features:retry", args=[feature.public_id]))

    run(feature)

    assert (feature.status, feature.failure) == (Status.SPEC_READY, "")


@pytest.mark.parametrize("fault", sorted({*TAKEN} - {"nul", "surrogate"}))
def test_odd_but_whole_answer_becomes_the_document(feature, model, break_down, fault):
    break_down(fault, 1)

    ended, _ = run(feature)

    assert (ended, feature.status) == ("finish_step", Status.SPEC_READY)
    assert feature.runs.filter(agent="spec").get().state == "finished"
    assert_nothing_runs(feature, model)


def test_document_that_is_cut_or_odd_once_is_asked_for_once_more(feature, model, break_down):
    break_down("maxtokens", 1)

    run(feature)

    assert feature.status == Status.SPEC_READY
    runs = feature.runs.filter(agent="spec").values_list("turn", "state", "failure")
    assert list(runs) == [(1, "failed", F.TRUNCATED), (2, "finished", "")]
    first, second = (request["body"]["max_tokens"] for request in model.requests[:2])
    assert second == 2 * first


def test_tool_input_that_is_cut_is_not_saved_and_asked_for_again(model, break_down, feature_in, ada):
    feature, _ = feature_in(Status.TESTS_APPROVED, provider="anthropic")
    break_down("maxtokens", 1)

    run(feature)

    assert feature.status == Status.REVIEW
    files = {artifact.path for artifact in feature.artifacts.filter(superseded_at=None)}
    assert set(CODE) <= files
    first = feature.runs.order_by("pk").first()
    assert (first.state, first.failure) == ("finished", F.TRUNCATED)
    assert "was NOT saved" in str(model.requests[1]["body"]["messages"][-1])


@pytest.mark.parametrize("fault", ["cut", "resetmid", "overloadmid"])
def test_tool_turn_that_breaks_off_saves_nothing_of_it(model, break_down, feature_in, fault):
    feature, _ = feature_in(Status.TESTS_APPROVED, provider="anthropic")
    before = feature.artifacts.count()
    break_down(fault, 1)

    ended, _ = run(feature)

    assert (ended, feature.status) == ("requeue", Status.IMPLEMENTING)
    assert feature.artifacts.count() == before


@pytest.mark.parametrize("fault", ["401", "529", "hang", "refusal", "huge"])
def test_second_look_at_a_document_never_holds_it_up(feature, model, break_down, script, settings, fault):
    def from_now_on(request):
        # The next calls of this step, the title and the alignment, meet the fault.
        break_down(fault, 9, clock=True)
        connection.close()  # of the simulator's thread
        return spec

    spec = SCRIPT["spec"]
    script(spec=from_now_on)

    ended, seconds = run(feature)

    assert (ended, feature.status) == ("finish_step", Status.SPEC_READY)
    assert seconds < 10
    assert feature.documents.get(kind="spec").recommendation["verdict"] == ""
    assert feature.runs.exclude(agent="spec").exclude(state="failed").count() == 0


def test_wait_that_the_provider_asks_for_is_kept_and_hours_are_told(feature, model, break_down, page):
    break_down("429in600", 1)

    run(feature)

    assert 590 < (feature.wake_at - utcnow()).total_seconds() <= 600
    assert_recorded(feature.runs.get(), ROWS["429in1"], F.RATE_LIMITED)


def test_wait_of_hours_is_not_waited_for(feature, model, break_down, page):
    break_down("429hours", 1)

    run(feature)

    assert (feature.status, feature.wake_at) == (Status.FAILED, None)
    assert feature.failure_detail == "Anthropic asks to wait 120 minutes."
    assert feature.failure_detail in page()


def test_table_knows_every_fault_of_the_simulator():
    # "forbidden" meets the key check alone; "429" is "429in1".
    assert NAMES - {"forbidden", "429"} <= {*OF_A_STEP, *TAKEN}


@pytest.mark.parametrize("fault", ["hang", "hangmid", "pings", "drip"])
def test_stop_ends_a_step_soon_whatever_the_model_does(feature, model, break_down, ada_client, page, fault):
    break_down(fault, 1)
    worker = threading.Thread(target=in_a_thread, args=[feature])
    worker.start()
    wait_until(lambda: model.answering == 1)
    began = time.monotonic()

    ada_client.post(reverse("features:stop", args=[feature.public_id]))

    worker.join(10)
    # One look of the heart, one of the call.
    assert time.monotonic() - began < 3
    feature.refresh_from_db()
    assert (feature.status, feature.failure) == (Status.FAILED, F.STOPPED)
    run = feature.runs.get()
    assert (run.state, run.failure) == ("failed", F.STOPPED)
    assert "You stopped this" in page()
    assert_nothing_runs(feature, model)


def in_a_thread(feature):
    tasks.advance(feature.pk, feature.version)
    connection.close()


def test_tool_loop_ends_before_the_call_that_would_pass_the_limit(model, script, break_down, feature_in):
    feature, _ = feature_in(Status.TESTS_APPROVED, provider="anthropic")

    def spend_all(request):
        Feature.objects.filter(pk=feature.pk).update(spend_cap_microusd=1)
        connection.close()  # of the simulator's thread
        return tool("write_file", {"path": "src/main.ts", "content": CODE["src/main.ts"]})

    script(implementer=spend_all)

    run(feature)

    assert (feature.status, feature.failure) == (Status.FAILED, F.OVER_BUDGET)
    assert len(model.requests) == 1
    assert list(feature.runs.values_list("state", "failure")) == [("finished", ""), ("failed", F.OVER_BUDGET)]
    assert feature.artifacts.filter(path="src/main.ts", superseded_at=None).count() == 1

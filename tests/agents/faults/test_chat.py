"""Every fault of the provider, met by an answer of the chat: real server, real task, real sockets."""

import time

import pytest
from django.utils.html import escape

from agents.simulator.brains.scripted import json_text
from chat import replies
from features.failures import Failure
from features.models import Feature
from tests.agents.answers import COVERED
from tests.agents.faults.conftest import assert_recorded, words_of
from tests.agents.faults.table import ROWS, TAKEN
from tests.factories import make_feature
from tests.live import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
ANSWER = "A list of tools. Shall each have a place?"


@pytest.fixture
def feature(ada, script):
    # No brief after the answer: it would be another call.
    script(coverage=json_text(COVERED | {"ready": False}))
    return make_feature(ada, provider="anthropic")


@pytest.fixture
def person(site, ada):
    return site.person(ada)


def at(feature, rest):
    return f"/app/features/{feature.public_id}/{rest}"


def ended(feature, seq):
    """Wait until the answer has ended and nothing runs for it any more; return it."""
    find = feature.messages.filter(seq=seq).first
    wait_until(lambda: (message := find()) and message.state != "streaming", what="the end of the answer")
    wait_until(lambda: not replies._tasks, what="the end of the task")
    return find()


def assert_nothing_runs(feature, model):
    assert not feature.messages.filter(state="streaming").exists()
    assert not feature.runs.filter(state="running").exists()
    assert not replies.running
    wait_until(lambda: model.answering == 0, what="the provider to be left")


def page_of(person, feature, seq):
    return person.get(at(feature, f"messages/{seq}")).text


def tries_of(row):
    """Once more by itself when nothing was shown yet."""
    return 2 if (row.again and not row.shown) or row.in_answer else 1


@pytest.mark.parametrize("fault", ROWS)
def test_fault_in_an_answer_is_recorded_told_and_over(person, feature, model, break_down, fault):
    row = ROWS[fault]
    tries = tries_of(row)
    break_down(fault, tries, clock=row.clock)
    began = time.monotonic()

    person.post(at(feature, "messages"), {"body": "I need a list", "after": "0"})

    message = ended(feature, 2)
    assert time.monotonic() - began < row.seconds
    last = row.in_the_end if tries == 2 else row.failure
    assert (message.state, message.failure, message.stop_reason) == ("failed", last, "")
    runs = list(feature.runs.order_by("pk"))
    assert [run.failure for run in runs] == [row.failure, last][-tries:]
    for run, failure in zip(runs, [row.failure, last][-tries:], strict=True):
        assert_recorded(run, row, failure)
    assert bool(message.body) == row.shown
    assert ANSWER.startswith(message.body) or fault in ("flood", "drip")
    page = page_of(person, feature, 2)
    assert escape(words_of(last)) in page
    assert "Try again</button>" in page
    assert "is being written" not in page
    assert_nothing_runs(feature, model)


@pytest.mark.parametrize("fault", ["401", "refused", "refusal", "drip", "flood"])
def test_talk_goes_on_when_the_fault_has_gone(person, feature, model, break_down, fault):
    break_down(fault, tries_of(ROWS[fault]), clock=fault == "drip")
    person.post(at(feature, "messages"), {"body": "I need a list", "after": "0"})
    ended(feature, 2)
    break_down.mend()

    person.post(at(feature, "messages/2/retry"), {"after": "2"})

    again = ended(feature, 3)
    assert (again.state, again.body) == ("complete", ANSWER)


@pytest.mark.parametrize("fault", TAKEN)
def test_odd_but_whole_answer_is_taken(person, feature, model, break_down, fault):
    break_down(fault, 1)

    person.post(at(feature, "messages"), {"body": "I need a list", "after": "0"})

    message = ended(feature, 2)
    assert (message.state, message.failure) == ("complete", "")
    assert message.body.endswith(ANSWER)
    assert "\x00" not in message.body
    assert feature.runs.filter(agent="ba").get().state == "finished"
    assert_nothing_runs(feature, model)


def test_answer_cut_again_and_again_is_kept_and_can_be_continued(person, feature, model, break_down):
    break_down("maxtokens", 3)

    person.post(at(feature, "messages"), {"body": "I need a list", "after": "0"})

    message = ended(feature, 2)
    assert (message.state, message.stop_reason) == ("interrupted", "max_tokens")
    assert message.body
    assert list(feature.runs.values_list("state", "failure")) == [("finished", Failure.TRUNCATED)] * 3
    page = page_of(person, feature, 2)
    assert "This answer was cut: it became longer than one answer may be." in page
    assert "Continue</button>" in page
    assert_nothing_runs(feature, model)


@pytest.mark.parametrize("fault", ["hang", "hangmid", "pings", "drip"])
def test_stop_ends_an_answer_within_two_seconds_whatever_the_model_does(
    person, feature, model, break_down, fault
):
    break_down(fault, 1)
    person.post(at(feature, "messages"), {"body": "I need a list", "after": "0"})
    wait_until(lambda: model.answering == 1)
    began = time.monotonic()

    page = person.post(at(feature, "messages/2/stop")).text

    assert time.monotonic() - began < 2
    assert "You stopped this answer." in page
    message = ended(feature, 2)
    assert (message.state, message.stop_reason) == ("interrupted", "stopped")
    run = feature.runs.get()
    assert (run.state, run.failure) == ("failed", Failure.STOPPED)
    assert_nothing_runs(feature, model)


def test_stop_ends_the_wait_between_two_tries(person, feature, model, break_down, settings):
    settings.CHAT_RETRY_SECONDS = 60
    break_down("529", 1)
    person.post(at(feature, "messages"), {"body": "I need a list", "after": "0"})
    wait_until(lambda: feature.runs.filter(state="failed").exists())
    began = time.monotonic()

    person.post(at(feature, "messages/2/stop"))

    assert time.monotonic() - began < 2
    assert ended(feature, 2).stop_reason == "stopped"
    assert len(model.requests) == 1


def test_answer_waits_as_long_as_the_provider_asks(person, feature, model, break_down):
    break_down("429in1", 1)
    began = time.monotonic()

    person.post(at(feature, "messages"), {"body": "I need a list", "after": "0"})

    assert ended(feature, 2).state == "complete"
    assert time.monotonic() - began >= 1


def test_answer_is_not_asked_for_when_the_spending_limit_is_reached(person, feature, model, break_down):
    Feature.objects.filter(pk=feature.pk).update(spend_cap_microusd=1)

    person.post(at(feature, "messages"), {"body": "I need a list", "after": "0"})

    message = ended(feature, 2)
    assert (message.state, message.failure) == ("failed", Failure.OVER_BUDGET)
    page = page_of(person, feature, 2)
    assert escape("The spending limit of this feature is reached") in page
    assert model.requests == []

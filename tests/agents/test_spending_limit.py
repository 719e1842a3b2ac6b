"""The spending limit of a feature: looked at before each call, never passed by more than one."""

import threading
from contextlib import suppress

import pytest
from django.db import connection

from agents import actions, catalog, gateway
from agents.gateway import CallFailed
from agents.simulator.brains.scripted import Scripted, text
from features.failures import Failure
from features.models import Feature
from features.statuses import Status
from tests.agents.test_gateway import KEY, call_for
from tests.factories import NOON

PRICES = ("input", "output", "write_5m", "write_1h", "read")


@pytest.fixture
def paying(feature_in, key_of, lease_on):
    """A feature that works with a key, and its lease."""
    key_of(KEY)
    feature, _ = feature_in(Status.SPEC_GENERATING, provider="anthropic")
    return feature, lease_on(feature)


def calls_until_refused(feature, lease):
    """Call again and again; return the failure of the call that was not made."""
    while True:
        try:
            gateway.ask(call_for(feature, words="x" * 3_000, max_tokens=2_000), lease=lease)
        except CallFailed as error:
            return error.failure


def limit(feature, microusd):
    Feature.objects.filter(pk=feature.pk).update(spend_cap_microusd=microusd)


@pytest.mark.django_db
def test_calls_end_at_the_limit_and_none_is_sent_beyond_it(paying, model):
    feature, lease = paying
    limit(feature, 120_000)

    assert calls_until_refused(feature, lease) == Failure.OVER_BUDGET

    *calls, refused = feature.runs.order_by("pk")
    assert len(model.requests) == len(calls) > 3
    assert sum(run.cost_microusd for run in calls) <= 120_000
    assert sum(run.cost_microusd for run in calls) + refused.reserved_microusd > 120_000


@pytest.mark.django_db
def test_limit_is_passed_by_one_call_at_most_when_it_costs_more_than_was_reserved(paying, model, settings):
    feature, lease = paying
    limit(feature, 1_000_000)

    def dear(request):
        # Far above the price that the reservation was made with.
        settings.MODEL_PRICES = {"claude-sonnet-4-6": dict.fromkeys(PRICES, 1_000)}
        return text("word " * 500)

    model.brain = Scripted({None: dear})
    gateway.ask(call_for(feature, max_tokens=2_000), lease=lease)

    with pytest.raises(CallFailed) as raised:
        gateway.ask(call_for(feature, max_tokens=2_000), lease=lease)

    assert raised.value.failure == Failure.OVER_BUDGET
    assert len(model.requests) == 1
    assert feature.runs.first().cost_microusd > 1_000_000


@pytest.mark.django_db
@pytest.mark.parametrize(("own", "failure"), [(1, Failure.OVER_BUDGET), (10_000_000, ""), (None, "")])
def test_limit_of_the_feature_stands_in_place_of_the_usual_one(paying, model, own, failure):
    feature, lease = paying
    limit(feature, own)

    with suppress(CallFailed):
        gateway.ask(call_for(feature), lease=lease)

    assert feature.runs.get().failure == failure


@pytest.mark.django_db(transaction=True)
def test_parallel_calls_cannot_pass_the_limit_together(paying, model):
    feature, _ = paying
    reserved = begun(feature).reserved_microusd
    limit(feature, 4 * reserved)
    gate = threading.Barrier(8)

    def begin():
        gate.wait()
        begun(feature)
        connection.close()

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    states = list(feature.runs.values_list("state", flat=True))
    assert (states.count("running"), states.count("failed")) == (4, 5)


def test_model_without_a_price_counts_as_the_dearest(settings):
    known = [
        catalog.reserve_microusd(name, input_chars=3_000, max_tokens=1_000) for name in settings.MODEL_PRICES
    ]

    assert catalog.reserve_microusd("model-of-tomorrow", input_chars=3_000, max_tokens=1_000) == max(known)
    assert catalog.cost_microusd("model-of-tomorrow", catalog.Usage(output=1)) is None


def begun(feature):
    return actions.begin_run(
        feature=feature,
        agent="spec",
        model="claude-sonnet-4-6",
        turn=1,
        attempt=1,
        prompt="spec",
        prompt_sha256="0" * 64,
        input_chars=300,
        max_tokens=100,
        now=NOON,
    )

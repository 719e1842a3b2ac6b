"""The totals of a month: one query, this workspace's, this month's."""

from datetime import timedelta

import pytest

from agents.models import AgentRun
from agents.month import Totals, totals_since
from features.failures import Failure
from features.statuses import Status
from tests.factories import NOON, make_feature

MONTH = NOON.replace(day=1, hour=0)


def run(feature, **fields):
    usual = {
        "state": "finished",
        "input_tokens": 100,
        "cache_read_tokens": 10,
        "output_tokens": 5,
        "cost_microusd": 40_000,
        "provider": "anthropic",
    }
    return AgentRun.objects.create(
        workspace_id=feature.workspace_id,
        feature=feature,
        step="spec_generating",
        agent="spec",
        model="m",
        prompt="spec",
        prompt_sha256="0" * 64,
        started_at=NOON,
        **(usual | fields),
    )


@pytest.mark.parametrize("rows", [1, 3])
def test_totals_are_one_query_and_count_nothing_twice(ada, feature_in, django_assert_num_queries, rows):
    for _ in range(rows):
        feature, _ = feature_in(Status.DONE)
        run(feature)
        run(feature, cost_microusd=None, input_tokens=None)

    with django_assert_num_queries(1):
        totals = totals_since(MONTH, workspace_id=ada.workspace.pk)

    assert totals == Totals(
        done=rows, calls=2 * rows, tokens=130 * rows, unknown=rows, cost_microusd=40_000 * rows
    )


def test_totals_leave_out_strangers_the_month_before_and_calls_that_were_not_made(ada, bob):
    feature = make_feature(ada)
    run(feature)
    run(make_feature(bob))
    AgentRun.objects.filter(pk=run(feature).pk).update(started_at=MONTH - timedelta(seconds=1))
    run(feature, state="failed", failure=Failure.OVER_BUDGET)

    assert totals_since(MONTH, workspace_id=ada.workspace.pk).calls == 1


def test_totals_count_what_models_read_and_not_the_rules_of_the_demo(ada):
    feature = make_feature(ada)
    run(feature)
    run(feature, provider="demo", cost_microusd=0)

    assert totals_since(MONTH, workspace_id=ada.workspace.pk).tokens == 115


def test_month_is_counted_as_data(ada_client):
    assert "X-RateLimit-Remaining" in ada_client.get("/app/month").headers


def test_totals_of_nobody_are_zero(db):
    assert totals_since(MONTH, workspace_id=None) == Totals()


def test_month_is_shown_in_words(ada_client, feature_in):
    run(feature_in(Status.DONE)[0])
    AgentRun.objects.update(started_at="2999-01-01T00:00Z")

    page = ada_client.get("/app/month").content.decode()

    assert "115" in page
    assert "$0.04" in page

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agents.models import AgentRun
from agents.querysets import Sums
from agents.templatetags.agents import cost, money
from features.statuses import Status
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def run(feature, agent="spec", **fields):
    defaults = {
        "workspace_id": feature.workspace_id,
        "step": "spec_generating",
        "provider": feature.provider,
        "model": "claude-sonnet-4-6",
        "prompt": agent,
        "prompt_sha256": "0" * 64,
        "state": "finished",
        "started_at": NOON,
        "finished_at": NOON + timedelta(seconds=2),
        "price_date": NOON.date(),
        "input_tokens": 1_000,
        "output_tokens": 100,
        "cost_microusd": 4_500,
    }
    return AgentRun.objects.create(feature=feature, agent=agent, **defaults | fields)


@pytest.fixture
def feature(feature_in):
    return feature_in(Status.DRAFTING, provider="anthropic")[0]


def page(client, feature):
    return client.get(reverse("agents:runs", args=[feature.public_id]))


def test_runs_show_the_cost_and_what_it_was_for(ada_client, feature):
    run(feature, cost_microusd=1_234_000)
    run(feature, "implementer", cost_microusd=2_000_000, cache_read_tokens=7_777)

    html = page(ada_client, feature).content.decode()

    assert "2 calls to the AI model, $3.23." in html
    assert "Code" in html
    assert "7,777" in html
    assert "Prices of 21 November 2026" in html


def test_runs_say_at_least_when_some_cost_is_unknown_and_name_failed_ones(ada_client, feature):
    run(feature, cost_microusd=1_000_000)
    run(feature, cost_microusd=None)
    run(feature, cost_microusd=500_000, state="failed", failure="overloaded", estimated=True)

    html = page(ada_client, feature).content.decode()

    assert "3 calls to the AI model, at least $1.50." in html
    assert "1 of them gave nothing usable; they are $0.50 of it." in html
    assert "1 had to be estimated." in html


def test_runs_say_unknown_when_no_cost_is_known(ada_client, feature):
    run(feature, cost_microusd=None)

    assert "1 call to the AI model, cost unknown." in page(ada_client, feature).content.decode()


def test_runs_of_a_model_without_price_promise_no_limit(ada_client, feature, settings):
    settings.MODEL_PRICES = {}

    html = page(ada_client, feature).content.decode()

    assert "the spending limit is a rough guess" in html
    assert "We stop before" not in html


def test_runs_of_the_demo_say_so(ada_client, feature_in):
    feature, _ = feature_in(Status.DRAFTING)
    run(feature, cost_microusd=0)

    html = page(ada_client, feature).content.decode()

    assert "Demo: fixed rules, no AI model, cost 0." in html
    assert "$" not in html


def test_runs_are_empty_before_the_first_call(ada_client, feature):
    assert "Nothing yet." in page(ada_client, feature).content.decode()


def test_runs_of_a_stranger_are_404(bob_client, feature):
    assert page(bob_client, feature).status_code == 404


def queries_of(call):
    call()  # what is asked for once only
    with CaptureQueriesContext(connection) as queries:
        call()
    return len(queries)


def test_runs_make_the_same_queries_for_1_and_3(ada_client, feature):
    run(feature)
    of_one = queries_of(lambda: page(ada_client, feature))
    run(feature, "planner")
    run(feature, "planner")

    assert queries_of(lambda: page(ada_client, feature)) == of_one


def test_by_agent_keeps_the_order_of_first_calls(feature):
    for agent in ("spec", "alignment", "planner", "alignment"):
        run(feature, agent)

    assert [(sums.agent, sums.calls) for sums in feature.runs.by_agent()] == [
        ("spec", 1),
        ("alignment", 2),
        ("planner", 1),
    ]


@pytest.mark.parametrize(
    ("microusd", "words"), [(0, "$0.00"), (1, "less than $0.01"), (10_000, "$0.01"), (12_345_678, "$12.35")]
)
def test_money_never_rounds_a_cost_to_nothing(microusd, words):
    assert money(microusd) == words


def test_cost_of_nothing_is_0(feature):
    assert cost(feature.runs.total()) == "$0.00"
    assert isinstance(feature.runs.total(), Sums)


def test_admin_shows_runs_and_changes_none(admin_client, feature):
    row = run(feature, request_id="req_1")

    assert admin_client.get(reverse("admin:agents_agentrun_changelist")).status_code == 200
    assert admin_client.get(reverse("admin:agents_agentrun_change", args=[row.pk])).status_code == 200
    assert admin_client.post(reverse("admin:agents_agentrun_delete", args=[row.pk])).status_code == 403


def test_admin_list_makes_the_same_queries_for_1_and_3(admin_client, feature):
    address = reverse("admin:agents_agentrun_changelist")
    run(feature)
    of_one = queries_of(lambda: admin_client.get(address))
    run(feature)
    run(feature)

    assert queries_of(lambda: admin_client.get(address)) == of_one


def test_cost_is_not_fully_known_when_the_known_part_is_next_to_nothing(feature):
    run(feature, cost_microusd=500)
    run(feature, cost_microusd=None)

    assert cost(feature.runs.total()) == "cost not fully known"


def test_rows_of_the_spending_limit_are_no_calls(feature):
    run(feature)
    run(feature, "planner", state="failed", failure="over_budget", cost_microusd=0)

    total = feature.runs.total()
    assert (total.calls, total.failed) == (1, 0)
    assert [sums.agent for sums in feature.runs.by_agent()] == ["spec"]


def test_call_of_a_worker_that_is_gone_is_not_running(feature):
    run(feature, state="running", cost_microusd=None)
    run(feature, "ba", state="running", cost_microusd=None)

    assert feature.runs.total().running == 1
    type(feature).objects.filter(pk=feature.pk).update(
        status=Status.SPEC_GENERATING, lease_token="token", lease_until=NOON
    )
    assert feature.runs.total().running == 2

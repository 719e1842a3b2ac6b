from datetime import date

import pytest

from agents import catalog
from agents.catalog import Usage


@pytest.mark.parametrize(
    ("model", "usage", "microusd"),
    [
        ("claude-sonnet-4-6", Usage(input=1_000, output=100), 3_000 + 1_500),
        (
            "claude-opus-4-6",
            Usage(cache_read=1_000, cache_write_5m=1_000, cache_write_1h=1_000),
            500 + 6_250 + 10_000,
        ),
        ("claude-haiku-4-5", Usage(cache_read=1), 1),
        ("claude-haiku-5-5", Usage(input=100_000, output=10), 10_000 + 5),
        ("claude-haiku-5-5", Usage(input=60_000, cache_read=60_000, output=10), 30_000 + 600 + 25),
        ("claude-sonnet-4-6", Usage(), 0),
    ],
)
def test_cost_is_the_sum_of_the_buckets_rounded_up(model, usage, microusd):
    assert catalog.cost_microusd(model, usage) == microusd


def test_cost_is_none_when_no_price_is_known():
    assert catalog.cost_microusd("claude-future", Usage(input=1)) is None


def test_cost_is_0_for_the_demo_whatever_the_model():
    assert catalog.cost_microusd("claude-future", Usage(input=1), provider="demo") == 0


def test_reserve_counts_all_input_as_written_and_all_output_as_used():
    reserved = catalog.reserve_microusd("claude-sonnet-4-6", input_chars=3_000, max_tokens=100)

    assert reserved == 1_000 * 3.75 + 100 * 15


def test_agent_has_the_clocks_of_its_line_or_the_common_ones(settings):
    ba, spec = catalog.agent("ba"), catalog.agent("spec")

    assert (ba.deadline_seconds, ba.progress_seconds) == (120, 60)
    assert (spec.deadline_seconds, spec.progress_seconds) == (
        settings.AGENT_DEADLINE_SECONDS,
        settings.AGENT_PROGRESS_SECONDS,
    )


def test_agent_has_an_effort_only_where_its_model_takes_one(settings):
    line = settings.AGENT_CATALOG["title"]
    assert catalog.agent("title").effort == ""

    settings.AGENT_CATALOG = settings.AGENT_CATALOG | {"title": line | {"model": "claude-haiku-5-5"}}

    assert catalog.agent("title").effort == "low"


@pytest.mark.parametrize(
    ("agent", "line", "expected"),
    [
        ("spec", {}, (64_000, 1_800)),
        ("title", {}, (2_000, 1_800)),
        ("brief", {}, (16_000, 600)),
        ("spec", {"max_tokens": 50_000}, (64_000, 1_800)),
        ("spec", {"max_tokens": 100_000}, (100_000, 1_800)),
        ("title", {"max_tokens": 40_000}, (64_000, 1_800)),
        ("spec", {"model": "claude-future"}, (32_000, 1_800)),
        ("spec", {"deadline_seconds": 1_400}, (64_000, 2_200)),
    ],
)
def test_second_try_may_be_twice_as_long_and_fits_into_the_step(settings, agent, line, expected):
    line = settings.AGENT_CATALOG[agent] | line
    settings.AGENT_CATALOG = settings.AGENT_CATALOG | {agent: line}

    assert catalog.second_try(agent) == expected


def test_price_date_is_that_of_the_table():
    assert catalog.price_date() == date(2026, 11, 20)

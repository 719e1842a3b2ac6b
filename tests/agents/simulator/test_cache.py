import pytest

from agents.simulator.cache import InputUsage, PromptCache
from agents.simulator.known_models import MODELS
from tests.agents.simulator.conftest import ask

SONNET = MODELS["claude-sonnet-4-6"]
MARK = {"cache_control": {"type": "ephemeral"}}
HOUR = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}


class Clock:
    now = 1_000.0

    def __call__(self):
        return self.now


def words(tokens, letter="x", **more):
    return {"type": "text", "text": letter * (tokens * 4)} | more


def prompt(*blocks, **changes):
    return ask(messages=[{"role": "user", "content": list(blocks)}], **changes)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def account(clock):
    cache = PromptCache(clock)

    def account(request, key="sk-ant-a"):
        return cache.account(key, request, MODELS[request["model"]])

    return account


def test_prompt_without_breakpoint_is_all_plain(account):
    request = prompt(words(2_000))

    assert account(request) == account(request) == InputUsage(2_000, 0, 0, 0)


def test_second_request_reads_what_the_first_wrote(account):
    first = account(prompt(words(2_000, **MARK), words(10)))
    second = account(prompt(words(2_000, **MARK), words(20, "y")))

    assert first == InputUsage(10, 0, 2_000, 0)
    assert second == InputUsage(20, 2_000, 0, 0)


def test_prefix_below_the_minimum_is_not_written(account):
    request = prompt(words(SONNET.min_cache - 1, **MARK), words(10))

    assert account(request) == account(request) == InputUsage(1_033, 0, 0, 0)


def test_two_lifetimes_are_split_at_their_breakpoints(account):
    request = prompt(words(2_000, **HOUR), words(500, "y", **MARK), words(5))

    assert account(request) == InputUsage(5, 0, 500, 2_000)
    assert account(request) == InputUsage(5, 2_500, 0, 0)


def test_growing_conversation_reads_the_old_turns_and_writes_the_new(account):
    account(prompt(words(2_000), **MARK))

    longer = account(prompt(words(2_000), words(300, "y"), **MARK))

    assert longer == InputUsage(0, 2_000, 300, 0)


def test_lookback_ends_after_twenty_blocks(account):
    account(prompt(words(2_000), **MARK))
    twenty = [words(1, "y") for _ in range(20)]

    within = account(prompt(words(2_000), *twenty, **MARK))
    account(prompt(words(3_000), **MARK))
    beyond = account(prompt(words(3_000), *twenty, words(1, "z"), **MARK))

    assert within == InputUsage(0, 2_000, 20, 0)
    assert beyond == InputUsage(0, 0, 3_021, 0)


def test_entry_lives_five_minutes_and_each_read_renews_it(account, clock):
    request = prompt(words(2_000, **MARK))
    account(request)

    usages = []
    for seconds in (299, 299, 300):
        clock.now += seconds
        usages.append(account(request))

    assert usages == [
        InputUsage(0, 2_000, 0, 0),
        InputUsage(0, 2_000, 0, 0),
        InputUsage(0, 0, 2_000, 0),
    ]


def test_entry_of_one_hour_lives_one_hour(account, clock):
    request = prompt(words(2_000, **HOUR))
    account(request)
    clock.now += 3_599

    assert account(request) == InputUsage(0, 2_000, 0, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"output_config": {"effort": "low"}},
        {"output_config": {"format": {"type": "json_schema", "schema": {"type": "string"}}}},
        {"thinking": {"type": "adaptive"}},
        {"model": "claude-sonnet-4-5"},
        {"system": "Another first block"},
        {"tools": [{"name": "look", "input_schema": {"type": "object"}}]},
    ],
)
def test_change_before_the_breakpoint_or_of_the_settings_loses_the_cache(account, change):
    account(prompt(words(2_000, **MARK)))

    assert account(prompt(words(2_000, **MARK), **change)).read == 0


def test_another_key_reads_nothing(account):
    request = prompt(words(2_000, **MARK))
    account(request)

    assert account(request, key="sk-ant-b") == InputUsage(0, 0, 2_000, 0)


def test_moved_marker_still_reads_the_same_words(account):
    account(prompt(words(2_000, **MARK)))

    assert account(prompt(words(2_000), words(5, "y", **MARK))).read == 2_000


def test_usage_on_the_wire_splits_the_written_tokens_by_lifetime(raw):
    request = prompt(words(2_000, **HOUR), words(500, "y", **MARK), words(5))

    first = raw.post(request).json()["usage"]
    second = raw.post(request).json()["usage"]

    assert {name: first[name] for name in first if "input" in name or "creation" in name} == {
        "input_tokens": 5,
        "cache_creation_input_tokens": 2_500,
        "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 500, "ephemeral_1h_input_tokens": 2_000},
    }
    assert (second["cache_read_input_tokens"], second["cache_creation_input_tokens"]) == (2_500, 0)

"""The gateway as the chat uses it: text as it comes, stops and crashes in the middle."""

import asyncio
from contextlib import aclosing

import pytest

from agents import gateway
from agents.gateway import CallFailed
from agents.providers.base import Text
from agents.simulator.brains.scripted import Scripted, text
from agents.simulator.server import running
from features.failures import Failure
from features.statuses import Status
from tests.agents.test_gateway import call_for


@pytest.mark.django_db(transaction=True)
def test_stream_yields_text_as_it_comes_and_then_the_reply(feature_in, model):
    feature, _ = feature_in(Status.DRAFTING)
    model.brain = Scripted({None: text("one two three four five six seven eight")})

    events = asyncio.run(collected(call_for(feature, agent="ba", prompt="ba")))

    assert len(events) > 2
    assert "".join(event.text for event in events[:-1]) == events[-1].text
    assert feature.runs.get().state == "finished"


@pytest.mark.django_db(transaction=True)
def test_stream_records_a_stop_with_what_was_written_until_then(feature_in, settings):
    feature, _ = feature_in(Status.DRAFTING)

    async def stop_after_first(call):
        async with aclosing(gateway.stream(lambda: call)) as events:
            async for event in events:
                assert isinstance(event, Text)
                return

    async def cancel_in_the_middle(call):
        task = asyncio.create_task(collected(call))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with running(Scripted({None: text("x" * 4_000)}), chunk_chars=4, chunk_delay_seconds=0.02) as slow:
        settings.SIMULATOR_URL = slow.base_url
        asyncio.run(stop_after_first(call_for(feature, agent="ba", prompt="ba")))
        asyncio.run(cancel_in_the_middle(call_for(feature, agent="ba", prompt="ba")))

    for run in feature.runs.all():
        assert (run.state, run.failure, run.estimated) == ("failed", Failure.STOPPED, True)
        assert run.output_tokens >= 1


@pytest.mark.django_db(transaction=True)
def test_stream_records_a_crash_of_our_own(feature_in, model):
    feature, _ = feature_in(Status.DRAFTING)

    async def crash(call):
        async with aclosing(gateway.stream(lambda: call)) as events:
            async for _ in events:
                await events.athrow(ZeroDivisionError())

    model.brain = Scripted({None: text("one two three four five six seven eight")})
    with pytest.raises(ZeroDivisionError):
        asyncio.run(crash(call_for(feature, agent="ba", prompt="ba")))

    run = feature.runs.get()
    assert (run.state, run.failure, run.estimated) == ("failed", Failure.CRASHED, True)


@pytest.mark.django_db(transaction=True)
def test_stream_that_is_left_after_the_reply_stays_finished(feature_in, model):
    feature, _ = feature_in(Status.DRAFTING)

    async def leave_at_the_end(call):
        async with aclosing(gateway.stream(lambda: call)) as events:
            async for event in events:
                if not isinstance(event, Text):
                    return

    asyncio.run(leave_at_the_end(call_for(feature, agent="ba", prompt="ba")))

    run = feature.runs.get()
    assert (run.state, run.failure) == ("finished", "")


@pytest.mark.django_db(transaction=True)
def test_stream_raises_what_the_table_says(feature_in, key_of):
    key_of("sk-ant-sim-529-1")
    feature, _ = feature_in(Status.DRAFTING, provider="anthropic")

    with pytest.raises(CallFailed) as raised:
        asyncio.run(collected(call_for(feature, agent="ba", prompt="ba")))

    assert raised.value.failure == Failure.OVERLOADED
    assert feature.runs.get().failure == Failure.OVERLOADED


async def collected(call):
    async with aclosing(gateway.stream(lambda: call)) as events:
        return [event async for event in events]

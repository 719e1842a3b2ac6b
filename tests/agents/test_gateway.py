import asyncio
import json
import logging
import threading
import time
from datetime import timedelta

import pytest
from django.db import connections, transaction

from agents import actions, background, gateway, layout, prompts
from agents.gateway import Call, CallFailed
from agents.models import AgentRun
from agents.providers.anthropic import Anthropic
from agents.providers.base import ProviderError
from agents.simulator.brains.scripted import Scripted, text, thinking, tool
from agents.simulator.server import running
from features import leases, recovery
from features.failures import Failure
from features.statuses import Status
from tests.factories import NOON

KEY = "sk-ant-gateway-canary-7k2"


def call_for(feature, words="Write.", **fields):
    fields = {"agent": "spec", "prompt": "spec"} | fields
    return Call(
        feature=feature,
        system=[layout.governance()],
        messages=[layout.user(layout.role_block(fields["agent"], words))],
        **fields,
    )


@pytest.fixture
def working(feature_in, lease_on, model):
    """Return (feature, lease) of a demo feature whose spec is being written."""
    feature, _ = feature_in(Status.SPEC_GENERATING)
    return feature, lease_on(feature)


@pytest.mark.django_db
def test_ask_returns_the_reply_and_completes_the_row(feature_in, lease_on, key_of, script):
    key_of(KEY)
    script(spec=text("Hello there"))
    feature, _ = feature_in(Status.SPEC_GENERATING, provider="anthropic")

    reply = gateway.ask(call_for(feature, turn=2), lease=lease_on(feature))

    run = feature.runs.get()
    assert (reply.text, reply.stop_reason, reply.run_id) == ("Hello there", "end_turn", run.pk)
    assert {name: getattr(run, name) for name in ("step", "agent", "turn", "provider", "model", "state")} == {
        "step": "spec_generating",
        "agent": "spec",
        "turn": 2,
        "provider": "anthropic",
        "model": "claude-sonnet-4-6",
        "state": "finished",
    }
    assert (run.model_answered, run.stop_reason, run.failure) == ("claude-sonnet-4-6", "end_turn", "")
    assert run.request_id.startswith("req_")
    assert (run.prompt, run.prompt_sha256) == ("spec", prompts.sha256("spec"))
    assert run.input_tokens > 1_000
    assert (run.cache_read_tokens, run.cache_write_5m_tokens, run.cache_write_1h_tokens) == (0, 0, 0)
    assert run.output_tokens == 3
    assert run.cost_microusd == 3 * run.input_tokens + 15 * 3
    assert run.reserved_microusd > run.cost_microusd
    assert str(run.price_date) == "2026-11-20"
    assert run.finished_at >= run.started_at


@pytest.mark.django_db
def test_ask_counts_what_was_written_to_and_read_from_the_cache(feature_in, lease_on, key_of):
    key_of(KEY)
    feature, _ = feature_in(Status.SPEC_GENERATING, provider="anthropic")
    lease = lease_on(feature)
    call = call_for(feature, cached=True)

    for _ in range(2):
        gateway.ask(call, lease=lease)

    first, second = feature.runs.all()
    assert first.cache_write_5m_tokens > 1_000
    assert second.cache_read_tokens == first.cache_write_5m_tokens
    assert second.cost_microusd < first.cost_microusd


@pytest.mark.django_db
def test_demo_costs_0_and_never_sees_the_key(working, key_of, model):
    key_of(KEY)
    feature, lease = working

    gateway.ask(call_for(feature), lease=lease)

    assert feature.runs.get().cost_microusd == 0
    assert model.keys_seen == {"sk-ant-demo-offline"}


@pytest.mark.django_db
def test_key_is_in_no_row_and_no_log_line_on_any_road(feature_in, lease_on, key_of, model, caplog):
    caplog.set_level(logging.DEBUG)
    feature, _ = feature_in(Status.SPEC_GENERATING, provider="anthropic")
    lease = lease_on(feature)
    for number, fault in enumerate(
        ("500", "401", "html", "badjson", "overloadmid", "refusal", "reset", "cut")
    ):
        key = f"sk-ant-sim-{fault}-1-canary{number}"
        key_of(key)

        with pytest.raises(CallFailed) as raised:
            gateway.ask(call_for(feature, words="sentence of the prompt"), lease=lease)

        rows = json.dumps(list(AgentRun.objects.values()), default=str)
        told = (
            f"{raised.value!r} {raised.value.detail} {raised.value.__cause__!r} {raised.value.__context__!r}"
        )
        lines = "\n".join(line.getMessage() for line in caplog.records)
        for place in (rows, told, lines):
            assert key not in place
            assert "sentence of the prompt" not in place


@pytest.mark.django_db
def test_provider_refuses_an_empty_key_before_it_sends(model):
    async def try_it(key):
        stream = Anthropic(model.base_url).stream({}, key=key, deadline_seconds=1, progress_seconds=1)
        async for _ in stream:
            pass

    for key in ("", None):
        with pytest.raises(ProviderError) as raised:
            asyncio.run(try_it(key))
        assert raised.value.failure == Failure.NO_KEY
    assert model.requests == []


@pytest.mark.django_db(transaction=True)
def test_nothing_of_the_database_is_held_while_the_model_answers(working, model):
    feature, lease = working
    # The brain runs in a thread of the simulator and looks at the connection of the worker's thread.
    of_worker, seen = connections["default"], []

    def look(request):
        # One to SQLite stays open: outside a transaction it holds nothing.
        held = of_worker.connection is not None and of_worker.vendor != "sqlite"
        seen.append((of_worker.in_atomic_block, held))
        return text("fine")

    model.brain = Scripted({None: look})

    gateway.ask(call_for(feature), lease=lease)

    assert seen == [(False, False)]


@pytest.mark.django_db(transaction=True)
def test_ask_raises_inside_a_transaction(working):
    feature, lease = working

    with pytest.raises(RuntimeError, match="transaction"), transaction.atomic():
        gateway.ask(call_for(feature), lease=lease)


@pytest.mark.django_db
def test_spending_limit_stops_before_the_call(feature_in, lease_on, key_of, model, settings):
    key_of(KEY)
    settings.FEATURE_SPEND_CAP_MICROUSD = 100_000
    feature, _ = feature_in(Status.SPEC_GENERATING, provider="anthropic")

    with pytest.raises(CallFailed) as raised:
        gateway.ask(call_for(feature), lease=lease_on(feature))

    assert (raised.value.failure, raised.value.permanent) == (Failure.OVER_BUDGET, True)
    assert model.requests == []
    run = feature.runs.get()
    assert (run.state, run.failure, run.cost_microusd) == ("failed", Failure.OVER_BUDGET, 0)


@pytest.mark.django_db
def test_spending_limit_of_the_feature_wins_and_counts_reservations(feature_in, key_of, lease_on):
    key_of(KEY)
    feature, _ = feature_in(Status.SPEC_GENERATING, provider="anthropic")
    lease = lease_on(feature)
    gateway.ask(call_for(feature), lease=lease)
    spent, reserved = feature.runs.values_list("cost_microusd", "reserved_microusd").get()
    type(feature).objects.filter(pk=feature.pk).update(spend_cap_microusd=spent + reserved)

    gateway.ask(call_for(feature), lease=lease)  # fits to the last micro-dollar

    with pytest.raises(CallFailed):
        gateway.ask(call_for(feature), lease=lease)


@pytest.mark.django_db
def test_lost_runs_count_what_was_reserved(feature_in, model):
    feature, _ = feature_in(Status.SPEC_GENERATING, provider="anthropic")
    run = begun(feature, agent="spec", now=NOON)

    actions.lose_stale_runs(feature, now=NOON + timedelta(seconds=1))

    run.refresh_from_db()
    assert (run.state, run.cost_microusd, run.estimated) == ("lost", run.reserved_microusd, True)
    assert run.finished_at == NOON + timedelta(seconds=1)


@pytest.mark.django_db
def test_abandoned_runs_are_lost_without_another_step(feature_in, ada):
    walked, _ = feature_in(Status.SPEC_GENERATING)
    worked_on, _ = feature_in(Status.IMPLEMENTING)
    begun(walked, agent="spec", now=NOON)
    running = begun(worked_on, agent="implementer", now=NOON)
    begun(worked_on, agent="ba", now=NOON - timedelta(seconds=959))
    begun(worked_on, agent="ba", now=NOON - timedelta(seconds=961))

    lost = actions.lose_abandoned_runs(now=NOON)

    # The first feature has no lease: the worker that began its run is gone.
    assert lost == 2
    running.refresh_from_db()
    assert running.state == "running"
    assert actions.lose_abandoned_runs(now=NOON) == 0


@pytest.mark.django_db
def test_sweep_settles_abandoned_runs(feature_in):
    feature, _ = feature_in(Status.SPEC_GENERATING)
    run = begun(feature, agent="spec", now=NOON)

    assert recovery.recover_stuck(now=NOON, dry_run=True) == {}
    assert recovery.recover_stuck(now=NOON) == {"lost_runs": 1}

    run.refresh_from_db()
    assert run.state == "lost"


@pytest.mark.django_db
def test_chat_runs_are_lost_only_after_their_deadline(feature_in, settings):
    feature, _ = feature_in(Status.DRAFTING)
    run = begun(feature, agent="ba", now=NOON)

    actions.lose_stale_runs(feature, now=NOON + timedelta(seconds=100))
    run.refresh_from_db()
    assert run.state == "running"
    of_step = begun(feature, agent="spec", now=NOON)
    actions.lose_stale_runs(feature, now=NOON + timedelta(seconds=1))
    of_step.refresh_from_db()
    assert of_step.state == "lost"

    actions.lose_stale_runs(feature, now=NOON + timedelta(seconds=settings.AGENT_DEADLINE_SECONDS + 61))
    run.refresh_from_db()
    assert run.state == "lost"


def begun(feature, *, agent, now):
    return actions.begin_run(
        feature=feature,
        agent=agent,
        model="claude-sonnet-4-6",
        turn=1,
        attempt=1,
        prompt=agent,
        prompt_sha256="0" * 64,
        input_chars=300,
        max_tokens=100,
        now=now,
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("mark", "error", "failure"),
    [("lost", leases.LeaseLost, Failure.WORKER_LOST), ("stop_requested", leases.Stopped, Failure.STOPPED)],
)
def test_ask_ends_a_silent_call_when_the_lease_is_lost_or_a_stop_is_asked(
    feature_in, lease_on, key_of, mark, error, failure
):
    key_of("sk-ant-sim-hang-1")
    feature, _ = feature_in(Status.SPEC_GENERATING, provider="anthropic")
    lease = lease_on(feature)
    threading.Timer(0.1, setattr, [lease, mark, True]).start()
    began = time.monotonic()

    with pytest.raises(error):
        gateway.ask(call_for(feature), lease=lease)

    assert time.monotonic() - began < 2
    run = feature.runs.get()
    assert (run.state, run.failure) == ("failed", failure)


@pytest.mark.django_db
def test_ask_ends_at_the_next_event_when_a_stop_is_asked(working, model):
    feature, lease = working

    def stop_now(request):
        lease.stop_requested = True
        return text("word " * 1_000)

    model.brain = Scripted({None: stop_now})

    with pytest.raises(leases.Stopped):
        gateway.ask(call_for(feature), lease=lease)

    run = feature.runs.get()
    assert (run.state, run.failure, run.estimated) == ("failed", Failure.STOPPED, True)


@pytest.mark.django_db
def test_wall_clock_ends_a_call_that_keeps_writing(working, settings):
    settings.AGENT_DEADLINE_SECONDS, settings.AGENT_PROGRESS_SECONDS = 0.4, 0.2
    feature, lease = working
    brain = Scripted({None: text("x" * 400)})
    with running(brain, chunk_chars=4, chunk_delay_seconds=0.02) as slow:
        settings.SIMULATOR_URL = slow.base_url

        with pytest.raises(CallFailed) as raised:
            gateway.ask(call_for(feature), lease=lease)

    assert raised.value.failure == Failure.TIMEOUT
    run = feature.runs.get()
    assert run.estimated
    assert 0 < run.output_tokens < 134


@pytest.mark.django_db
def test_cut_tool_call_arrives_without_fields_but_with_its_path(working, model):
    feature, lease = working
    model.brain = Scripted(
        {None: [thinking("hm"), tool("write_file", {"path": "a.ts", "content": "x" * 4_000})]}
    )

    reply = gateway.ask(
        call_for(feature, max_tokens=100, tools=[{"name": "write_file", "input_schema": {"type": "object"}}]),
        lease=lease,
    )

    assert reply.is_cut
    assert [(call.name, call.fields, call.path) for call in reply.tool_calls] == [
        ("write_file", None, "a.ts")
    ]
    assert reply.blocks[0]["signature"]
    assert feature.runs.get().failure == Failure.TRUNCATED


@pytest.mark.django_db
def test_end_run_is_quiet_when_the_feature_was_deleted(feature_in, model):
    feature, _ = feature_in(Status.DRAFTING)
    run = begun(feature, agent="ba", now=NOON)
    type(feature).objects.get(pk=feature.pk).delete()

    actions.end_run(run, actions.Ending(state="failed", failure="stopped"), now=NOON)

    assert not AgentRun.objects.exists()


@pytest.mark.django_db
def test_call_may_have_a_deadline_of_its_own(working, model, settings):
    feature, lease = working
    model.brain = Scripted({None: lambda request: time.sleep(0.5) or text("late")})

    with pytest.raises(CallFailed) as raised:
        gateway.ask(call_for(feature, deadline_seconds=0.2), lease=lease)

    assert raised.value.failure == Failure.TIMEOUT


def test_background_returns_a_result_that_came_while_it_looked_away(monkeypatch):
    class LateFuture:
        """Times out once, and is done when it is asked."""

        def __init__(self):
            self.results = [TimeoutError, "done"]

        def result(self, timeout=None):
            found = self.results.pop(0)
            if found is TimeoutError:
                raise TimeoutError
            return found

        def done(self):
            return True

    monkeypatch.setattr(asyncio, "run_coroutine_threadsafe", lambda coroutine, loop: LateFuture())

    assert background.run(None, lease=None) == "done"

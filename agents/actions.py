"""Writes of AgentRun: a row before every model call, completed after it."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Q

from agents import catalog
from agents.catalog import Usage
from agents.models import AgentRun
from agents.providers import outcomes
from agents.text import clean
from buildpractical.lib.tenancy import as_workspace
from features import events
from features.failures import Failure
from features.models import Feature

State = AgentRun.State
MOST_LOST = 1_000  # in one sweep

_OF_ENDING = (
    *("state", "failure", "stop_reason", "error_type", "request_id", "model_answered", "estimated"),
    *("cost_microusd", "finished_at", "input_tokens", "output_tokens"),
    *("cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens"),
)


@dataclass(frozen=True)
class Ending:
    """How a call ended. usage: None when nothing is known; estimated: our own count stands in it.

    free: the provider cannot have worked for it.
    """

    state: str
    usage: Usage | None = None
    estimated: bool = False
    free: bool = False
    failure: str = ""
    error_type: str = ""
    stop_reason: str = ""
    request_id: str = ""
    model_answered: str = ""


def begin_run(*, feature, agent, model, turn, attempt, prompt, prompt_sha256, input_chars, max_tokens, now):
    """Reserve the call's cost against the feature's limit and return its AgentRun.

    Over the limit the row is written as failed, over_budget, and the caller must not call. Own transaction;
    the feature row is locked first, so that parallel calls cannot pass the limit together.
    """
    reserved = catalog.reserve_microusd(
        model, input_chars=input_chars, max_tokens=max_tokens, provider=feature.provider
    )
    with as_workspace(feature.workspace_id):
        fresh = Feature.objects.select_for_update().get(pk=feature.pk)
        spent = AgentRun.objects.filter(feature=fresh).committed_microusd() if reserved else 0
        over = bool(reserved) and spent + reserved > fresh.cap_microusd
        run = AgentRun.objects.create(
            workspace_id=fresh.workspace_id,
            feature=fresh,
            step=fresh.status,
            agent=agent,
            turn=turn,
            attempt=attempt,
            provider=fresh.provider,
            model=model,
            prompt=prompt,
            prompt_sha256=prompt_sha256,
            state=State.FAILED if over else State.RUNNING,
            failure=Failure.OVER_BUDGET if over else "",
            reserved_microusd=reserved,
            cost_microusd=0 if over else None,
            price_date=catalog.price_date(),
            started_at=now,
            finished_at=now if over else None,
        )
        if not over and agent not in catalog.CHAT_AGENTS:
            events.append(fresh, kind="activity", data={"what": "asking", "agent": agent, "turn": turn})
    return run


def end_run(run, ending, *, now):
    """Complete the row. Own transaction; not fenced by a lease: what was spent was spent.

    Quiet when the feature and its rows were deleted meanwhile.
    """
    usage = Usage() if ending.free else ending.usage
    cost = None if usage is None else catalog.cost_microusd(run.model, usage, provider=run.provider)
    if run.provider == Feature.Provider.DEMO:
        cost = 0
    run.state, run.failure = ending.state, ending.failure
    # The provider's words: what no database takes must not keep the row open.
    run.stop_reason, run.error_type = clean(ending.stop_reason)[:40], clean(ending.error_type)[:60]
    run.request_id, run.model_answered = clean(ending.request_id)[:80], clean(ending.model_answered)[:60]
    run.estimated, run.cost_microusd, run.finished_at = ending.estimated, cost, now
    if usage is not None:
        run.input_tokens, run.output_tokens = usage.input, usage.output
        run.cache_read_tokens = usage.cache_read
        run.cache_write_5m_tokens, run.cache_write_1h_tokens = usage.cache_write_5m, usage.cache_write_1h
    with suppress(Feature.DoesNotExist), as_workspace(run.workspace_id):
        # The event locks the feature's row, first, as deleting does: the other order would be a deadlock.
        events.append(
            run.feature, kind="run", data={"id": run.pk, "agent": run.agent, "state": str(run.state)}
        )
        run.save(update_fields=_OF_ENDING)


def reject_run(run_id, failure, *, workspace_id):
    """Note that the call's answer came whole but was of no use."""
    with as_workspace(workspace_id):
        AgentRun.objects.filter(pk=run_id).update(state=State.FAILED, failure=failure)


def is_second_bare_limit(run):
    """Return whether the feature's call before this one met a rate limit without a waiting time, too.

    Twice in a row is how a spending limit without a code looks.
    """
    with as_workspace(run.workspace_id):
        before = AgentRun.objects.filter(feature_id=run.feature_id, pk__lt=run.pk).order_by("-pk").first()
    return (
        before is not None
        and before.failure == Failure.RATE_LIMITED
        and before.error_type == outcomes.NO_RETRY_AFTER
    )


def lose_stale_runs(feature, *, now):
    """Mark as lost the runs of workers and processes that are gone; each counts what was reserved for it.

    Called when a step or an answer starts: no other step runs then (the chat is closed while one works), and
    a chat call ends within its deadline.
    """
    with as_workspace(feature.workspace_id):
        running = AgentRun.objects.filter(feature=feature, state=State.RUNNING)
        _lose(running.filter(~Q(agent__in=catalog.CHAT_AGENTS) | _chat_is_gone(now)), now=now)


def lose_abandoned_runs(*, now):
    """Mark as lost the runs, of all workspaces, that nobody carries on; return how many (sweeper).

    A step's run without a lease, or a chat's run past its deadline. A worker that still lives and only lost its
    lease completes its row after all. One query where nothing is lost, as the role that sees all workspaces.
    """
    runs = AgentRun.objects.using(settings.OPS_DB).filter(state=State.RUNNING)
    of_chat = Q(agent__in=catalog.CHAT_AGENTS)
    gone = runs.filter(~of_chat & Q(feature__lease_token=None) | of_chat & _chat_is_gone(now))
    pks = list(gone.order_by().values_list("pk", flat=True)[:MOST_LOST])
    return _lose(runs.filter(pk__in=pks), now=now) if pks else 0


def _chat_is_gone(now):
    longest = timedelta(seconds=settings.AGENT_DEADLINE_SECONDS + settings.CHAT_RUN_GRACE_SECONDS)
    # Begun in the future: the clock was put back.
    return Q(started_at__lt=now - longest) | Q(started_at__gt=now + longest)


def _lose(runs, *, now):
    return runs.update(
        state=State.LOST, estimated=True, cost_microusd=F("reserved_microusd"), finished_at=now
    )


def note_injection(feature, *, agent, answer):
    """Note that an agent whose answer is not kept reported orders inside its data; no word of them.

    Inside the caller's transaction.
    """
    if answer["injection_notes"]:
        events.append(feature, kind="activity", data={"what": "injection_note", "agent": agent})

"""The one door to any model: key, record, spending limit, deadlines, outcomes (llm.md §4).

`ask` is for steps, `stream` and `complete` are for the chat. Neither holds a database connection or a
transaction while a model answers. Steps are not tried again here: the engine puts them back.
"""

import asyncio
import logging
import math
from contextlib import ExitStack
from dataclasses import dataclass, field

from django.conf import settings

from accounts import vault
from accounts.actions import mark_key_rejected
from accounts.models import Secret
from agents import actions, background, catalog, layout, prompts, providers
from agents.actions import Ending, State
from agents.catalog import Usage
from agents.ledger import Ledger
from agents.providers import outcomes
from agents.providers.base import ProviderError, Text, ToolCall
from agents.simulator import DEMO_KEY
from buildpractical.lib.clock import utcnow
from buildpractical.lib.connections import release_connection
from buildpractical.lib.dbthread import db
from buildpractical.lib.outage import outlasting
from buildpractical.lib.tenancy import acting, as_workspace
from features.failures import Failure
from features.leases import LeaseLost, Stopping
from features.models import Feature
from features.steps import StepError

logger = logging.getLogger(__name__)


class CallFailed(StepError):
    """A model call that gave nothing usable. A StepError, so that a step may just let it pass."""


@dataclass(frozen=True)
class Call:
    """One model call to make.

    system, messages, tools: in the provider's form, laid out by agents.layout. schema: of the answer.
    cached: whether the conversation so far is worth a cache breakpoint at its end.
    max_tokens, deadline_seconds: in place of those of the catalog. turn: of a tool loop or conversation,
    from 1.
    """

    feature: Feature
    agent: str
    prompt: str
    system: list
    messages: list
    tools: list = field(default_factory=list)
    schema: dict | None = None
    cached: bool = False
    max_tokens: int | None = None
    deadline_seconds: float | None = None
    turn: int = 1
    attempt: int = 1

    def request(self):
        """Return the request's body. No sampling, forced tools or prefill: valid on every model we know."""
        line = catalog.agent(self.agent)
        body = {
            "model": line.model,
            "max_tokens": self.max_tokens or line.max_tokens,
            "system": self.system,
            "messages": self.messages,
        }
        config = {}
        if self.schema:
            config["format"] = {"type": "json_schema", "schema": self.schema}
        if line.effort:
            config["effort"] = line.effort
        if config:
            body["output_config"] = config
        if self.tools:
            body["tools"] = self.tools
        if self.cached:
            body["cache_control"] = layout.CACHED
        return body


@dataclass(frozen=True)
class Reply:
    """A complete answer. blocks: its content in the provider's form, for the next turn of a tool loop."""

    text: str
    tool_calls: list[ToolCall]
    stop_reason: str
    usage: Usage
    run_id: int
    blocks: list[dict]

    @property
    def is_cut(self):
        return self.stop_reason == "max_tokens"


def attempt_of(feature):
    """Return how often the feature's step has been begun, this time included: put back counts as well."""
    return max(feature.requeues + feature.attempts, 1)


def ask(call, *, lease):
    """Make the call from a step's thread and return the Reply.

    Raises CallFailed, or what the lease raises when the work must not go on.
    """
    lease.between_calls()
    ledger = Ledger()
    with ExitStack() as open_key:
        run, key = _prepare(open_key, call)
        try:
            release_connection()
            finished = background.run(_collect(call, key, ledger, lease), lease=lease)
            return outlasting(lambda: _reply(call, run, ledger, finished))  # it is paid for
        except ProviderError as error:
            raise _failed(run, ledger, error) from None
        except BaseException as error:
            actions.end_run(run, ledger.broken(_reason(error)), now=utcnow())
            raise


async def stream(make_call, *args):
    """Make the call that make_call(*args) returns on the running loop; yield Text as it arrives, at last the Reply.

    make_call runs on the database thread: what the call is made from, its row and the key are one hop.
    Raises CallFailed. Closing the generator or cancelling its task stops the call and records it.
    """
    ledger = Ledger()
    with ExitStack() as open_key:
        call, run, key = await db(_make, open_key, make_call, args)
        try:
            async for event in _events(call, key):
                ledger.note(event)
                if isinstance(event, Text):
                    yield event
            reply = await db(_reply, call, run, ledger, ledger.finished)
        except ProviderError as error:
            raise await db(_failed, run, ledger, error) from None
        except BaseException as error:
            stopped = isinstance(error, (asyncio.CancelledError, GeneratorExit))
            ending = ledger.broken(Failure.STOPPED if stopped else Failure.CRASHED)
            await asyncio.shield(asyncio.ensure_future(db(_end, run, ending)))
            raise
    # Outside: a caller that leaves now has the whole answer, and the row stays finished.
    yield reply


async def complete(call):
    """Make the call on the running loop and return the Reply; see `stream`."""
    reply = None
    events = stream(lambda: call)
    try:
        async for event in events:
            reply = event
    finally:
        await events.aclose()
    return reply


async def _collect(call, key, ledger, lease):
    async for event in _events(call, key):
        ledger.note(event)
        lease.check()
    return ledger.finished


async def _events(call, key):
    line = catalog.agent(call.agent)
    demo = call.feature.provider == Feature.Provider.DEMO
    if not providers.is_loaded():
        # In a thread: the loop serves others meanwhile.
        await asyncio.to_thread(providers.load)
    provider = providers.at(settings.SIMULATOR_URL if demo else settings.ANTHROPIC_BASE_URL)
    events = provider.stream(
        call.request(),
        key=key,
        deadline_seconds=call.deadline_seconds or line.deadline_seconds,
        progress_seconds=line.progress_seconds,
    )
    try:
        async for event in events:
            yield event
    finally:
        # Closed here and now: left to the garbage collector the connection would stay open.
        await events.aclose()


def _make(open_key, make_call, args):
    call = make_call(*args)
    return call, *_prepare(open_key, call)


def _prepare(open_key, call):
    """Write the call's row and open its key; return both. Raises CallFailed."""
    run = _begin(call)
    try:
        return run, _open(open_key, call.feature)
    except ProviderError as error:
        raise _failed(run, Ledger(), error) from None


def _begin(call):
    """Write the row; raise CallFailed when the spending limit does not allow the call."""
    request = call.request()
    run = actions.begin_run(
        feature=call.feature,
        agent=call.agent,
        model=request["model"],
        turn=call.turn,
        attempt=call.attempt,
        prompt=call.prompt,
        prompt_sha256=prompts.sha256(call.prompt),
        input_chars=layout.chars_of(request),
        max_tokens=request["max_tokens"],
        now=utcnow(),
    )
    if run.state != State.RUNNING:
        raise CallFailed(run.failure, permanent=True)
    return run


def _end(run, ending):
    actions.end_run(run, ending, now=utcnow())


def _open(stack, feature):
    """Return the key for the feature's provider; log lines mask it until the stack closes."""
    if feature.provider == Feature.Provider.DEMO:
        return DEMO_KEY
    try:
        with acting(workspace_id=feature.workspace_id):
            return stack.enter_context(vault.opened_key("llm_call")).reveal()
    except vault.SecretError:
        # There is none, or it was sealed by a ring that is lost: the person must enter it again.
        logger.warning("The workspace has no key that opens", extra={"feature": feature.pk})
    raise ProviderError(Failure.NO_KEY, permanent=True, sent=False) from None


def _reply(call, run, ledger, finished):
    """Record the complete answer and return it; raise ProviderError when it is of no use."""
    if error := outcomes.of_stop(finished.stop_reason, category=finished.category):
        raise error
    text = "".join(block["text"] for block in finished.blocks if block["type"] == "text")
    # In a tool loop an answer without a word means: nothing more to do.
    if not text.strip() and not call.tools and finished.stop_reason != "max_tokens":
        raise ProviderError(Failure.EMPTY, permanent=True)
    actions.end_run(
        run,
        Ending(
            state=State.FINISHED,
            usage=finished.usage,
            estimated=finished.estimated,
            failure=Failure.TRUNCATED if finished.stop_reason == "max_tokens" else "",
            stop_reason=finished.stop_reason,
            request_id=ledger.started.request_id,
            model_answered=ledger.started.model,
        ),
        now=utcnow(),
    )
    return Reply(text, finished.tool_calls, finished.stop_reason, finished.usage, run.pk, finished.blocks)


def _failed(run, ledger, error):
    """Record the failure and return the CallFailed to raise."""
    failure, permanent = error.failure, error.permanent
    if error.error_type == outcomes.NO_RETRY_AFTER and actions.is_second_bare_limit(run):
        failure, permanent = Failure.ACCOUNT, True
    ending = ledger.broken(
        failure, request_id=error.request_id, error_type=error.error_type, free=not error.sent
    )
    actions.end_run(run, ending, now=utcnow())
    if failure == Failure.KEY_REJECTED:
        _mark_key(run)
    return CallFailed(
        failure,
        permanent=permanent,
        retry_after_seconds=error.retry_after_seconds,
        detail=_detail(failure, run, error),
    )


def _mark_key(run):
    if run.provider == Feature.Provider.DEMO:
        return
    with as_workspace(run.workspace_id):
        if secret := Secret.objects.live_key(run.workspace_id):
            mark_key_rejected(secret=secret)


def _reason(error):
    """Return why our own side ended a call."""
    if isinstance(error, StepError):  # the person stopped it, or the step's time is up
        return error.failure
    return Failure.WORKER_LOST if isinstance(error, LeaseLost | Stopping) else Failure.CRASHED


def _detail(failure, run, error):
    """Return what helps the person or the operator; nothing of the prompt, the answer or the key."""
    if failure == Failure.MODEL_GONE:
        return f"Model: {run.model}"
    if failure == Failure.RATE_LIMITED and error.retry_after_seconds:
        return f"Anthropic asks to wait {math.ceil(error.retry_after_seconds / 60)} minutes."
    if failure in (Failure.BAD_REQUEST, Failure.PROVIDER_ERROR) and run.request_id:
        return f"Reference: {run.request_id}"
    return ""

"""Structured answers: ask, check, and ask once more with the errors (llm.md §4)."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from pydantic import BaseModel, ValidationError

from agents import actions, catalog, document_checks, gateway, layout, prompts
from agents.contracts import schema_of
from agents.gateway import Call, CallFailed
from agents.text import clean
from buildpractical.lib.dbthread import db
from features.failures import Failure
from features.models import Feature

MAX_ERRORS = 20
MAX_REJECTED_CHARS = 100_000


@dataclass(frozen=True)
class Question:
    """One document to get from an agent.

    blocks: text blocks with the data, in the order of the cache. check: returns the Problems of the data;
    hard ones make the answer invalid. lenient: returns errors that are worth one more try, but no failure:
    when the second answer is of no use, the first one counts.
    """

    feature: Feature
    agent: str
    contract: type[BaseModel]
    blocks: list
    check: Callable[[dict], list] = field(default=lambda data: [])
    lenient: Callable[[dict], list] = field(default=lambda data: [])
    values: dict = field(default_factory=dict)
    prompt: str = ""
    cached: bool = False

    def call(self, *, turn=1, first=None):
        """Return the Call; first: the Judgement of the answer before, if there was one."""
        name = self.prompt or self.agent
        return Call(
            feature=self.feature,
            agent=self.agent,
            prompt=name,
            system=[layout.governance(cached=self.cached)],
            messages=[
                layout.user(
                    *self.blocks,
                    *_again(self.feature, first),
                    layout.role_block(self.agent, prompts.render(name, **self.values)),
                )
            ],
            schema=schema_of(self.contract),
            max_tokens=first.max_tokens if first else None,
            deadline_seconds=first.deadline_seconds if first else None,
            turn=turn,
            attempt=gateway.attempt_of(self.feature),
        )


@dataclass(frozen=True)
class Judgement:
    """What code says of an answer. data: the document, or None; then failure says why.

    fallback: data that left only wishes open. wasted: {run id: failure} of calls whose answer is not used.
    max_tokens, deadline_seconds: of the second try, None for the usual ones.
    """

    data: dict | None = None
    failure: str = ""
    errors: list[str] = field(default_factory=list)
    rejected: str = ""
    run_id: int | None = None
    fallback: dict | None = None
    wasted: dict[int, str] = field(default_factory=dict)
    max_tokens: int | None = None
    deadline_seconds: float | None = None


def ask_document(question, *, lease):
    """Return the agent's document as data (from a step's thread).

    Raises CallFailed, permanent when the second answer is of no use either.
    """
    first = None
    for turn in (1, 2):
        try:
            reply = gateway.ask(question.call(turn=turn, first=first), lease=lease)
        except CallFailed as error:
            judgement = _of_failure(error, first)
        else:
            judgement = judge(question, reply, first=first)
            _log(lease, question.agent, turn, reply, judgement)
            _reject(judgement.wasted, question.feature.workspace_id)
        if judgement.data is not None:
            return judgement.data
        first = judgement
    raise CallFailed(judgement.failure, permanent=True)


async def get_document(question):
    """Return the agent's document as data (on an event loop); see ask_document."""
    first = None
    for turn in (1, 2):
        try:
            reply = await gateway.complete(question.call(turn=turn, first=first))
        except CallFailed as error:
            judgement = _of_failure(error, first)
        else:
            judgement = judge(question, reply, first=first)
            await db(_reject, judgement.wasted, question.feature.workspace_id)
        if judgement.data is not None:
            return judgement.data
        first = judgement
    raise CallFailed(judgement.failure, permanent=True)


def judge(question, reply, *, first=None):
    """Return the Judgement of a reply; first: that of the reply before, when this is the second."""
    judgement = _of_reply(question, reply, is_first=first is None)
    if first is None or first.fallback is None:
        return judgement
    if judgement.data is None:
        return replace(judgement, data=first.fallback)
    return replace(judgement, wasted={first.run_id: first.failure})


def _of_reply(question, reply, *, is_first):
    if reply.is_cut:
        max_tokens, deadline_seconds = catalog.second_try(question.agent)
        return Judgement(
            failure=Failure.TRUNCATED,
            errors=["the answer was longer than allowed and was cut: be brief"],
            wasted={reply.run_id: Failure.TRUNCATED},
            max_tokens=max_tokens,
            deadline_seconds=deadline_seconds,
        )
    data, errors = parse(question.contract, reply.text)
    if data is not None:
        errors = document_checks.hard(question.check(data))
    if errors:
        return replace(_invalid(reply, errors), wasted={reply.run_id: Failure.INVALID_OUTPUT})
    if is_first and (wishes := question.lenient(data)):
        return replace(_invalid(reply, wishes), fallback=data)
    return Judgement(data=data)


def parse(contract, text):
    """Return (data, []) for an answer of the contract's form, else (None, errors).

    Errors name the place and what is wrong, never the value.
    """
    try:
        answer = contract.model_validate(clean(json.loads(text)))
    except ValidationError as error:
        return None, [
            f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:MAX_ERRORS]
        ]
    except (ValueError, RecursionError):
        return None, ["the answer is not JSON"]
    return answer.model_dump(mode="json"), []


def _of_failure(error, first):
    """Return the Judgement of a call that gave no answer, or raise."""
    if first is None and error.failure == Failure.EMPTY:
        return Judgement(failure=Failure.EMPTY, errors=["the answer was empty"])
    if first and first.fallback is not None:
        return Judgement(data=first.fallback)
    if first and error.failure == Failure.TIMEOUT:
        # To begin anew would pay the first try again and end here again.
        raise CallFailed(Failure.TIMEOUT, permanent=True) from error
    raise error


def _invalid(reply, errors):
    return Judgement(
        failure=Failure.INVALID_OUTPUT,
        errors=errors[:MAX_ERRORS],
        rejected=reply.text[:MAX_REJECTED_CHARS],
        run_id=reply.run_id,
    )


def _again(feature, first):
    """Return the blocks that tell of the answer before; it is data, whoever wrote it."""
    if first is None:
        return []
    return [layout.data_block(feature, rejected_answer=first.rejected, errors=first.errors)]


def _log(lease, agent, turn, reply, judgement):
    about = {"agent": agent, "turn": turn}
    lease.logbook.line("answered", read=reply.usage.total_input, written=reply.usage.output, **about)
    if judgement.errors:
        lease.logbook.line("unusable", count=len(judgement.errors), **about)


def _reject(wasted, workspace_id):
    for run_id, failure in wasted.items():
        actions.reject_run(run_id, failure, workspace_id=workspace_id)

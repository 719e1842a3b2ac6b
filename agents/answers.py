"""Structured answers: ask, check, and ask once more with the errors (llm.md §4)."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

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
    hard ones make the answer invalid. lenient: returns errors that are worth one more try, but no failure.
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

    def call(self, *, turn=1, judgement=None):
        """Return the Call; judgement: of the answer before, which was of no use."""
        name = self.prompt or self.agent
        return Call(
            feature=self.feature,
            agent=self.agent,
            prompt=name,
            system=[layout.governance(cached=self.cached)],
            messages=[
                layout.user(
                    *self.blocks,
                    *_again(self.feature, judgement),
                    layout.role_block(self.agent, prompts.render(name, **self.values)),
                )
            ],
            schema=schema_of(self.contract),
            max_tokens=judgement.max_tokens if judgement else None,
            turn=turn,
            attempt=max(self.feature.attempts, 1),
        )


@dataclass(frozen=True)
class Judgement:
    """What code says of an answer. data: the document, or None; then failure says why."""

    data: dict | None = None
    failure: str = ""
    errors: list[str] = field(default_factory=list)
    rejected: str = ""
    max_tokens: int | None = None


def ask_document(question, *, lease):
    """Return the agent's document as data (from a step's thread).

    Raises CallFailed, permanent when the second answer is of no use either.
    """
    judgement = None
    for turn in (1, 2):
        try:
            reply = gateway.ask(question.call(turn=turn, judgement=judgement), lease=lease)
        except CallFailed as error:
            judgement = _of_failure(error, turn)
            continue
        judgement = judge(question, reply, turn=turn)
        if judgement.data is not None:
            return judgement.data
        if judgement.failure == Failure.INVALID_OUTPUT:
            actions.reject_run(reply.run_id, judgement.failure, workspace_id=question.feature.workspace_id)
    raise CallFailed(judgement.failure, permanent=True)


async def get_document(question):
    """Return the agent's document as data (on an event loop); see ask_document."""
    judgement = None
    for turn in (1, 2):
        try:
            reply = await gateway.complete(question.call(turn=turn, judgement=judgement))
        except CallFailed as error:
            judgement = _of_failure(error, turn)
            continue
        judgement = judge(question, reply, turn=turn)
        if judgement.data is not None:
            return judgement.data
        if judgement.failure == Failure.INVALID_OUTPUT:
            await db(_reject, reply.run_id, judgement.failure, question.feature.workspace_id)
    raise CallFailed(judgement.failure, permanent=True)


def judge(question, reply, *, turn):
    """Return the Judgement of a reply."""
    if reply.is_cut:
        return Judgement(
            failure=Failure.TRUNCATED,
            errors=["the answer was longer than allowed and was cut: be brief"],
            max_tokens=catalog.most_output_tokens(question.agent),
        )
    data, errors = parse(question.contract, reply.text)
    if data is not None:
        errors = document_checks.hard(question.check(data))
        if not errors and turn == 1:
            wishes = question.lenient(data)
            if wishes:
                return _invalid(reply, wishes)
    if errors:
        return _invalid(reply, errors)
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


def _of_failure(error, turn):
    if error.failure == Failure.EMPTY and turn == 1:
        return Judgement(failure=Failure.EMPTY, errors=["the answer was empty"])
    raise error


def _invalid(reply, errors):
    return Judgement(
        failure=Failure.INVALID_OUTPUT,
        errors=errors[:MAX_ERRORS],
        rejected=reply.text[:MAX_REJECTED_CHARS],
    )


def _again(feature, judgement):
    """Return the blocks that tell of the answer before; it is data, whoever wrote it."""
    if judgement is None:
        return []
    return [layout.data_block(feature, rejected_answer=judgement.rejected, errors=judgement.errors)]


def _reject(run_id, failure, workspace_id):
    actions.reject_run(run_id, failure, workspace_id=workspace_id)

"""The BA's side of the chat (settings.CHAT_REPLY_SOURCE and CHAT_AFTER_REPLY). Runs on the server's event loop."""

import asyncio
import logging
from contextlib import aclosing
from dataclasses import dataclass

from django.conf import settings

from agents import actions, gateway, layout, prompts, render, sources
from agents.answers import Question, get_document
from agents.contracts import Brief, Coverage
from agents.document_checks import of_brief
from agents.gateway import Call, CallFailed
from agents.providers.base import Text
from buildpractical.lib.clock import utcnow
from buildpractical.lib.dbthread import db
from buildpractical.lib.tenancy import as_workspace, reading
from chat.models import Message
from features import documents
from features.actions import suggest_title
from features.failures import Failure, words
from features.models import Document, Feature, SpecVersion
from features.statuses import GATES, REVISABLE, Status

logger = logging.getLogger(__name__)

MAX_CONTINUATIONS = 2
TAIL_CHARS = 200
# A longer wait than this is shown to the person instead.
LONGEST_WAIT_SECONDS = 5

BRIEF_WRITTEN = (
    "I have written down what we agreed. Please read it through, correct what is not right, and confirm it."
)
BRIEF_FROM_SPEC = (
    "I have written the brief from your spec{}. Please read it through, correct what is not right, and "
    "confirm it."
)
BRIEF_REVISED = (
    "I have written the brief anew with your changes. When you confirm it, the work starts again from there; "
    "until then everything stays as it is."
)
BRIEF_CHANGED_MEANWHILE = "The brief was changed while I wrote. Nothing was overwritten."
WORK_WENT_ON = "You went on with the work while I wrote. What I wrote was not kept, and nothing was changed."
BRIEF_UNCHANGED = "I found nothing in our talk that changes the brief. Tell me what should be different."


@dataclass(frozen=True)
class Talk:
    """What is known when an answer begins. turns: complete and partial messages, oldest first.

    confirmed: whether the work runs from a brief already, so that a new one revises it.
    source: the version of a spec that the feature is built from, if any.
    """

    feature: Feature
    message: Message
    turns: list
    coverage: dict | None
    asked: int
    gate: str | None
    document: Document | None
    brief: Document | None
    confirmed: bool = False
    source: SpecVersion | None = None

    @property
    def stage(self):
        """What the person looks at beside the chat: a gate's document, work that failed, or nothing yet."""
        return self.gate or (str(Status.FAILED) if self.feature.status == Status.FAILED else None)

    @property
    def conversation(self):
        return [{"role": turn.role, "text": turn.body} for turn in self.turns]

    @property
    def brief_data(self):
        return self.brief.data if self.brief else None


async def reply(*, workspace_id, feature_id, message_id, purpose):
    """Yield ("text", piece) as the answer comes, then ("stop", reason) or ("failure", code)."""
    source = _write_brief if purpose == Message.Purpose.BRIEF else _answer
    try:
        async with aclosing(source(workspace_id, feature_id, message_id)) as pieces:
            async for piece in pieces:
                yield piece
    except CallFailed as error:
        yield "failure", str(error.failure)


async def after_reply(*, workspace_id, feature_id, message_id):
    """Note what the conversation has settled; return "brief" when it can be written down, else None."""
    talk = await db(_load, workspace_id, feature_id, message_id, True)
    if not talk.feature.chat_is_open:
        return None
    block = layout.data_block(
        talk.feature, conversation=talk.conversation, gate=talk.stage, previous_brief=talk.brief_data
    )
    try:
        coverage = await get_document(
            Question(feature=talk.feature, agent="coverage", contract=Coverage, blocks=[block])
        )
    except CallFailed as error:
        # The talk goes on without notes; the next turn tries again.
        logger.warning("No coverage", extra={"feature": feature_id, "failure": str(error.failure)})
        return None
    await db(_keep_coverage, talk, coverage)
    at_most = not talk.confirmed and talk.asked >= settings.BA_MAX_QUESTIONS
    return "brief" if coverage["ready"] or at_most else None


# --- the spoken answer --------------------------------------------------------------------------------------


async def _answer(*ids):
    said = ""
    for _ in range(MAX_CONTINUATIONS + 1):
        async with aclosing(_spoken(ids, said)) as events:
            async for event in events:
                if isinstance(event, Text):
                    said += event.text
                    yield "text", event.text
        if not event.is_cut:
            break
    yield "stop", event.stop_reason


async def _spoken(ids, said):
    """Yield the events of one call; once more after a moment when it failed before anything was shown."""
    for attempt in (1, 2):
        shown = False
        try:
            async with aclosing(gateway.stream(_ba_call, ids, said, attempt)) as events:
                async for event in events:
                    shown = shown or isinstance(event, Text)
                    yield event
            return
        except CallFailed as error:
            if attempt == 2 or shown or not _is_worth_another(error):
                raise
            wait = max(settings.CHAT_RETRY_SECONDS, error.retry_after_seconds or 0)
        await asyncio.sleep(wait)


def _is_worth_another(error):
    if error.failure == Failure.EMPTY:
        return True
    return not error.permanent and (error.retry_after_seconds or 0) <= LONGEST_WAIT_SECONDS


def _ba_call(ids, said, attempt):
    talk = _load(*ids)
    role = layout.role_block("ba", prompts.render("ba"))
    return Call(
        feature=talk.feature,
        agent="ba",
        prompt="ba",
        system=[layout.governance(), role | {"cache_control": layout.CACHED}],
        messages=_messages(talk, said),
        turn=talk.asked + 1,
        attempt=attempt,
    )


def _messages(talk, said):
    """Return the conversation; the last user turn also carries what the BA needs to know now.

    The breakpoint stands after the person's last words: what comes behind it is different the next time.
    """
    feature = talk.feature
    messages = [_turn(feature, turn) for turn in talk.turns]
    if talk.source:
        messages.insert(0, layout.user(sources.for_talk(feature, talk.source, talk.brief_data)))
    newest = max((n for n, turn in enumerate(messages) if turn["role"] == "user"), default=None)
    if newest is not None:
        messages[newest] = layout.marked(messages[newest])
    # The provider wants the person to begin.
    while messages and messages[0]["role"] == "assistant":
        messages.pop(0)
    if said:
        messages.append({"role": "assistant", "content": said})
    if not messages or messages[-1]["role"] == "assistant":
        tail = messages[-1]["content"][-TAIL_CHARS:] if messages else ""
        messages.append(layout.user(layout.text_block(_continuation(feature, tail))))
    facts = {"coverage": talk.coverage, "turns": {"asked": talk.asked, "most": settings.BA_MAX_QUESTIONS}}
    if talk.gate:
        facts |= {"gate": talk.gate, "document": talk.document.data if talk.document else None}
    elif talk.stage:
        facts |= {"failure": _failure(feature)}
    messages[-1]["content"].append(layout.data_block(feature, **facts))
    return messages


def _turn(feature, message):
    if message.role == Message.Role.USER:
        return layout.user(layout.data_block(feature, message=message.body))
    return {"role": "assistant", "content": message.body}


def _failure(feature):
    """Return why the work stopped: for the person's questions and for what the brief should say instead."""
    said = words(feature.failure, is_demo=feature.is_demo)
    return {"what_happened": said, "findings": feature.failure_detail.splitlines()}


def _continuation(feature, tail):
    if not tail:
        return "Begin the conversation."
    ending = layout.tagged(feature, "cut_answer", tail)
    return (
        f"Your last answer was cut off. Go on exactly after its last words, without repeating them:\n{ending}"
    )


# --- the brief ----------------------------------------------------------------------------------------------


async def _write_brief(*ids):
    talk = await db(_load, *ids)
    if talk.source and not sources.is_read(talk.brief, talk.source):
        data, read = await _brief_from_spec(talk)
        many = len(read["parts"])
        written = BRIEF_FROM_SPEC.format(f", which I read in {many} parts" if many > 1 else "")
    else:
        data, read = await _brief_of(talk, talk.brief_data), talk.brief.read if talk.brief else {}
        written = BRIEF_REVISED if talk.confirmed else BRIEF_WRITTEN
    if talk.brief and _without_notes(data) == _without_notes(talk.brief_data):
        yield "text", BRIEF_UNCHANGED
    else:
        why_not = await db(_keep_brief, talk, data, read)
        yield "text", why_not or written
    yield "stop", "end_turn"


async def _brief_from_spec(talk):
    """Return (data, Document.read): the brief grows with each part, and loses nothing that an earlier one gave."""
    room = sources.part_bytes("brief", talk.conversation, talk.brief_data)
    parts = sources.parts_of(talk.source.body, max_bytes=room)
    data, blocks = talk.brief_data, []
    for number, part in enumerate(parts, 1):
        said = {sources.TAG: part.text}
        if len(parts) > 1:
            said["part"] = {"number": number, "of": len(parts)}
        blocks.append(layout.data_block(talk.feature, **said))
        data = sources.with_earlier(await _brief_of(talk, data, blocks[-1]), data)
    return data, sources.record_of(talk.source, parts, blocks)


async def _brief_of(talk, previous, *blocks):
    block = layout.data_block(
        talk.feature, conversation=talk.conversation, previous_brief=previous, gate=talk.stage
    )
    return await get_document(
        Question(feature=talk.feature, agent="brief", contract=Brief, blocks=[*blocks, block], check=of_brief)
    )


def _without_notes(data):
    return {name: value for name, value in data.items() if name != "injection_notes"}


# --- rows, on the database thread ---------------------------------------------------------------------------


def _load(workspace_id, feature_id, message_id, with_this=False):
    """Return the Talk. with_this: the message is complete and part of the conversation."""
    # Reads only: on SQLite a transaction would wait for the one write lock before the first word is asked for.
    with reading(workspace_id):
        feature = Feature.objects.select_related("spec_version__spec").get(
            pk=feature_id, workspace_id=workspace_id
        )
        messages = list(feature.messages.order_by("seq"))
        message = next((each for each in messages if each.pk == message_id), None)
        if message is None:
            raise Message.DoesNotExist
        last = message.seq if with_this else message.seq - 1
        turns = [turn for turn in messages if turn.seq <= last and turn.body.strip()]
        gate, _ = GATES.get(feature.status, (None, None))
        confirmed, proposed = documents.briefs(feature)
        since = confirmed.approved_at if confirmed else None
        talk = Talk(
            feature=feature,
            message=message,
            turns=turns,
            coverage=next((turn.coverage for turn in reversed(turns) if turn.coverage), None),
            asked=sum(_is_question(turn, since) for turn in turns),
            gate=gate,
            document=documents.current(feature, gate) if gate else None,
            brief=proposed or confirmed,
            confirmed=confirmed is not None,
            source=feature.spec_version,
        )
    return talk


def _is_question(turn, since):
    return (
        turn.role == Message.Role.ASSISTANT
        and turn.purpose == Message.Purpose.TALK
        and (since is None or turn.created_at > since)
    )


def _keep_coverage(talk, coverage):
    with as_workspace(talk.feature.workspace_id):
        Message.objects.filter(pk=talk.message.pk).update(coverage=coverage)
        # Here and not before the answer: nobody waits for it.
        actions.lose_stale_runs(talk.feature, now=utcnow())
        actions.note_injection(talk.feature, agent="coverage", answer=coverage)


def _keep_brief(talk, data, read):
    """Write the proposal and return ""; else, in words, why it was not kept."""
    with as_workspace(talk.feature.workspace_id):
        feature = Feature.objects.select_for_update().get(pk=talk.feature.pk)
        # Decided while the model wrote: the new brief would come too late.
        if feature.status != talk.feature.status or feature.status not in {Status.DRAFTING, *REVISABLE}:
            return WORK_WENT_ON
        # The model never saw the person's correction, and would bury it.
        if _stand(documents.proposed_brief(feature) or documents.confirmed_brief(feature)) != _stand(
            talk.brief
        ):
            return BRIEF_CHANGED_MEANWHILE
        documents.add(feature, kind="brief", data=data, body=render.brief(data), now=utcnow(), read=read)
        if feature.status == Status.DRAFTING:
            suggest_title(feature=feature, title=data["title"])
        return ""


def _stand(brief):
    return (brief.pk, brief.approved_at) if brief else None

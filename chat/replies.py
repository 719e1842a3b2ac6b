"""The tasks that write answers. They belong to the process, not to a request: a page may come and go.

open() in the server's loop at start, close() once at the end. All state is of one process; what other
processes need to know is in the message rows.
"""

import asyncio
import contextvars
import logging
import time
from contextlib import aclosing, suppress
from itertools import groupby

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ObjectDoesNotExist
from django.utils.module_loading import import_string

from buildpractical.lib.clock import utcnow
from buildpractical.lib.dbthread import db
from buildpractical.lib.tenancy import as_workspace
from chat import actions, keeping, relay
from chat.forms import storable
from features.failures import Failure
from features.hub import hub
from features.models import Feature

logger = logging.getLogger(__name__)

PIECE_SECONDS = 0.08  # pages get text at most this often
STOP_SECONDS = 2  # how long a stop waits for the last save


class Closing(Exception):
    """The process is ending: no answer begins any more."""


class Reply:
    """An answer that this process writes."""

    def __init__(self, message):
        self.pk, self.seq, self.purpose = message.pk, message.seq, message.purpose
        self.topic = (message.workspace_id, message.feature_id)
        self.author_id = message.author_id
        self.parts, self.sent, self.timer = [], 0, None
        self.state, self.stop_reason, self.failure = "streaming", "", ""
        self.stopped = self.lost = False
        self.written, self.written_at = (0, "streaming"), time.monotonic()
        self.saved = asyncio.Event()

    def add(self, text):
        """Take a piece; the first one goes to the pages at once, later ones together."""
        self.parts.append(text)
        if self.sent == 0:
            self.send()
        elif self.timer is None:
            self.timer = asyncio.get_running_loop().call_later(PIECE_SECONDS, self.send)

    def send(self):
        """Hand all that is new to the open pages."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        if self.sent < len(self.parts):
            text, start = "".join(self.parts[self.sent :]), self.sent
            self.sent = len(self.parts)
            hub.publish_text(
                self.topic, "text", {"id": self.seq, "from": start, "to": self.sent, "text": text}
            )

    def snapshot(self):
        """Return what the pages have been given so far."""
        return {"id": self.seq, "chunks": self.sent, "text": "".join(self.parts[: self.sent])}

    def row(self):
        """Return what is to be saved."""
        return keeping.Row(
            self.pk,
            self.topic[0],
            "".join(self.parts),
            len(self.parts),
            self.state,
            self.stop_reason,
            self.failure,
        )

    @property
    def is_due(self):
        """Whether there is something new to save, or the lease to be renewed."""
        if self.written != (len(self.parts), self.state):
            return True
        return time.monotonic() - self.written_at > settings.REPLY_LEASE_SECONDS / 3


running = {}  # message pk → Reply, until its end is saved
_tasks = set()  # all tasks of answers, those that look back after the end too
_keepers = []  # flusher, sweeper
_wake = None  # an end is to be saved now
_closer = None


def open():
    """Begin in the running loop: settle what an earlier process left, then save and sweep until close()."""
    global _wake, _closer
    running.clear()
    _tasks.clear()
    _wake, _closer = asyncio.Event(), None
    hub.open()
    _keepers[:] = [_spawn(_flusher()), _spawn(_sweeper()), _spawn(relay.run(running.__contains__))]


def is_closing():
    """Tell whether the process is ending."""
    # The state is of one loop; one that has ended does not close the next.
    return _closer is not None and not _closer.get_loop().is_closed()


async def open_answers(topic):
    """Return the answers being written in a feature, with the text that its pages have been given."""
    answers = []
    for _, pk, seq, chunks, text in await db(relay.read, [topic]):
        if pk in running:
            answers.append(running[pk].snapshot())
        else:
            relay.watch(topic)
            answers.append({"id": seq, "chunks": chunks, "text": text})
    return answers


async def begin(act, *args):
    """Run act(*args) → an empty answer on the database thread, start to write it, and return it.

    One task of the process: a request that is cut off in between would leave an answer that nobody writes.
    """
    task = _spawn(_begin(act, args))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    return await asyncio.shield(task)


async def _begin(act, args):
    message = await db(act, *args)
    try:
        start(message)
    except Closing:
        await db(_settle, message)
    return message


def start(message):
    """Start to write the answer into the (empty, streaming) message. Raises Closing."""
    if is_closing():
        raise Closing
    reply = running[message.pk] = Reply(message)
    task = _spawn(_produce(reply))
    reply.task = task
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
    return reply


async def stop(message):
    """Stop the answer, wherever it is written; waits until it is saved, if it is ours."""
    await db(_request_stop, message)
    reply = running.get(message.pk)
    if reply is not None and reply.state == "streaming":
        reply.stopped = True
        reply.task.cancel()
        with suppress(TimeoutError):
            await asyncio.wait_for(reply.saved.wait(), STOP_SECONDS)


def close():
    """Return the task that lets answers end, cuts the rest after REPLY_GRACE_SECONDS, and saves all."""
    global _closer
    if _closer is None:
        _closer = _spawn(_close())
    return _closer


async def _close():
    if _tasks:
        await asyncio.wait(set(_tasks), timeout=settings.REPLY_GRACE_SECONDS)
    ended = {reply.task for reply in running.values() if reply.state != "streaming"}
    for task in _tasks - ended:  # those only wait for their last save
        task.cancel()
    saves = [asyncio.create_task(reply.saved.wait()) for reply in running.values()]
    if saves:
        await asyncio.wait(saves, timeout=STOP_SECONDS)
    for keeper in _keepers:
        keeper.cancel()
    await asyncio.gather(*_keepers, return_exceptions=True)
    hub.close()


def _spawn(coroutine):
    # An empty context: the task outlives the request and must not inherit its thread.
    return asyncio.create_task(coroutine, context=contextvars.Context())


async def _produce(reply):
    await _receive(reply)
    reply.send()
    _wake.set()
    await reply.saved.wait()
    if reply.state == "complete" and reply.purpose == "talk" and not reply.lost:
        await _look_back(reply)


async def _receive(reply):
    """Read the source to its end; whatever happens, the reply has a final state afterwards."""
    state, end = "interrupted", {}
    try:
        source = import_string(settings.CHAT_REPLY_SOURCE)(
            workspace_id=reply.topic[0],
            feature_id=reply.topic[1],
            message_id=reply.pk,
            purpose=reply.purpose,
        )
        async with aclosing(source):
            async for kind, value in source:
                if kind == "text":
                    if value:
                        reply.add(storable(value))
                else:  # "stop" with a reason or "failure" with a code
                    end[kind] = value
        if "failure" in end:
            state = "failed"
        elif end.get("stop") == "end_turn":
            state = "complete" if reply.parts else "failed"
            end |= {} if reply.parts else {"failure": Failure.EMPTY}
    except asyncio.CancelledError:
        end = {"stop": "stopped" if reply.stopped else "shutdown"}
    except Exception:
        logger.exception("Answer failed")
        state, end = "failed", {"failure": Failure.CRASHED}
    failure = end.get("failure", "")
    if state == "failed" and failure not in Failure.values:
        failure = Failure.CRASHED
    reply.failure = str(failure)
    reply.stop_reason = "" if failure else str(end.get("stop") or "cut")[:40]
    reply.state = state


async def _look_back(reply):
    """Let the hook read the finished answer; it may ask for the brief to be written."""
    workspace_id, feature_id = reply.topic
    try:
        wish = await import_string(settings.CHAT_AFTER_REPLY)(
            workspace_id=workspace_id, feature_id=feature_id, message_id=reply.pk
        )
        if wish == "brief" and not is_closing():
            await _begin(_write_brief, (workspace_id, feature_id, reply.author_id))
    except (actions.Refused, ObjectDoesNotExist):
        pass  # The person was faster: wrote on, confirmed, or deleted it.
    except Exception:
        logger.exception("Looking back at an answer failed")


async def _flusher():
    round_at = time.monotonic()
    while True:
        with suppress(TimeoutError):
            await asyncio.wait_for(_wake.wait(), max(round_at - time.monotonic(), 0))
        _wake.clear()
        if time.monotonic() < round_at:
            ended = [reply for reply in running.values() if reply.state != "streaming"]
            saved = await _flush(ended)
        else:
            saved = await _flush(list(running.values()), looking_for_stops=True)
            round_at = time.monotonic() + settings.REPLY_FLUSH_SECONDS
        if not saved:
            await asyncio.sleep(settings.REPLY_FLUSH_SECONDS)


async def _flush(replies, *, looking_for_stops=False):
    """Save what is due of the replies; tell whether all of it is saved.

    A hop to the database thread for each workspace: others, who wait for a first word, come in between.
    """
    complete = True
    for workspace_id, group in groupby(sorted(replies, key=_workspace_id), key=_workspace_id):
        group = [reply for reply in group if reply.pk in running]
        rows = [reply.row() for reply in group if reply.is_due]
        pks = {reply.pk for reply in group} if looking_for_stops else set()
        try:
            saved = await db(keeping.save, workspace_id, rows, pks)
        except Exception:
            logger.exception("Saving answers failed", extra={"answers": len(rows)})
            complete = False
        else:
            _note(rows, saved)
    return complete


def _workspace_id(reply):
    return reply.topic[0]


def _note(rows, saved):
    for row in rows:
        if row.pk in saved.written:
            running[row.pk].written = (row.chunks, row.state)
            running[row.pk].written_at = time.monotonic()
            if row.state != "streaming":
                _leave(running[row.pk])
    for pk in saved.lost & running.keys():
        running[pk].lost = True
        running[pk].task.cancel()
        _leave(running[pk])
    for pk in saved.stops & running.keys():
        if running[pk].state == "streaming":
            running[pk].stopped = True
            running[pk].task.cancel()


def _leave(reply):
    del running[reply.pk]
    reply.saved.set()


async def _sweeper():
    while True:
        try:
            await db(keeping.sweep, set(running))
        except Exception:
            logger.exception("Sweeping answers failed")
        await asyncio.sleep(settings.REPLY_SWEEP_SECONDS)


def _request_stop(message):
    with as_workspace(message.workspace_id):
        actions.request_stop(message=message)


def _settle(message):
    with as_workspace(message.workspace_id):
        keeping.interrupt(message, reason="shutdown")


def _write_brief(workspace_id, feature_id, author_id):
    with as_workspace(workspace_id):
        feature = Feature.objects.get(pk=feature_id)
        author = get_user_model().objects.get(pk=author_id)
        return actions.write_brief(feature=feature, author=author, now=utcnow())

"""Hands new events, and text that is being written, to the open pages of this process.

One poller for all pages reads the events. On PostgreSQL a notification wakes it and names the feature; the
interval is then only a safety net. A topic is (workspace id, feature id).
"""

import asyncio
import contextvars
import logging
from contextlib import asynccontextmanager, suppress

from django.conf import settings
from django.db import connection

from buildpractical.lib import pglisten, sse
from buildpractical.lib.dbthread import db
from buildpractical.lib.tenancy import reading
from features.events import CHANNEL
from features.models import Event, Feature

logger = logging.getLogger(__name__)

QUEUE_LIMIT = 200
LISTENING_POLL_SECONDS = 5
RECONNECT_SECONDS = 1
END = None


async def _no_answers(topic):
    return []


class Hub:
    """Queues carry (seq, kind, data, frame); seq is None for text. END: the page must connect again.

    open_answers: async function of a topic → [{"id", "chunks", "text"}], the answers being written now.
    heard: called with (topic, kind, data) for each new event. An upper app sets both in AppConfig.ready().
    """

    def __init__(self):
        self.open_answers = _no_answers
        self.heard = lambda topic, kind, data: None
        self.loop = None
        self.queues = {}

    def open(self):
        """Begin in the running loop; asyncio's objects belong to one loop."""
        self.loop = asyncio.get_running_loop()
        self.queues, self.cursor = {}, {}
        self.named, self.everything = set(), False
        self.wake = asyncio.Event()
        self.poller, self.closing, self.notified = None, False, False

    def close(self):
        """Send every page away: they connect again, to the next process."""
        if self.loop is None:
            return
        self.closing = True
        for queues in self.queues.values():
            for queue in queues:
                _end(queue)

    async def stop(self):
        """Close, and wait until nothing of the hub runs any more."""
        self.close()
        if self.poller is not None:
            self.poller.cancel()
            with suppress(asyncio.CancelledError):
                await self.poller
        self.loop = None

    @asynccontextmanager
    async def listen(self, topic):
        """Give a queue of what happens to the topic from now on."""
        if self.loop is not asyncio.get_running_loop():
            self.open()
        queue = asyncio.Queue(QUEUE_LIMIT)
        self.queues.setdefault(topic, set()).add(queue)
        try:
            if topic not in self.cursor:
                newest = await db(_newest, [topic])
                self.cursor.setdefault(topic, newest.get(topic, 0))
            if self.closing:  # a page that connected while we were closing
                _end(queue)
            elif self.poller is None or self.poller.done():
                # An empty context: the poller outlives the request that came first.
                self.poller = asyncio.create_task(self._poll(), context=contextvars.Context())
            yield queue
        finally:
            self.queues[topic].discard(queue)
            if not self.queues[topic]:
                del self.queues[topic]
                self.cursor.pop(topic, None)

    def listened(self, topic):
        """Tell whether a page of this process is open on the topic."""
        return topic in self.queues

    def publish(self, topic, item):
        """Put the item into every queue of the topic; a queue that is full is sent away instead."""
        for queue in self.queues.get(topic, ()):
            try:
                queue.put_nowait(item)
            except asyncio.QueueFull:
                _end(queue)

    def publish_text(self, topic, name, data):
        """Send a named frame that is no event: it has no number and is not repeated."""
        if topic in self.queues:
            self.publish(topic, (None, name, data, sse.frame(data, event=name)))

    async def _poll(self):
        listener = None
        if connection.vendor == "postgresql":
            listener = asyncio.create_task(self._listen())
        try:
            while self.queues and not self.closing:
                seconds = LISTENING_POLL_SECONDS if self.notified else settings.HUB_POLL_SECONDS
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.wake.wait(), seconds)
                self.wake.clear()
                try:
                    await self._read()
                except Exception:
                    logger.exception("Reading events failed")
                    self.everything = True
                    await asyncio.sleep(settings.HUB_POLL_SECONDS)
        finally:
            self.notified = False
            if listener is not None:
                listener.cancel()

    async def _read(self):
        topics = list(self.cursor)
        if self.named and not self.everything:
            topics = [topic for topic in topics if topic in self.named]
        self.named, self.everything = set(), False
        newest = await db(_newest, topics) if topics else {}
        behind = {
            topic: self.cursor[topic] for topic, seq in newest.items() if seq > self.cursor.get(topic, seq)
        }
        for topic, seq, kind, data in await db(_rows_after, behind) if behind else ():
            # The last page of a topic may have left while the database answered.
            if seq > self.cursor.get(topic, seq):
                self.cursor[topic] = seq
                self.heard(topic, kind, data)
                self.publish(topic, (seq, kind, data, event_frame(seq, kind, data)))

    async def _listen(self):
        while True:
            try:
                await pglisten.listen(CHANNEL, self._named, self._all)
            except Exception:
                logger.exception("Listening for events failed")
            self.notified = False
            await asyncio.sleep(RECONNECT_SECONDS)

    def _named(self, payload):
        workspace_id, feature_id = payload.split(":")
        topic = (int(workspace_id), int(feature_id))
        if topic in self.queues:
            self.named.add(topic)
            self.wake.set()

    def _all(self):
        self.notified = self.everything = True
        self.wake.set()


def event_frame(seq, kind, data):
    """Return the unnamed frame of an event: its kind and, where there is one, the id of what changed."""
    return sse.frame(f"{kind} {data['id']}" if "id" in data else kind, seq=seq)


def by_workspace(topics):
    """Return {workspace id: [feature ids]}, or one group under None where no row-level security asks."""
    groups = {}
    for workspace_id, feature_id in topics:
        key = workspace_id if connection.vendor == "postgresql" else None
        groups.setdefault(key, []).append(feature_id)
    return groups


def _newest(topics):
    newest = {}
    for workspace_id, features in by_workspace(topics).items():
        with reading(workspace_id):
            rows = Feature.objects.filter(pk__in=features).values_list("workspace_id", "pk", "event_seq")
            newest.update({(workspace, feature): seq for workspace, feature, seq in rows})
    return newest


def _rows_after(behind):
    rows = []
    after = {feature: seq for (_, feature), seq in behind.items()}
    for workspace_id, features in by_workspace(behind).items():
        with reading(workspace_id):
            found = Event.objects.filter(feature_id__in=features, seq__gt=min(after[f] for f in features))
            rows += [
                ((event.workspace_id, event.feature_id), event.seq, event.kind, event.data)
                for event in found.order_by("feature_id", "seq")
                if event.seq > after[event.feature_id]
            ]
    return rows


def _end(queue):
    while not queue.empty():
        queue.get_nowait()
    queue.put_nowait(END)


hub = Hub()

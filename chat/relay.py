"""Answers that another process writes: their saved text goes to the pages of this process twice a second."""

import asyncio
import logging

from django.conf import settings

from buildpractical.lib.dbthread import db
from buildpractical.lib.tenancy import reading
from chat.models import Message
from features.hub import by_workspace, hub

logger = logging.getLogger(__name__)

watched = {}  # topic → {message pk: chunks that the pages have been given}


def heard(topic, kind, data):
    """Watch a feature in which an answer begins; the hub calls this for each event."""
    if kind == "message" and "new" in data:
        watch(topic)


def watch(topic):
    """Look at the feature's answers from now on, until none is being written elsewhere."""
    watched.setdefault(topic, {})


def read(topics):
    """Return (topic, pk, seq, chunks, text) of the answers being written, on the database thread."""
    rows = []
    for workspace_id, features in by_workspace(topics).items():
        with reading(workspace_id):
            open_ones = Message.objects.streaming().filter(feature_id__in=features)
            columns = ("workspace_id", "feature_id", "pk", "seq", "chunks", "body")
            found = open_ones.order_by("pk").values_list(*columns)
            rows += [(tuple(row[:2]), *row[2:]) for row in found]
    return rows


async def run(is_ours):
    """Pass texts on until cancelled. is_ours(pk): written by this process, which sends its text itself."""
    watched.clear()
    while True:
        await asyncio.sleep(settings.REPLY_FLUSH_SECONDS)
        for topic in [topic for topic in watched if not hub.listened(topic)]:
            del watched[topic]
        if watched:
            try:
                await _pass_on(is_ours)
            except Exception:
                logger.exception("Passing answers on failed")


async def _pass_on(is_ours):
    topics = list(watched)
    foreign = {}
    for topic, pk, seq, chunks, text in await db(read, topics):
        if is_ours(pk):
            continue
        foreign.setdefault(topic, {})[pk] = chunks
        if chunks > watched.get(topic, {}).get(pk, 0):
            hub.publish_text(topic, "snapshot", {"id": seq, "chunks": chunks, "text": text})
    for topic in topics:
        if topic in foreign:
            watched[topic] = foreign[topic]
        else:
            watched.pop(topic, None)

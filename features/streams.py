"""The one live stream of a page: what changed, and text while it is being written."""

import asyncio
import time
from collections import Counter
from types import SimpleNamespace

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_GET

from buildpractical.lib import sse
from buildpractical.lib.dbthread import db
from buildpractical.lib.numbers import whole_number
from buildpractical.lib.tenancy import reading
from features.hub import END, event_frame, hub
from features.models import Event, Feature
from features.statuses import CLOSED

HISTORY_ROWS = 500

streams = Counter()  # user id → open streams of this process


@require_GET
@transaction.non_atomic_requests
@login_required
async def events(request, public_id):
    """Answer with the feature's events after Last-Event-ID (or ?after=), and then as they happen."""
    user_id = request.user.pk
    # Counted before anything is waited for: tabs that open together come between.
    if streams[user_id] >= settings.STREAMS_PER_USER:
        return HttpResponse("Too many pages are open.", status=429, content_type="text/plain")
    _count(user_id)
    workspace_id = request.workspace.pk if request.workspace else None
    feature = await db(_authorise, request.session, user_id, workspace_id, public_id)
    if feature is None:
        raise Http404
    after = min(
        whole_number(request.headers.get("Last-Event-ID") or request.GET.get("after")), feature.event_seq
    )

    async def allowed():
        return await db(_authorise, request.session, user_id, feature.workspace_id, public_id) is not None

    return StreamingHttpResponse(
        _frames(feature, after, allowed),
        content_type=sse.CONTENT_TYPE,
        headers=sse.HEADERS,
    )


def _count(user_id):
    """Count a stream until the task of its request ends, however it ends: refused, broken off, complete."""
    streams[user_id] += 1

    def leave(task):
        streams[user_id] -= 1
        if not streams[user_id]:
            del streams[user_id]

    asyncio.current_task().add_done_callback(leave)


async def _frames(feature, after, allowed):
    topic = (feature.workspace_id, feature.pk)
    # Listen first, then read: what is committed in between comes twice and is dropped by its number.
    async with hub.listen(topic) as queue:
        yield sse.comment("hello")
        last = after
        while rows := await db(_history, topic, last):
            last = rows[-1][0]
            yield b"".join(event_frame(*row) for row in rows)
        for answer in await hub.open_answers(topic):
            yield sse.frame(answer, event="snapshot")
        final = await db(_is_final, topic)
        # What is over is never called live, not for a moment either.
        yield sse.frame("final" if final else "", event="caught_up")
        check_at = time.monotonic() + settings.STREAM_CHECK_SECONDS
        while not final:
            items = await _next(queue, check_at - time.monotonic())
            if not items:
                if not await allowed():
                    return
                check_at = time.monotonic() + settings.STREAM_CHECK_SECONDS
                yield sse.frame("", event="beat")
                continue
            parts = []
            for item in items:
                if item is END:
                    return
                seq, kind, data, frame = item
                if seq is None or seq > last:
                    parts.append(frame)
                    last = seq or last
                    final = final or (kind == "status" and data.get("status") in CLOSED)
            yield b"".join(parts)
        # The step that ended the feature may have told of more in the same transaction.
        while rows := await db(_history, topic, last):
            last = rows[-1][0]
            yield b"".join(event_frame(*row) for row in rows)
        yield sse.frame("", event="complete")


async def _next(queue, seconds):
    """Return all that waits in the queue; nothing when the time is over, however busy the queue is."""
    if seconds <= 0:
        return []
    try:
        async with asyncio.timeout(seconds):
            items = [await queue.get()]
    except TimeoutError:
        return []
    while not queue.empty():
        items.append(queue.get_nowait())
    return items


def _authorise(session, user_id, workspace_id, public_id):
    """Return the feature when this log-in still stands and may see it, else None."""
    # A new session object reads its row afresh: ended, expired, password changed, person deactivated.
    user = get_user(SimpleNamespace(session=type(session)(session.session_key)))
    if user_id is None or user.pk != user_id:
        return None
    with reading(workspace_id, user_id=user_id):
        return Feature.objects.visible_to(user).filter(public_id=public_id).first()


def _history(topic, after):
    with reading(topic[0]):
        rows = Event.objects.filter(feature_id=topic[1], seq__gt=after).order_by("seq")
        return list(rows.values_list("seq", "kind", "data")[:HISTORY_ROWS])


def _is_final(topic):
    with reading(topic[0]):
        status = Feature.objects.filter(pk=topic[1]).values_list("status", flat=True).first()
    # A feature that is gone has nothing more to tell.
    return status is None or status in CLOSED

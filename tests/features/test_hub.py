import asyncio
import random
import threading
from contextlib import AsyncExitStack

import pytest
from django.db import connection, transaction

from buildpractical.lib import dbthread
from features import events
from features.hub import END, QUEUE_LIMIT, Hub, event_frame
from tests.factories import make_feature

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 10


@pytest.fixture(autouse=True)
def _no_connection_left(settings):
    settings.HUB_POLL_SECONDS = 0.02
    yield
    dbthread.close()


@pytest.fixture
def feature(transactional_db, ada):
    return make_feature(ada)


def topic_of(feature):
    return feature.workspace_id, feature.pk


def append(feature, count=1):
    for _ in range(count):
        with transaction.atomic():
            events.append(feature, kind="activity", data={"what": "stopping"})
    connection.close()


def in_thread(func, *args):
    thread = threading.Thread(target=func, args=args)
    thread.start()
    return thread


async def take(queue, count):
    return [(await asyncio.wait_for(queue.get(), SECONDS))[:2] for _ in range(count)]


def run(play):
    """Run play(hub) in a loop of its own, and stop the hub."""

    async def whole():
        hub = Hub()
        try:
            return await play(hub)
        finally:
            await hub.stop()

    return asyncio.run(whole())


def test_hub_gives_new_events_in_order_and_no_old_ones(feature):
    append(feature, 3)

    async def play(hub):
        async with hub.listen(topic_of(feature)) as queue:
            in_thread(append, feature, 5)
            return await take(queue, 5)

    assert run(play) == [(seq, "activity") for seq in range(5, 10)]


def test_hub_gives_each_page_its_own_feature_only(feature, bob):
    other = make_feature(bob)

    async def play(hub):
        async with hub.listen(topic_of(feature)) as mine, hub.listen(topic_of(other)) as his:
            in_thread(append, other, 2)
            first = await take(his, 2)
            in_thread(append, feature, 1)
            return first, await take(mine, 1), his.qsize()

    assert run(play) == ([(2, "activity"), (3, "activity")], [(2, "activity")], 0)


def test_hub_gives_all_pages_of_a_feature_the_same(feature):
    async def play(hub):
        async with hub.listen(topic_of(feature)) as one, hub.listen(topic_of(feature)) as two:
            in_thread(append, feature, 3)
            return await take(one, 3) == await take(two, 3)

    assert run(play)


def test_hub_sends_a_page_away_that_does_not_read(feature):
    async def play(hub):
        async with hub.listen(topic_of(feature)) as queue:
            for number in range(QUEUE_LIMIT + 1):
                hub.publish(topic_of(feature), number)
            return queue.qsize(), queue.get_nowait()

    assert run(play) == (1, END)


def test_hub_sends_pages_away_when_it_closes_and_those_that_come_later(feature):
    async def play(hub):
        async with hub.listen(topic_of(feature)) as early:
            hub.close()
            async with hub.listen(topic_of(feature)) as late:
                return early.get_nowait(), late.get_nowait()

    assert run(play) == (END, END)


def test_hub_keeps_nothing_of_pages_that_left(feature):
    async def play(hub):
        async with hub.listen(topic_of(feature)):
            pass
        return hub.queues, hub.cursor

    assert run(play) == ({}, {})


def test_hub_goes_on_after_the_database_failed(feature, monkeypatch, caplog):
    async def play(hub):
        read, failures = hub._read, [OSError("gone")]

        async def sometimes():
            if failures:
                raise failures.pop()
            await read()

        hub._read = sometimes
        async with hub.listen(topic_of(feature)) as queue:
            in_thread(append, feature, 1)
            return await take(queue, 1)

    assert run(play) == [(2, "activity")]
    assert "Reading events failed" in caplog.text


def test_hub_starts_again_in_another_loop(feature):
    hub = Hub()

    async def play():
        async with hub.listen(topic_of(feature)) as queue:
            in_thread(append, feature, 1)
            return await take(queue, 1)

    assert asyncio.run(play()) == [(2, "activity")]
    assert asyncio.run(play()) == [(3, "activity")]


def test_hub_has_no_gap_and_no_repeat_with_eight_writers(ada):
    features = [make_feature(ada) for _ in range(3)]
    plan = random.Random(7)

    def write():
        for _ in range(6):
            append(plan.choice(features))

    async def play(hub):
        async with AsyncExitStack() as stack:
            queues = [await stack.enter_async_context(hub.listen(topic_of(feature))) for feature in features]
            writers = [in_thread(write) for _ in range(8)]
            while any(writer.is_alive() for writer in writers):
                await asyncio.sleep(0.02)
            got = []
            for feature, queue in zip(features, queues, strict=True):
                newest = await dbthread.db(lambda f=feature: f.events.count())
                got.append([seq for seq, _ in await take(queue, newest - 1)] == list(range(2, newest + 1)))
            return got

    assert run(play) == [True, True, True]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL notifies")
def test_hub_is_woken_by_a_notification_long_before_the_poll(feature, settings):
    settings.HUB_POLL_SECONDS = 60

    async def play(hub):
        async with hub.listen(topic_of(feature)) as queue:
            while not hub.notified:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)
            began = asyncio.get_running_loop().time()
            in_thread(append, feature, 1)
            await take(queue, 1)
            return asyncio.get_running_loop().time() - began

    assert run(play) < 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL notifies")
def test_hub_listens_again_after_its_connection_was_cut(feature, settings, monkeypatch):
    monkeypatch.setattr("features.hub.RECONNECT_SECONDS", 0.05)

    def cut():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE query LIKE 'LISTEN%%' AND datname = current_database()"
            )
        append(feature, 1)

    async def play(hub):
        async with hub.listen(topic_of(feature)) as queue:
            while not hub.notified:
                await asyncio.sleep(0.01)
            in_thread(cut)
            return await take(queue, 1)

    assert run(play) == [(2, "activity")]


@pytest.mark.parametrize(
    ("data", "frame"),
    [
        ({"id": 812, "revision": 2}, b"id: 7\ndata: document 812\n\n"),
        ({"status": "done"}, b"id: 7\ndata: document\n\n"),
    ],
)
def test_event_frame_tells_kind_and_id_and_nothing_else(data, frame):
    assert event_frame(7, "document", data) == frame

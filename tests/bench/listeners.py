"""From the commit of an event to 500 open pages, and the database connections that they take."""

import asyncio
import os
import random
import time
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from accounts.models import Membership
from buildpractical.lib.clock import utcnow
from buildpractical.lib.tenancy import as_workspace
from features import events
from features.models import Event
from tests.bench import processes
from tests.bench.people import make_people
from tests.bench.table import Figure, median, percentile
from tests.bench.wire import Site, frames
from tests.factories import make_feature

PEOPLE, PAGES_OF_ONE = 50, 10
LISTENERS = PEOPLE * PAGES_OF_ONE
EVENTS, PAUSE_SECONDS = 30, (0.2, 0.5)
OPEN_AT_ONCE = 20
PATIENCE_SECONDS = 5 * processes.PATIENCE
HOLD_MS = {"sqlite": 300, "postgresql": 60}


def measure():
    """Return how long an event is on its way when all listen to one feature, and when each person has an own one."""
    team, people = make_people("team", PEOPLE), make_people("alone", PEOPLE)
    with transaction.atomic():
        Membership.objects.filter(user__in=team).update(workspace=team[0].workspace)
        shared = make_feature(team[0], now=utcnow())
        own = [make_feature(person, now=utcnow()) for person in people]
    with processes.web() as (url, process):
        one = asyncio.run(_listen(url, process, team, [shared] * PEOPLE))
        many = asyncio.run(_listen(url, process, people, own))
    hold = HOLD_MS[connection.vendor]
    return [
        _figure(f"event to {LISTENERS} listeners of one feature: p95", one, hold),
        _figure(f"event to {LISTENERS} listeners, {PEOPLE} features: p95", many, hold),
        Figure(
            f"database connections of the web process, {LISTENERS} listeners",
            max(one.connections, many.connections),
            "connections",
            hold=10,
        ),
    ]


def _figure(name, heard, hold):
    note = (
        f"p50 {median(heard.waits):.0f}, slowest {max(heard.waits):.0f} ms; {len(heard.waits):,} deliveries"
    )
    return Figure(name, percentile(heard.waits, 95), "ms", hold=hold, note=note)


class _Heard:
    """waits: ms from commit to each page that shows it."""

    def __init__(self):
        self.committed, self.arrived, self.waits = {}, [], []
        self.connections = 0

    def settle(self):
        self.waits = [1000 * (at - self.committed[key]) for key, at in self.arrived]


async def _listen(url, process, people, features):
    heard, door = _Heard(), asyncio.Semaphore(OPEN_AT_ONCE)
    pages = [
        _Page(Site(url, person.cookies), feature, heard)
        for person, feature in zip(people, features, strict=True)
        for _ in range(PAGES_OF_ONE)
    ]
    await asyncio.gather(*(page.open(door) for page in pages))
    listeners = {feature.pk: sum(page.feature is feature for page in pages) for feature in features}
    due = 0
    for number in range(EVENTS):
        await asyncio.sleep(random.uniform(*PAUSE_SECONDS))
        feature = features[number % len(features)]
        key, at = await asyncio.to_thread(_commit, feature)
        heard.committed[key] = at
        due += listeners[feature.pk]
    heard.connections = await asyncio.to_thread(_connections, process.pid)
    end = time.perf_counter() + PATIENCE_SECONDS
    while len(heard.arrived) < due and time.perf_counter() < end:
        await asyncio.sleep(0.05)
    for page in pages:
        page.reading.cancel()
        page.writer.close()
    assert len(heard.arrived) == due, f"{len(heard.arrived)} of {due} deliveries"
    heard.settle()
    return heard


class _Page:
    def __init__(self, site, feature, heard):
        self.site, self.feature, self.heard = site, feature, heard
        self.caught_up = asyncio.Event()

    async def open(self, door):
        async with door:
            path = f"/app/features/{self.feature.public_id}/events"
            self.reader, self.writer = await self.site.open_stream(path)
            self.reading = asyncio.create_task(self._read())
            await self.caught_up.wait()

    async def _read(self):
        async for name, seq, _ in frames(self.reader):
            if name == "caught_up":
                self.caught_up.set()
            elif not name and self.caught_up.is_set():
                self.heard.arrived.append(((self.feature.pk, seq), time.perf_counter()))


def _commit(feature):
    """Commit an event; return which one it is, and when."""
    with as_workspace(feature.workspace_id):
        events.append(feature, kind="activity", data={"what": "stopping"})
    at = time.perf_counter()
    seq = Event.objects.filter(feature=feature).order_by("-seq").values_list("seq", flat=True)[0]
    return (feature.pk, seq), at


def _connections(pid):
    """Return how many connections the process has to the database: sessions, or open files of SQLite."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'bp_app'")
            return cursor.fetchone()[0]
    database = str(settings.DATABASES["default"]["NAME"])
    links = Path(f"/proc/{pid}/fd").iterdir()
    return sum(os.readlink(link) == database for link in links)

"""Kills at random, by a seed: workers most of all, but every other process too."""

import random
import signal
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from datetime import timedelta

from django.db import InterfaceError, OperationalError
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from buildpractical.lib.clock import utcnow
from features.models import Feature
from features.statuses import ACTIVE
from tests.chaos.site import send

WEIGHTS = {
    "worker": 50, "pusher": 15, "monitor": 15, "sentinel": 6, "main": 4, "web": 8, "supervisor": 2,
}  # fmt: skip
# Their successors take seconds to start, on a busy machine many: the next one only dies once all are there again.
SLOW = {"sentinel", "main", "web", "supervisor"}


class Killer:
    """Kills from a thread of its own, however slow the machine is. kills: how many, by kind."""

    def __init__(self, site, *, seed, pause_seconds):
        self.site, self.random, self.pause_seconds = site, random.Random(seed), pause_seconds
        self.kills = Counter()

    @contextmanager
    def at_work(self):
        """Kill at random moments during the block."""
        ended = threading.Event()
        thread = threading.Thread(target=self._run, args=[ended], name="killer", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _run(self, ended):
        while not ended.wait(self.random.expovariate(1 / self.pause_seconds)):
            self.kill()

    def kill(self, kind=None):
        """Kill one process, of that kind if given; what is not there at the moment is not killed."""
        there = self.site.processes()
        complete = WEIGHTS.keys() <= there.keys()
        if kind is None:
            kinds = [each for each in WEIGHTS if each in there and (complete or each not in SLOW)]
            if not kinds:
                return False
            kind = self.random.choices(kinds, [WEIGHTS[each] for each in kinds])[0]
        if kind in there and send(self.random.choice(there[kind]), signal.SIGKILL):
            self.kills[kind] += 1
            return True
        return False


class Imp:
    """Puts job messages into the queue that nobody should have sent: doubled, old, out of order, a week late."""

    def __init__(self, *, seed, pause_seconds):
        self.random, self.pause_seconds, self.sent = random.Random(seed), pause_seconds, Counter()
        self._next_at = time.monotonic()

    def strike(self):
        if time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + self.random.expovariate(1 / self.pause_seconds)
        with suppress(OperationalError, InterfaceError):  # the run has taken the database away
            self.send()

    def send(self):
        feature = self.random.choice(list(Feature.objects.filter(status__in=ACTIVE)) or [None])
        if feature is None:
            return
        kind = self.random.choice(
            ["doubled", "old version", "version to come", "a week old", "no such feature"]
        )
        pk, version, age_seconds = feature.pk, feature.version, 0
        if kind == "old version":
            version -= self.random.randint(1, version)
        elif kind == "version to come":
            version += self.random.randint(1, 3)
        elif kind == "a week old":
            age_seconds = 7 * 86400
        elif kind == "no such feature":
            pk += 1_000_000
        for _ in range(2):
            put(pk, version, age_seconds=age_seconds)
        self.sent[kind] += 2


def put(pk, version, *, age_seconds=0):
    """Put a job message into the queue as django-q2 does, that many seconds ago."""
    at = utcnow() - timedelta(seconds=age_seconds)
    task = {
        "id": "chaos", "name": "chaos", "func": "features.tasks.advance",
        "args": (pk, version), "kwargs": {}, "started": at,
    }  # fmt: skip
    OrmQ.objects.create(key=Conf.CLUSTER_NAME, payload=SignedPackage.dumps(task), lock=at)

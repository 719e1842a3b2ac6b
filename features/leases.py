"""Claims with fencing tokens, and the heartbeat that keeps them (jobs.md §2, §3)."""

import logging
import math
import os
import socket
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from itertools import groupby
from uuid import uuid4

from django.conf import settings
from django.db import connection

from buildpractical.lib.clock import utcnow
from buildpractical.lib.outage import outlasting
from buildpractical.lib.tenancy import as_workspace
from buildpractical.queue.supervisor import stopping
from features import stories, transitions
from features.failures import Failure
from features.logbook import Logbook
from features.models import Feature
from features.statuses import ACTIVE
from features.steps import StepError

logger = logging.getLogger(__name__)
HOST = socket.gethostname()[:40]
RELEASE_SECONDS = 5  # of the grace, for giving back what is not ready by then
ENGINE_COLUMNS = (
    "id", "workspace_id", "status", "version", "lease_token", "lease_until", "attempts", "requeues",
    "progress_at", "wake_at", "stop_requested_at",
)  # fmt: skip
# By hand: each claim begins with it, and the ORM takes longer to say it than SQLite to answer.
ONE_OF_SQLITE = (
    f"SELECT {', '.join(ENGINE_COLUMNS)} FROM features_feature "  # noqa: S608  our own names
    f"WHERE id = %s AND status IN ({', '.join(repr(str(status)) for status in sorted(ACTIVE))})"
)


class LeaseLost(Exception):
    """Another worker or the sweeper has the step now: this one's output must be dropped."""


class Stopping(Exception):
    """The process is asked to end: the step goes back to the queue, and this claim does not count."""


class DeadlineExceeded(StepError):
    """The step ran longer than STEP_SECONDS."""

    def __init__(self):
        super().__init__(Failure.TIMEOUT, permanent=True)


class Stopped(StepError):
    """The person asked to stop."""

    def __init__(self):
        super().__init__(Failure.STOPPED, permanent=True)


def worklist(only=None):
    """Return active features of all workspaces, engine columns only; one query.

    On PostgreSQL a function gives bp_app this one view across workspaces (features/migrations/0002_rls).
    """
    if connection.vendor == "postgresql":
        return list(Feature.objects.raw("SELECT * FROM features_worklist(%s)", [only]))
    if only:
        return list(Feature.objects.raw(ONE_OF_SQLITE, [only]))
    return list(Feature.objects.active().only(*ENGINE_COLUMNS))


def claim(feature_id, version, *, now):
    """Return the feature, claimed for this worker, or None when the message is stale or somebody was faster."""
    for feature in worklist(only=feature_id):
        if feature.version != version or feature.lease_token or (feature.wake_at and feature.wake_at > now):
            continue
        with suppress(transitions.StaleFeature), as_workspace(feature.workspace_id):
            transitions.start_step(
                feature=feature, token=f"{HOST}-{uuid4().hex}", lease_until=_until(now), now=now
            )
            return feature
    return None


def put_back(feature_id, version, *, now):
    """Let the sweeper wake the feature at once: this process has taken its message and is ending."""
    for feature in worklist(only=feature_id):
        with as_workspace(feature.workspace_id):
            waiting = Feature.objects.filter(pk=feature_id, version=version, lease_token=None, wake_at=None)
            waiting.update(wake_at=now)


def release(*, feature, now):
    """Give a running step back to the queue; this claim does not count as an attempt.

    With wake_at and no message: a message would be eaten by the process that is ending. The sweeper wakes it.
    """
    attempts = max(feature.attempts - 1, 0)
    transitions.requeue_step(
        feature=feature, now=now, wake_at=now, reason=stories.RELEASED, attempts=attempts
    )


class Lease:
    """A running step's hold on its feature. logbook: for what is worth a line in the log, and no more."""

    def __init__(self, feature):
        self.feature_id = feature.pk
        self.workspace_id = feature.workspace_id
        self.token = feature.lease_token
        self.attempt = feature.attempts
        self.deadline = time.monotonic() + settings.STEP_SECONDS
        self.lost = self.stop_requested = self.grace_over = self.progressed = False
        self.logbook = Logbook(feature)

    @property
    def must_end(self):
        """Whether check() would raise for a reason from outside, which a call that waits does not notice."""
        return self.lost or self.stop_requested or self.grace_over

    def check(self):
        """Note progress; raise when the work must not go on. Call at every sign of life of a model call."""
        self.progressed = True
        if self.lost:
            raise LeaseLost
        if self.stop_requested:
            raise Stopped
        if self.grace_over:
            raise Stopping
        if time.monotonic() > self.deadline:
            raise DeadlineExceeded

    def between_calls(self):
        """As check(); also raise Stopping when the process ends. Call before each model call."""
        self.check()
        if stopping():
            raise Stopping

    @contextmanager
    def checkpoint(self):
        """A short transaction as the workspace that only the lease's holder can make.

        Yields the fresh feature. Raises LeaseLost when the lease is gone; the row stays locked meanwhile, so
        nobody takes it over before the block has committed. Outlasts a short outage of the database: what is
        kept here is paid for.
        """
        self.check()
        with ExitStack() as open_until_the_end:
            yield outlasting(lambda: self._lock(open_until_the_end))

    def _lock(self, stack):
        with ExitStack() as attempt:
            attempt.enter_context(as_workspace(self.workspace_id))
            ours = Feature.objects.filter(pk=self.feature_id, lease_token=self.token)
            if ours.update(progress_at=utcnow()) != 1:
                self.lost = True
                raise LeaseLost
            feature = Feature.objects.get(pk=self.feature_id)
            stack.push(attempt.pop_all())
            return feature


class _Heart:
    """One thread a process that renews the leases held here (a fork copies no threads: keyed by pid)."""

    def __init__(self):
        self.lock = threading.Lock()
        self.leases = {}
        self.pid = None

    def add(self, lease):
        with self.lock:
            self.leases[lease.token] = lease
            if self.pid != os.getpid():
                self.pid = os.getpid()
                self.leases = {lease.token: lease}
                threading.Thread(target=self._run, name="heartbeat", daemon=True).start()

    def remove(self, lease):
        with self.lock:
            self.leases.pop(lease.token, None)

    def _run(self):
        next_renewal, release_at = 0.0, math.inf
        while True:
            time.sleep(min(1.0, settings.LEASE_SECONDS / 4))
            with self.lock:
                held = list(self.leases.values())
            if not stopping():
                release_at = math.inf
            elif release_at == math.inf:
                grace_seconds = settings.STOP_GRACE_SECONDS
                release_at = time.monotonic() + grace_seconds - min(RELEASE_SECONDS, grace_seconds / 3)
            if time.monotonic() >= release_at:
                for lease in held:
                    lease.grace_over = True
            if not held:
                continue
            renew = time.monotonic() >= next_renewal
            if renew:
                next_renewal = time.monotonic() + settings.LEASE_SECONDS / 4
            try:
                beat(held, now=utcnow(), renew=renew)
            except Exception:  # an outage is no loss: the lease tells; and without a heart all leases end
                logger.exception("Heartbeat failed")
            finally:
                connection.close()


def beat(held, *, now, renew=True):
    """Look whether each lease still stands and whether a stop was asked; renew them all.

    Progress is written with the renewal where the step has moved since the last one.
    """
    for workspace_id, leases in groupby(sorted(held, key=lambda x: x.workspace_id), lambda x: x.workspace_id):
        leases = {lease.token: lease for lease in leases}
        with as_workspace(workspace_id):
            ours = Feature.objects.filter(lease_token__in=leases)
            if renew:
                ours.update(lease_until=_until(now))
                moved = [token for token, lease in leases.items() if lease.progressed]
                Feature.objects.filter(lease_token__in=moved).update(progress_at=now)
                for token in moved:
                    leases[token].progressed = False
            standing = dict(ours.values_list("lease_token", "stop_requested_at"))
        for token, lease in leases.items():
            lease.lost = lease.lost or token not in standing
            lease.stop_requested = lease.stop_requested or standing.get(token) is not None


_heart = _Heart()


@contextmanager
def held(feature):
    """Keep the feature's lease alive for the block; yields the Lease. The log is written at the end."""
    lease = Lease(feature)
    _heart.add(lease)
    lease.logbook.open()
    try:
        yield lease
    finally:
        lease.logbook.close()
        _heart.remove(lease)


def _until(now):
    return now + timedelta(seconds=settings.LEASE_SECONDS)

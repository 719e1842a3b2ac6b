"""Makes django-q2's processes survive the sudden death of any of them (jobs.md §1, §4).

With the stock queue an idle worker that is killed takes the queue's lock along: nothing starts any more, and
all looks healthy. https://github.com/django-q2/django-q2/issues/23
"""

import fcntl
import math
import sys
import tempfile
import time
from contextlib import suppress
from multiprocessing import parent_process
from multiprocessing.connection import wait
from multiprocessing.reduction import ForkingPickler

from django_q import cluster, queues

from buildpractical.queue import threads
from buildpractical.queue.launch import die_with_parent


class DyingLock:
    """A multiprocessing.Lock that the kernel frees when its holder dies; for one thread a process."""

    def __init__(self):
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the queue

    def acquire(self, block=True, timeout=None):
        end = time.monotonic() + (timeout or 0) if timeout is not None or not block else math.inf
        while True:
            with suppress(BlockingIOError, PermissionError):  # owned by the process
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            if time.monotonic() >= end:
                return False
            time.sleep(0.005)

    __enter__ = acquire

    def release(self, *exc_info):
        fcntl.lockf(self._file, fcntl.LOCK_UN)

    __exit__ = release


class _NoCount:
    # The stock counter is one more shared lock that a killed process can take along; only statistics read it.
    value = 0

    def increment(self, n=1):
        pass


class RobustQueue(queues.Queue):
    """django-q2's queue, whose readers wait without holding the lock."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._rlock, self._wlock = DyingLock(), DyingLock()
        self.size = _NoCount()

    def empty(self):
        return not self._reader.poll(0)

    def get(self, block=True, timeout=None):
        if not block or timeout is not None:
            return super().get(block, timeout)
        while True:
            wait([self._reader], 1.0)  # without the lock
            with self._rlock:
                if not self._reader.poll(0):
                    continue
                data = self._recv_bytes()
                with suppress(ValueError):  # free_lost_slot was faster
                    self._sem.release()
            return ForkingPickler.loads(data)

    def free_lost_slot(self):
        """Give back the place of a process that died between taking it and writing."""
        with suppress(ValueError, OSError):
            while not self._reader.poll(0):
                self._sem.release()


def forget_inherited_pools():
    """Drop connection pools opened before the fork: without their threads they never answer."""
    base = sys.modules.get("django.db.backends.postgresql.base")  # not loaded on SQLite
    if base:
        base.DatabaseWrapper._connection_pools = {}


def _guarded(entry):
    def run(*args):
        die_with_parent(parent_process().pid)
        forget_inherited_pools()
        if isinstance(args[0], RobustQueue):
            args[0].free_lost_slot()
        return entry(*args)

    return run


def install():
    """Replace django-q2's queue, worker and entry points in this process; before the cluster starts."""
    cluster.Queue, cluster.worker = RobustQueue, threads.worker
    for name in ("Sentinel", "worker", "pusher", "monitor"):
        setattr(cluster, name, _guarded(getattr(cluster, name)))

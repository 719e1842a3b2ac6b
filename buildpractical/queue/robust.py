"""Makes django-q2's processes survive the sudden death of any of them (jobs.md §1, §4).

With the stock queue an idle worker that is killed takes the queue's lock along: nothing starts any more, and
all looks healthy. https://github.com/django-q2/django-q2/issues/23
"""

import fcntl
import logging
import math
import os
import signal
import sys
import tempfile
import time
from contextlib import suppress
from multiprocessing import parent_process
from multiprocessing.connection import wait
from multiprocessing.reduction import ForkingPickler

from django_q import cluster, queues

from buildpractical.queue import threads
from buildpractical.queue.launch import die_with_parent, name_process

logger = logging.getLogger(__name__)


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


class PipeEvent:
    """A multiprocessing.Event without a lock: one that is killed, or hears a signal, in set() blocks nobody.

    A byte in the pipe means set; nobody takes it out.
    """

    def __init__(self):
        self._read_end, self._write_end = os.pipe()
        os.set_blocking(self._write_end, False)

    def set(self):
        with suppress(BlockingIOError):  # set thousands of times already
            os.write(self._write_end, b"!")

    def is_set(self):
        return self.wait(0)

    def wait(self, timeout=None):
        return bool(wait([self._read_end], timeout))


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


def _guarded(name, entry):
    def run(*args):
        die_with_parent(parent_process().pid)
        name_process(f"bp-{name.lower()}")
        # A signal to the whole group is the main process's matter: running steps get their grace. Blocked and
        # not ignored: the sentinel sets handlers of its own.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
        forget_inherited_pools()
        if isinstance(args[0], RobustQueue):
            args[0].free_lost_slot()
        try:
            return entry(*args)
        except BaseException:
            logger.exception("A process of the queue failed", extra={"process": name})
            # At once: an orderly end would send its children SIGTERM and wait for them.
            os._exit(1)

    return run


def install():
    """Replace django-q2's queue, worker and entry points in this process; before the cluster starts."""
    cluster.Queue, cluster.Event, cluster.worker = RobustQueue, PipeEvent, threads.worker
    for name in ("Sentinel", "worker", "pusher", "monitor"):
        setattr(cluster, name, _guarded(name, getattr(cluster, name)))

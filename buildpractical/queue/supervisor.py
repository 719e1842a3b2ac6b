"""Keeps the product's processes running and ends them together (jobs.md §4).

Children die with the supervisor (launch.py), are restarted when they end, and learn through a pipe that the
end is near. A thread sweeps: it works also where the whole cluster, with its scheduler, is dead.
"""

import logging
import os
import select
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from buildpractical.queue import launch

logger = logging.getLogger(__name__)
LOOP_SECONDS = 0.1
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 30


def stopping():
    """Return whether the supervisor above this process, if any, is ending or gone. Cheap: one system call."""
    handle = os.environ.get("BP_STOP_FD")
    if not handle:
        return False
    poller = select.poll()
    poller.register(int(handle), select.POLLIN)
    # POLLNVAL: the number was inherited without the pipe, so there is no supervisor to ask.
    return any(not event & select.POLLNVAL for _, event in poller.poll(0))


@dataclass
class Child:
    """One process to keep. command: absolute path of the program first. env: beside the supervisor's own.

    quiet: its standard output goes nowhere; errors always show.
    """

    name: str
    command: list
    env: dict = field(default_factory=dict)
    quiet: bool = False
    process: subprocess.Popen | None = None
    started_at: float = 0.0
    restart_at: float = 0.0
    wait_seconds: float = FIRST_WAIT_SECONDS

    def age_seconds(self):
        """Return for how long the present process has run."""
        return time.monotonic() - self.started_at

    def runs(self):
        return self.process is not None and self.process.poll() is None

    def kill_group(self):
        """End the process and all it started, at once."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@dataclass
class Care:
    """What the sweeper thread does every few seconds, given by the app that knows the tables.

    sweep(hint_seconds=None) repairs. stands_still() says whether the child named worker leaves due work
    lying. close() gives database connections back.
    """

    sweep: callable
    stands_still: callable
    close: callable
    every_seconds: float
    watchdog_seconds: float
    worker: str = "worker"


class Supervisor:
    """run() keeps the children until SIGTERM, SIGINT or SIGHUP, then ends them.

    grace_seconds: between SIGTERM to the main processes and SIGKILL to their groups.
    settled_seconds: a child that ran that long starts again without extra wait.
    is_up: asked until it returns true; then announce() is called once.
    """

    def __init__(
        self, children, *, cwd, grace_seconds, settled_seconds=60, care=None, is_up=None, announce=None
    ):
        self.children = children
        self.cwd = cwd
        self.grace_seconds = grace_seconds
        self.settled_seconds = settled_seconds
        self.care = care
        self.is_up, self.announce = is_up, announce
        self._asked = self._hurry = False
        self._replace_worker = False
        self._ended = threading.Event()
        self._pipe = None

    def run(self):
        """Return when everything has ended. Main thread only: it forks, and the death signal hangs on it."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        self._pipe = os.pipe()
        sweeper = threading.Thread(target=self._sweep_on, name="sweeper", daemon=True)
        if self.care:
            sweeper.start()
        try:
            while not self._asked:
                for child in self.children:
                    self._keep(child)
                self._watch()
                self._tell()
                time.sleep(LOOP_SECONDS)
        finally:
            self._stop()
        if self.care:
            sweeper.join(2)

    def _on_signal(self, number, frame):
        # No lock and no Event here: the main thread may be holding it.
        self._hurry = self._asked and number == signal.SIGINT
        self._asked = True

    def _start(self, child):
        read_end = self._pipe[0]
        child.process = subprocess.Popen(  # noqa: S603  our own commands
            [sys.executable, "-IS", str(Path(launch.__file__).resolve()), *child.command],
            cwd=self.cwd,
            env=os.environ | child.env | {"BP_SUPERVISOR": str(os.getpid()), "BP_STOP_FD": str(read_end)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if child.quiet else None,
            pass_fds=(read_end,),
            start_new_session=True,  # Ctrl-C stays here
        )
        child.started_at = time.monotonic()

    def _keep(self, child):
        if child.process is None:
            if time.monotonic() >= child.restart_at:
                self._start(child)
            return
        code = child.process.poll()
        if code is None:
            return
        child.kill_group()  # what it left behind
        if child.age_seconds() > self.settled_seconds:
            child.wait_seconds = FIRST_WAIT_SECONDS
        logger.error("A process ended and is started again", extra={"child": child.name, "code": code})
        child.restart_at = time.monotonic() + child.wait_seconds
        child.wait_seconds = min(child.wait_seconds * 2, LONGEST_WAIT_SECONDS)

    def _watch(self):
        if not self._replace_worker:
            return
        self._replace_worker = False
        for child in self.children:
            if child.name == self.care.worker and child.runs():
                logger.error("The worker leaves work lying and is replaced", extra={"child": child.name})
                child.kill_group()
                self._start(child)

    def _tell(self):
        if self.is_up and self.is_up():
            self.is_up = None
            self.announce()

    def _sweep_on(self):
        care, hint_seconds = self.care, None
        while not self._ended.wait(care.every_seconds):
            try:
                care.sweep(hint_seconds=hint_seconds)
                hint_seconds = None
            except Exception:
                logger.exception("Sweep failed")
            # Also then: a worker that froze in the middle of a write keeps the sweep out of SQLite.
            try:
                if self._worker_is_settled() and care.stands_still():
                    self._replace_worker = True
                    hint_seconds = 0  # the messages it had taken are gone with it
            except Exception:
                logger.exception("Watching failed")
            finally:
                care.close()

    def _worker_is_settled(self):
        workers = [child for child in self.children if child.name == self.care.worker]
        return any(child.runs() and child.age_seconds() >= self.care.watchdog_seconds for child in workers)

    def _stop(self):
        self._ended.set()
        read_end, write_end = self._pipe
        os.close(write_end)  # stopping() is now true in every child
        for child in self.children:
            if child.runs():
                child.process.terminate()
        end = time.monotonic() + self.grace_seconds
        while any(child.runs() for child in self.children) and time.monotonic() < end and not self._hurry:
            time.sleep(0.05)
        for child in self.children:
            child.kill_group()
        os.close(read_end)

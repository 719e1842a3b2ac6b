import multiprocessing
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from buildpractical.queue.launch import die_with_parent
from buildpractical.queue.robust import DyingLock, PipeEvent, RobustQueue
from tests.queue.processes import alive, family, kill, wait_until

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc"),
]
FORK = multiprocessing.get_context("fork")


def die_holding(lock):
    """Take the lock in a child and kill it there."""
    ready = FORK.Event()

    def hold():
        lock.acquire()
        ready.set()
        time.sleep(60)

    child = FORK.Process(target=hold)
    child.start()
    assert ready.wait(5)
    assert lock.acquire(timeout=0.05) is False
    child.kill()
    child.join()


def test_dying_lock_is_free_when_its_holder_was_killed():
    lock = DyingLock()

    die_holding(lock)

    assert lock.acquire(timeout=0.5) is True


def test_stock_lock_stays_taken_when_its_holder_was_killed():
    lock = FORK.Lock()

    die_holding(lock)

    assert lock.acquire(timeout=0.5) is False


def test_robust_queue_goes_on_when_a_waiting_reader_was_killed():
    queue = RobustQueue(maxsize=1)
    reader = FORK.Process(target=queue.get)
    reader.start()
    time.sleep(0.1)
    reader.kill()
    reader.join()

    queue.put("one")
    got = [queue.get()]
    queue.put("two")

    assert [*got, queue.get(), queue.empty()] == ["one", "two", True]


def test_pipe_event_set_is_seen_by_every_process_and_stays_set():
    event = PipeEvent()
    waiter = FORK.Process(target=lambda: sys.exit(0 if event.wait(5) and event.is_set() else 1))
    waiter.start()

    assert (event.is_set(), event.wait(0.01)) == (False, False)
    event.set()
    event.set()

    waiter.join(5)
    assert (waiter.exitcode, event.is_set()) == (0, True)


def test_robust_queue_free_lost_slot_gives_a_dead_writers_place_back():
    queue = RobustQueue(maxsize=1)
    writer = FORK.Process(target=lambda: (queue._sem.acquire(), os.kill(os.getpid(), signal.SIGKILL)))
    writer.start()
    writer.join()
    assert queue._sem.acquire(timeout=0.05) is False

    queue.free_lost_slot()

    queue.put("one", timeout=0.5)
    assert queue.get() == "one"


def test_cluster_idle_worker_killed_next_jobs_run(cluster):
    worker = cluster.run("note")

    os.kill(worker, signal.SIGKILL)

    assert worker not in {cluster.run("note") for _ in range(4)}
    assert cluster.execute("SELECT count(*) FROM django_q_task") == [(0,)]


def test_cluster_every_process_below_the_sentinel_killed_next_job_runs_and_stop_is_quick(cluster):
    before = cluster.workers_and_helpers()

    kill(before, signal.SIGKILL)

    assert cluster.run("note") not in before
    everybody = family(cluster.process.pid)
    started = time.monotonic()
    cluster.process.terminate()
    assert (cluster.process.wait(20), time.monotonic() - started < 10) == (0, True)
    assert [pid for pid in everybody if alive(pid)] == []


def test_cluster_sigterm_lets_running_jobs_end(cluster):
    cluster.run("note_twice", 0.7)

    cluster.process.terminate()

    assert (cluster.process.wait(20), len(cluster.lines())) == (0, 2)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_cluster_signal_to_every_process_lets_running_jobs_end(cluster, number):
    cluster.run("note_twice", 0.7)
    everybody = family(cluster.process.pid)

    kill([cluster.process.pid, *everybody], number)
    kill([cluster.process.pid], number)  # and once more, as a supervisor below systemd does

    assert (cluster.process.wait(20), len(cluster.lines())) == (0, 2)
    assert [pid for pid in everybody if alive(pid)] == []


def test_cluster_processes_have_names(cluster):
    def names():
        return sorted(Path(f"/proc/{pid}/comm").read_text().strip() for pid in family(cluster.process.pid))

    # A process has its parent's name until it has set its own.
    assert wait_until(lambda: names().count("bp-worker") == 2 and names(), 3) == [
        *("bp-monitor", "bp-pusher", "bp-sentinel"),
        *("bp-worker", "bp-worker"),
    ]


def test_cluster_main_killed_everything_below_dies_with_it(cluster):
    everybody = family(cluster.process.pid)

    cluster.process.kill()
    cluster.process.wait()

    assert len(everybody) == 5
    wait_until(lambda: not any(map(alive, everybody)), 3)


def test_cluster_message_naming_a_foreign_function_fails_without_running_it(cluster):
    cluster.send("os.mkdir", str(cluster.folder / "made"))

    rows = wait_until(lambda: cluster.execute("SELECT func, success FROM django_q_task"))

    assert (rows, (cluster.folder / "made").exists()) == ([("os.mkdir", 0)], False)


def test_die_with_parent_parent_already_gone_ends_at_once():
    child = FORK.Process(target=lambda: (die_with_parent(os.getpid()), time.sleep(60)))
    child.start()
    child.join(5)

    assert child.exitcode == 1

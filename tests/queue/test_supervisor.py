import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

from buildpractical.queue.supervisor import stopping
from tests.queue.processes import alive, children, family, kill, wait_until

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc"),
]


@pytest.fixture
def supervised(tmp_path):
    """Return a function: names of children → the supervisor's process, after all have come up."""
    started = []

    def start(*names, grace_seconds=3):
        command = [
            sys.executable,
            "-m",
            "tests.queue.run_supervisor",
            str(tmp_path),
            str(grace_seconds),
            *names,
        ]
        process = subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout.readline().startswith("up ")
        return process

    yield start
    for process in started:
        kill([process.pid, *family(process.pid)], signal.SIGKILL)
        process.wait()
        process.stdout.close()


def pid_of(folder, name):
    return int(Path(folder, name).read_text())


def test_supervisor_child_killed_is_started_again(supervised, tmp_path):
    supervised("polite")
    first = pid_of(tmp_path, "polite")

    os.kill(first, signal.SIGKILL)

    second = wait_until(lambda: pid_of(tmp_path, "polite") != first and pid_of(tmp_path, "polite"), 3)
    assert alive(second)


def test_supervisor_child_killed_its_own_children_end(supervised, tmp_path):
    process = supervised("parent")
    first = pid_of(tmp_path, "parent")
    grandchildren = wait_until(lambda: children(first))

    os.kill(first, signal.SIGKILL)

    wait_until(lambda: not any(map(alive, grandchildren)), 3)
    assert process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_supervisor_asked_to_end_ends_polite_and_aware_children_at_once(supervised, tmp_path, number):
    process = supervised("polite", "aware")
    everybody = family(process.pid)
    started = time.monotonic()

    process.send_signal(number)

    assert (process.wait(5), time.monotonic() - started < 1.5) == (0, True)
    assert [pid for pid in everybody if alive(pid)] == []
    assert (tmp_path / "aware.aware").exists()  # it heard of the end through the pipe


def test_supervisor_stubborn_child_is_killed_after_the_grace(supervised):
    process = supervised("stubborn", grace_seconds=0.6)
    everybody = family(process.pid)
    started = time.monotonic()

    process.terminate()

    assert process.wait(5) == 0
    assert 0.6 <= time.monotonic() - started < 2
    assert [pid for pid in everybody if alive(pid)] == []


def test_supervisor_second_ctrl_c_does_not_wait_for_the_grace(supervised):
    process = supervised("stubborn", grace_seconds=30)

    process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)

    assert process.wait(3) == 0


def test_supervisor_killed_takes_its_children_along(supervised):
    process = supervised("polite", "stubborn")
    everybody = family(process.pid)

    process.kill()

    assert len(everybody) == 2
    wait_until(lambda: not any(map(alive, everybody)), 3)


def test_supervisor_hanging_worker_is_replaced_and_its_messages_are_sent_again(supervised, tmp_path):
    supervised("worker")
    first = pid_of(tmp_path, "worker")

    second = wait_until(lambda: pid_of(tmp_path, "worker") != first and pid_of(tmp_path, "worker"), 3)

    assert (alive(first), alive(second)) == (False, True)
    swept = tmp_path / "swept"
    wait_until(lambda: swept.exists() and "0 None" in swept.read_text(), 3)
    assert swept.read_text().split().count("0") == 1


def test_stopping_without_a_supervisor_is_false(monkeypatch):
    monkeypatch.delenv("BP_STOP_FD", raising=False)

    assert stopping() is False


def test_stopping_with_a_number_that_is_no_pipe_is_false(monkeypatch):
    monkeypatch.setenv("BP_STOP_FD", "987654")

    assert stopping() is False

"""Looks at real processes (Linux: /proc) and waits for them."""

import os
import time
from contextlib import suppress
from pathlib import Path


def wait_until(true, seconds=30.0):
    """Return the first true answer; fail after so many seconds."""
    end = time.monotonic() + seconds
    while not (answer := true()):
        assert time.monotonic() < end, f"not true within {seconds} s"
        time.sleep(0.02)
    return answer


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def children(pid):
    """Return the pids of the living children, oldest first."""
    with suppress(OSError):
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [child for child in map(int, found) if alive(child)]
    return []


def family(pid):
    """Return the pids of all living descendants."""
    return [one for child in children(pid) for one in (child, *family(child))]


def kill(pids, number):
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)

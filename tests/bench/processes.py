"""Starts the product's processes for a bench, looks at their memory and ends them."""

import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django_q.models import OrmQ
from django_q.tasks import async_task

from buildpractical.lib import ports

# --patience: a busy machine gets longer, here and in every limit of a bench.
PATIENCE = float(os.environ.get("BENCH_PATIENCE", "1"))
START_SECONDS = 20
STOP_SECONDS = 15
MANAGE = [sys.executable, "manage.py"]
SIMULATOR = [sys.executable, "-m", "agents.simulator", "--brain", "demo", "--chunk-delay-ms", "0"]


@contextmanager
def started(command, **env):
    """Run the command for the block, in our process group; yields the Popen."""
    process = subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env=os.environ | env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process
        if process.poll() is not None:
            raise RuntimeError(f"{command[:4]} ended by itself with {process.returncode}")
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def serving(command, port, **env):
    """As started(), once the command's server takes connections."""
    with started(command, **env) as process:
        wait_until(lambda: process.poll() is not None or ports.answers("127.0.0.1", port), START_SECONDS)
        yield process


@contextmanager
def web(**env):
    """Run the web server; yields (its address, its process)."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    own = {"PORT": str(port), "SITE_URL": url, "DATABASE_ROLE": "app"}
    with serving([*MANAGE, "web"], port, **own | env) as process:
        yield url, process


@contextmanager
def worker(**env):
    """Run the supervised worker; yields once it takes messages."""
    with started([*MANAGE, "work"], **env) as process:
        async_task("features.tasks.advance", 0, 0)  # of no feature: it is skipped
        wait_until(lambda: not OrmQ.objects.exists(), START_SECONDS)
        yield process


@contextmanager
def model_server(command):
    """Run a simulator that takes --port; yields its address, the others' SIMULATOR_URL."""
    port = free_port()
    with serving([*command, "--port", str(port)], port):
        yield f"http://127.0.0.1:{port}"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(true, seconds, *, every=0.02):
    """Return the first true answer; raise TimeoutError after so many seconds."""
    end = time.monotonic() + seconds * PATIENCE
    while not (answer := true()):
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(every)
    return answer


def memory_bytes(pid):
    """Return the process's resident memory."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=True)
    return int(told.stdout) * 1024


def family(pid):
    """Return the pids of the process and of all that it started, oldest first (Linux)."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended
            # The name stands in brackets and may hold anything.
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
    found = [pid]
    for one in found:
        found += sorted(child for child, parent in parents.items() if parent == one)
    return found


def shared_memory_bytes(pids):
    """Return what the processes take in all; memory that they share counts once (Linux: PSS)."""
    texts = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in pids]
    return sum(int(text.partition("\nPss:")[2].split()[0]) * 1024 for text in texts)


def cpu_seconds(pids):
    """Return the processor time that the processes have used, all together (Linux)."""
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(one[11]) + int(one[12]) for one in fields) / os.sysconf("SC_CLK_TCK")


def threads(pid):
    """Return how many threads the process has (Linux)."""
    return len(os.listdir(f"/proc/{pid}/task"))


def wait_until_settled(pid):
    """Wait until the process's memory stands still for a second: the server loads the SDK behind its first page."""
    last = 0
    for _ in range(START_SECONDS):
        now = memory_bytes(pid)
        if now == last:
            return
        last = now
        time.sleep(1)


def settled(pid):
    """Wait until the process's memory stands still for a second: it loads things after its start."""
    sizes = []

    def stands_still():
        sizes.append(memory_bytes(pid))
        return len(sizes) > 10 and max(sizes[-10:]) - min(sizes[-10:]) < 1_000_000

    wait_until(stands_still, START_SECONDS, every=0.1)


class Memory:
    """Watches a process's memory for a block: `before`, `most` and `growth` in bytes."""

    def __init__(self, pid):
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self.before = self.most = memory_bytes(self._pid)
        self._thread.start()
        return self

    def __exit__(self, *error):
        self._ended.set()
        self._thread.join()

    def _watch(self):
        while not self._ended.wait(0.02):
            self.most = max(self.most, memory_bytes(self._pid))

    @property
    def growth(self):
        return self.most - self.before

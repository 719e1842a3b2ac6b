"""The product's processes under attack: started, found by what they are, killed, started again."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from tests.queue.processes import alive, children, family, kill

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 40
# What `ps` calls the queue's processes (buildpractical/queue/robust.py).
NAMES = {"bp-worker": "worker", "bp-pusher": "pusher", "bp-monitor": "monitor"}


class Site:
    """`manage.py up` and a model server beside it. log: where their errors go."""

    def __init__(self, env, folder, *, delay_ms):
        self.env, self.requests, self.log = env, folder / "requests.jsonl", folder / "log.txt"
        self.restarts = 0
        self._errors = self.log.open("ab")
        port = str(urlsplit(env["SIMULATOR_URL"]).port)
        arguments = ["--port", port, "--log", str(self.requests), "--delay-ms", str(delay_ms)]
        self.model = self._run(["-m", "tests.chaos.model", *arguments])
        self.up = None

    def start(self):
        """Start everything, as systemd would after an end."""
        while True:
            self.up = self._run(["manage.py", "up"], stdout=subprocess.PIPE)
            line = self.up.stdout.readline()
            if b"is ready" in line:
                return
            code = self.up.wait(START_SECONDS)
            assert code == -signal.SIGKILL, f"not started: {code}\n{self.log.read_text()[-2000:]}"
            self.up.stdout.close()

    def keep(self):
        """Start the supervisor again when it has ended."""
        if self.up.poll() is not None:
            self.restarts += 1
            self.up.stdout.close()
            self.start()

    def stop(self):
        """End the site as an operator does; return (exit code, seconds, processes that were left)."""
        everybody, began = family(self.up.pid), time.monotonic()
        self.up.terminate()
        code = self.up.wait(60)
        return code, time.monotonic() - began, [pid for pid in everybody if alive(pid)]

    def close(self):
        for process in (self.up, self.model):
            if process:
                kill([process.pid, *family(process.pid)], signal.SIGKILL)
                process.wait()
        self._errors.close()

    def processes(self):
        """Return {kind: [pids]} of what runs now."""
        found = {"supervisor": [self.up.pid]} if alive(self.up.pid) else {}
        for child in children(self.up.pid):
            command = _read(child, "cmdline")
            if "uvicorn" in command:
                found.setdefault("web", []).append(child)
            elif "qcluster" in command and "launch.py" not in command:
                found.setdefault("main", []).append(child)
                for sentinel in children(child):
                    found.setdefault("sentinel", []).append(sentinel)
                    for pid in children(sentinel):
                        if kind := NAMES.get(_read(pid, "comm").strip()):
                            found.setdefault(kind, []).append(pid)
        return found

    def wait_for(self, *kinds, seconds=START_SECONDS):
        end = time.monotonic() + seconds
        while not set(kinds) <= set(self.processes()):
            assert time.monotonic() < end, f"no {kinds} within {seconds} s"
            time.sleep(0.05)

    def _run(self, arguments, **more):
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stderr=self._errors,
            start_new_session=True,
            **more,
        )


def send(pid, number):
    """Signal the process; tell whether it was there."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)
        return True
    return False


def _read(pid, name):
    with suppress(OSError):
        return Path(f"/proc/{pid}/{name}").read_text().replace("\0", " ")
    return ""

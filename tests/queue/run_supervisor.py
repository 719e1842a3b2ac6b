"""`python run_supervisor.py FOLDER GRACE_SECONDS NAME…`: a supervisor over small children, for its tests.

Each child writes its pid to FOLDER/NAME. NAMEs: polite ends at SIGTERM, stubborn does not, aware ends when
stopping() says so and notes it, parent has a child of its own, worker is polite and declared hanging once.
"""

import sys
import time
from pathlib import Path

from buildpractical.queue.supervisor import Care, Child, Supervisor

ROOT = Path(__file__).resolve().parent.parent.parent
LOOP = {
    "polite": "time.sleep(60)",
    "worker": "time.sleep(60)",
    "stubborn": "signal.signal(signal.SIGTERM, signal.SIG_IGN); [time.sleep(1) for _ in range(60)]",
    "aware": (
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "while not stopping(): time.sleep(0.01)\n"
        "open(sys.argv[1] + '.aware', 'w').close()"
    ),
    "parent": "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); time.sleep(60)",
}
START = (
    "import os, signal, subprocess, sys, time\n"
    "from buildpractical.queue.supervisor import stopping\n"
    "file = open(sys.argv[1] + '.new', 'w'); file.write(str(os.getpid())); file.close()\n"
    "os.replace(sys.argv[1] + '.new', sys.argv[1])\n"
)


def main():
    folder, grace_seconds, names = Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
    children = [Child(name, [sys.executable, "-c", START + LOOP[name], str(folder / name)]) for name in names]
    hangs, swept = ["once"], folder / "swept"

    def stands_still():
        return bool(hangs and hangs.pop())

    def sweep(hint_seconds):
        if hangs:
            raise OSError("the database is locked")
        with swept.open("a") as file:
            file.write(f"{hint_seconds} ")

    care = Care(
        sweep=sweep, stands_still=stands_still, close=lambda: None, every_seconds=0.1, watchdog_seconds=0.3
    )
    if "worker" not in names:
        care = None
    Supervisor(
        children,
        cwd=ROOT,
        grace_seconds=grace_seconds,
        care=care,
        is_up=lambda: all((folder / name).exists() for name in names),
        announce=lambda: print("up", time.monotonic(), flush=True),  # noqa: T201
    ).run()


if __name__ == "__main__":
    main()

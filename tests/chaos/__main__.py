"""`python -m tests.chaos [--database postgresql] [--long]`: kill everything at random, then count what was lost.

Real processes on an installation of its own in a temporary folder; ends 0 only when nothing was lost, doubled
or left standing. Prints a table on stderr and JSON on stdout. The seed decides what is killed in which order; the
moments differ from run to run.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
from pathlib import Path

from tests.chaos.place import Disk, Postgres, environment

SHORT = {
    "kills": 12,
    "least_kills": 4,
    "pause_seconds": 0.4,
    "seconds": {"LEASE": 2, "WATCHDOG": 5, "HINT": 7, "STUCK": 40, "AGENT_DEADLINE": 8, "AGENT_PROGRESS": 8},
    "flight": 5,
    "kill_seconds": 6,
    "drain_seconds": 120,
    "delay_ms": 2,
}
LONG = {
    "kills": 500,
    "least_kills": 500,
    "pause_seconds": 0.7,
    "seconds": {
        "LEASE": 4,
        "WATCHDOG": 15,
        "HINT": 17,
        "STUCK": 60,
        "AGENT_DEADLINE": 12,
        "AGENT_PROGRESS": 10,
    },
    "flight": 8,
    "kill_seconds": 1200,
    "drain_seconds": 180,
    "delay_ms": 3,
}


def main():
    options = _parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="bp-chaos-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        # First: what is mounted here belongs to all that starts from here.
        disk = Disk(folder / "artifacts")
        postgres = Postgres() if options.database == "postgresql" else None
        try:
            report = _run(options, folder, disk, postgres)
        finally:
            if postgres:
                postgres.close()
            disk.close()
        if options.keep:
            Path(options.keep).write_bytes((folder / "log.txt").read_bytes())
    _tell(report)
    return 1 if report["problems"] or report["kills"] < options.least_kills else 0


def _run(options, folder, disk, postgres):
    env = environment(folder, options.database, postgres, seconds=options.seconds)
    os.environ.clear()
    os.environ.update(env)
    import django

    django.setup()
    from tests.chaos.run import Run
    from tests.chaos.site import Site

    site = Site(env, folder, delay_ms=options.delay_ms)
    try:
        return Run(site, disk, postgres, options).carry_out()
    finally:
        site.close()


def _parse():
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--long", action="store_true", help="500 kills and all scenarios at length")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--talking", type=float, default=0.3, help="share of features that begin in the chat")
    parser.add_argument("--keep", help="where to copy the log of the processes")
    for name, value in SHORT.items():
        if name == "seconds":
            continue
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value))
    options = parser.parse_args()
    for name, value in (LONG if options.long else SHORT).items():
        if getattr(options, name, None) is None:
            setattr(options, name, value)
    return options


def _tell(report):
    lines = [f"Chaos on {report['database']}, seed {report['seed']}, {report['seconds']} s"]
    lines += [f"  {'kills':<42}{report['kills']:>6}  {report['kills by process']}"]
    lines += [f"  {what:<42}{count:>6}" for what, count in report["harm"].items()]
    lines += [f"  {what:<42}{told}" for what, told in {**report["scenarios"], **report["figures"]}.items()]
    lines += report["problems"] or ["  Nothing was lost, nothing was doubled, nothing stands still."]
    sys.stderr.write("\n".join(lines) + "\n")
    sys.stdout.write(json.dumps(report, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tests.bench [--only NAME…] [--database NAME] [--patience N] [--strict]`: the figures we hold, as a table.

Each bench runs in a process of its own on a fresh copy of an empty installation with local files, on SQLite and,
where docs/performance.md names it, again on PostgreSQL; it is ended when it takes too long. The figures also go
to var/bench.json. A missed figure is told, and fails the command with --strict only; one that could not be
measured always fails it.
"""

import argparse
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import postgres
from tests.bench.table import MISSED, NOT_MEASURED, Figure, as_rows, as_text
from tests.unlimited import LIMITS

ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "var" / "bench.json"
ALL_SECONDS = 600  # what begins later gets what is left
SQLITE, POSTGRESQL = "sqlite", "postgresql"


@dataclass(frozen=True)
class Bench:
    """seconds: what it may take at most, on each of its databases."""

    seconds: int
    databases: tuple = (SQLITE,)


BOTH = (SQLITE, POSTGRESQL)
BENCHES = {
    "chat_relay": Bench(110),
    "long_relay": Bench(115),
    "chat_streams": Bench(140),
    "pages": Bench(90),
    "listeners": Bench(50, BOTH),
    "pipeline": Bench(45, BOTH),
    "enqueue": Bench(30),
    "many_steps": Bench(40, (POSTGRESQL,)),
    "caching": Bench(40),
    "demo_feature": Bench(30),
    "zip_download": Bench(35),
    "dashboard": Bench(30),
    "build_monitor": Bench(60),
}
# The embedded default, whatever the caller's environment says.
OWN_SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "buildpractical.settings",
    "PRODUCTION": "0",
    "DEBUG": "0",
    "ARTIFACTS_BUCKET": "",
    "HOST": "127.0.0.1",
    **dict.fromkeys(LIMITS, "1000000"),
    # What the bench itself does, as an operator's command; on SQLite there are no roles.
    "DATABASE_ROLE": "ops",
}


def main(arguments=None):
    options = _parse(arguments)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="bp-bench-") as folder:
        figures = _measure(options.only or list(BENCHES), options.database, Path(folder))
    _write(figures, load)
    _say(f"\n{as_text(figures)}")
    _say(f"Load of the machine before: {load:.1f} on {os.cpu_count()} cores. Kept in var/{RESULT.name}.")
    verdicts = {figure.verdict for figure in figures}
    return int(NOT_MEASURED in verdicts or (options.strict and MISSED in verdicts))


def _parse(arguments):
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--only", nargs="+", choices=list(BENCHES), help="measure these alone")
    parser.add_argument("--database", choices=BOTH, help="on this one alone")
    parser.add_argument("--strict", action="store_true", help="fail when a figure is missed")
    parser.add_argument(
        "--patience", type=float, default=1, help="a busy machine: limits so many times longer"
    )
    options = parser.parse_args(arguments)
    os.environ["BENCH_PATIENCE"] = str(options.patience)
    return options


def _measure(names, only, folder):
    figures = []
    end = time.monotonic() + ALL_SECONDS * float(os.environ["BENCH_PATIENCE"])
    for database in BOTH:
        due = [name for name in names if database in BENCHES[name].databases and only in (None, database)]
        if due:
            with ExitStack() as stack:
                server = stack.enter_context(postgres.running()) if database == POSTGRESQL else None
                figures += _on(database, server, due, folder / database, end)
    return figures


def _on(database, server, names, folder, end):
    """Return the figures of the benches on one database, each named after it where both are measured."""
    empty, figures = folder / "empty", []
    if server:
        server.create(postgres.TEMPLATE)
    subprocess.run(
        [sys.executable, "manage.py", "release", "--skip-static"],
        cwd=ROOT, env=_environment(empty, server, postgres.TEMPLATE), check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    for name in names:
        _say(f"measuring {name} on {database} …")
        shutil.copytree(empty, folder / name)
        if server:
            server.create(f"bench_{name}", template=postgres.TEMPLATE)
        environment = _environment(folder / name, server, f"bench_{name}")
        seconds = min(BENCHES[name].seconds * float(environment["BENCH_PATIENCE"]), end - time.monotonic())
        measured = _bench(name, folder / name, environment, seconds)
        if len(BENCHES[name].databases) > 1:
            measured = [replace(figure, name=f"{figure.name} ({database})") for figure in measured]
        figures += measured
    return figures


def _bench(name, data_dir, environment, seconds):
    """Run one bench and return its figures, or one that says why there are none."""
    result, log = data_dir / "figures.json", data_dir / "log.txt"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.one", name, str(result)],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            process.wait(max(seconds, 0))
            reason = f"ended with {process.returncode}"
        except subprocess.TimeoutExpired:
            reason = f"not ready after {seconds:.0f} s"
        finally:
            # Its servers are in its group, and end with it.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode == 0 and result.exists():
        return [Figure(**row) for row in json.loads(result.read_text())]
    _say(log.read_text()[-4000:])
    return [Figure(name, None, "", note=reason)]


def _environment(data_dir, server, name):
    kept = {key: value for key, value in os.environ.items() if key != "BP_TESTING"}
    database = {"DATABASE_ENGINE": SQLITE}
    if server:
        database = {"DATABASE_ENGINE": POSTGRESQL, "DATABASE_HOST": server.host, "DATABASE_NAME": name}
    return kept | OWN_SETTINGS | database | {"DATA_DIR": str(data_dir)}


def _say(text):
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _write(figures, load):
    RESULT.parent.mkdir(mode=0o700, exist_ok=True)
    told = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load_before": round(load, 2),
        "figures": as_rows(figures),
    }
    RESULT.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())

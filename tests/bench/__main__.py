"""`python -m tests.bench [--only NAME…] [--strict]`: measure the figures we hold, as a table.

Each bench runs in a process of its own on a fresh copy of an empty installation (SQLite, local files), and is
ended when it takes too long. The figures also go to var/bench.json. A missed figure is told, and fails the
command with --strict only; one that could not be measured always fails it.
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
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.table import MISSED, NOT_MEASURED, Figure, as_rows, as_text
from tests.unlimited import LIMITS

ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "var" / "bench.json"
# name → seconds it may take; together less than four minutes
BENCHES = {"chat_relay": 110, "enqueue": 30, "demo_feature": 30, "zip_download": 35, "dashboard": 30}
# The embedded default, whatever the caller's environment says.
OWN_SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "buildpractical.settings",
    "DATABASE_ENGINE": "sqlite",
    "PRODUCTION": "0",
    "DEBUG": "0",
    "ARTIFACTS_BUCKET": "",
    "HOST": "127.0.0.1",
    **dict.fromkeys(LIMITS, "1000000"),
}


def main(arguments=None):
    options = _parse(arguments)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="bp-bench-") as folder:
        figures = _measure(options.only or list(BENCHES), Path(folder))
    _write(figures, load)
    _say(f"\n{as_text(figures)}")
    _say(f"Load of the machine before: {load:.1f} on {os.cpu_count()} cores. Kept in var/{RESULT.name}.")
    verdicts = {figure.verdict for figure in figures}
    return int(NOT_MEASURED in verdicts or (options.strict and MISSED in verdicts))


def _parse(arguments):
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--only", nargs="+", choices=list(BENCHES), help="measure these alone")
    parser.add_argument("--strict", action="store_true", help="fail when a figure is missed")
    return parser.parse_args(arguments)


def _measure(names, folder):
    empty, figures = folder / "empty", []
    subprocess.run(
        [sys.executable, "manage.py", "release", "--skip-static"],
        cwd=ROOT, env=_environment(empty), check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    for name in names:
        _say(f"measuring {name} …")
        shutil.copytree(empty, folder / name)
        figures += _bench(name, folder / name)
    return figures


def _bench(name, data_dir):
    """Run one bench and return its figures, or one that says why there are none."""
    result, log = data_dir / "figures.json", data_dir / "log.txt"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.one", name, str(result)],
            cwd=ROOT,
            env=_environment(data_dir),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            process.wait(BENCHES[name])
            reason = f"ended with {process.returncode}"
        except subprocess.TimeoutExpired:
            reason = f"not ready after {BENCHES[name]} s"
        finally:
            # Its servers are in its group, and end with it.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode == 0 and result.exists():
        return [Figure(**row) for row in json.loads(result.read_text())]
    _say(log.read_text()[-4000:])
    return [Figure(name, None, "", note=reason)]


def _environment(data_dir):
    kept = {key: value for key, value in os.environ.items() if key not in ("BP_TESTING", "DATABASE_ROLE")}
    return kept | OWN_SETTINGS | {"DATA_DIR": str(data_dir)}


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

"""200 steps that wait for a model at once, in the worker as production runs it: memory and time to start."""

import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from django.db import transaction

from buildpractical.lib.clock import utcnow
from features import transitions
from features.models import Feature
from tests.bench import processes
from tests.bench.demo_feature import drafted
from tests.bench.people import make_people
from tests.bench.table import Figure

STEPS, WORKSPACES = 200, 20
WORKER = {"WORKERS": "4", "STEP_THREADS": "50"}  # the defaults of production
START_PATIENCE_SECONDS = 30
STREAMING_SECONDS = 4


def measure():
    """Return the wait from the commit until the model has the last of 200 requests, and the worker's memory."""
    people = make_people("steps", WORKSPACES)
    with transaction.atomic():
        waiting = [drafted(people[number % WORKSPACES]) for number in range(STEPS)]
    with tempfile.TemporaryDirectory() as folder:
        notes = Path(folder) / "asked"
        command = [sys.executable, "-m", "tests.bench.slow_model", "--notes", str(notes)]
        with (
            processes.model_server(command) as model_url,
            processes.worker(SIMULATOR_URL=model_url, **WORKER) as worker,
        ):
            with transaction.atomic():
                for feature, brief in waiting:
                    transitions.confirm_brief(
                        feature=feature, document=brief, actor=feature.created_by, now=utcnow()
                    )
            begin = utcnow()
            processes.wait_until(
                lambda: len(notes.read_text().splitlines()) >= STEPS, START_PATIENCE_SECONDS, every=0.1
            )
            time.sleep(STREAMING_SECONDS)
            running = Feature.objects.filter(lease_token__isnull=False).count()
            pids = processes.family(worker.pid)
            memory = processes.shared_memory_bytes(pids)
            whole = sum(processes.memory_bytes(pid) for pid in pids)
        asked = sorted(float(line) for line in notes.read_text().splitlines())
    waits = [(datetime.fromtimestamp(at, UTC) - begin).total_seconds() for at in asked[:STEPS]]
    return [
        Figure(
            f"{STEPS} steps at once: the last one asks its model",
            waits[-1],
            "s",
            hold=6,
            note=f"the first after {waits[0]:.1f} s, half of them after {waits[STEPS // 2]:.1f} s; {running} of "
            f"{STEPS} still had their model when memory was read",
        ),
        Figure(
            f"{STEPS} steps at once: memory in all",
            memory / 1e6,
            "MB",
            hold=350,
            note=f"`manage.py work` and its {len(pids) - 1} processes, shared memory once; counted in each process it "
            f"would be {whole / 1e6:.0f} MB",
        ),
    ]

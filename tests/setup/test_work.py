import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django_q.tasks import async_task

from buildpractical.lib.clock import utcnow
from features.models import Feature, Transition
from features.statuses import Status
from tests.queue.processes import alive, family, kill, wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc"),
]


def test_work_on_postgresql_serves_as_app_and_sweeps_as_ops(feature_in, tmp_path):
    if connection.vendor != "postgresql":
        pytest.skip("roles are PostgreSQL's")
    feature, _ = feature_in(Status.PLAN_GENERATING)
    Feature.objects.update(lease_until=utcnow() - timedelta(seconds=1))
    env = os.environ | {"DATABASE_NAME": connection.settings_dict["NAME"], "SWEEP_SECONDS": "0.2"}
    env |= {"SECRET_KEY": settings.SECRET_KEY, "DATA_DIR": str(tmp_path), "LOG_LEVEL": "CRITICAL"}
    env.pop("DATABASE_ROLE")  # manage.py gives each process its own
    async_task("tests.queue.tasks.note_role", str(tmp_path / "role"))

    work = subprocess.Popen(
        [sys.executable, "manage.py", "work", "--skip-checks"], cwd=settings.BASE_DIR, env=env
    )
    try:
        wait_until(lambda: (tmp_path / "role").exists() and (tmp_path / "role").read_text())
        wait_until(lambda: Transition.objects.filter(feature=feature, reason="worker lost").exists())
        everybody = family(work.pid)
        work.terminate()
        code = work.wait(10)
    finally:
        kill([work.pid, *family(work.pid)], signal.SIGKILL)
        work.wait()

    assert ((tmp_path / "role").read_text(), code) == ("bp_app", 0)
    assert [pid for pid in everybody if alive(pid)] == []

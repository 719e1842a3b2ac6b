import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django_q.conf import Conf
from django_q.signing import SignedPackage

from tests.queue.processes import alive, children, family, kill, wait_until


class Cluster:
    """A real qcluster of two processes on a SQLite file of its own; messages are put in as rows."""

    def __init__(self, folder, env):
        self.folder = folder
        self.database = folder / "db.sqlite3"
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "qcluster", "--skip-checks"], cwd=settings.BASE_DIR, env=env
        )
        wait_until(lambda: len(self.workers_and_helpers()) == 4)

    @property
    def sentinel(self):
        return (children(self.process.pid) or [None])[0]

    def workers_and_helpers(self):
        return children(self.sentinel) if self.sentinel else []

    def send(self, func, *args):
        now = datetime.now(UTC)
        task = {"id": os.urandom(16).hex(), "name": "test", "func": func, "args": args, "kwargs": {}}
        payload = SignedPackage.dumps(task | {"started": now})
        sql = "INSERT INTO django_q_ormq (key, payload, lock) VALUES (?, ?, ?)"
        self.execute(sql, Conf.CLUSTER_NAME, payload, now.replace(tzinfo=None).isoformat(" "))

    def run(self, func, *args):
        """Send a task of tests/queue/tasks.py; return the pid of the process that runs it."""
        before = len(self.lines())
        self.send(f"tests.queue.tasks.{func}", str(self.folder / "notes"), *args)
        return int(wait_until(lambda: self.lines()[before:])[0])

    def lines(self):
        file = self.folder / "notes"
        return file.read_text().split() if file.exists() else []

    def execute(self, sql, *args):
        connection = sqlite3.connect(self.database, timeout=10)
        with connection:
            rows = connection.execute(sql, args).fetchall()
        connection.close()
        return rows

    def close(self):
        pids = [self.process.pid, *family(self.process.pid)]
        kill(pids, signal.SIGKILL)
        self.process.wait()
        wait_until(lambda: not any(map(alive, pids)))


@pytest.fixture(scope="session")
def queue_tables(tmp_path_factory):
    """A SQLite file with the queue's tables, made once."""
    folder = tmp_path_factory.mktemp("queue-tables")
    command = [sys.executable, "manage.py", "migrate", "django_q", "--skip-checks", "--verbosity", "0"]
    subprocess.run(command, cwd=settings.BASE_DIR, env=_env(folder), check=True)
    return folder / "db.sqlite3"


@pytest.fixture
def cluster(queue_tables, tmp_path):
    shutil.copy(queue_tables, tmp_path / "db.sqlite3")
    cluster = Cluster(tmp_path, _env(tmp_path))
    yield cluster
    cluster.close()


def _env(folder):
    return os.environ | {
        "DATA_DIR": str(folder),
        "DATABASE_ENGINE": "sqlite",
        "SECRET_KEY": settings.SECRET_KEY,
        "WORKERS": "2",
        "STEP_THREADS": "2",
        "LOG_LEVEL": "CRITICAL",
    }

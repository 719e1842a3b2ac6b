import base64
import os
import pickle
import queue
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.models import OrmQ, Task
from django_q.pusher import pusher
from django_q.signing import BadSignature, SignedPackage

from buildpractical.queue import unpickling

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Hostile:
    """Makes a folder when it is unpickled."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_hostile_really_runs_with_plain_pickle(tmp_path):
    pickle.loads(pickle.dumps(Hostile(tmp_path / "ran")))

    assert (tmp_path / "ran").exists()


def test_loads_plain_values_and_times_come_back():
    value = {"args": (1, 2), "started": NOON, "wait": timedelta(seconds=3), "text": "å", "none": None}

    assert unpickling.loads(pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)) == value


@pytest.mark.parametrize("data", [b"", b"\x80\x05", b"no pickle", pickle.dumps(os.system), b"cos\nsystem\n."])
def test_loads_anything_else_raises_bad_signature(data):
    with pytest.raises(BadSignature):
        unpickling.loads(data)


@pytest.mark.django_db
def test_pusher_hostile_message_never_runs_and_is_dropped(tmp_path):
    OrmQ.objects.create(
        key=Conf.CLUSTER_NAME, payload=SignedPackage.dumps(Hostile(tmp_path / "ran")), lock=NOON
    )
    tasks, once = queue.Queue(), threading.Event()
    once.set()

    pusher(tasks, once, get_broker())

    assert (tasks.qsize(), OrmQ.objects.count(), (tmp_path / "ran").exists()) == (0, 0, False)


@pytest.mark.django_db
def test_task_row_hostile_result_never_runs_when_read(tmp_path):
    Task.objects.create(id="a" * 32, name="a", func="f", args=(1,), started=NOON, stopped=NOON, success=False)
    text = base64.b64encode(pickle.dumps(Hostile(tmp_path / "ran"))).decode()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_q_task SET result = %s", [text])

    row = Task.objects.get()

    assert (row.args, row.result, (tmp_path / "ran").exists()) == ((1,), text, False)

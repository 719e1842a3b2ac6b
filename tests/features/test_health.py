from datetime import timedelta

import pytest
from django_q.models import OrmQ

from buildpractical.lib.clock import utcnow


def test_health_is_ok_for_everybody(client, db):
    response = client.get("/health")

    assert (response.status_code, response.content) == (200, b"ok\n")
    assert response.headers["Cache-Control"] == "no-store"


def test_health_is_a_503_when_no_worker_takes_jobs(client, db, settings):
    OrmQ.objects.create(key="bp", payload="x", lock=utcnow() - timedelta(seconds=settings.STUCK_SECONDS + 1))

    response = client.get("/health")

    assert (response.status_code, response.content) == (503, b"not ok\n")


def test_health_is_ok_while_a_worker_runs_a_job(client, db):
    OrmQ.objects.create(key="bp", payload="x", lock=utcnow() + timedelta(hours=3))

    assert client.get("/health").status_code == 200


def test_health_is_a_503_when_files_cannot_be_stored(client, db, settings, tmp_path):
    (tmp_path / "file").write_text("no folder")
    storages = {name: dict(value) for name, value in settings.STORAGES.items()}
    storages["artifacts"]["OPTIONS"] = storages["artifacts"]["OPTIONS"] | {
        "location": tmp_path / "file" / "x"
    }
    settings.STORAGES = storages

    assert client.get("/health").status_code == 503


@pytest.mark.django_db
def test_health_is_a_503_when_the_database_is_away(client, monkeypatch):
    from django.db import OperationalError, connection

    def away(*args):
        raise OperationalError("away")

    monkeypatch.setattr(connection, "cursor", away)

    assert client.get("/health").status_code == 503

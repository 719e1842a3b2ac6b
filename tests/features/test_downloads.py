"""Files and downloads hold no database connection while bytes are on their way."""

import os
import socket
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import connection

from features import artifacts
from features.statuses import Status
from tests import factories
from tests.live import site, wait_until  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)


class Watching(FileSystemStorage):
    """Notes for each file whether the reader's thread holds a transaction and a connection."""

    held = []

    def _open(self, *args, **kwargs):
        # One to SQLite stays open: outside a transaction it holds nothing.
        held = connection.connection is not None and connection.vendor != "sqlite"
        self.held.append((connection.in_atomic_block, held))
        return super()._open(*args, **kwargs)


def test_file_page_reads_the_storage_without_transaction_and_connection(ada_client, feature_in, settings):
    feature, _ = feature_in(Status.DONE)
    file = artifacts.current(feature).first()
    settings.STORAGES["artifacts"]["BACKEND"] = f"{__name__}.Watching"
    settings.STORAGES = settings.STORAGES | {}
    Watching.held.clear()

    page = ada_client.get(f"/app/features/{feature.public_id}/files/{file.pk}")

    assert page.status_code == 200
    assert Watching.held == [(False, False)]


def test_file_page_works_under_row_level_security(ada_client, feature_in, as_app_role):
    feature, _ = feature_in(Status.DONE)
    file = artifacts.current(feature).get(path="src/main.ts")
    as_app_role()

    page = ada_client.get(f"/app/features/{feature.public_id}/files/{file.pk}")

    assert page.status_code == 200
    assert "package.json" in page.content.decode()


def connections():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return cursor.fetchone()[0]


def test_download_holds_no_connection_while_a_slow_reader_reads(site, ada, feature_in, monkeypatch):  # noqa: F811
    if connection.vendor != "postgresql":
        pytest.skip("connections are counted on PostgreSQL's side")
    monkeypatch.setitem(factories.FILES, "src/big.bin", ("source", os.urandom(16_000_000)))
    feature, _ = feature_in(Status.DONE)
    person = site.person(ada)
    assert person.get("/app").status_code == 200
    before = connections()
    where, (name, value) = urlsplit(site.url), next(iter(person.cookies.items()))
    request = (
        f"GET /app/features/{feature.public_id}/download HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Cookie: {name}={value}\r\n\r\n"
    )

    with closing(socket.socket()) as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.connect((where.hostname, where.port))
        reader.sendall(request.encode())

        assert reader.recv(100).startswith(b"HTTP/1.1 200 OK")
        wait_until(lambda: connections() <= before, seconds=6, what="the connection to be given back")

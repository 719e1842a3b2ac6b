"""The product on PostgreSQL as it runs for people: pools, the operators' connection, bp_app and its row security."""

import json
import os
import re
import signal
import subprocess
import sys

import httpx2
import psycopg
import pytest
from django.conf import settings
from psycopg import sql

from tests.live import Frames
from tests.queue.processes import family, kill
from tests.setup.test_up import free_port

pytestmark = pytest.mark.skipif(
    os.environ.get("TEST_DATABASE") != "postgresql" or sys.platform != "linux",
    reason="starts the product on PostgreSQL",
)
OURS = ("BP_", "DJANGO_", "DATABASE_", "TEST_", "DATA_DIR", "SECRET_KEY", "PYTEST_")


@pytest.fixture
def database():
    """An empty database of bp_ops, as an operator makes it; its name."""
    name = f"bp_up{os.environ.get('TEST_DB_SUFFIX', '')}"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    host = os.environ["TEST_PGHOST"]
    with psycopg.connect(host=host, user="bp_ops", dbname="postgres", autocommit=True) as operator:
        operator.execute(drop)
        operator.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield name
        operator.execute(drop)


@pytest.fixture
def product(database, tmp_path):
    """`manage.py up` on that database, nothing of the tests' settings: process, address, errors."""
    port = free_port()
    env = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    env |= {
        "DATABASE_ENGINE": "postgresql", "DATABASE_HOST": os.environ["TEST_PGHOST"], "DATABASE_NAME": database,
        "DATA_DIR": str(tmp_path), "PORT": str(port), "SIMULATOR_PORT": str(free_port()),
        "LOG_LEVEL": "ERROR",
        "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
    }  # fmt: skip
    with open(tmp_path / "errors", "w+") as errors:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=settings.BASE_DIR, env=env, text=True, stdout=subprocess.PIPE, stderr=errors, start_new_session=True,
        )  # fmt: skip
        everybody = [process.pid]
        try:
            assert process.stdout.readline().startswith("Build Practical is ready"), errors_of(tmp_path)
            everybody += family(process.pid)
            yield process, f"http://127.0.0.1:{port}"
        finally:
            kill([*everybody, *family(process.pid)], signal.SIGKILL)
            process.communicate()


def errors_of(tmp_path):
    return (tmp_path / "errors").read_text()


class Visitor:
    """A browser with cookies; every answer it gets is noted."""

    def __init__(self, url):
        self.url, self.answers = url, []
        self.http = httpx2.Client(base_url=url, timeout=10, trust_env=False, follow_redirects=True)

    def get(self, path):
        response = self.http.get(path)
        self.answers.append((path.rstrip("/").rpartition("/")[2], response.status_code))
        return response

    def post(self, path, data=None, *, on, htmx=False):
        csrf = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.http.get(on).text)[1]
        headers = {"Referer": self.url} | ({"HX-Request": "true"} if htmx else {})
        response = self.http.post(path, data={"csrfmiddlewaretoken": csrf} | (data or {}), headers=headers)
        self.answers.append((path.rstrip("/").rpartition("/")[2], response.status_code))
        return response


def test_person_signs_up_and_talks_to_the_demo(product, tmp_path):
    process, url = product
    ada = Visitor(url)

    assert ada.get("/health").status_code == 200
    form = {"email": "ada@example.com", "password1": "a quiet harbour at dawn"}
    ada.post("/accounts/signup/", form, on="/accounts/signup/")
    page = ada.post("/app/features/new", {"provider": "demo", "idea": ""}, on="/app/features/new")
    feature = page.url.path
    with ada.http.stream("GET", f"{feature}/events") as response:
        frames = Frames(response)
        frames.wait_for("caught_up")
        sent = ada.post(f"{feature}/messages", {"body": "A list of our plants."}, on=feature, htmx=True)
        frames.wait_for("", data="message 2")
        written = "".join(json.loads(data)["text"] for name, _, data in frames.all if name == "text")
    assert 'data-message-id="2"' in sent.text
    assert written
    for part in (
        "",
        "/chat",
        "/gate",
        "/head",
        "/documents",
        "/files",
        "/monitor",
        "/progress",
        "/log",
        "/runs",
        "/messages/2",
    ):
        ada.get(feature + part)
    for path in ("/", "/app", "/app/features", "/app/settings", "/accounts/email/", "/accounts/sessions/"):
        ada.get(path)
    # The key's road: three views that ask the provider or the vault, none of them in a transaction.
    ada.post("/app/settings/key", {"key": "no key"}, on="/app/settings", htmx=True)
    wrong = [(name, status) for name, status in ada.answers if status != 200]
    assert wrong == [("key", 422)]

    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    assert errors_of(tmp_path) == ""

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

from tests.live import Frames, wait_until
from tests.queue.processes import family, kill
from tests.setup.test_up import free_port

pytestmark = pytest.mark.skipif(
    os.environ.get("TEST_DATABASE") != "postgresql" or sys.platform != "linux",
    reason="starts the product on PostgreSQL",
)
OURS = (
    *("BP_", "DJANGO_", "DATABASE_", "TEST_", "DATA_DIR", "SECRET_KEY", "PYTEST_"),
    *("DATA_REQUESTS_PER_MINUTE", "BUILDS_", "MESSAGES_PER_HOUR"),
)


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
def environment(database, tmp_path):
    """What the product's processes are started with; nothing of the tests' settings."""
    mails = tmp_path / "mails"
    mails.mkdir()
    env = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    env |= {
        "DATABASE_ENGINE": "postgresql", "DATABASE_HOST": os.environ["TEST_PGHOST"], "DATABASE_NAME": database,
        "DATA_DIR": str(tmp_path), "PORT": str(free_port()), "SIMULATOR_PORT": str(free_port()),
        "LOG_LEVEL": "ERROR",
        "EMAIL_BACKEND": "tests.features.mail_folder.Folder", "MAIL_FOLDER": str(mails),
    }  # fmt: skip
    return env


@pytest.fixture
def product(environment, tmp_path):
    """`manage.py up` on that database: process, address."""
    with open(tmp_path / "errors", "w+") as errors:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=settings.BASE_DIR, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=errors, start_new_session=True,
        )  # fmt: skip
        everybody = [process.pid]
        try:
            assert process.stdout.readline().startswith("Build Practical is ready"), errors_of(tmp_path)
            everybody += family(process.pid)
            yield process, f"http://127.0.0.1:{environment['PORT']}"
        finally:
            kill([*everybody, *family(process.pid)], signal.SIGKILL)
            process.communicate()


def errors_of(tmp_path):
    """Return the lines that the processes wrote beside warnings: of every 4xx there is one."""
    lines = (tmp_path / "errors").read_text().splitlines()
    return [line for line in lines if '"level": "warning"' not in line]


FORM = {"email": "ada@example.com", "password1": "a quiet harbour at dawn"}
SEND = "import django; django.setup(); from features import tasks; print(tasks.send_mail())"


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
    ada.post("/accounts/signup/", FORM, on="/accounts/signup/")
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
    assert errors_of(tmp_path) == []


def test_build_of_a_spec_writes_a_letter_and_limits_are_kept(product, environment, tmp_path):
    _, url = product
    ada = Visitor(url)
    ada.post("/accounts/signup/", FORM, on="/accounts/signup/")
    spec = ada.post(
        "/app/specs/new", {"title": "Plants", "body": "Each plant has a name."}, on="/app/specs/new"
    ).url.path

    page = ada.post(f"{spec}/build", {"version": "1", "provider": "demo"}, on=spec)
    feature = page.url.path
    brief = wait_until(lambda: re.search(r'name="document" value="(\d+)"', ada.get(f"{feature}/gate").text))
    confirmed = ada.post(f"{feature}/brief/confirm", {"document": brief[1]}, on=feature, htmx=True)
    wait_until(lambda: "Is this what you want?" in ada.get(f"{feature}/gate").text)
    rows = [ada.http.get("/app/work") for _ in range(101)]
    # The schedule does the same each minute.
    environment |= {"DJANGO_SETTINGS_MODULE": "buildpractical.settings"}
    sending = subprocess.run(
        [sys.executable, "-c", SEND], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True
    )

    assert confirmed.headers["X-RateLimit-Remaining"] == "9"
    assert [row.status_code for row in rows] == [200] * 100 + [429]
    assert (sending.stdout, sending.stderr) == ("1\n", "")
    subjects = [path.read_text() for path in (tmp_path / "mails").iterdir()]
    assert ["Subject: Your turn: Plants" in mail for mail in subjects].count(True) == 1
    with psycopg.connect(
        host=environment["DATABASE_HOST"], user="bp_ops", dbname=environment["DATABASE_NAME"]
    ) as operator:
        told = operator.execute("SELECT data FROM accounts_auditentry WHERE action = 'limit.reached'")
        assert told.fetchall() == [({"limit": "data"},)]
    assert errors_of(tmp_path) == []

"""The web server as a process: told to end, killed, and beside a second one. No async-unsafe exception here."""

import os
import re
import signal
import socket
import subprocess
import sys

import httpx2
import pytest
from django.conf import settings
from django.db import connection

from tests.factories import make_feature
from tests.live import Person, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def feature(transactional_db, ada):
    return make_feature(ada)


@pytest.fixture
def server(transactional_db):
    """Return a function that starts a web server on the tests' database; (process, address)."""
    started = []

    def start(**env):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "buildpractical.asgi:application", "--port", str(port)]
            + ["--lifespan", "on", "--ws", "none", "--timeout-graceful-shutdown", "5", "--no-access-log"],
            cwd=settings.BASE_DIR,
            env={name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
            | {
                "DJANGO_SETTINGS_MODULE": "tests.chat.process_settings",
                "LIVE_DATABASE_NAME": str(connection.settings_dict["NAME"]),
                "DATABASE_ROLE": "app",  # PostgreSQL: under row-level security, as in production
            }
            | env,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: process.poll() is not None or answers(url), seconds=30, what="the server to start")
        assert process.poll() is None, process.stderr.read()
        return process, url

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stderr.close()


def answers(url):
    try:
        return httpx2.get(f"{url}/accounts/login/", trust_env=False).status_code
    except httpx2.TransportError:
        return None


def at(feature, rest):
    return f"/app/features/{feature.public_id}/{rest}"


def answer(feature):
    return feature.messages.filter(role="assistant").last()


def numbers(text):
    return [int(number) for number in text.split()]


def sent(frames):
    """The numbers that a page was given as text."""
    return numbers(
        "".join(re.findall(r'"text":"([^"]*)"', " ".join(data for _, _, data in frames.named("text"))))
    )


def test_server_that_is_told_to_end_saves_every_piece_and_ends(server, feature, ada):
    process, url = server()
    person = Person(url, ada)
    with person.stream(at(feature, "events")) as frames:
        frames.wait_for("caught_up")
        assert person.post(at(feature, "messages"), {"body": "Count"}).status_code == 200
        wait_until(lambda: len(sent(frames)) > 20)

        process.send_signal(signal.SIGTERM)
        errors = process.communicate(timeout=10)[1]

    message = answer(feature)
    assert (message.state, message.stop_reason) == ("interrupted", "shutdown")
    assert numbers(message.body) == list(range(message.chunks))
    assert message.chunks >= len(sent(frames)) > 20
    assert "Traceback" not in errors


def test_server_that_is_killed_loses_half_a_second_and_the_next_one_settles(server, feature, ada):
    process, url = server(REPLY_LEASE_SECONDS="1.5")
    person = Person(url, ada)
    person.post(at(feature, "messages"), {"body": "Count"})
    wait_until(lambda: answer(feature).chunks > 20)
    process.kill()
    process.wait()
    kept = answer(feature)
    assert kept.state == "streaming"

    _, url = server(REPLY_LEASE_SECONDS="1.5")

    wait_until(lambda: answer(feature).state == "interrupted", what="the sweep")
    assert (answer(feature).stop_reason, answer(feature).body) == ("lost", kept.body)
    assert "Continue" in Person(url, ada).get(at(feature, "messages/2")).text


def test_answer_is_seen_and_stopped_through_another_process(server, feature, ada):
    _, writer = server()
    _, other = server()
    reader = Person(other, ada)
    Person(writer, ada).post(at(feature, "messages"), {"body": "Count"})

    with reader.stream(at(feature, "events")) as frames:
        frames.wait_for("snapshot", count=3)
        response = reader.post(at(feature, "messages/2/stop"))
        frames.wait_for("", data="message 2")

    assert response.status_code == 200
    message = answer(feature)
    assert (message.state, message.stop_reason) == ("interrupted", "stopped")
    assert numbers(message.body) == list(range(message.chunks))


def test_server_answers_every_view_without_touching_the_database_in_its_loop(server, feature, ada):
    _, url = server()
    person = Person(url, ada)
    post = {
        "messages": {"body": "Count"},
        "messages/2/stop": {},
        "messages/2/continue": {},
        "messages/3/stop": {},
        "brief/write": {},
        "messages/4/stop": {},
        "messages/4/retry": {},
        "draft": {"body": "And"},
    }
    statuses = {}
    for path, data in post.items():
        statuses[path] = person.post(at(feature, path), data).status_code
        statuses[f"{path}, no script"] = person.post(at(feature, path), data, htmx=False).status_code
    for path in ("conversation", "chat", "composer", "messages/newer", "messages/1"):
        statuses[path] = person.get(at(feature, path)).status_code

    assert [(path, status) for path, status in statuses.items() if status >= 500] == []

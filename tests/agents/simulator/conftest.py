import json

import httpx2
import pytest

from agents.simulator.brains.scripted import text
from agents.simulator.server import running
from agents.simulator.validate import NEW_VERSION

KEY = "sk-ant-test"
LONG = "Nothing is as long as it looks. " * 30


def ask(**changes):
    """Return a small valid messages body with changes; None removes a field."""
    body = {
        "model": "claude-sonnet-4-6",
        "max_tokens": 1_000,
        "messages": [{"role": "user", "content": "Hello"}],
    } | changes
    return {name: value for name, value in body.items() if value is not None}


class Raw:
    """Sends requests without an SDK, which would hide what is on the wire."""

    def __init__(self, sim, http):
        self.sim = sim
        self.http = http

    def post(self, body, *, path="/v1/messages", key=KEY, version=NEW_VERSION, **options):
        headers = {"authorization": f"Bearer {key}", "anthropic-version": version}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.http.post(self.sim.base_url + path, content=content, headers=headers, **options)

    def get(self, path, *, key=KEY, version=NEW_VERSION, **options):
        headers = {"authorization": f"Bearer {key}", "anthropic-version": version}
        return self.http.get(self.sim.base_url + path, headers=headers, **options)

    def events(self, body, **options):
        """Return [(event name, data as text)] of a streamed answer."""
        answer = self.post(body | {"stream": True}, **options).text
        frames = [part.split("\n") for part in answer.split("\n\n") if part]
        return [(name.removeprefix("event: "), data.removeprefix("data: ")) for name, data in frames]


@pytest.fixture
def sim():
    with running(lambda request: ([text("Hi")], "end_turn"), faults=True) as server:
        yield server


@pytest.fixture
def raw(sim):
    with httpx2.Client(trust_env=False, timeout=10) as http:
        yield Raw(sim, http)


@pytest.fixture
def long_raw(raw):
    raw.sim.brain = lambda request: ([text(LONG)], "end_turn")
    return raw

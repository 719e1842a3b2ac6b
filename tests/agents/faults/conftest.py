import socket
import threading
from contextlib import closing

import pytest

from agents.simulator import faults
from buildpractical.lib import dbthread
from features.failures import Failure
from tests.agents.faults.table import FREE, GUESSED, OWN, WORDS
from tests.live import Site

CLOCK_SECONDS = 0.5


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker):
    """One server for all rows: to start and stop it takes longer than most of them."""
    with django_db_blocker.unblock():
        site = Site()
        site.start()
        yield site
        site.stop()
        dbthread.close()


class Recorder:
    """Another host: it answers nobody and keeps what it was sent."""

    def __init__(self):
        self.heard = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self):
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            self.heard.append("connection")
            with closing(link):
                link.settimeout(0.2)
                try:
                    self.heard.append(link.recv(65_536))
                except OSError:
                    continue

    def close(self):
        # Closing alone does not wake accept().
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


@pytest.fixture
def elsewhere(monkeypatch, model):
    """Every other place that a prompt or key could go to: the target of a redirect, a proxy."""
    recorder = Recorder()
    model.redirect_to = recorder.url
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, recorder.url)
        monkeypatch.setenv(name.lower(), recorder.url)
    yield recorder
    recorder.close()
    assert recorder.heard == []


@pytest.fixture
def break_down(elsewhere, key_of, model, settings, monkeypatch):
    """Return a function that lets the provider fail so many times, and then work."""
    good = model.base_url

    def prepare(fault, times, *, clock=False):
        model.requests.clear()
        if clock:
            hurry(settings)
            # So that the simulator sees soon that it was left.
            monkeypatch.setattr(faults, "SLOW_SECONDS", CLOCK_SECONDS / 20)
        if fault == "refused":
            with closing(socket.create_server(("127.0.0.1", 0))) as nobody:
                settings.ANTHROPIC_BASE_URL = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        else:
            key_of(f"sk-ant-sim-{fault}-{times}")

    def mend():
        settings.ANTHROPIC_BASE_URL = good

    key_of("sk-ant-faults-usual-key-0")
    prepare.mend = mend
    return prepare


def hurry(settings):
    """Shorten both clocks of every agent."""
    settings.AGENT_CATALOG = {
        name: line | {"deadline_seconds": 2 * CLOCK_SECONDS, "progress_seconds": CLOCK_SECONDS}
        for name, line in settings.AGENT_CATALOG.items()
    }


def assert_recorded(run, row, failure):
    """The run says how the call ended, and its cost as far as it is known."""
    assert (run.state, run.failure) == ("failed", failure)
    assert run.error_type == row.error
    assert run.finished_at >= run.started_at
    counts = (run.input_tokens, run.output_tokens, run.cost_microusd)
    if row.cost == FREE:
        assert (*counts, run.estimated) == (0, 0, 0, False)
    elif row.cost in (OWN, GUESSED):
        assert min(counts) > 0
        assert run.estimated == (row.cost == GUESSED)
    else:
        assert (*counts, run.estimated) == (None, None, None, False)


def words_of(failure):
    return WORDS[Failure(failure)]

"""A real server and people who talk to it over sockets."""

import socket
import threading
import time
from contextlib import contextmanager, suppress

import httpx2
import pytest
import uvicorn
from django.test import Client

from buildpractical.asgi import application
from chat import replies
from features.hub import hub

CSRF = "c" * 32
PATIENCE_SECONDS = 30  # generous: it says how long a broken test lasts, not what is measured


class Site:
    """uvicorn in a thread of the test's process."""

    def __init__(self):
        config = uvicorn.Config(
            application, port=0, lifespan="on", ws="none", log_config=None, timeout_graceful_shutdown=3
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, name="site", daemon=True)

    def start(self):
        self.thread.start()
        wait_until(lambda: self.server.started or not self.thread.is_alive())
        assert self.server.started, "The server did not start."
        self.loop = hub.loop
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"

    def close(self):
        """Begin to close, as a signal does in the main thread."""
        self.loop.call_soon_threadsafe(replies.close)

    def stop(self):
        if self.thread.is_alive():
            self.close()
            self.server.should_exit = True
            self.thread.join(20)
        assert not self.thread.is_alive(), "The server did not end."

    def person(self, user):
        """Return the user's browser, signed in."""
        return Person(self.url, user)


class Person:
    """What a browser sends: cookies, the CSRF token, htmx's header."""

    def __init__(self, url, user):
        self.url = url
        signed_in = Client()
        signed_in.force_login(user)
        self.cookies = {"sessionid": signed_in.cookies["sessionid"].value, "csrftoken": CSRF}
        self.http = httpx2.Client(
            base_url=url, cookies=self.cookies, timeout=PATIENCE_SECONDS, trust_env=False
        )

    def get(self, path, **more):
        return self.http.get(path, **more)

    def post(self, path, data=None, *, htmx=True):
        headers = {"X-CSRFToken": CSRF} | ({"HX-Request": "true"} if htmx else {})
        return self.http.post(path, data=data or {}, headers=headers)

    @contextmanager
    def stream(self, path, *, last=None):
        """Give the frames of a live stream, read in a thread of its own."""
        headers = {"Last-Event-ID": str(last)} if last is not None else {}
        with self.http.stream("GET", path, headers=headers) as response:
            frames = Frames(response)
            try:
                yield frames
            finally:
                # Closing alone would send nothing while the other thread waits for bytes.
                connection = response.extensions["network_stream"].get_extra_info("socket")
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
                frames.thread.join(PATIENCE_SECONDS)


class Frames:
    """Frames of one stream as (event, id, data), in order."""

    def __init__(self, response):
        self.response, self.all, self.ended = response, [], False
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        event, seq, data = "", None, []
        try:
            for line in self._lines():
                if line.startswith("data:"):
                    data.append(line[5:].removeprefix(" "))
                elif line.startswith("event:"):
                    event = line[6:].strip()
                elif line.startswith("id:"):
                    seq = int(line[3:])
                elif not line and data:
                    self.all.append((event, seq, "\n".join(data)))
                    event, seq, data = "", None, []
        except (httpx2.TransportError, httpx2.StreamError):
            pass
        self.ended = True

    def _lines(self):
        # As a browser does: only these end a line, not all that Python's splitlines() takes for an end.
        rest = ""
        for text in self.response.iter_text():
            *lines, rest = (rest + text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
            yield from lines

    def named(self, event):
        return [frame for frame in list(self.all) if frame[0] == event]

    def wait_for(self, event, *, count=1, data=None):
        """Wait until so many frames of that name (and text) have come; return them."""

        def found():
            return [frame for frame in self.named(event) if data is None or frame[2] == data]

        wait_until(lambda: len(found()) >= count, what=f"{count} × {event or 'change'} {data or ''}")
        return found()


def wait_until(condition, *, seconds=PATIENCE_SECONDS, what="the condition"):
    """Poll until the condition holds; fail after the time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.01)
    raise AssertionError(f"Waited {seconds} s for {what}")


@pytest.fixture
def site(transactional_db, settings):
    """The site on a real port of this machine (`site.url`, `site.person(user)`)."""
    settings.REPLY_GRACE_SECONDS = 0.2
    settings.HUB_POLL_SECONDS = 0.05
    site = Site()
    site.start()
    yield site
    site.stop()

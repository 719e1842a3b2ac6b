"""Who is acting, and in which workspace: two context variables that row-level security reads.

On PostgreSQL the database wrapper (lib/rls) writes them into each outermost transaction. On SQLite they
bound nothing, and `visible_to(user)` alone is the wall.
"""

from contextlib import contextmanager, nullcontext
from contextvars import ContextVar

from django.db import connection, transaction

_user = ContextVar("user", default=None)
_workspace = ContextVar("workspace", default=None)


def current_user():
    """Return the id of the acting user, or None."""
    return _user.get()


def current_workspace():
    """Return the id of the acting workspace, or None."""
    return _workspace.get()


@contextmanager
def acting(*, user_id=None, workspace_id=None):
    """Set both ids for the block; transactions that begin inside see only these rows."""
    user, workspace = _user.set(user_id), _workspace.set(workspace_id)
    try:
        yield
    finally:
        _user.reset(user)
        _workspace.reset(workspace)


@contextmanager
def as_workspace(workspace_id, *, user_id=None, durable=False):
    """Run the block as the workspace in a transaction of its own, or inside the one that is open.

    Inside an open transaction the setting is applied for the block and put back after it.
    """
    apply = getattr(connection, "apply_tenant", lambda: None)
    nested = bool(connection.atomic_blocks)
    try:
        with acting(user_id=user_id, workspace_id=workspace_id), transaction.atomic(durable=durable):
            if nested:
                apply()
            yield
    finally:
        # After an error that broke the outer transaction no statement is possible; its rollback ends the setting.
        if nested and not connection.needs_rollback:
            apply()


def reading(workspace_id, *, user_id=None):
    """Return the context for reads of one workspace.

    Row-level security needs a transaction that names the workspace; on SQLite a transaction would take the
    one lock for writing, only to read.
    """
    return as_workspace(workspace_id, user_id=user_id) if connection.vendor == "postgresql" else nullcontext()

"""Database connections are given back before anything slow."""

from django.db import connections


def release_connection():
    """Give this thread's connections back, so that none is held while a model, a provider or a page answers.

    One to SQLite stays: outside a transaction it holds nothing that others wait for, and opening costs as much
    as several writes.
    Raises RuntimeError inside atomic(): a transaction that spans a model call is a defect.
    """
    for connection in connections.all(initialized_only=True):
        ours = [block for block in connection.atomic_blocks if not getattr(block, "_from_testcase", False)]
        if ours:
            raise RuntimeError("A transaction is open: nothing slow may happen inside atomic().")
        if not connection.atomic_blocks and connection.vendor != "sqlite":
            connection.close()

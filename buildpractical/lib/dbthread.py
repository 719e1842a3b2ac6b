"""Database work of async code: one thread a process, with one connection that is kept.

A thread and a connection for each open page or answer would use them all up; with one writer SQLite is also
faster. Functions run here see no request: they name their workspace themselves (tenancy.as_workspace).
"""

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

IDLE_SECONDS = 5

_executor = None
_used_at = 0.0


async def db(func, *args):
    """Run func(*args) on the database thread and return its result."""
    return await asyncio.get_running_loop().run_in_executor(_thread(), _run, func, args)


def close():
    """Close the thread's connections; the next call opens new ones. Waits for running work."""
    _thread().submit(connections.close_all).result()


def _thread():
    global _executor
    if _executor is None:
        _executor = ThreadPoolExecutor(1, thread_name_prefix="db")
    return _executor


def _run(func, args):
    global _used_at
    # A connection that lay idle may have been cut: Django then asks the server before the first query.
    if time.monotonic() - _used_at > IDLE_SECONDS:
        for connection in connections.all(initialized_only=True):
            connection.health_check_done = False
    try:
        return func(*args)
    finally:
        _used_at = time.monotonic()
        for connection in connections.all(initialized_only=True):
            if connection.errors_occurred:
                if connection.is_usable():
                    connection.errors_occurred = False
                else:
                    connection.close()


def _forget():
    # Threads do not survive a fork, and its connection belongs to the parent.
    global _executor
    _executor = None


os.register_at_fork(after_in_child=_forget)

import asyncio
import os
import threading

import pytest
from django.db import OperationalError, connection

from accounts.models import User
from buildpractical.lib import dbthread
from buildpractical.lib.dbthread import db

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_connection_left():
    yield
    dbthread.close()


def whoami():
    User.objects.count()
    return threading.get_ident(), id(connection.connection)


async def several(count):
    return await asyncio.gather(*[db(whoami) for _ in range(count)])


def test_db_uses_one_thread_and_one_connection_for_everything():
    assert len(set(asyncio.run(several(20)))) == 1


def test_db_keeps_them_from_one_loop_to_the_next():
    assert asyncio.run(several(1)) == asyncio.run(several(1))


def test_db_is_not_the_thread_of_the_loop():
    assert asyncio.run(several(1))[0][0] != threading.get_ident()


def test_db_hands_errors_back_and_goes_on():
    def broken():
        raise ValueError("no")

    async def play():
        with pytest.raises(ValueError, match="no"):
            await db(broken)
        return await db(User.objects.count)

    assert asyncio.run(play()) == 0


def test_db_goes_on_after_a_statement_that_failed():
    def broken():
        with connection.cursor() as cursor:
            cursor.execute("SELECT nonsense FROM nowhere")

    async def play():
        with pytest.raises(Exception, match="nowhere"):
            await db(broken)
        return await db(User.objects.count)

    assert asyncio.run(play()) == 0


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only a server can cut a connection")
def test_db_opens_a_new_connection_after_the_old_one_was_cut():
    def backend():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return cursor.fetchone()[0]

    async def play():
        first = await db(backend)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [first])
        with pytest.raises(OperationalError):
            await db(backend)
        return first != await db(backend)

    assert asyncio.run(play())


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only a server can cut a connection")
def test_db_asks_first_after_a_connection_lay_idle(monkeypatch):
    def backend():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return cursor.fetchone()[0]

    async def play():
        first = await db(backend)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [first])
        monkeypatch.setattr(dbthread, "IDLE_SECONDS", 0)
        return first != await db(backend)

    assert asyncio.run(play())


def test_db_works_in_a_forked_child():
    asyncio.run(several(1))
    child = os.fork()
    if child == 0:
        try:
            answer = asyncio.run(asyncio.wait_for(several(1), 10))
            os._exit(0 if len(answer) == 1 else 1)
        except BaseException:
            os._exit(2)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_close_lets_the_next_call_open_a_new_connection():
    before = asyncio.run(several(1))
    dbthread.close()

    assert asyncio.run(several(1))[0][0] == before[0][0]

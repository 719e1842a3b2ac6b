"""PostgreSQL's LISTEN on a connection of its own, outside the pool."""

import psycopg
from django.db import connection
from psycopg import sql

NOT_FOR_ASYNC = {"context", "cursor_factory", "prepare_threshold"}


async def listen(channel, heard, ready):
    """Call heard(payload) for each notification until cancelled or the connection breaks.

    ready(): called once notifications arrive; whatever was committed before it may have been missed.
    Raises psycopg.OperationalError when the connection breaks.
    """
    params = connection.get_connection_params()
    kept = {name: value for name, value in params.items() if name not in NOT_FOR_ASYNC}
    async with await psycopg.AsyncConnection.connect(autocommit=True, **kept) as listener:
        await listener.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        ready()
        async for notification in listener.notifies():
            heard(notification.payload)

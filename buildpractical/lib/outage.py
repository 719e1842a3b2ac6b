"""Short outages of the database, such as its restart."""

import logging
import time

from django.db import InterfaceError, OperationalError, connection

logger = logging.getLogger(__name__)

OUTAGES = (OperationalError, InterfaceError)
WAITS_SECONDS = (1, 2, 4, 8, 16, 32)


def outlasting(act):
    """Return act(); while the database is away do it again, for about a minute. act: may run several times.

    Not inside a transaction: what stood in it is gone.
    """
    for wait in (*WAITS_SECONDS, None):
        try:
            return act()
        except OUTAGES:
            if wait is None or connection.in_atomic_block:
                raise
            logger.warning("Database away", extra={"again_in_seconds": wait})
            connection.close()
            time.sleep(wait)
    raise AssertionError("unreachable")

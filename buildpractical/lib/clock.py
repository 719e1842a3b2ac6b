"""The one clock: aware datetimes in UTC."""

from datetime import UTC, datetime


def utcnow():
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)

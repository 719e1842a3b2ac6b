"""How much a person may do in a time: counted in the database, exact over all processes (ADR 18)."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection

from accounts import audit
from accounts.models import AuditEntry, LimitCounter
from buildpractical.lib.clock import utcnow
from buildpractical.lib.tenancy import as_workspace, reading

REFUSED = "limit.reached"  # in the audit
AUDIT_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True)
class Limit:
    """setting: the name of the most. seconds: the time it is counted in."""

    name: str
    setting: str
    seconds: int

    @property
    def most(self):
        return getattr(settings, self.setting)


DATA = Limit("data", "DATA_REQUESTS_PER_MINUTE", 60)
BUILDS = Limit("builds", "BUILDS_PER_HOUR", 3600)
MESSAGES = Limit("messages", "MESSAGES_PER_HOUR", 3600)
ALL = (DATA, BUILDS, MESSAGES)


@dataclass(frozen=True)
class State:
    """Where a person stands. reset_at: aware, when the counting begins again. retry_seconds: None = go on."""

    reason: str
    most: int
    remaining: int
    reset_at: datetime
    retry_seconds: int | None = None

    @property
    def headers(self):
        told = {
            "X-RateLimit-Limit": str(self.most),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(math.ceil(self.reset_at.timestamp())),
        }
        return told | ({"Retry-After": str(self.retry_seconds)} if self.retry_seconds is not None else {})

    def tell(self, response):
        """Put the headers on the answer and return it; LimitsMiddleware reads its `limit`."""
        for name, value in self.headers.items():
            response.headers[name] = value
        response.limit = self
        return response

    @property
    def wait(self):
        """How long to wait, in words."""
        if self.retry_seconds <= 90:
            return f"{self.retry_seconds} second{'' if self.retry_seconds == 1 else 's'}"
        return f"{math.ceil(self.retry_seconds / 60)} minutes"


class LimitReached(Exception):
    """The person has used the limit up; `state` says which one, and when to go on. Nothing was counted."""

    def __init__(self, state):
        super().__init__(state.reason)
        self.state = state


# One statement: no reader comes between looking and counting. A row whose time is over begins again; a full one
# is left as it is and returns nothing. The row stays locked until the caller's transaction ends.
TAKE = """
INSERT INTO accounts_limitcounter AS c (user_id, name, started_ms, used) VALUES (%(user)s, %(name)s, %(now)s, %(n)s)
ON CONFLICT (user_id, name) DO UPDATE SET
  used = CASE WHEN c.started_ms <= %(old)s THEN 0 ELSE c.used END + %(n)s,
  started_ms = CASE WHEN c.started_ms <= %(old)s THEN %(now)s ELSE c.started_ms END
WHERE c.started_ms <= %(old)s OR c.used + %(n)s <= %(most)s OR %(n)s = 0
RETURNING used, started_ms
"""


def take(limit, user_id, *, now, count=1):
    """Count once and return the State; one query, two when the limit is reached: LimitReached.

    What the caller's transaction takes back is not counted. count=0 only locks the person's row until the
    transaction ends, and is never refused.
    """
    now_ms = int(now.timestamp() * 1000)
    values = {
        "user": user_id,
        "name": limit.name,
        "now": now_ms,
        "old": now_ms - limit.seconds * 1000,
        "n": count,
        "most": limit.most,
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKE, values)
        row = cursor.fetchone()
    if row is not None:
        used, started_ms = row
        return State(limit.name, limit.most, max(0, limit.most - used), _ends(limit, started_ms))
    started_ms = LimitCounter.objects.values_list("started_ms", flat=True).get(
        user_id=user_id, name=limit.name
    )
    raise LimitReached(refusal(limit.name, limit.most, _ends(limit, started_ms), now=now))


def refusal(reason, most, reset_at, *, now):
    """Return the State of somebody who must wait."""
    wait = max(1, math.ceil((reset_at - now).total_seconds()))
    return State(reason, most, 0, reset_at, retry_seconds=wait)


def data_endpoint(view):
    """Mark a view that gives out data: each call counts (accounts.middleware.LimitsMiddleware)."""
    view.is_data_endpoint = True
    return view


def record_refusal(state, *, user_id, workspace_id):
    """Write into the audit that the person was refused; at most once a minute for each limit."""
    mine = AuditEntry.objects.filter(
        workspace_id=workspace_id,
        actor_id=user_id,
        action=REFUSED,
        data__limit=state.reason,
        at__gt=utcnow() - AUDIT_AGAIN,
    )
    # Who asks on and on only reads: neither rows nor the lock for writing are taken each time.
    with reading(workspace_id, user_id=user_id):
        if mine.exists():
            return
    with as_workspace(workspace_id, user_id=user_id):
        audit.record(REFUSED, workspace_id=workspace_id, actor_id=user_id, limit=state.reason)


def prune(*, now):
    """Delete the rows whose time is over; return how many."""
    old = int((now.timestamp() - max(limit.seconds for limit in ALL)) * 1000)
    return LimitCounter.objects.filter(started_ms__lt=old).delete()[0]


def take_data(user_id):
    """Count one call of a data endpoint; return the State, refused or not."""
    try:
        return take(DATA, user_id, now=utcnow())
    except LimitReached as reached:
        return reached.state


def _ends(limit, started_ms):
    return datetime.fromtimestamp(started_ms / 1000 + limit.seconds, tz=UTC)

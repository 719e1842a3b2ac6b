"""Tells a worker that hangs from one that is busy (jobs.md §4)."""

from datetime import timedelta

from django.conf import settings

from features import leases
from features.models import Feature, Transition


def stands_still(*, now):
    """Return whether due work has waited while this host's worker had free threads and claimed nothing.

    Needs a database role that sees all workspaces. One query while nothing waits, three at most.
    """
    since = now - timedelta(seconds=settings.WATCHDOG_SECONDS)
    due = (f for f in leases.worklist() if not f.lease_token and not f.wake_at and f.progress_at < since)
    if not any(due):
        return False
    here = f"{leases.HOST}-"
    threads = settings.Q_CLUSTER["workers"] * settings.STEP_THREADS
    if Feature.objects.filter(lease_token__startswith=here).count() >= threads:
        return False
    # Not those of the future: after the clock was put back they would blind us until it has caught up.
    claims = Transition.objects.filter(at__gt=since, at__lte=now, reason__startswith=f"claimed {here}")
    return not claims.exists()

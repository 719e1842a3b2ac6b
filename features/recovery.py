"""Finds what stands still and repairs it; the sweeper, a schedule and a command call it (jobs.md §5)."""

import random
from collections import Counter
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django_q.brokers import get_broker
from django_q.models import Failure as QueueFailure

from accounts import letters, limits
from buildpractical.lib.clock import utcnow
from buildpractical.lib.tenancy import as_workspace
from features import dispatch, leases, stories, transitions
from features.failures import Failure
from features.models import Event, Feature
from features.statuses import TERMINAL

QUEUE_FAILURE_DAYS = 7
PRUNE_BATCH = 1_000


def recover_stuck(*, now=None, dry_run=False, hint_seconds=None):
    """Repair every feature that stands still; return counts by verdict.

    hint_seconds: how long a queued feature may wait before it is woken again; by default short only while the
    queue is empty, since a long backlog is not a lost message.
    """
    now = now or utcnow()
    if hint_seconds is None:
        hint_seconds = settings.HINT_SECONDS if get_broker().queue_size() == 0 else settings.STUCK_SECONDS
    counts = _repair(leases.worklist(), now=now, dry_run=dry_run, hint_seconds=hint_seconds)
    if not dry_run and (lost := import_string(settings.RUN_SWEEPER)(now=now)):
        counts["lost_runs"] = lost
    return counts


def recover(features, *, now):
    """Repair these features now, without waiting for a hint to fall due; return counts (admin action)."""
    return _repair(features, now=now, dry_run=False, hint_seconds=0)


def _repair(features, *, now, dry_run, hint_seconds):
    counts = Counter()
    for feature in features:
        if verdict := diagnose(feature, now=now, hint_seconds=hint_seconds):
            with suppress(transitions.StaleFeature), as_workspace(feature.workspace_id):
                if not dry_run:
                    REPAIRS[verdict](feature, now)
                counts[verdict] += 1
    return dict(counts)


def diagnose(feature, *, now, hint_seconds):
    """Return "hint", "requeue", "fail_lost", "fail_silent", "stopped", "set_back" or None for an active feature."""
    quiet = (now - feature.progress_at).total_seconds()
    lasting = (feature.lease_until - now).total_seconds() if feature.lease_until else 0
    if quiet < -settings.LEASE_SECONDS or lasting > 2 * settings.LEASE_SECONDS:
        return "set_back"
    if feature.lease_token is None:
        due = feature.wake_at <= now if feature.wake_at else quiet > hint_seconds
        return "hint" if due else None
    if feature.lease_until < now:
        if feature.stop_requested_at:
            return "stopped"
        return "requeue" if feature.attempts < settings.STEP_MAX_ATTEMPTS else "fail_lost"
    return "fail_silent" if quiet > settings.STUCK_SECONDS else None


def _hint(feature, now):
    # Compare-and-swap: of two sweepers one sends the message.
    same = Feature.objects.filter(
        pk=feature.pk, version=feature.version, progress_at=feature.progress_at, lease_token=None
    )
    if same.update(progress_at=now, wake_at=None) != 1:
        raise transitions.StaleFeature(feature.pk)
    dispatch.enqueue_advance(feature)


def _set_back(feature, now):
    """Bring times that lie in the future down to now: the clock was put back, and they would last too long.

    A living worker's heart renews its lease from now on; a dead one's runs out in the usual time.
    """
    ahead = max(feature.progress_at - now, timedelta())
    same = Feature.objects.filter(
        pk=feature.pk,
        version=feature.version,
        progress_at=feature.progress_at,
        lease_token=feature.lease_token,
        lease_until=feature.lease_until,
    )
    fields = {"progress_at": min(feature.progress_at, now)}
    if feature.lease_until:
        fields["lease_until"] = min(feature.lease_until, now + timedelta(seconds=settings.LEASE_SECONDS))
    if feature.wake_at:
        fields["wake_at"] = feature.wake_at - ahead
    if same.update(**fields) != 1:
        raise transitions.StaleFeature(feature.pk)


def _requeue(feature, now):
    # A step that kills its process takes neighbours along: later tries are spread, so not always the same.
    wait = 0 if feature.attempts <= 1 else random.uniform(0, settings.REQUEUE_SPREAD_SECONDS)  # noqa: S311
    wake_at = now + timedelta(seconds=wait) if wait else None
    transitions.requeue_step(feature=feature, now=now, wake_at=wake_at, reason=stories.WORKER_LOST)


def _fail(failure):
    def repair(feature, now):
        transitions.fail_step(feature=feature, failure=failure, now=now)

    return repair


REPAIRS = {
    "hint": _hint,
    "requeue": _requeue,
    "fail_lost": _fail(Failure.WORKER_LOST),
    "fail_silent": _fail(Failure.NO_PROGRESS),
    "stopped": _fail(Failure.STOPPED),
    "set_back": _set_back,
}


def prune(*, now):
    """Delete events older than EVENT_DAYS of finished features, old queue failures, counters, letters; return counts.

    Deletes in batches, each its own transaction, as the role that sees all workspaces (a schedule runs it in
    the worker, which does not).
    """
    old = now - timedelta(days=settings.EVENT_DAYS)
    counts = {"events": 0}
    events = Event.objects.using(settings.OPS_DB)
    while True:
        with transaction.atomic(using=settings.OPS_DB):
            batch = events.filter(at__lt=old, feature__status__in=TERMINAL).values_list("pk", flat=True)
            deleted, _ = events.filter(pk__in=list(batch[:PRUNE_BATCH])).delete()
        counts["events"] += deleted
        if deleted < PRUNE_BATCH:
            break
    failures = QueueFailure.objects.filter(stopped__lt=now - timedelta(days=QUEUE_FAILURE_DAYS))
    counts["queue_failures"] = failures.count()
    failures.delete()
    counts["limit_counters"] = limits.prune(now=now)
    counts["letters"] = letters.prune(now=now)
    return counts

"""What the queue and its schedules call. Ids only; each may run twice, late and out of order."""

import logging
import random
from copy import copy
from datetime import timedelta

from django.conf import settings
from django.utils.module_loading import import_string

from accounts import letters
from buildpractical.lib.clock import utcnow
from buildpractical.lib.connections import release_connection
from buildpractical.lib.outage import OUTAGES, outlasting
from buildpractical.lib.tenancy import acting, as_workspace
from buildpractical.queue.supervisor import stopping
from features import leases, notices, recovery, transitions
from features.failures import Failure
from features.steps import StepError

logger = logging.getLogger(__name__)


def advance(feature_id, version):
    """Run the feature's next step if it still stands at that version; returns how it ended, in a word."""
    if stopping():
        leases.put_back(feature_id, version, now=utcnow())
        return "skip"
    feature = leases.claim(feature_id, version, now=utcnow())
    return _run(feature) if feature else "skip"


def recover_stuck():
    """Repair what a dead worker or a lost message left behind (schedule, each 15 minutes)."""
    return recovery.recover_stuck()


def prune():
    """Delete old events of finished features and old failures of the queue (schedule, daily)."""
    return recovery.prune(now=utcnow())


def send_mail():
    """Write and send the letters that people wait for (schedule, each minute)."""
    notices.write_letters(now=utcnow())
    return letters.send_due(now=utcnow())


def _run(feature):
    handler = import_string(settings.PIPELINE_STEPS[feature.status])
    with acting(workspace_id=feature.workspace_id), leases.held(feature) as lease:
        release_connection()
        try:
            end, arguments = transitions.finish_step, {"outcome": handler(feature, lease=lease)}
        except Exception as error:
            end, arguments = _after_error(feature, error)
        return _end(feature, end, arguments)


def _after_error(feature, error):
    if isinstance(error, leases.LeaseLost | leases.Stopping):
        return leases.release, {}
    if isinstance(error, OUTAGES):
        logger.warning("Database away in the middle of a step", extra={"feature": feature.pk})
        error = StepError(Failure.CRASHED, permanent=False)
    if not isinstance(error, StepError):
        logger.exception("Step crashed", extra={"feature": feature.pk, "status": feature.status})
        return transitions.fail_step, {"failure": Failure.CRASHED}
    if error.permanent or feature.requeues >= settings.STEP_MAX_REQUEUES:
        return transitions.fail_step, {"failure": error.failure, "detail": error.detail}
    return _requeue, {"error": error}


def _requeue(*, feature, error, now):
    usual = settings.STEP_RETRY_SECONDS[min(feature.requeues, len(settings.STEP_RETRY_SECONDS) - 1)]
    wait = error.retry_after_seconds or usual * random.uniform(0.7, 1.3)  # noqa: S311  spread, not secrecy
    wake_at = now + timedelta(seconds=wait)
    transitions.requeue_step(
        feature=feature,
        now=now,
        wake_at=wake_at,
        reason=str(error.failure),
        attempts=0,
        requeues=feature.requeues + 1,
    )


def _end(feature, end, arguments):
    def write():
        # A copy each time: a failed try must not leave its version behind.
        with as_workspace(feature.workspace_id):
            end(feature=copy(feature), now=utcnow(), **arguments)

    try:
        outlasting(write)  # a paid answer outlives a short outage of the database
    except transitions.StaleFeature:
        return "lost"
    return end.__name__.strip("_")

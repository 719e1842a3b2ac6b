"""Every move of a feature. One function an arrow; all pass through _move."""

from django.db import transaction
from django.db.models import F

from buildpractical.lib.returning import update_returning
from features import artifacts, builds, dispatch, documents, events, notices, stories
from features.failures import Failure
from features.models import Feature, Transition
from features.statuses import ACTIVE, ALLOWED, GATES, REVISABLE, STARTS, WORKING, Status


class StaleFeature(Exception):
    """Another writer was faster: the row is no longer what this caller looked at."""


class WrongStatus(StaleFeature):
    """The feature's status does not allow this at all."""


# --- what people decide -----------------------------------------------------------------------------------
# What sends a feature to work returns where the person then stands in their builds of the hour (limits.State).


def confirm_brief(*, feature, document, actor, now):
    """Move DRAFTING → SPEC_GENERATING with the brief the person looked at.

    Raises StaleFeature when it is not the newest brief or another writer was faster.
    """
    _demand(feature, Status.DRAFTING, decided=document.approved_at)
    with transaction.atomic():
        _move(feature, source=Status.DRAFTING, target=Status.SPEC_GENERATING, actor=actor, now=now)
        standing = builds.count(feature, actor=actor, now=now)
        _mark_approved(feature, document, kind="brief", actor=actor, now=now)
        dispatch.enqueue_advance(feature)
    return standing


def approve_spec(*, feature, document, actor, now):
    """Move SPEC_READY → SPEC_APPROVED and queue the planner.

    document: the revision the person looked at; a newer one makes this stale.
    Raises StaleFeature when another writer moved the feature first.
    """
    return _approve(Status.SPEC_READY, feature=feature, document=document, actor=actor, now=now)


def approve_plan(*, feature, document, actor, now):
    """Move PLAN_READY → PLAN_APPROVED and queue the test writer; see approve_spec."""
    return _approve(Status.PLAN_READY, feature=feature, document=document, actor=actor, now=now)


def approve_tests(*, feature, document, actor, now):
    """Move TESTS_READY → TESTS_APPROVED and queue the implementer; see approve_spec."""
    return _approve(Status.TESTS_READY, feature=feature, document=document, actor=actor, now=now)


APPROVE = {
    Status.SPEC_READY: approve_spec,
    Status.PLAN_READY: approve_plan,
    Status.TESTS_READY: approve_tests,
}


def revise(*, feature, document, actor, now):
    """Move a gate or FAILED → SPEC_GENERATING with a revised brief; everything downstream is superseded.

    document: the proposed brief the person looked at.
    Raises StaleFeature when it is not the newest proposal or another writer was faster.
    """
    _demand(feature, *REVISABLE, decided=document.approved_at)
    with transaction.atomic():
        _move(
            feature,
            source=feature.status,
            target=Status.SPEC_GENERATING,
            actor=actor,
            now=now,
            reason=stories.REVISED,
        )
        standing = builds.count(feature, actor=actor, now=now)
        feature.documents.filter(
            kind="brief", superseded_at=None, approved_at__isnull=False
        ).update(superseded_at=now)  # fmt: skip
        documents.supersede(feature, kinds=documents.DOWNSTREAM, now=now)
        artifacts.supersede(feature, now=now)
        _mark_approved(feature, document, kind="brief", actor=actor, now=now)
        dispatch.enqueue_advance(feature)
    return standing


def retry(*, feature, actor, now):
    """Move FAILED → the last good checkpoint; what was finished is kept.

    A review that said no starts a new build from the files and the findings. A step that runs again skips what
    it finds finished. Raises StaleFeature when another writer was faster.
    """
    _demand(feature, Status.FAILED)
    with transaction.atomic():
        target, fields = _checkpoint(feature), {}
        if feature.failure == Failure.REVIEW_FAILED:
            target, fields = Status.TESTS_APPROVED, {"build": feature.build + 1}
            documents.supersede(feature, kinds=documents.REVIEWS, now=now)
        _move(
            feature,
            source=Status.FAILED,
            target=target,
            actor=actor,
            now=now,
            reason="retry",
            attempts=0,
            requeues=0,
            **fields,
        )
        standing = builds.count(feature, actor=actor, now=now, is_new=bool(fields))
        if target in ACTIVE:
            dispatch.enqueue_advance(feature)
    return standing


def stop(*, feature, actor, now):
    """Stop the work: at once when nobody runs it, else at the running step's next look.

    Raises WrongStatus when there is nothing to stop.
    """
    with transaction.atomic():
        # Locked and read afresh: a worker that claims at this moment must be stopped too.
        fresh = Feature.objects.select_for_update().get(pk=feature.pk)
        _demand(fresh, *ACTIVE)
        if fresh.lease_token is None:
            fail_step(feature=fresh, failure=Failure.STOPPED, now=now, actor=actor)
        else:
            Feature.objects.filter(pk=fresh.pk).update(stop_requested_at=now)
            events.append(fresh, kind="activity", data={"what": "stopping"})
    feature.refresh_from_db()


def _approve(gate, *, feature, document, actor, now):
    kind, target = GATES[gate]
    _demand(feature, gate, decided=document.approved_at)
    with transaction.atomic():
        _move(feature, source=gate, target=target, actor=actor, now=now)
        standing = builds.count(feature, actor=actor, now=now, is_new=False)
        _mark_approved(feature, document, kind=kind, actor=actor, now=now)
        # A brief that was proposed and not confirmed is turned down by approving.
        feature.documents.filter(kind="brief", superseded_at=None, approved_at=None).update(superseded_at=now)
        dispatch.enqueue_advance(feature)
    return standing


def _demand(feature, *statuses, decided=None):
    if feature.status not in statuses:
        raise StaleFeature(feature.pk) if decided else WrongStatus(feature.pk)


def _mark_approved(feature, document, *, kind, actor, now):
    if document.feature_id != feature.pk or document.kind != kind:
        raise StaleFeature(feature.pk)
    try:
        documents.mark_approved(document, actor=actor, now=now)
    except documents.NotCurrent:
        raise StaleFeature(feature.pk) from None


def _checkpoint(feature):
    for kind, step in (
        ("spec", Status.SPEC_GENERATING),
        ("plan", Status.SPEC_APPROVED),
        ("tests", Status.PLAN_APPROVED),
    ):
        document = documents.current(feature, kind)
        # One that nobody approved was kept in the middle of its step, which has more to do behind it.
        if document is None or document.approved_at is None:
            return step
    failed_from = feature.transitions.order_by("-version").values_list("source", flat=True).first()
    return Status.REVIEW if failed_from == Status.REVIEW else Status.TESTS_APPROVED


# --- what workers do --------------------------------------------------------------------------------------


def start_step(*, feature, token, lease_until, now):
    """Claim: move to the working status with a fresh lease; StaleFeature when another was faster."""
    _move(
        feature,
        source=feature.status,
        target=STARTS.get(feature.status, feature.status),
        actor=None,
        now=now,
        reason=f"claimed {token}",
        lease_token=token,
        lease_until=lease_until,
        attempts=feature.attempts + 1,
    )


def finish_step(*, feature, outcome, now):
    """Move to the outcome's status with its rows; when the lease is lost, StaleFeature and nothing written."""
    with transaction.atomic():
        _move(
            feature,
            source=feature.status,
            target=outcome.target,
            actor=None,
            now=now,
            attempts=0,
            requeues=0,
            failure=outcome.failure,
            failure_detail=outcome.detail,
        )
        if outcome.save:
            outcome.save(feature=feature, now=now)
        if feature.status in WORKING:
            _go_on(feature, now=now)


def requeue_step(*, feature, now, wake_at=None, reason="", **fields):
    """Put the step back: at once, or not before wake_at (the sweeper wakes it then)."""
    with transaction.atomic():
        _move(
            feature,
            source=feature.status,
            target=feature.status,
            actor=None,
            now=now,
            reason=reason,
            wake_at=wake_at,
            **fields,
        )
        _go_on(feature, now=now)


def fail_step(*, feature, failure, now, detail="", actor=None):
    """Move to FAILED with words for the builder; documents and files stay."""
    _move(
        feature,
        source=feature.status,
        target=Status.FAILED,
        actor=actor,
        now=now,
        reason=str(Failure(failure)),
        failure=failure,
        failure_detail=detail,
    )


CLEARED = {
    "lease_token": None,
    "lease_until": None,
    "wake_at": None,
    "failure": "",
    "failure_detail": "",
}


def _go_on(feature, *, now):
    """Wake a worker for the feature, unless it waits for its time or the person has asked to stop."""
    if feature.stop_requested_at:
        fail_step(feature=feature, failure=Failure.STOPPED, now=now)
    elif feature.wake_at is None:
        dispatch.enqueue_advance(feature)


def _move(feature, *, source, target, actor, now, reason="", **fields):
    """Compare-and-swap on status, version and lease; history row and events in the same transaction.

    Three statements; afterwards the feature's fields are those of the row.
    """
    if target not in ALLOWED[source]:
        raise ValueError(f"{source} to {target}")
    same = Feature.objects.filter(
        pk=feature.pk, status=source, version=feature.version, lease_token=feature.lease_token
    )
    told = stories.of_move(feature, source=source, target=target, reason=reason, fields=fields)
    told = events.checked(told)
    # A wish to stop outlives every move of the engine, until it is carried out or nothing runs.
    wish = {} if target in ACTIVE and source in ACTIVE else {"stop_requested_at": None}
    with transaction.atomic(savepoint=False):
        moved = update_returning(
            same,
            status=target,
            version=feature.version + 1,
            event_seq=F("event_seq") + len(told),
            progress_at=now,
            **(CLEARED | wish | fields),
        )
        for row in moved:
            _tell(row, told, source=source, actor=actor, now=now, reason=reason)
    if not moved:  # outside the block: nothing was written, the caller's transaction stays good
        raise StaleFeature(feature.pk)
    for field in Feature._meta.concrete_fields:
        setattr(feature, field.attname, getattr(moved[0], field.attname))


def _tell(row, told, *, source, actor, now, reason):
    Transition.objects.create(
        workspace_id=row.workspace_id,
        feature_id=row.pk,
        version=row.version,
        source=source,
        target=row.status,
        actor=actor,
        reason=reason[:200],
        at=now,
    )
    row.event_seq = events.write(row, told, raised_to=row.event_seq)
    notices.note(row, now=now)

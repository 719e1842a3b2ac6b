"""Appends to a feature's one sequence of events."""

from django.db import connection, transaction

from buildpractical.lib.clock import utcnow
from features.models import Event, Feature

CHANNEL = "bp_events"
_NEXT_SEQ = "UPDATE features_feature SET event_seq = event_seq + 1 WHERE id = %s RETURNING event_seq"


def append(feature, *, kind, data):
    """Write the next event; two queries, inside the caller's transaction.

    The feature row is locked by raising its counter: numbers have no gaps and commit in order.
    data: ids and short facts, never what people or models wrote. Raises Feature.DoesNotExist.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An event belongs to the change it tells of.")
    with connection.cursor() as cursor:
        # By hand: the ORM has no RETURNING for updates, and each change anywhere tells of itself here.
        cursor.execute(_NEXT_SEQ, [feature.pk])
        row = cursor.fetchone()
    if row is None:
        raise Feature.DoesNotExist
    write(feature, seq=row[0], kind=kind, data=data)


def write(feature, *, seq, kind, data):
    """Write the event with that number, to which the caller has just raised the feature's counter."""
    Event.objects.create(
        workspace_id=feature.workspace_id,
        feature_id=feature.pk,
        seq=seq,
        kind=kind,
        data=data,
        at=utcnow(),
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, f"{feature.workspace_id}:{feature.pk}"])

"""Appends to a feature's one sequence of events."""

from django.db import connection, transaction
from django.db.models import F

from buildpractical.lib.clock import utcnow
from features.models import Event, Feature

CHANNEL = "bp_events"


def append(feature, *, kind, data):
    """Write the next event and return it; three queries, inside the caller's transaction.

    The feature row is locked by raising its counter: numbers have no gaps and commit in order.
    data: ids and short facts, never what people or models wrote.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An event belongs to the change it tells of.")
    Feature.objects.filter(pk=feature.pk).update(event_seq=F("event_seq") + 1)
    seq = Feature.objects.values_list("event_seq", flat=True).get(pk=feature.pk)
    event = Event.objects.create(
        workspace_id=feature.workspace_id, feature_id=feature.pk, seq=seq, kind=kind, data=data, at=utcnow()
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, f"{feature.workspace_id}:{feature.pk}"])
    return event

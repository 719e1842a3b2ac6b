"""Appends to a feature's one sequence of events."""

import json

from django.db import connection, transaction

from buildpractical.lib.clock import utcnow
from features.models import Feature

CHANNEL = "bp_events"
_WRITE = "INSERT INTO features_event (workspace_id, feature_id, seq, kind, data, at) VALUES (%s, %s, %s, %s, %s, %s)"
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
    """Write the event with that number, to which the caller has just raised the feature's counter; one query."""
    told = f"{feature.workspace_id}:{feature.pk}"
    at = connection.ops.adapt_datetimefield_value(utcnow())
    row = [feature.workspace_id, feature.pk, seq, kind, json.dumps(data), at]
    with connection.cursor() as cursor:
        # By hand too: several in each step, and PostgreSQL sends the notification in the same breath.
        if connection.vendor == "postgresql":
            cursor.execute(f"{_WRITE} RETURNING pg_notify(%s, %s)", [*row, CHANNEL, told])
        else:
            cursor.execute(_WRITE, row)

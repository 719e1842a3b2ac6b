"""Appends to a feature's one sequence of events."""

import json

from django.db import connection, transaction

from buildpractical.lib.clock import utcnow
from features import kinds
from features.models import Feature

CHANNEL = "bp_events"
_RAISE = "UPDATE features_feature SET event_seq = event_seq + %s WHERE id = %s RETURNING event_seq"
_WRITE = "INSERT INTO features_event (workspace_id, feature_id, seq, kind, data, at) VALUES "

# feature id → function that returns told lines which wait for their batch (features/logbook.py)
waiting = {}


def append(feature, *, kind, data):
    """Write the next event; see append_all."""
    append_all(feature, [(kind, data)])


def append_all(feature, told):
    """Write the next events; two queries however many, inside the caller's transaction.

    told: pairs of kind and data, of the shapes in features/kinds.py. Log lines of a running step that wait
    for their batch go before: the order is that in which things were told.
    The feature row is locked by raising its counter: numbers have no gaps and commit in order.
    Raises Feature.DoesNotExist.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An event belongs to the change it tells of.")
    told = checked(told)
    write(feature, told, raised_to=_raise(feature, len(told)))


def checked(told):
    """Return the pairs as they are written; raises ValueError for what no shape allows."""
    return [(kind, kinds.checked(kind, data)) for kind, data in told]


def write(feature, told, *, raised_to):
    """Write checked events for which the caller has just raised the feature's counter; return the newest number.

    One query; two when log lines wait, which get numbers of their own before these.
    """
    # Taken under the lock of the row: whoever takes later lines writes them later too.
    if lines := waiting.get(feature.pk, list)():
        raised_to = _raise(feature, len(lines))
    _insert(feature, lines + told, newest=raised_to)
    return raised_to


def write_lines(feature, lines):
    """Write log lines that were taken from their batch; those that wait since then come later."""
    _insert(feature, lines, newest=_raise(feature, len(lines)))


def _insert(feature, told, *, newest):
    at = connection.ops.adapt_datetimefield_value(utcnow())
    values = []
    for seq, (kind, data) in enumerate(told, newest - len(told) + 1):
        values += [feature.workspace_id, feature.pk, seq, kind, json.dumps(data), at]
    # By hand: several in each step, and PostgreSQL sends the notification in the same breath.
    statement = _WRITE + ", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(told))
    if connection.vendor == "postgresql":
        statement += " RETURNING pg_notify(%s, %s)"
        values += [CHANNEL, f"{feature.workspace_id}:{feature.pk}"]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _raise(feature, count):
    # By hand too: the ORM has no RETURNING for updates.
    with connection.cursor() as cursor:
        cursor.execute(_RAISE, [count, feature.pk])
        row = cursor.fetchone()
    if row is None:
        raise Feature.DoesNotExist
    return row[0]

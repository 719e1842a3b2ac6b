"""Wakes a worker. The feature row is the truth: a message may be lost, late or doubled."""

from django.conf import settings
from django.db import connection, transaction
from django_q.tasks import async_task


def enqueue_advance(feature):
    """Queue the feature's next step for the version it has now; inside the transaction that made it due."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A job belongs to the change that made it due.")
    if "orm" in settings.Q_CLUSTER:
        async_task("features.tasks.advance", feature.pk, feature.version)
        return
    pk, version = feature.pk, feature.version
    transaction.on_commit(lambda: async_task("features.tasks.advance", pk, version), robust=True)

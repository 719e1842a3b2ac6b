"""The record of security-relevant acts. Append-only: bp_app may only insert and read."""

from django.db import DEFAULT_DB_ALIAS

from accounts.models import AuditEntry


def record(action, *, workspace_id=None, actor_id=None, using=DEFAULT_DB_ALIAS, **data):
    """Write one entry.

    action: such as "secret.opened". data: ids and short facts, never a value that a person typed.
    With a workspace, call it inside that workspace's transaction (as_workspace).
    """
    AuditEntry.objects.using(using).create(
        workspace_id=workspace_id, actor_id=actor_id, action=action, data=data
    )

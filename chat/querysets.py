"""Reads of conversations."""

from django.db import connection

from accounts.querysets import TenantQuerySet


class MessageQuerySet(TenantQuerySet):
    def streaming(self):
        """Return the answers that are being written."""
        return self.filter(state="streaming")

    def from_people(self):
        """Return what people wrote."""
        return self.filter(role="user")

    def expired(self, *, now):
        """Return (pk, workspace id) of answers of every workspace whose process is gone; one query.

        PostgreSQL: chat_expired() reads across workspaces, which row-level security forbids to queries.
        """
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT id, workspace_id FROM chat_expired(%s)", [now])
                return cursor.fetchall()
        return list(self.streaming().filter(lease_until__lt=now).values_list("pk", "workspace_id"))

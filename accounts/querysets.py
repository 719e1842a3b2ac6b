"""Who may see which account row."""

from urllib.parse import urlsplit

from django.conf import settings
from django.db import models


def key_purpose():
    """Return the purpose of a provider key: it is bound to the host that it was entered for."""
    return f"anthropic:{urlsplit(settings.ANTHROPIC_BASE_URL).hostname}"


class WorkspaceQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Return the workspaces that the user is a member of."""
        return self.filter(memberships__user=user)


class TenantQuerySet(models.QuerySet):
    """For every model with a `workspace`."""

    def visible_to(self, user):
        """Return the rows of workspaces that the user is a member of."""
        return self.filter(workspace__memberships__user=user)


class SecretQuerySet(TenantQuerySet):
    def live_key(self, workspace_id):
        """Return the workspace's key for the provider's present host, or None. One query, no plaintext."""
        return self.filter(workspace_id=workspace_id, purpose=key_purpose(), revoked_at=None).first()


class ProfileQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Return the user's own profile."""
        return self.filter(user=user)


class SealedValueQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Return nothing: sealed values are opened by the vault alone."""
        return self.none()

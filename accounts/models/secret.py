"""Sealed keys and the record of who used them. The vault alone reads SealedValue.blob."""

import uuid

from django.conf import settings
from django.db import models

from accounts.models.workspace import Workspace
from accounts.querysets import SealedValueQuerySet, SecretQuerySet, TenantQuerySet


class Secret(models.Model):
    """What may be shown of a key: purpose, last four characters, times."""

    class State(models.TextChoices):
        CHECKED = "checked", "Checked"
        UNCHECKED = "unchecked", "Not yet checked"
        REJECTED = "rejected", "Not accepted"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="secrets")
    purpose = models.CharField(max_length=100)  # "anthropic:<host the key was entered for>"
    hint = models.CharField(max_length=4)
    state = models.CharField(max_length=9, choices=State, default=State.CHECKED)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = SecretQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "purpose"],
                condition=models.Q(revoked_at__isnull=True),
                name="secret_one_live_per_purpose",
            ),
        ]

    def __str__(self):
        return f"{self.purpose} …{self.hint}"


class SealedValue(models.Model):
    """The ciphertext of a secret; replaced by delete and insert, never updated."""

    secret = models.OneToOneField(Secret, on_delete=models.CASCADE, primary_key=True, related_name="sealed")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    key_id = models.CharField(max_length=16)
    blob = models.TextField()

    objects = SealedValueQuerySet.as_manager()

    def __str__(self):
        return "sealed value"


class RingCheck(models.Model):
    """A known text sealed with each ring key: tells a wrong ring before it seals anything."""

    key_id = models.CharField(max_length=16, primary_key=True)
    blob = models.TextField()

    def __str__(self):
        return self.key_id


class AuditEntry(models.Model):
    """A security-relevant act. Append-only."""

    # Not a number from the database: PostgreSQL would read it back, and an entry without a workspace is
    # invisible to the one who writes it.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, null=True, related_name="+")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    action = models.CharField(max_length=60)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    objects = TenantQuerySet.as_manager()

    def __str__(self):
        return self.action

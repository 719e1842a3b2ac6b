"""What a person wants to hear by mail and has not been told yet."""

from django.conf import settings
from django.db import models

from accounts.models import Workspace
from accounts.querysets import TenantQuerySet


class Notice(models.Model):
    """One move of a feature that its owner waits for; deleted by what puts it into a letter.

    version: the feature's after the move; a feature that has gone on since makes the notice void.
    """

    class Kind(models.TextChoices):
        GATE = "gate"
        DONE = "done"
        FAILED = "failed"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    feature = models.ForeignKey("features.Feature", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind)
    version = models.PositiveIntegerField()
    at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feature", "version"], name="notice_once")]

    def __str__(self):
        return f"{self.kind} of {self.feature_id}"

"""The history of a feature. Append-only."""

from django.conf import settings
from django.db import models

from accounts.models import Workspace
from accounts.querysets import TenantQuerySet


class Transition(models.Model):
    """One move. version: the feature's version after it. actor: null = system."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    feature = models.ForeignKey("features.Feature", on_delete=models.CASCADE, related_name="transitions")
    version = models.PositiveIntegerField()
    source = models.CharField(max_length=20)
    target = models.CharField(max_length=20)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["feature", "version"], name="transition_version")]

    def __str__(self):
        return f"{self.source} → {self.target}"

"""What happened, in order: read by the live stream, the activity list and later webhooks. Append-only."""

from django.db import models

from accounts.models import Workspace
from accounts.querysets import TenantQuerySet


class Event(models.Model):
    """seq is raised on the feature row in the same transaction: no gaps, commits in order."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    feature = models.ForeignKey("features.Feature", on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=30)
    data = models.JSONField(default=dict)
    at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["seq"]
        constraints = [models.UniqueConstraint(fields=["feature", "seq"], name="event_seq")]

    def __str__(self):
        return f"{self.seq} {self.kind}"

"""A generated file: the row here, the bytes in object storage."""

from django.db import models
from django.db.models import Q

from accounts.models import Workspace
from accounts.querysets import TenantQuerySet


class Artifact(models.Model):
    """One file of one build. build: 1 for the first implement pass, one more for each repair."""

    class Kind(models.TextChoices):
        SOURCE = "source", "Source"
        TEST = "test", "Test"
        CONFIG = "config", "Configuration"
        DOC = "doc", "Document"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    feature = models.ForeignKey("features.Feature", on_delete=models.CASCADE, related_name="artifacts")
    build = models.PositiveIntegerField()
    path = models.CharField(max_length=200)
    kind = models.CharField(max_length=6, choices=Kind)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()
    storage_key = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["path"]
        verbose_name = "file"
        constraints = [
            models.UniqueConstraint(
                fields=["feature", "path"],
                condition=Q(superseded_at__isnull=True),
                name="artifact_one_current",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["source", "test", "config", "doc"]), name="artifact_kind"
            ),
        ]

    def __str__(self):
        return self.path

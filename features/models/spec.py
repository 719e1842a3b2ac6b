"""The library: texts that software is built from, each with all its versions."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Workspace
from accounts.querysets import TenantQuerySet
from buildpractical.lib.ids import public_id
from features.models.project import Project
from features.querysets import SpecVersionQuerySet
from features.spec_text import MAX_BYTES


class Source(models.TextChoices):
    HAND = "hand", "Written by hand"
    CHAT = "chat", "From a conversation"
    WIZARD = "wizard", "From the five questions"
    IMPORT = "import", "Imported file"
    DUPLICATE = "duplicate", "Copy"


class Spec(models.Model):
    """revision: number of the newest version; it is what two writers compare and swap.

    source: how the spec came to be; each version has its own.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="specs")
    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    project = models.ForeignKey(Project, on_delete=models.SET_NULL, null=True, related_name="specs")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    title = models.CharField(max_length=200)
    source = models.CharField(max_length=9, choices=Source)
    revision = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(source__in=Source.values), name="spec_source")]
        indexes = [models.Index(fields=["workspace", "-updated_at"], name="spec_newest")]

    def __str__(self):
        return self.title


class SpecVersion(models.Model):
    """One version of the text. Append-only: body is kept to the byte, sha256 is of its UTF-8 bytes."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    spec = models.ForeignKey(Spec, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    body = models.TextField()
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()
    characters = models.PositiveIntegerField()
    lines = models.PositiveIntegerField()
    source = models.CharField(max_length=9, choices=Source)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField()

    objects = SpecVersionQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["spec", "number"], name="spec_version_number"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="spec_version_source"),
            models.CheckConstraint(
                condition=Q(size_bytes__gte=1, size_bytes__lte=MAX_BYTES), name="spec_version_size"
            ),
        ]

    def __str__(self):
        return f"version {self.number}"


class WizardDraft(models.Model):
    """A person's answers to the five questions until they are a spec. answers: {field name: text}."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    answers = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "user"], name="wizard_once")]

    def __str__(self):
        return f"answers of {self.user_id}"

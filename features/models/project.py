"""A project groups features and specs; it owns neither."""

from django.conf import settings
from django.db import models

from accounts.models import Workspace
from buildpractical.lib.ids import public_id
from features.querysets import ProjectQuerySet


class Project(models.Model):
    """archived_at: since when it is put away; what belongs to it goes on."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="projects")
    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["workspace", "name"], name="project_by_name")]

    def __str__(self):
        return self.name

"""Writes of projects, and which project a page is filtered by."""

from django.db import transaction

from features import events
from features.models import Feature, Project, Spec

NONE = ""  # the choice "without a project"
NONE_WORD = "none"


def create_project(*, workspace, actor, name, now):
    """Write a new project and return it."""
    return Project.objects.create(workspace=workspace, created_by=actor, name=name, created_at=now)


def rename_project(*, project, name):
    Project.objects.filter(pk=project.pk).update(name=name)


def archive_project(*, project, now):
    """Put the project away; its features and specs stay in it and go on."""
    Project.objects.filter(pk=project.pk, archived_at=None).update(archived_at=now)


def restore_project(*, project):
    Project.objects.filter(pk=project.pk).update(archived_at=None)


def delete_project(*, project):
    """Delete the project alone; its features and specs stay, without a project."""
    project.delete()


def move_feature(*, feature, project):
    """Put the feature into the project, or with None out of any."""
    with transaction.atomic():
        Feature.objects.filter(pk=feature.pk).update(project=project)
        events.append(feature, kind="feature", data={"what": "moved"})


def move_spec(*, spec, project):
    Spec.objects.filter(pk=spec.pk).update(project=project)


def chosen(user, value):
    """Return the Project that ?project= names, NONE, or None for all; an unknown one counts as all."""
    if value == NONE_WORD:
        return NONE
    return Project.objects.visible_to(user).filter(public_id=value).first() if value else None

"""Writes that do not move the status."""

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from accounts import audit
from features import artifacts, documents, events, transitions
from features.failures import Failure
from features.models import Feature
from features.statuses import REVISABLE, Status

FIRST_TITLE = "New conversation"


def create_feature(*, workspace, actor, provider, now, title=FIRST_TITLE, spec_version=None, project=None):
    """Start a feature in DRAFTING and return it; spec_version: what it is built from, if not from a talk."""
    with transaction.atomic():
        feature = Feature.objects.create(
            workspace=workspace,
            created_by=actor,
            title=title,
            # The person has named the spec.
            title_is_mine=spec_version is not None,
            provider=provider,
            progress_at=now,
            spec_version=spec_version,
            project=project,
        )
        events.append(feature, kind="feature", data={"what": "created"})
    return feature


def rename_feature(*, feature, title):
    """Give the feature the person's own name; the title agent leaves it from now on.

    title: 1 to 200 characters, checked by the form.
    """
    with transaction.atomic():
        Feature.objects.filter(pk=feature.pk).update(title=title, title_is_mine=True)
        events.append(feature, kind="feature", data={"what": "renamed"})
        feature.title, feature.title_is_mine = title, True


def suggest_title(*, feature, title):
    """Name the feature unless the person has; for the title agent. Inside the caller's transaction."""
    if Feature.objects.filter(pk=feature.pk, title_is_mine=False).update(title=title[:60]):
        events.append(feature, kind="feature", data={"what": "renamed"})


def delete_feature(*, feature):
    """Delete the feature with its messages, documents, runs and files; the bytes go after the commit."""
    with transaction.atomic():
        # Locked first, as a worker's checkpoint does: the other order would be a deadlock.
        Feature.objects.select_for_update().get(pk=feature.pk)
        artifacts.discard(feature)
        feature.delete()


def save_brief(*, feature, document, parts, now):
    """Write the person's corrections as the next revision of the brief and return it.

    document: the brief that was corrected. parts: title, purpose (text), users, facts, out_of_scope (lists of
    lines). Raises StaleFeature when there is a newer brief or it was decided; ValueError with words for the
    person.
    """
    edited = import_string(settings.BRIEF_EDITOR)
    with transaction.atomic():
        feature = Feature.objects.select_for_update().get(pk=feature.pk)
        newest = documents.proposed_brief(feature) or documents.confirmed_brief(feature)
        if feature.status not in {Status.DRAFTING, *REVISABLE} or newest is None or newest.pk != document.pk:
            raise transitions.StaleFeature(feature.pk)
        data, body = edited(newest.data, parts, used_ids=documents.ids_of_briefs(feature))
        if data["title"] != newest.data["title"]:
            rename_feature(feature=feature, title=data["title"])
        return documents.add(feature, kind="brief", data=data, body=body, now=now, read=newest.read)


def discard_brief(*, feature, document, now):
    """Turn down a proposed brief; the confirmed one stands. Raises StaleFeature when it was decided."""
    with transaction.atomic():
        open_ones = feature.documents.filter(pk=document.pk, superseded_at=None, approved_at=None)
        if feature.status not in REVISABLE or open_ones.update(superseded_at=now) != 1:
            raise transitions.StaleFeature(feature.pk)
        events.append(
            feature, kind="document", data={"id": document.pk, "kind": "brief", "turned_down": True}
        )


def raise_cap(*, feature, limit, actor, now):
    """Raise the spending limit by the usual amount; work that stopped at the limit goes on.

    limit: the one the person looked at, in micro-USD. Returns what transitions.retry returns, if it goes on.
    Raises StaleFeature when it is another by now, WrongStatus when nothing can be paid for any more.
    """
    with transaction.atomic():
        feature = Feature.objects.select_for_update().get(pk=feature.pk)
        if feature.is_demo or feature.status == Status.DONE:
            raise transitions.WrongStatus(feature.pk)
        if feature.cap_microusd != limit:
            raise transitions.StaleFeature(feature.pk)
        cap = feature.next_cap_microusd
        Feature.objects.filter(pk=feature.pk).update(spend_cap_microusd=cap)
        audit.record(
            "feature.limit_raised",
            workspace_id=feature.workspace_id,
            actor_id=actor.pk,
            feature=feature.public_id,
            limit_microusd=cap,
        )
        events.append(feature, kind="feature", data={"what": "limit_raised", "limit_microusd": cap})
        if feature.status == Status.FAILED and feature.failure == Failure.OVER_BUDGET:
            return transitions.retry(feature=feature, actor=actor, now=now)
    return None

"""Writes of the library: specs and their versions. A version never changes once it stands."""

from django.db import transaction

from features import spec_text
from features.models import Source, Spec, SpecVersion, WizardDraft

COPY = " (copy)"
TITLE_CHARS = 200


class StaleSpec(Exception):
    """Somebody saved another version first."""


def create_spec(*, workspace, actor, title, body, source, now, project=None):
    """Write a new spec with its first version and return it; raises spec_text.Unfit."""
    facts = spec_text.facts_of(body)
    with transaction.atomic():
        spec = Spec.objects.create(
            workspace=workspace,
            project=project,
            created_by=actor,
            title=title[:TITLE_CHARS],
            source=source,
            updated_at=now,
        )
        _add_version(spec, number=1, body=body, facts=facts, source=source, actor=actor, now=now)
    return spec


def edit_spec(*, spec, base, title, body, actor, now):
    """Write what the person made of a version as the next one; return whether there is a new version.

    base: number of the version that was edited. body: as typed (spec_text.from_form); where nothing but its
    line ends differs from the base, no version is written. Raises StaleSpec when the base is not the newest
    any more, and spec_text.Unfit.
    """
    with transaction.atomic():
        before = SpecVersion.objects.get(spec=spec, number=base)
        body = spec_text.edited(before.body, body)
        facts = spec_text.facts_of(body)
        changed = facts.sha256 != before.sha256
        # Compare-and-swap: of two writers one finds another number.
        mine = Spec.objects.filter(pk=spec.pk, revision=base)
        if not mine.update(title=title, revision=base + changed, updated_at=now):
            raise StaleSpec(spec.pk)
        if changed:
            _add_version(
                spec, number=base + 1, body=body, facts=facts, source=Source.HAND, actor=actor, now=now
            )
    spec.refresh_from_db()
    return changed


def duplicate_spec(*, spec, actor, now):
    """Write a copy of the newest version as a spec of its own and return it."""
    newest = spec.versions.get(number=spec.revision)
    return create_spec(
        workspace=spec.workspace,
        actor=actor,
        title=spec.title[: TITLE_CHARS - len(COPY)] + COPY,
        body=newest.body,
        source=Source.DUPLICATE,
        now=now,
        project=spec.project,
    )


def keep_brief(*, document, actor, now):
    """Save a brief's text as a spec and return (spec, whether it is new); the same brief is saved once.

    Raises spec_text.Unfit.
    """
    feature = document.feature
    facts = spec_text.facts_of(document.body)
    title = document.data["title"]
    with transaction.atomic():
        # One press at a time: the second one finds what the first has written.
        type(feature).objects.select_for_update().get(pk=feature.pk)
        known = SpecVersion.objects.filter(
            workspace_id=feature.workspace_id,
            source=Source.CHAT,
            sha256=facts.sha256,
            spec__title=title[:TITLE_CHARS],
        ).select_related("spec")
        if found := known.first():
            return found.spec, False
        spec = create_spec(
            workspace=feature.workspace,
            actor=actor,
            title=title,
            body=document.body,
            source=Source.CHAT,
            now=now,
            project=feature.project,
        )
    return spec, True


def delete_spec(*, spec):
    """Delete the spec with all versions; features that were built from it stay, with their briefs."""
    spec.delete()


def keep_answers(*, workspace, user, answers, now):
    """Keep answers to the five questions next to those of the other steps."""
    with transaction.atomic():
        draft, _ = WizardDraft.objects.select_for_update().get_or_create(
            workspace=workspace, user=user, defaults={"saved_at": now}
        )
        WizardDraft.objects.filter(pk=draft.pk).update(answers=draft.answers | answers, saved_at=now)


def forget_answers(*, workspace, user):
    """Forget the answers to the five questions."""
    WizardDraft.objects.filter(workspace=workspace, user=user).delete()


def _add_version(spec, *, number, body, facts, source, actor, now):
    SpecVersion.objects.create(
        workspace_id=spec.workspace_id,
        spec=spec,
        number=number,
        body=body,
        sha256=facts.sha256,
        size_bytes=facts.size_bytes,
        characters=facts.characters,
        lines=facts.lines,
        source=source,
        created_by=actor,
        created_at=now,
    )

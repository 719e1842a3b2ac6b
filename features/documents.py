"""Documents of a feature: append-only, one current revision a kind."""

import hashlib
import json

from django.db.models import Max

from features import events
from features.models import Document

DOWNSTREAM = ("spec", "plan", "tests", "security_review", "code_review")
REVIEWS = ("security_review", "code_review")


class NotCurrent(Exception):
    """The revision was superseded or decided already."""


def canonical(data):
    """Return the data as compact JSON text with sorted keys: the same data, the same bytes."""
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def current(feature, kind):
    """Return the current document of the kind, or None; for a brief the confirmed one."""
    documents = feature.documents.filter(kind=kind, superseded_at=None)
    if kind == "brief":
        documents = documents.filter(approved_at__isnull=False)
    return documents.first()


def confirmed_brief(feature):
    """Return the brief that the pipeline works from, or None."""
    return current(feature, "brief")


def briefs(feature):
    """Return (confirmed_brief, proposed_brief); one query."""
    standing = list(feature.documents.filter(kind="brief", superseded_at=None))
    return (
        next((brief for brief in standing if brief.approved_at), None),
        next((brief for brief in standing if not brief.approved_at), None),
    )


def proposed_brief(feature):
    """Return the brief that waits for the person's word, or None."""
    return feature.documents.filter(kind="brief", superseded_at=None, approved_at=None).first()


def ids_of_briefs(feature):
    """Return every id of a fact or limit that any revision of the brief has used."""
    briefs = feature.documents.filter(kind="brief").values_list("data", flat=True)
    return {item["id"] for data in briefs for item in (*data["facts"], *data["out_of_scope"])}


def add(feature, *, kind, data, body, now, recommendation=None, read=None, tell=None):
    """Write the next revision and return it; the one it replaces is superseded.

    A new brief replaces an earlier proposal only: the confirmed brief stands until the new one is confirmed.
    tell: a function of the document that returns one more event to write behind its own.
    Inside the caller's transaction.
    """
    newest = feature.documents.filter(kind=kind).aggregate(newest=Max("revision"))["newest"] or 0
    if newest:
        replaced = feature.documents.filter(kind=kind, superseded_at=None)
        if kind == "brief":
            replaced = replaced.filter(approved_at=None)
        replaced.update(superseded_at=now)
    document = Document.objects.create(
        workspace_id=feature.workspace_id,
        feature=feature,
        kind=kind,
        revision=newest + 1,
        data=data,
        body=body,
        sha256=hashlib.sha256(canonical(data).encode()).hexdigest(),
        recommendation=recommendation or {},
        read=read or {},
        created_at=now,
    )
    told = [("document", {"id": document.pk, "kind": kind, "revision": document.revision})]
    events.append_all(feature, told + ([tell(document)] if tell else []))
    return document


def recommend(document, *, verdict, reasons):
    """Keep what the alignment review advises: verdict APPROVE, REVISE or "" (no opinion)."""
    document.recommendation = {"verdict": verdict, "reasons": reasons}
    Document.objects.filter(pk=document.pk).update(recommendation=document.recommendation)


def mark_approved(document, *, actor, now):
    """Note who approved it; raise NotCurrent when it was decided or superseded meanwhile."""
    open_ones = Document.objects.filter(pk=document.pk, approved_at=None, superseded_at=None)
    if open_ones.update(approved_at=now, approved_by=actor) != 1:
        raise NotCurrent
    document.approved_at, document.approved_by = now, actor


def supersede(feature, *, kinds, now):
    """Supersede the current documents of these kinds."""
    feature.documents.filter(kind__in=kinds, superseded_at=None).update(superseded_at=now)

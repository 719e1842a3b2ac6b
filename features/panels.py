"""What the feature page shows for each status: reads only, one function a panel."""

from django.db.models import Count, F, Sum

from features import artifacts, documents, stages
from features.failures import OF_THE_BRIEF, OF_THE_KEY, Failure, reason
from features.forms import BriefForm, TitleForm
from features.keys import needs_key
from features.models import Document, Event, Feature, Notice, Transition
from features.statuses import ACTIVE, GATES, Status

MOST_FINDINGS = 20
MOST_BUILDS = 2  # builds that the reviews sent back; after these another Retry is no advice
# Rows that tell of the feature's own moves: nobody misses them when it is gone.
BOOKKEEPING = {Event, Notice, Transition}


def head(feature, *, title_form=None):
    """Return what the head shows: title, badge, stepper; one query when the feature has failed."""
    failed_from = last_source(feature) if feature.status == Status.FAILED else ""
    return {
        "feature": feature,
        "steps": stages.stepper(feature, failed_from=failed_from),
        "title_form": title_form or TitleForm(initial={"title": feature.title}),
    }


def gate(feature, *, brief_form=None):
    """Return what stands in the middle of the page; `panel` names the template."""
    context = {"feature": feature, "brief_form": brief_form}
    if feature.status in ACTIVE:
        return context | {"panel": "working"} | _working(feature)
    if feature.status in GATES:
        return context | {"panel": "gate"} | _gate(feature, brief_form)
    if feature.status == Status.FAILED:
        return context | {"panel": "failed"} | _failed(feature, brief_form)
    if feature.status == Status.DONE:
        return context | {"panel": "done"} | _done(feature)
    return context | {"panel": "talk"} | _talk(feature, brief_form)


def origin(feature):
    """Return the spec and the project that the feature belongs to, or None; one query if there is any."""
    if not (feature.spec_version_id or feature.project_id):
        return None
    names = {
        "spec": F("spec_version__spec__public_id"),
        "spec_title": F("spec_version__spec__title"),
        "number": F("spec_version__number"),
        "in_project": F("project__public_id"),
        "project_name": F("project__name"),
    }
    return Feature.objects.filter(pk=feature.pk).values(**names).first()


def brief_to_correct(feature):
    """Return the brief that the page offers to correct: a proposed one, after a failure else the confirmed one."""
    if feature.status != Status.DRAFTING and not feature.is_revisable:
        return None
    proposed = documents.proposed_brief(feature)
    if proposed is None and feature.status == Status.FAILED:
        return documents.confirmed_brief(feature)
    return proposed


def last_source(feature):
    """Return the status that the feature's last move left, or ""."""
    return feature.transitions.order_by("-version").values_list("source", flat=True).first() or ""


def last_reason(feature):
    """Return the word that the feature's last move was made with, or ""."""
    return feature.transitions.order_by("-version").values_list("reason", flat=True).first() or ""


def last_decision(feature):
    """Return the newest move that a person made, or None."""
    return (
        feature.transitions.filter(actor__isnull=False).select_related("actor").order_by("-version").first()
    )


def documents_of(feature):
    """Return the current documents of the feature and the number of older revisions of each kind; one query."""
    current, older = [], {}
    rows = feature.documents.defer("body", "data").order_by("pk")
    for document in rows:
        if document.superseded_at is None:
            current.append(document)
        else:
            older[document.kind] = older.get(document.kind, 0) + 1
    order = list(Document.Kind)
    current.sort(key=lambda document: (order.index(document.kind), document.revision))
    for document in current:
        document.older = older.get(document.kind, 0)
    return current


def tree_of(files):
    """Return the files as nested folders: {"folders": [(name, tree)…], "files": [artifact…]}."""
    root = {"folders": {}, "files": []}
    for file in files:
        *folders, name = file.path.split("/")
        node = root
        for folder in folders:
            node = node["folders"].setdefault(folder, {"folders": {}, "files": []})
        file.name = name
        node["files"].append(file)
    return _sorted(root)


def contents(feature):
    """Return what a delete takes along, as pairs of number and names; one query each, and one for the bytes."""
    numbers = []
    # Apps above this one have rows that go too: their models say what people call them.
    for relation in Feature._meta.related_objects:
        model = relation.related_model
        if model in BOOKKEEPING:
            continue
        number = model.objects.filter(**{relation.field.name: feature}).count()
        names = (str(model._meta.verbose_name), str(model._meta.verbose_name_plural))
        numbers += [(number, names)] if number else []
    size = feature.artifacts.aggregate(size_bytes=Sum("size_bytes"))["size_bytes"] or 0
    return {"numbers": numbers, "size_bytes": size}


def _sorted(node):
    folders = [(name, _sorted(inner)) for name, inner in sorted(node["folders"].items())]
    return {"folders": folders, "files": sorted(node["files"], key=lambda file: file.name)}


def _brief(feature, brief_form):
    brief = documents.proposed_brief(feature)
    form = brief_form or (brief and BriefForm.of(brief))
    return {"brief": brief, "brief_form": form, "brief_form_open": brief_form is not None}


def _talk(feature, brief_form):
    return _brief(feature, brief_form) | {"can_pay": not needs_key(feature)}


def _gate(feature, brief_form):
    kind, _ = GATES[feature.status]
    question, follows, name = stages.QUESTIONS[feature.status]
    document = documents.current(feature, kind)
    spec = document if kind == "spec" else documents.current(feature, "spec")
    recommendation = document.recommendation if document else {}
    return _brief(feature, brief_form) | {
        "document": document,
        "spec": spec,
        "question": question,
        "follows": follows,
        "name": name,
        "verdict": recommendation.get("verdict", ""),
        "reasons": recommendation.get("reasons", []),
        "can_pay": not needs_key(feature),
    }


def _working(feature):
    now, why = stages.NOW[feature.status]
    context = {"now": now, "why": why, "planned": 0}
    if feature.wake_at:
        context["waits_for"] = reason(last_reason(feature), is_demo=feature.is_demo)
    if feature.status == Status.IMPLEMENTING:
        plan = documents.current(feature, "plan")
        planned = {file.get("path") for file in plan.data.get("files", [])} if plan else set()
        written = artifacts.current(feature).filter(build=feature.build).values_list("path", flat=True)
        context |= {"planned": len(planned), "written": len(planned & set(written))}
    return context


def _failed(feature, brief_form):
    brief = _brief(feature, brief_form)
    if brief["brief_form"] is None and (confirmed := brief_to_correct(feature)):
        brief["brief_form"] = BriefForm.of(confirmed)
    findings = []
    if feature.failure == Failure.REVIEW_FAILED:
        for document in _reviews(feature):
            findings += [
                {"review": document, **finding}
                for finding in document.data.get("findings", [])
                if finding.get("blocking", True)
            ]
            findings += [
                {"review": document, "scenario": said} for said in document.data.get("fixed_checks", [])
            ]
    stands_still = feature.failure == Failure.REVIEW_FAILED and feature.build > MOST_BUILDS
    return brief | {
        "advise_revise": feature.failure in OF_THE_BRIEF or stands_still,
        "stands_still": stands_still,
        "tries": feature.build,
        "over_budget": feature.failure == Failure.OVER_BUDGET and not feature.is_demo,
        "findings": findings[:MOST_FINDINGS],
        "more_findings": max(0, len(findings) - MOST_FINDINGS),
        "is_key_problem": feature.failure in OF_THE_KEY and not feature.is_demo,
        "can_pay": not needs_key(feature),
    }


def _done(feature):
    totals = artifacts.current(feature).aggregate(files=Count("pk"), size_bytes=Sum("size_bytes"))
    return {
        "files_count": totals["files"],
        "size_bytes": totals["size_bytes"] or 0,
        "reviews": _reviews(feature),
    }


def _reviews(feature):
    return list(feature.documents.filter(kind__in=documents.REVIEWS, superseded_at=None))

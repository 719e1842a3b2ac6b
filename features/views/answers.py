"""How a view answers: a part for htmx, else the whole page; used by the views of one feature."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render

from buildpractical.lib.clock import utcnow
from buildpractical.lib.numbers import whole_number
from features import artifacts, monitor, panels
from features.ideas import IDEAS
from features.models import Feature, Spec

MOST_NAMED = 20
# The head and the lists follow at once, also where the live stream is late; a closed stream opens again.
CHANGED = "feature:changed, live:open"


def feature_or_404(request, public_id):
    """Return the feature if the person may see it."""
    return get_object_or_404(Feature.objects.visible_to(request.user), public_id=public_id)


def spec_or_404(request, public_id):
    """Return the spec, with its project and workspace, if the person may see it."""
    rows = Spec.objects.visible_to(request.user).select_related("project", "workspace")
    return get_object_or_404(rows, public_id=public_id)


def named(rows):
    """Return what a page that deletes names: the first rows, the count of all, and of those left out; two queries."""
    count = rows.count()
    return {"rows": rows[:MOST_NAMED], "count": count, "more": max(0, count - MOST_NAMED)}


def feature_page(request, feature, *, status=200, **context):
    """Return the whole feature page; context: what a refused action adds."""
    everything = panels.head(feature, title_form=context.get("title_form"))
    everything |= panels.gate(feature, brief_form=context.get("brief_form"))
    everything |= {
        "documents": panels.documents_of(feature),
        "tree": panels.tree_of(artifacts.current(feature)),
        "origin": panels.origin(feature),
        "idea": IDEAS.get(request.GET.get("idea", "")) if feature.message_seq == 0 else None,
    }
    everything |= {"beat_seconds": settings.STREAM_CHECK_SECONDS} | monitor_context(request, feature)
    return render(request, "features/feature_detail.html", everything | context, status=status)


def monitor_context(request, feature):
    """Return what the build monitor shows, in the view that the address names."""
    context = monitor.shell(feature, request)
    if context["has_monitor"]:
        context |= monitor.progress(feature, view=context["view"], now=utcnow())
        if context["view"] == "log":
            context |= log_context(request, feature)
    return context


def log_context(request, feature, *, after=None):
    """Return the part of the log that the address names: the newest, or what is older than ?before=.

    after: only what is newer.
    """
    kinds, before = monitor.kinds_of(request), whole_number(request.GET.get("before"))
    rows, is_cut = monitor.log(feature, kinds=kinds, after=after, before=before or None)
    return {
        "feature": feature,
        "rows": rows,
        "is_cut": is_cut,
        "oldest": rows[-1]["seq"] if rows else 0,
        # What was committed between the reads of the feature and of its events is in the rows already.
        "newest": max(feature.event_seq, after or 0, rows[0]["seq"] if rows else 0),
        "is_newest": not before,
        "kinds_query": "".join(f"&{urlencode({'kind': kind})}" for kind in kinds),
    }


def gate_part(request, feature, *, status=200, brief_form=None, **context):
    """Return the panel alone."""
    everything = panels.gate(feature, brief_form=brief_form) | context
    return render(request, "features/_gate.html", everything, status=status)


def decided(request, feature, words):
    """Answer an action that took effect."""
    if request.htmx:
        feature.refresh_from_db()
        response = gate_part(request, feature)
        response.headers["HX-Trigger"] = CHANGED
        return response
    messages.success(request, words)
    return redirect("features:feature-detail", feature.public_id)


def refused(request, feature, *, status=200, **context):
    """Answer an action that changed nothing, with the state as it is now."""
    feature.refresh_from_db()
    show = gate_part if request.htmx else feature_page
    response = show(request, feature, status=status, **context)
    if request.htmx:
        response.headers["HX-Trigger"] = CHANGED
    return response


def over_limit(request, feature, state):
    """Answer an action that comes too early: 429, and everything stays as it stands on the page."""
    if request.htmx:
        response = render(request, "features/_limit.html", {"limit": state}, status=429)
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#gate-limit", "innerHTML"
    else:
        response = refused(request, feature, status=429, limit=state)
    return state.tell(response)

"""The parts of the build monitor."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.views.decorators.http import require_GET

from buildpractical.lib.clock import utcnow
from buildpractical.lib.numbers import whole_number
from features import monitor as build
from features.views.answers import feature_or_404, log_context, monitor_context


@require_GET
@login_required
def monitor_frame(request, public_id):
    """The whole monitor, which a page from before the build fetches once it begins."""
    feature = feature_or_404(request, public_id)
    return render(request, "features/_monitor.html", monitor_context(request, feature))


@require_GET
@login_required
def progress(request, public_id):
    """Where the build stands."""
    feature = feature_or_404(request, public_id)
    context = build.progress(feature, view=build.view_of(request), now=utcnow())
    return render(request, "features/_progress.html", context)


@require_GET
@login_required
def log(request, public_id):
    """Lines of the log: ?after= the newest that the page has, ?before= its oldest, else the newest part.

    When more is new than one part holds, the answer replaces the whole list.
    """
    feature = feature_or_404(request, public_id)
    if "after" not in request.GET:
        context = log_context(request, feature)
        part = "features/_log_older.html" if "before" in request.GET else "features/_log_rows.html"
        return render(request, part, context)
    context = log_context(request, feature, after=whole_number(request.GET["after"]))
    if not context["is_cut"]:
        return render(request, "features/_log_newer.html", context)
    response = render(request, "features/_log_rows.html", log_context(request, feature))
    response.headers["HX-Retarget"] = "#log-rows"
    response.headers["HX-Reswap"] = "outerHTML"
    return response

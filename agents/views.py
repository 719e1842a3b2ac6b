"""What the models have cost a feature, or all features of a project."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.limits import data_endpoint
from agents.models import AgentRun
from agents.month import totals_since
from buildpractical.lib.clock import utcnow
from features.models import Feature, Project

MOST_PROJECTS = 100


@require_GET
@login_required
def run_list(request, public_id):
    feature = get_object_or_404(Feature.objects.visible_to(request.user), public_id=public_id)
    context = {"feature": feature, "total": feature.runs.total(), "agents": feature.runs.by_agent()}
    return render(request, "agents/_runs.html", context)


@require_GET
@login_required
def project_run_list(request, public_id):
    project = get_object_or_404(Project.objects.visible_to(request.user), public_id=public_id)
    runs = AgentRun.objects.visible_to(request.user).filter(feature__project=project)
    return render(request, "agents/_project_runs.html", {"project": project, "total": runs.total()})


@require_GET
@login_required
def project_cost_list(request):
    """What was spent on each of the projects that ?of= names, as parts for their cards; two queries."""
    wanted = request.GET.getlist("of")[:MOST_PROJECTS]
    runs = AgentRun.objects.visible_to(request.user).filter(feature__project__public_id__in=wanted)
    known = Project.objects.visible_to(request.user).filter(public_id__in=wanted)
    sums = runs.by_project()
    costs = [(name, sums.get(name)) for name in known.values_list("public_id", flat=True)]
    return render(request, "agents/_project_costs.html", {"costs": costs})


@require_GET
@login_required
@data_endpoint
def month(request):
    """The totals of this month, of the workspace."""
    first = utcnow().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    totals = totals_since(first, workspace_id=request.workspace.pk if request.workspace else None)
    return render(request, "agents/_month.html", {"month": first, "totals": totals})

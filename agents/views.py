"""What the models have cost a feature."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from features.models import Feature


@require_GET
@login_required
def run_list(request, public_id):
    feature = get_object_or_404(Feature.objects.visible_to(request.user), public_id=public_id)
    context = {"feature": feature, "total": feature.runs.total(), "agents": feature.runs.by_agent()}
    return render(request, "agents/_runs.html", context)

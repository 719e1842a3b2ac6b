"""Projects: their list, one of them, and what belongs where."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Case, When
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from buildpractical.lib.clock import utcnow
from features import projects
from features.models import Project, SpecVersion
from features.spec_forms import MoveForm, NameForm
from features.views.answers import feature_or_404, named, spec_or_404

PAGE_CARDS = 30
MOST_SHOWN = 50


@require_GET
@login_required
def project_list(request):
    """The projects, those put away last; two queries, for the count and for a page."""
    is_away = Case(When(archived_at=None, then=0), default=1)
    rows = Project.objects.visible_to(request.user).with_contents().order_by(is_away, "name", "pk")
    page = Paginator(rows, PAGE_CARDS).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "open_ones": [project for project in page if not project.archived_at],
        "archived": [project for project in page if project.archived_at],
    }
    return render(request, "features/project_list.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def project_create(request):
    form = NameForm(request.POST or None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        project = projects.create_project(
            workspace=request.workspace, actor=request.user, name=form.cleaned_data["name"], now=utcnow()
        )
        return redirect("features:project-detail", project.public_id)
    return render(request, "features/project_form.html", {"form": form}, status=_status(request))


@require_GET
@login_required
def project_detail(request, public_id):
    project = _project(request, public_id)
    features = project.features.visible_to(request.user).order_by("-progress_at", "-pk")
    versions = SpecVersion.objects.visible_to(request.user).newest().with_last_build()
    context = {
        "project": project,
        "features": features[:MOST_SHOWN],
        "features_count": features.count(),
        "versions": versions.of_project(project).order_by("-spec__updated_at")[:MOST_SHOWN],
        "specs_count": project.specs.count(),
    }
    return render(request, "features/project_detail.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def project_rename(request, public_id):
    project = _project(request, public_id)
    form = NameForm(request.POST or None, initial={"name": project.name}, label_suffix="")
    if request.method == "POST" and form.is_valid():
        projects.rename_project(project=project, name=form.cleaned_data["name"])
        messages.success(request, "Renamed.")
        return redirect("features:project-detail", project.public_id)
    context = {"form": form, "project": project}
    return render(request, "features/project_form.html", context, status=_status(request))


@require_POST
@login_required
def project_archive(request, public_id):
    project = _project(request, public_id)
    projects.archive_project(project=project, now=utcnow())
    messages.success(request, f"“{project.name}” is put away. What belongs to it stays and goes on.")
    return redirect("features:project-detail", project.public_id)


@require_POST
@login_required
def project_restore(request, public_id):
    project = _project(request, public_id)
    projects.restore_project(project=project)
    messages.success(request, f"“{project.name}” is back.")
    return redirect("features:project-detail", project.public_id)


@require_http_methods(["GET", "POST"])
@login_required
def project_delete(request, public_id):
    """GET: a page that names what goes and what stays. POST: delete a project that is put away."""
    project = _project(request, public_id)
    if not project.archived_at:
        messages.warning(request, "Put the project away first. After that you can delete it.")
        return redirect("features:project-detail", project.public_id)
    if request.method == "GET":
        features = named(project.features.order_by("-progress_at", "-pk"))
        specs = named(project.specs.order_by("-updated_at", "-pk"))
        context = {"project": project, "features": features, "specs": specs}
        return render(request, "features/project_delete.html", context)
    projects.delete_project(project=project)
    messages.success(request, "Deleted. Its features and specs are still here, without a project.")
    return redirect("features:project-list")


@require_http_methods(["GET", "POST"])
@login_required
def feature_move(request, public_id):
    """Choose the project that the feature belongs to."""
    feature = feature_or_404(request, public_id)
    back = reverse("features:feature-detail", args=[feature.public_id])
    return _choice(
        request, feature, back, lambda project: projects.move_feature(feature=feature, project=project)
    )


@require_http_methods(["GET", "POST"])
@login_required
def spec_move(request, public_id):
    """Choose the project that the spec belongs to."""
    spec = spec_or_404(request, public_id)
    back = reverse("features:spec-detail", args=[spec.public_id])
    return _choice(request, spec, back, lambda project: projects.move_spec(spec=spec, project=project))


def _choice(request, item, back, move):
    """Ask for the project of a feature or spec and call move(project or None); back: address of the item."""
    form = MoveForm(request.POST or None, user=request.user, item=item)
    if request.method == "POST" and form.is_valid():
        move(form.cleaned_data["project"])
        messages.success(request, "Moved.")
        return redirect(back)
    context = {"form": form, "title": item.title, "back": back}
    return render(request, "features/move.html", context, status=_status(request))


def _project(request, public_id):
    """Return the project if the person may see it."""
    return get_object_or_404(Project.objects.visible_to(request.user), public_id=public_id)


def _status(request):
    return 422 if request.method == "POST" else 200

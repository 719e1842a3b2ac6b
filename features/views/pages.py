"""The list of features, one feature with its parts, its documents and files."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts import audit
from accounts.limits import data_endpoint
from buildpractical.lib.clock import utcnow
from features import actions, archive, artifacts, panels
from features.forms import StartForm, TitleForm
from features.ideas import IDEAS
from features.models import Feature
from features.spec_forms import filter_choices
from features.statuses import Status
from features.views.answers import feature_or_404, feature_page, gate_part
from features.views.home import start_context

PAGE_ROWS = 20


@require_GET
@login_required
def feature_list(request):
    return render(request, "features/feature_list.html", _page_of_features(request) | start_context(request))


@require_GET
@login_required
@data_endpoint
def feature_rows(request):
    """The rows alone, which fetch themselves again every 20 seconds."""
    return render(request, "features/_rows.html", _page_of_features(request))


@require_http_methods(["GET", "POST"])
@login_required
def feature_create(request):
    """Start a conversation with a key or as the demo; without either, explain the two ways."""
    context = start_context(request)
    if request.method == "GET":
        return render(request, "features/start.html", context)
    form = StartForm(request.POST)
    if not form.is_valid():
        return render(request, "features/start.html", context | {"form": form}, status=422)
    if form.cleaned_data["provider"] == Feature.Provider.ANTHROPIC and context["key"] is None:
        return render(request, "features/start.html", context | {"needs_key": True}, status=422)
    idea = form.cleaned_data["idea"]
    feature = actions.create_feature(
        workspace=request.workspace,
        actor=request.user,
        provider=form.cleaned_data["provider"],
        now=utcnow(),
        **({"title": IDEAS[idea][0]} if idea in IDEAS else {}),
    )
    response = redirect("features:feature-detail", feature.public_id)
    if idea in IDEAS:
        response.headers["Location"] += f"?idea={idea}"
    return response


@require_GET
@login_required
def feature_detail(request, public_id):
    return feature_page(request, feature_or_404(request, public_id))


@require_GET
@login_required
def head(request, public_id):
    return render(request, "features/_head.html", panels.head(feature_or_404(request, public_id)))


@require_GET
@login_required
def gate(request, public_id):
    return gate_part(request, feature_or_404(request, public_id))


@require_GET
@login_required
def documents(request, public_id):
    feature = feature_or_404(request, public_id)
    context = {"feature": feature, "documents": panels.documents_of(feature)}
    return render(request, "features/_documents.html", context)


@require_GET
@login_required
def files(request, public_id):
    feature = feature_or_404(request, public_id)
    context = {"feature": feature, "tree": panels.tree_of(artifacts.current(feature))}
    return render(request, "features/_files.html", context)


@require_GET
@login_required
def document_detail(request, public_id, kind, revision):
    feature = feature_or_404(request, public_id)
    document = get_object_or_404(
        feature.documents.select_related("approved_by"), kind=kind, revision=min(revision, 2**31 - 1)
    )
    revisions = feature.documents.filter(kind=kind).defer("body", "data").order_by("-revision")
    context = {"feature": feature, "document": document, "revisions": revisions}
    return render(request, "features/document_detail.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def rename(request, public_id):
    """GET: a page with the one field. POST: save; a refused title is told beside the field."""
    feature = feature_or_404(request, public_id)
    if request.method == "GET":
        form = TitleForm(initial={"title": feature.title})
        return render(request, "features/rename.html", {"feature": feature, "title_form": form})
    form = TitleForm(request.POST)
    if form.is_valid():
        actions.rename_feature(feature=feature, title=form.cleaned_data["title"])
        if request.htmx:
            return render(request, "features/_head.html", panels.head(feature))
        messages.success(request, "Renamed.")
        return redirect("features:feature-detail", feature.public_id)
    if request.htmx:
        return render(request, "features/_head.html", panels.head(feature, title_form=form), status=422)
    return render(request, "features/rename.html", {"feature": feature, "title_form": form}, status=422)


@require_http_methods(["GET", "POST"])
@login_required
def delete(request, public_id):
    """GET: a page that names what goes. POST: delete it all."""
    feature = feature_or_404(request, public_id)
    if request.method == "GET":
        context = {"feature": feature, "contents": panels.contents(feature)}
        return render(request, "features/delete.html", context)
    actions.delete_feature(feature=feature)
    messages.success(request, "Deleted, with everything that belonged to it.")
    return redirect("features:feature-list")


@require_GET
@login_required
@data_endpoint
def download(request, public_id):
    """Send the finished files as a zip."""
    feature = get_object_or_404(
        Feature.objects.visible_to(request.user).filter(status=Status.DONE), public_id=public_id
    )
    zipped = archive.stream(feature)
    audit.record(
        "feature.downloaded",
        workspace_id=feature.workspace_id,
        actor_id=request.user.pk,
        feature=feature.public_id,
    )
    return StreamingHttpResponse(
        zipped.chunks,
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{zipped.filename}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "no-store",
        },
    )


def _page_of_features(request):
    choice = filter_choices(request.user, request.GET.get("project"))
    rows = Feature.objects.visible_to(request.user).in_project(choice["project"]).with_failed_from()
    page = Paginator(rows.order_by("-progress_at", "-pk"), PAGE_ROWS).get_page(request.GET.get("page"))
    return choice | {"page": page}

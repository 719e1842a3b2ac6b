"""The library: its list, one spec with its versions, and every road into it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.limits import data_endpoint
from accounts.models import Secret
from buildpractical.lib import markdown
from buildpractical.lib.clock import utcnow
from buildpractical.lib.numbers import whole_number
from features import diffs, spec_text, specs
from features.models import Document, Feature, Source, SpecVersion, WizardDraft
from features.spec_forms import ImportForm, SpecEditForm, SpecForm, filter_choices
from features.views.answers import feature_or_404, named, spec_or_404

PAGE_CARDS = 18
MOST_BUILDS = 10
MOST_VERSIONS = 200


@require_GET
@login_required
def spec_list(request):
    """The cards. One query for a page of them, next to those of the frame, the filter and the count."""
    choice = filter_choices(request.user, request.GET.get("project"))
    versions = SpecVersion.objects.visible_to(request.user).newest().with_last_build()
    rows = versions.of_project(choice["project"]).order_by("-spec__updated_at", "-spec_id")
    page = Paginator(rows, PAGE_CARDS).get_page(request.GET.get("page"))
    answers = WizardDraft.objects.visible_to(request.user).filter(user=request.user).exists()
    return render(request, "features/spec_list.html", choice | {"page": page, "wizard_open": answers})


@require_http_methods(["GET", "POST"])
@login_required
def spec_create(request):
    """Write one by hand."""
    if request.method == "GET":
        form = SpecForm(**_chosen(request))
        return render(request, "features/spec_form.html", {"form": form})
    form = SpecForm(request.POST, **_owner(request))
    if not form.is_valid():
        return render(request, "features/spec_form.html", {"form": form}, status=422)
    return _created(request, form, body=form.cleaned_data["body"], source=Source.HAND)


@require_http_methods(["GET", "POST"])
@login_required
def spec_import(request):
    """Take a file as it is."""
    if request.method == "GET":
        form = ImportForm(**_chosen(request))
        return render(request, "features/spec_import.html", {"form": form})
    form = ImportForm(request.POST, request.FILES, **_owner(request))
    if not form.is_valid():
        return render(request, "features/spec_import.html", {"form": form}, status=422)
    form.cleaned_data["title"] = form.title_or_guess
    return _created(request, form, body=form.cleaned_data["file"], source=Source.IMPORT)


def _owner(request):
    return {"user": request.user, "workspace": request.workspace}


def _chosen(request):
    return _owner(request) | {"initial": {"project": request.GET.get("project", "")}}


def _created(request, form, *, body, source):
    spec = specs.create_spec(
        workspace=request.workspace,
        actor=request.user,
        title=form.cleaned_data["title"],
        body=body,
        source=source,
        now=utcnow(),
        project=form.cleaned_data["project"],
    )
    messages.success(request, "Saved in your library.")
    return redirect("features:spec-detail", spec.public_id)


@require_GET
@login_required
def spec_detail(request, public_id):
    """One version of the text, the newest unless ?version= names another."""
    return spec_page(request, public_id, request.GET.get("version"))


def spec_page(request, public_id, number, *, status=200, **more):
    """Return the whole page of a version; more: what a refused build adds."""
    spec = spec_or_404(request, public_id)
    version = _version(spec, number or str(spec.revision))
    text = version.body.removeprefix("\ufeff")
    readable = markdown.is_readable(text)
    versions = spec.versions.defer("body").order_by("-number")
    builds = Feature.objects.visible_to(request.user).filter(spec_version__spec=spec)
    context = {
        "spec": spec,
        "version": version,
        "html": markdown.lowered(markdown.render_markdown(text)) if readable else "",
        "versions": versions[:MOST_VERSIONS],
        "versions_more": max(0, spec.revision - MOST_VERSIONS),
        "builds": builds.annotate(number=F("spec_version__number")).order_by("-pk")[:MOST_BUILDS],
        "key": Secret.objects.live_key(spec.workspace_id),
    }
    return render(request, "features/spec_detail.html", context | more, status=status)


@require_http_methods(["GET", "POST"])
@login_required
def spec_edit(request, public_id):
    """Write the next version; whoever was slower keeps what they typed and decides what to do with it."""
    spec = spec_or_404(request, public_id)
    if request.method == "GET":
        newest = _version(spec, str(spec.revision))
        form = SpecEditForm(initial={"title": spec.title, "body": newest.body, "base": newest.number})
        return render(request, "features/spec_form.html", {"form": form, "spec": spec})
    form = SpecEditForm(request.POST)
    if form.is_valid():
        values = form.cleaned_data
        _version(spec, str(values["base"]))
        try:
            changed = specs.edit_spec(spec=spec, actor=request.user, now=utcnow(), **values)
        except spec_text.Unfit as unfit:
            form.add_error("body", str(unfit))
        except specs.StaleSpec:
            spec.refresh_from_db()
            return _stale(request, spec, values["base"])
        else:
            words = f"Saved as version {spec.revision}." if changed else "Saved. The text is unchanged."
            messages.success(request, words)
            return redirect("features:spec-detail", spec.public_id)
    return render(request, "features/spec_form.html", {"form": form, "spec": spec}, status=422)


def _stale(request, spec, base):
    """Show what was typed, ready to be saved on top of the newer version."""
    typed = request.POST.copy()
    typed["base"] = spec.revision
    context = {"form": SpecEditForm(typed), "spec": spec, "stale_base": base}
    return render(request, "features/spec_form.html", context, status=409)


@require_GET
@login_required
def spec_diff(request, public_id):
    """What changed between two versions; without a choice between the newest and the one before."""
    spec = spec_or_404(request, public_id)
    before = _version(spec, request.GET.get("from") or str(max(1, spec.revision - 1)))
    after = _version(spec, request.GET.get("to") or str(spec.revision))
    # Versions are numbered without a gap. Too many for a list are typed in.
    numbers = range(spec.revision, 0, -1) if spec.revision <= MOST_VERSIONS else None
    context = {"spec": spec, "before": before, "after": after, "numbers": numbers}
    return render(
        request, "features/spec_diff.html", context | {"diff": diffs.compare(before.body, after.body)}
    )


@require_GET
@login_required
@data_endpoint
def spec_download(request, public_id):
    """Send one version, byte for byte."""
    spec = spec_or_404(request, public_id)
    version = _version(spec, request.GET.get("version") or str(spec.revision))
    name = f"{slugify(spec.title)[:60] or 'spec'}-v{version.number}.md"
    return HttpResponse(
        version.body.encode(),
        content_type="text/markdown; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "no-store",
        },
    )


@require_POST
@login_required
def spec_duplicate(request, public_id):
    copy = specs.duplicate_spec(spec=spec_or_404(request, public_id), actor=request.user, now=utcnow())
    messages.success(request, "This is the copy. The original is unchanged.")
    return redirect("features:spec-detail", copy.public_id)


@require_http_methods(["GET", "POST"])
@login_required
def spec_delete(request, public_id):
    """GET: a page that names what goes and what stays. POST: delete."""
    spec = spec_or_404(request, public_id)
    if request.method == "GET":
        builds = Feature.objects.visible_to(request.user).filter(spec_version__spec=spec).order_by("-pk")
        context = {"spec": spec, "builds": named(builds), "versions_count": spec.versions.count()}
        return render(request, "features/spec_delete.html", context)
    specs.delete_spec(spec=spec)
    messages.success(request, "Deleted, with all its versions.")
    return redirect("features:spec-list")


@require_POST
@login_required
def brief_keep(request, public_id, revision):
    """Save a brief of a conversation in the library."""
    feature = feature_or_404(request, public_id)
    document = get_object_or_404(
        feature.documents, kind=Document.Kind.BRIEF, revision=min(revision, 2**31 - 1)
    )
    document.feature = feature
    try:
        spec, is_new = specs.keep_brief(document=document, actor=request.user, now=utcnow())
    except spec_text.Unfit as unfit:
        messages.error(request, f"The brief was not saved in your library. {unfit}")
        return redirect("features:document-detail", feature.public_id, "brief", document.revision)
    messages.success(
        request, "Saved in your library." if is_new else "This brief is in your library already."
    )
    return redirect("features:spec-detail", spec.public_id)


def _version(spec, number):
    found = spec.versions.filter(number=whole_number(number)).first()
    if found is None:
        raise Http404
    return found

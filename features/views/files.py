"""One file of a feature: to read, to fetch, and what is known of it."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from accounts import audit
from accounts.limits import data_endpoint
from buildpractical.lib import errors
from buildpractical.lib.clock import utcnow
from buildpractical.lib.connections import release_connection
from buildpractical.lib.highlight import code_table
from buildpractical.lib.tenancy import reading
from features import artifacts, links, panels
from features.models import Artifact
from features.views.answers import feature_or_404

MOST_CHARS = 200_000


# Not atomic: the storage is asked, and no transaction may wait for it.
@transaction.non_atomic_requests
@require_GET
@login_required
def file_detail(request, public_id, pk):
    """One file, to read: highlighted, never run."""
    with reading(request.workspace.pk if request.workspace else None, user_id=request.user.pk):
        feature = feature_or_404(request, public_id)
        file = _file(feature, pk)
        context = {"feature": feature, "file": file, "tree": panels.tree_of(artifacts.current(feature))}
    release_connection()
    context |= {
        "media_type": links.media_type(file),
        "link_minutes": max(1, settings.FILE_LINK_SECONDS // 60),
    }
    status = 200
    try:
        text = artifacts.read(file).decode("utf-8", "replace")
        context |= {"code": code_table(text[:MOST_CHARS], file.path), "is_cut": len(text) > MOST_CHARS}
    except artifacts.Damaged:
        context["damaged"] = True
    except artifacts.Unavailable:
        context["unavailable"], status = True, 503
    return render(request, "features/file_detail.html", context, status=status)


@data_endpoint
@require_GET
@login_required
def file_info(request, public_id, pk):
    """What is known of the file, and a link to fetch it, as JSON."""
    file = _file(feature_or_404(request, public_id), pk)
    link = links.make(file, now=utcnow())
    return JsonResponse(
        {
            "path": file.path,
            "kind": file.kind,
            "type": links.media_type(file),
            "size_bytes": file.size_bytes,
            "sha256": file.sha256,
            "created_at": file.created_at.isoformat(),
            "is_current": file.superseded_at is None,
            "download_url": request.build_absolute_uri(link.url),
            "download_expires_at": link.expires_at.isoformat(),
        }
    )


@data_endpoint
@require_GET
@login_required
def file_download(request, public_id, pk):
    """Lead to a fresh link to the file."""
    feature = feature_or_404(request, public_id)
    file = _file(feature, pk)
    audit.record(
        "file.downloaded",
        workspace_id=feature.workspace_id,
        actor_id=request.user.pk,
        feature=feature.public_id,
        sha256=file.sha256,
    )
    return redirect(links.make(file, now=utcnow()).url)


@transaction.non_atomic_requests
@require_GET
def file_content(request, token):
    """The bytes behind a link, for as long as it holds; the link is the permission."""
    named = links.read(token, now=utcnow())
    if named is None:
        return errors.page(request, 403, reason="link")
    workspace_id, pk = named
    with reading(workspace_id):
        file = get_object_or_404(Artifact, workspace_id=workspace_id, pk=pk)
    release_connection()
    try:
        # Whole and checked before the first byte leaves: what is damaged is not handed out.
        content = artifacts.read(file)
    except (artifacts.Damaged, artifacts.Unavailable):
        return errors.page(request, 503)
    return HttpResponse(
        content,
        content_type=links.CONTENT_TYPE,
        headers={
            "Content-Disposition": links.disposition(file),
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "no-store",
        },
    )


def _file(feature, pk):
    return get_object_or_404(feature.artifacts, pk=min(pk, 2**63 - 1))

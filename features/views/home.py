"""The pages that belong to no feature: landing, dashboard, health."""

import logging
import os
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import DatabaseError, connection, transaction
from django.db.models import Case, Q, When
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_safe
from django_q.models import OrmQ

from accounts.limits import data_endpoint
from accounts.models import Secret
from buildpractical.lib.clock import utcnow
from features import artifacts
from features.ideas import IDEAS
from features.models import Feature, SpecVersion
from features.spec_forms import filter_choices
from features.statuses import ACTIVE, GATES, Status

logger = logging.getLogger(__name__)

MOST_WAITING, MOST_RECENT, MOST_SPECS = 10, 6, 3


@require_safe
def home(request):
    """What this is, for visitors; people who are signed in go on to their work."""
    if request.user.is_authenticated:
        return redirect("dashboard")
    return render(request, "features/landing.html")


@require_GET
@login_required
def dashboard(request):
    return render(request, "features/dashboard.html", _work(request) | start_context(request))


@require_GET
@login_required
@data_endpoint
def dashboard_work(request):
    """The lists of the dashboard, which fetch themselves again every 20 seconds."""
    return render(request, "features/_work.html", _work(request))


@require_safe
@transaction.non_atomic_requests
def health(request):
    """Answer "ok", or 503 when database, queue or storage is down; which of them, only the log says."""
    down = [name for name, is_down in CHECKS.items() if is_down()]
    if not down:
        return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})
    logger.error("Not healthy", extra={"down": ",".join(down)})
    return HttpResponse(
        "not ok\n", content_type="text/plain", status=503, headers={"Cache-Control": "no-store"}
    )


def start_context(request):
    """Return what the form that starts a feature needs; one query."""
    key = Secret.objects.live_key(request.workspace.pk) if request.workspace else None
    return {"key": key, "ideas": IDEAS}


def _work(request):
    choice = filter_choices(request.user, request.GET.get("project"))
    features = Feature.objects.visible_to(request.user).filter(workspace=request.workspace)
    features = features.in_project(choice["project"]).with_brief_waiting().order_by("-progress_at")
    # Gates before failures: a gate holds up what goes well.
    gates_first = Case(When(status__in=list(GATES), then=0), default=1)
    waits = Q(status__in=[*GATES, Status.FAILED]) | Q(status=Status.DRAFTING, brief_waits=True)
    waiting = features.filter(waits).order_by(gates_first, "-progress_at")
    # One more than is shown, to say that there are more.
    yours = list(waiting[: MOST_WAITING + 1])
    working = list(features.filter(status__in=ACTIVE)[: MOST_WAITING + 1])
    recent = list(features.filter(status__in=[Status.DRAFTING, Status.DONE]).exclude(waits)[:MOST_RECENT])
    versions = SpecVersion.objects.visible_to(request.user).filter(workspace=request.workspace).newest()
    versions = versions.with_last_build().of_project(choice["project"])
    specs = list(versions.order_by("-spec__updated_at", "-spec_id")[:MOST_SPECS])
    return choice | {
        "yours": yours[:MOST_WAITING],
        "yours_more": len(yours) > MOST_WAITING,
        "working": working[:MOST_WAITING],
        "working_more": len(working) > MOST_WAITING,
        "recent": recent,
        "specs": specs,
        "is_empty": not (yours or working or recent or specs or choice["project_word"]),
    }


def _database_is_down():
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return True
    return False


def _queue_is_late():
    """A job lies longer than a stuck feature may: no worker takes them."""
    old = utcnow() - timedelta(seconds=settings.STUCK_SECONDS)
    try:
        return OrmQ.objects.filter(lock__lt=old).exists()
    except DatabaseError:
        return True


def _storage_is_down():
    storage = artifacts.storage()
    try:
        storage.exists("health")
        # Local files: a missing folder is made on the first write, so its nearest parent must be writable.
        folder = getattr(storage, "location", "")
        if hasattr(storage, "path"):
            while not os.path.exists(folder):
                folder = os.path.dirname(folder)
            return not (os.path.isdir(folder) and os.access(folder, os.W_OK))
    except Exception:  # each kind of storage has errors of its own; any of them means down
        logger.exception("Storage does not answer")
        return True
    return False


CHECKS = {"database": _database_is_down, "queue": _queue_is_late, "storage": _storage_is_down}

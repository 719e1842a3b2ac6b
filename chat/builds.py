"""From a spec in the library to a feature whose brief is being written."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from buildpractical.lib import errors
from buildpractical.lib.clock import utcnow
from buildpractical.lib.dbthread import db
from buildpractical.lib.numbers import whole_number
from buildpractical.lib.tenancy import as_workspace, reading
from chat import actions, replies
from features.actions import create_feature
from features.forms import StartForm
from features.models import Feature, Spec
from features.views.specs import spec_page

PRESSED_AGAIN = timedelta(seconds=10)
WORDS = {
    "no_key": "There is no AI key to work with. Nothing was started. Add your Anthropic key in Settings, or "
    "choose the offline demo.",
    "too_many": "Several answers are being written for you in other features. Nothing was started. Wait until "
    "one has ended, then press the button again.",
}


class _NoChoice(Exception):
    """The form does not say who builds it."""


class _Begun(Exception):
    """The same button was pressed a moment ago."""

    def __init__(self, feature):
        self.feature = feature


@require_POST
@transaction.non_atomic_requests
@login_required
async def spec_build(request, public_id):
    """Start a feature from the version that the form names, and let its brief be written."""
    if replies.is_closing():
        return errors.page(request, 503)
    form = StartForm(request.POST)
    workspace_id = request.workspace.pk if request.workspace else None
    number = whole_number(request.POST.get("version"))

    def begin():
        with as_workspace(workspace_id, user_id=request.user.pk):
            # Locked: of two presses the second one finds what the first has begun, and pays for nothing.
            specs = Spec.objects.visible_to(request.user).select_for_update(of=("self",))
            spec = get_object_or_404(specs, public_id=public_id)
            version = get_object_or_404(spec.versions, number=number)
            if not form.is_valid():
                raise _NoChoice
            begun = Feature.objects.filter(
                created_by=request.user,
                spec_version=version,
                provider=form.cleaned_data["provider"],
                created_at__gt=utcnow() - PRESSED_AGAIN,
            )
            if feature := begun.first():
                raise _Begun(feature)
            feature = create_feature(
                workspace=spec.workspace,
                actor=request.user,
                provider=form.cleaned_data["provider"],
                now=utcnow(),
                title=spec.title,
                spec_version=version,
                project=spec.project,
            )
            return actions.write_brief(feature=feature, author=request.user, now=utcnow())

    back = f"{reverse('features:spec-detail', args=[public_id])}?version={number}#build"
    try:
        message = await replies.begin(begin)
    except actions.TooFast as refusal:
        told = {"limit": refusal.limit, "provider": form.cleaned_data["provider"]}
        page = await db(_over_limit, request, public_id, workspace_id, told)
        return refusal.limit.tell(page)
    except actions.Refused as refusal:
        messages.warning(request, WORDS[refusal.reason])
        return redirect(back)
    except _Begun as press:
        return redirect("features:feature-detail", press.feature.public_id)
    except _NoChoice:
        messages.warning(request, "Choose who builds it, then press the button again. Nothing was started.")
        return redirect(back)
    return message.standing.tell(redirect("features:feature-detail", message.feature.public_id))


def _over_limit(request, public_id, workspace_id, told):
    with reading(workspace_id, user_id=request.user.pk):
        return spec_page(request, public_id, request.POST.get("version"), status=429, **told)

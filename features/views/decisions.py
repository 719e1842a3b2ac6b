"""What a person decides about a feature: approve, revise, retry, stop, and the brief."""

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from buildpractical.lib.clock import utcnow
from features import actions, documents, panels, transitions
from features.forms import BriefForm, DocumentForm
from features.statuses import GATES
from features.views.answers import decided, feature_or_404, refused


@require_POST
@login_required
def approve(request, public_id):
    """Approve the document on the table."""
    feature = feature_or_404(request, public_id)
    document = _document(request, feature)
    gate = next((gate for gate, (kind, _) in GATES.items() if kind == document.kind), None)
    if gate is None:
        raise Http404
    return _decide(request, feature, transitions.APPROVE[gate], "Approved.", document=document)


@require_POST
@login_required
def brief_confirm(request, public_id):
    """Confirm the brief of a conversation; the pipeline starts."""
    feature = feature_or_404(request, public_id)
    document = _document(request, feature)
    return _decide(
        request, feature, transitions.confirm_brief, "Confirmed. We begin with the spec.", document=document
    )


@require_POST
@login_required
def revise(request, public_id):
    """Confirm the revised brief at a gate; the spec is written again."""
    feature = feature_or_404(request, public_id)
    document = _document(request, feature)
    words = "Confirmed. We write the spec again from the new brief."
    return _decide(request, feature, transitions.revise, words, document=document)


@require_POST
@login_required
def retry(request, public_id):
    feature = feature_or_404(request, public_id)
    return _decide(request, feature, transitions.retry, "We go on from the last good point.")


@require_POST
@login_required
def stop(request, public_id):
    feature = feature_or_404(request, public_id)
    return _decide(
        request, feature, transitions.stop, "Stopping. Nothing that is finished is lost.", paid=False
    )


@require_POST
@login_required
def brief_edit(request, public_id):
    """Save the person's corrections as the next revision of the brief."""
    feature = feature_or_404(request, public_id)
    brief = documents.proposed_brief(feature)
    if brief is None:
        return refused(request, feature, stale=True, decision=panels.last_decision(feature))
    form = BriefForm.of(brief, request.POST)
    if not form.is_valid():
        return refused(request, feature, brief_form=form)
    try:
        actions.save_brief(feature=feature, parts=form.cleaned_data, now=utcnow())
    except transitions.StaleFeature:
        return refused(request, feature, stale=True, decision=panels.last_decision(feature))
    except ValueError as error:
        form.add_error(None, str(error))
        return refused(request, feature, brief_form=form)
    return decided(request, feature, "Your corrections are saved. Please confirm the brief.")


@require_POST
@login_required
def brief_discard(request, public_id):
    """Keep the old brief; the proposed one is turned down."""
    feature = feature_or_404(request, public_id)
    document = _document(request, feature)
    return _decide(request, feature, _discard, "The old brief stands.", document=document, paid=False)


def _discard(*, feature, document, actor, now):
    actions.discard_brief(feature=feature, document=document, now=now)


def _decide(request, feature, act, words, *, paid=True, **arguments):
    """Do it and show the new state; what was too late or has no key changes nothing and says so."""
    if paid and not panels.can_pay(feature):
        return refused(request, feature, needs_key=True)
    try:
        act(feature=feature, actor=request.user, now=utcnow(), **arguments)
    except transitions.WrongStatus:
        return refused(request, feature, status=409, wrong=True)
    except transitions.StaleFeature:
        return refused(request, feature, stale=True, decision=panels.last_decision(feature))
    return decided(request, feature, words)


def _document(request, feature):
    """Return the revision that the form names; anything else is a 404."""
    form = DocumentForm(request.POST)
    if not form.is_valid():
        raise Http404
    return get_object_or_404(feature.documents, pk=form.cleaned_data["document"])

"""What a person decides about a feature: approve, revise, retry, stop, and the brief."""

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from accounts.limits import LimitReached
from buildpractical.lib.clock import utcnow
from features import actions, panels, transitions
from features.failures import Failure
from features.forms import BriefForm, DocumentForm, LimitForm
from features.keys import needs_key
from features.statuses import GATES, Status
from features.views.answers import decided, feature_or_404, over_limit, refused


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
    return _decide(request, feature, _retry, "We go on from the last good point.")


@require_POST
@login_required
def stop(request, public_id):
    feature = feature_or_404(request, public_id)
    return _decide(request, feature, _stop, "Stopping. Nothing that is finished is lost.", paid=False)


@require_POST
@login_required
def cap_raise(request, public_id):
    """Raise the spending limit; work that stopped at it goes on."""
    feature = feature_or_404(request, public_id)
    form = LimitForm(request.POST)
    if not form.is_valid():
        raise Http404
    limit = form.cleaned_data["limit"]
    return _decide(request, feature, actions.raise_cap, "The spending limit is raised.", limit=limit)


@require_POST
@login_required
def brief_edit(request, public_id):
    """Save the person's corrections as the next revision of the brief."""
    feature = feature_or_404(request, public_id)
    document = _document(request, feature)
    if document.kind != document.Kind.BRIEF:
        raise Http404
    form = BriefForm.of(document, request.POST)
    if document != panels.brief_to_correct(feature):
        return _too_late(request, feature, document)
    if not form.is_valid():
        return refused(request, feature, brief_form=form)
    try:
        actions.save_brief(feature=feature, document=document, parts=form.cleaned_data, now=utcnow())
    except transitions.StaleFeature:
        return _too_late(request, feature, document)
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


def _too_late(request, feature, document):
    """Show the state as it is now with what the person typed: to save on top of it, or at least to copy."""
    feature.refresh_from_db()
    newest = panels.brief_to_correct(feature)
    form = BriefForm.of(newest or document, request.POST)
    if newest:
        return refused(request, feature, stale=True, changed=True, brief_form=form)
    return refused(request, feature, stale=True, typed=form, decision=panels.last_decision(feature))


def _retry(*, feature, actor, now):
    try:
        return transitions.retry(feature=feature, actor=actor, now=now)
    except transitions.WrongStatus:
        last = panels.last_decision(feature)
        if last and last.source == Status.FAILED:
            raise transitions.StaleFeature(feature.pk) from None
        raise


def _stop(*, feature, actor, now):
    try:
        transitions.stop(feature=feature, actor=actor, now=now)
    except transitions.WrongStatus:
        feature.refresh_from_db()
        if feature.failure == Failure.STOPPED:
            raise transitions.StaleFeature(feature.pk) from None
        raise


def _discard(*, feature, document, actor, now):
    actions.discard_brief(feature=feature, document=document, now=now)


class _NoKey(Exception):
    """The workspace has no key that a paid step could use."""


def _decide(request, feature, act, words, *, paid=True, **arguments):
    """Do it and show the new state; what was too late or has no key changes nothing and says so."""
    try:
        # Done first and taken back without a key: what was decided already needs none.
        with transaction.atomic():
            standing = act(feature=feature, actor=request.user, now=utcnow(), **arguments)
            if paid and needs_key(feature):
                raise _NoKey
    except _NoKey:
        return refused(request, feature, needs_key=True)
    except LimitReached as reached:
        return over_limit(request, feature, reached.state)
    except transitions.WrongStatus:
        return refused(request, feature, status=409, wrong=True)
    except transitions.StaleFeature:
        return refused(request, feature, stale=True, decision=panels.last_decision(feature))
    response = decided(request, feature, words)
    return standing.tell(response) if standing else response


def _document(request, feature):
    """Return the revision that the form names; anything else is a 404."""
    form = DocumentForm(request.POST)
    if not form.is_valid():
        raise Http404
    return get_object_or_404(feature.documents, pk=form.cleaned_data["document"])

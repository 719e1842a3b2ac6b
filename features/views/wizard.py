"""The five questions: answers are kept at each step, and make a spec at the end."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from buildpractical.lib.clock import utcnow
from buildpractical.lib.numbers import whole_number
from features import spec_text, specs
from features.models import Source, Spec, WizardDraft
from features.wizard import STEPS, answers_of, missing_in, text_of, title_of

ECHO = timedelta(seconds=10)
NEEDED = "Please answer this one; a few words are enough."
LONG_TITLE = "At most 200 characters, please: there are {}."


@require_http_methods(["GET", "POST"])
@login_required
def spec_wizard(request):
    """GET: the step of ?step=. POST: keep its answers, then go where the pressed button says."""
    number = min(max(whole_number(request.GET.get("step")), 1), len(STEPS))
    drafts = WizardDraft.objects.visible_to(request.user).filter(user=request.user)
    if request.method == "GET":
        draft = drafts.first()
        return _page(request, number, draft.answers if draft else {})
    # Locked: who presses twice, or types while the button is pressed, comes after the spec was made.
    with transaction.atomic():
        return _take(request, number, drafts.select_for_update(of=("self",)).first())


def _take(request, number, draft):
    kept = draft.answers if draft else {}
    go = request.POST.get("go", "next")
    if draft is None and go in {"save", "finish"} and (spec := _just_made(request.user)):
        return (
            redirect("features:spec-detail", spec.public_id) if go == "finish" else HttpResponse(status=204)
        )
    if go == "forget":
        specs.forget_answers(workspace=request.workspace, user=request.user)
        messages.success(request, "Your answers are forgotten.")
        return redirect("features:spec-list")
    step = STEPS[number - 1]
    answers = answers_of(step, request.POST)
    everything = kept | answers
    # Every step looks at the whole: the last one could not say what to shorten.
    if errors := _errors(step, everything, strict=go in {"next", "finish"}):
        return _page(request, number, everything, errors=errors, status=422)
    specs.keep_answers(workspace=request.workspace, user=request.user, answers=answers, now=utcnow())
    if go == "save":
        return HttpResponse(status=204)
    if go != "finish":
        return redirect(f"{reverse('features:spec-wizard')}?step={number + (-1 if go == 'back' else 1)}")
    return _finish(request, everything)


def _just_made(user):
    """Return the spec that the person's answers have become a moment ago, or None."""
    made = Spec.objects.visible_to(user).filter(created_by=user, source=Source.WIZARD)
    return made.filter(updated_at__gt=utcnow() - ECHO).order_by("-pk").first()


def _finish(request, answers):
    for number, step in enumerate(STEPS, 1):
        if errors := _errors(step, answers, strict=True):
            return _page(request, number, answers, errors=errors, status=422)
    spec = specs.create_spec(
        workspace=request.workspace,
        actor=request.user,
        title=title_of(answers),
        body=text_of(answers),
        source=Source.WIZARD,
        now=utcnow(),
    )
    specs.forget_answers(workspace=request.workspace, user=request.user)
    messages.success(request, "Your answers are a spec now. Read it through; then you can build from it.")
    return redirect("features:spec-detail", spec.public_id)


def _errors(step, answers, *, strict):
    """Return {name: words} of what is wrong; strict: answers that are needed must be there."""
    errors = dict.fromkeys(missing_in(step, answers), NEEDED) if strict else {}
    asked = [question.name for question in step.questions]
    if "title" in asked and len(title_of(answers)) > specs.TITLE_CHARS:
        errors["title"] = LONG_TITLE.format(len(title_of(answers)))
    try:
        spec_text.facts_of(text_of(answers))
    except spec_text.Unfit as unfit:
        longest = max(asked, key=lambda name: len(answers.get(name, "")))
        errors[longest] = f"{unfit} All your answers together are the spec; nothing you typed is lost."
    return errors


def _page(request, number, answers, *, errors=None, status=200):
    step = STEPS[number - 1]
    context = {
        "steps": STEPS,
        "step": step,
        "number": number,
        "last": number == len(STEPS),
        "begun": bool(answers),
        "fields": [
            {
                "question": question,
                "value": answers.get(question.name, ""),
                "error": (errors or {}).get(question.name, ""),
            }
            for question in step.questions
        ],
    }
    return render(request, "features/spec_wizard.html", context, status=status)

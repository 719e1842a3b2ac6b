"""The settings page: the person's AI key, profile and security."""

from functools import wraps

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions, keycheck, sessions, vault
from accounts.forms import KeyForm, ProfileForm
from accounts.keycheck import Result
from accounts.models import Secret
from buildpractical.lib.clock import utcnow
from buildpractical.lib.connections import release_connection
from buildpractical.lib.tenancy import reading

REFUSALS = {
    Result.WRONG_SHAPE: "This does not look like a whole Anthropic key. It starts with sk-ant-, is long, and has no "
    "spaces. Copy it once more from the Anthropic Console. Nothing was stored.",
    Result.REFUSED: "Anthropic did not accept this key. It may be deleted, switched off or cut short. "
    "Make a new key in the Anthropic Console and paste it here. Nothing was stored.",
    Result.NO_PERMISSION: "Anthropic knows this key, but the key may not use its models. Give it access in "
    "the Anthropic Console, or make a new key there. Nothing was stored.",
}
STORED = {
    Result.OK: (messages.SUCCESS, "Your key is stored. Anthropic accepted it."),
    Result.UNREACHABLE: (
        messages.WARNING,
        "Your key is stored, but not yet checked: we could not reach Anthropic. You can go on, or check "
        "again in a few minutes.",
    ),
}
RECHECKS = {
    Result.OK: (messages.SUCCESS, "Anthropic accepted your key."),
    Result.UNREACHABLE: (
        messages.WARNING,
        "We could not reach Anthropic, so your key is still not checked. Please try again in a few minutes.",
    ),
    Result.REFUSED: (messages.ERROR, "Anthropic did not accept your key. Replace it with a new one."),
    Result.NO_PERMISSION: (
        messages.ERROR,
        "Anthropic knows your key, but it may not use the models. Give it access in the Anthropic Console, "
        "then check again.",
    ),
}
NOT_OPENED = "Your stored key can no longer be opened here. Please enter it again."
TOO_OFTEN = "You tried this many times in a short while. Please wait a minute and try again."
NOT_STORED = "We could not store the key just now. Nothing was changed. Please try again later."


def _with_workspace(view):
    @login_required
    @wraps(view)
    def wrapped(request, *args, **kwargs):
        if request.workspace is None:
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped


@require_GET
@_with_workspace
def settings_page(request):
    """Show key, profile and security."""
    return _page(request)


# Not atomic: the provider is asked in between, and no transaction may wait for it.
@transaction.non_atomic_requests
@sensitive_post_parameters()
@require_POST
@_with_workspace
def key_save(request):
    """Check a key with the provider and keep it sealed; what the provider refuses is not kept."""
    old = _live_key(request)
    if old is not None and not sessions.is_fresh(request, now=utcnow()):
        return _key_answer(request, must_confirm=True)
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _key_answer(request, form=form)
    if not _may_ask(request):
        form.add_error("key", TOO_OFTEN)
        return _key_answer(request, form=form)
    text = form.cleaned_data["key"]
    release_connection()
    result = keycheck.check(text)
    if result in REFUSALS:
        form.add_error("key", REFUSALS[result])
        return _key_answer(request, form=form)
    try:
        actions.save_key(
            workspace=request.workspace,
            actor=request.user,
            text=text,
            state=keycheck.STATES[result],
            now=utcnow(),
        )
    except vault.SecretError:
        form.add_error("key", NOT_STORED)
        return _key_answer(request, form=form)
    notice = "key_replaced" if old else "key_added"
    get_adapter().send_notice(f"accounts/email/{notice}", request.user)
    return _key_answer(request, said=STORED[result])


@transaction.non_atomic_requests
@require_POST
@_with_workspace
def key_check(request):
    """Ask the provider once more about the stored key."""
    secret = _live_key(request)
    if secret is None:
        raise Http404
    if not _may_ask(request):
        return _key_answer(request, said=(messages.WARNING, TOO_OFTEN))
    try:
        said = RECHECKS[keycheck.check_again(secret)]
    except vault.SecretError:
        said = (messages.ERROR, NOT_OPENED)
    return _key_answer(request, said=said)


@transaction.non_atomic_requests
@require_http_methods(["GET", "POST"])
@_with_workspace
def key_delete(request):
    """GET asks, POST deletes the stored key."""
    secret = _live_key(request)
    if request.method == "GET":
        if secret is None:
            return redirect("accounts:settings")
        return render(request, "accounts/key_delete.html", {"secret": secret})
    if secret is None:
        return _key_answer(request, said=(messages.INFO, "Your key was already deleted."))
    if not sessions.is_fresh(request, now=utcnow()):
        return _key_answer(request, must_confirm=True)
    actions.delete_key(secret=secret, actor=request.user, now=utcnow())
    get_adapter().send_notice("accounts/email/key_deleted", request.user)
    return _key_answer(request, said=(messages.SUCCESS, "Your key is deleted."))


@require_POST
@_with_workspace
def profile_save(request):
    """Save name and colours."""
    theme = request.profile.theme
    form = ProfileForm(request.POST, instance=request.profile)
    if not form.is_valid():
        # The form wrote the refused values into the instance; the page's frame reads it.
        request.profile.refresh_from_db()
        if request.htmx:
            return render(request, "accounts/_profile.html", {"profile_form": form}, status=422)
        return _page(request, profile_form=form, status=422)
    form.save()
    if not request.htmx:
        messages.success(request, "Saved.")
        return redirect("accounts:settings")
    response = render(request, "accounts/_profile.html", {"profile_form": form, "saved": True})
    if request.profile.theme != theme:
        # The colours stand on <html>, outside this panel.
        response.headers["HX-Refresh"] = "true"
    return response


def _may_ask(request):
    """Count one question to the provider; return whether the person may put it."""
    return ratelimit.consume(request, action="key_check", user=request.user)


def _live_key(request):
    # The views around the provider's answer have no transaction of their own, and row-level security shows
    # rows inside one only.
    with reading(request.workspace.pk, user_id=request.user.pk):
        return Secret.objects.visible_to(request.user).live_key(request.workspace.pk)


def _key_answer(request, *, form=None, said=None, must_confirm=False):
    """Answer a change of the key: the panel for htmx; else back to the page, or the page with its error.

    said: (message level, text).
    """
    failed = form is not None or must_confirm
    if request.htmx:
        context = _key_context(request, form=form, said=said, must_confirm=must_confirm)
        return render(request, "accounts/_key.html", context, status=422 if failed else 200)
    if failed:
        return _page(request, status=422, form=form, must_confirm=must_confirm)
    messages.add_message(request, *said)
    return redirect("accounts:settings")


def _key_context(request, *, form=None, said=None, must_confirm=False):
    secret = _live_key(request)
    return {
        "secret": secret,
        "key_form": form or KeyForm(),
        "said": said and {"tone": TONES[said[0]], "text": said[1]},
        "tried": form is not None,
        # A first key needs no second proof: nothing of the person's can get lost.
        "must_confirm": must_confirm or (secret is not None and not sessions.is_fresh(request, now=utcnow())),
        "not_confirmed": must_confirm,
    }


TONES = {messages.SUCCESS: "good", messages.INFO: "work", messages.WARNING: "wait", messages.ERROR: "bad"}


def _page(request, *, profile_form=None, status=200, **key):
    context = _key_context(request, **key)
    context["profile_form"] = profile_form or ProfileForm(instance=request.profile)
    return render(request, "accounts/settings.html", context, status=status)

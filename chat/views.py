"""The conversation page and its parts. Views that start an answer are async: its task runs in their loop."""

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from buildpractical.lib import errors
from buildpractical.lib.clock import utcnow
from buildpractical.lib.dbthread import db
from buildpractical.lib.numbers import whole_number
from buildpractical.lib.tenancy import as_workspace, reading
from chat import actions, forms, replies
from chat.models import Draft, Message
from features.keys import needs_key
from features.models import Feature
from features.statuses import Status

MOST_SEQ = 2_147_483_647


@require_GET
@login_required
def page(request, public_id):
    """The whole conversation as a page of its own; it works without scripts."""
    feature = _feature(request.user, public_id)
    return render(request, "chat/page.html", _conversation(request.user, feature))


@require_GET
@login_required
def conversation(request, public_id):
    """The whole conversation as a part of the feature's page. Four queries, five with an own key."""
    feature = _feature(request.user, public_id)
    return render(request, "chat/_conversation.html", _conversation(request.user, feature))


@require_GET
@login_required
def composer(request, public_id):
    feature = _feature(request.user, public_id)
    return render(request, "chat/_composer.html", _composer(request.user, feature))


@require_GET
@login_required
def message_newer(request, public_id):
    """The messages after ?after=, and the place for those that come next."""
    feature = _feature(request.user, public_id)
    return render(request, "chat/_newer.html", _newer(feature, whole_number(request.GET.get("after"))))


@require_GET
@login_required
def message_detail(request, public_id, seq):
    feature = _feature(request.user, public_id)
    message = get_object_or_404(feature.messages, seq=min(seq, MOST_SEQ))
    return render(request, "chat/_message.html", {"feature": feature, "turn": message})


@require_POST
@login_required
def draft_save(request, public_id):
    """Keep unsent text (204); a page that is left or reloaded shows it again."""
    feature = _feature(request.user, public_id)
    body = forms.draft(request.POST.get("body", ""))
    actions.save_draft(feature=feature, user=request.user, body=body, now=utcnow())
    return HttpResponse(status=204)


@require_POST
@transaction.non_atomic_requests
@login_required
async def message_send(request, public_id):
    form = forms.MessageForm(request.POST)

    def send(feature):
        if not form.is_valid():
            raise _Invalid(feature, form.errors["body"][0])
        return actions.send(
            feature=feature, author=request.user, body=form.cleaned_data["body"], now=utcnow()
        )

    return await _answer(request, public_id, send)


@require_POST
@transaction.non_atomic_requests
@login_required
async def message_continue(request, public_id, seq):
    """Go on from an answer that broke off."""
    return await _answer(request, public_id, _go_on(request.user, seq))


@require_POST
@transaction.non_atomic_requests
@login_required
async def message_retry(request, public_id, seq):
    """Try again after an answer that failed."""
    return await _answer(request, public_id, _go_on(request.user, seq))


@require_POST
@transaction.non_atomic_requests
@login_required
async def brief_write(request, public_id):
    def write(feature):
        return actions.write_brief(feature=feature, author=request.user, now=utcnow())

    return await _answer(request, public_id, write)


@require_POST
@transaction.non_atomic_requests
@login_required
async def message_stop(request, public_id, seq):
    """Stop an answer, and show it as it then stands."""

    def find():
        with _reading(request):
            feature = _feature(request.user, public_id)
            return feature, get_object_or_404(feature.messages, seq=min(seq, MOST_SEQ), role="assistant")

    feature, message = await db(find)
    await replies.stop(message)
    if not request.htmx:
        return redirect("chat:page", public_id)
    feature, message = await db(find)
    return render(request, "chat/_message.html", {"feature": feature, "turn": message})


class _Invalid(actions.Refused):
    status = 200
    reason = "invalid"

    def __init__(self, feature, words):
        super().__init__(feature)
        self.words = words


async def _answer(request, public_id, act):
    """Run act(feature) → the empty answer, start to write it, and show what is new.

    A refusal stands beside the box and takes nothing out of it.
    """
    if replies.is_closing():
        return errors.page(request, 503)

    def run():
        with as_workspace(_workspace_id(request), user_id=request.user.pk):
            return act(_feature(request.user, public_id))

    try:
        reply = await replies.begin(run)
    except actions.Refused as refusal:
        return await _refuse(request, refusal)
    if not request.htmx:
        return reply.standing.tell(redirect("chat:page", public_id))

    def newer():
        with _reading(request):
            feature = _feature(request.user, public_id)
            return _newer(feature, whole_number(request.POST.get("after")))

    response = render(request, "chat/_newer.html", await db(newer) | {"answering": True})
    # Named so that the page empties the box only for a message, and only when it is saved.
    if request.resolver_match.url_name == "message-send":
        response.headers["HX-Trigger-After-Swap"] = "chat:sent"
    return reply.standing.tell(response)


async def _refuse(request, refusal):
    response = await _refusal(request, refusal)
    limit = getattr(refusal, "limit", None)
    return limit.tell(response) if limit else response


async def _refusal(request, refusal):
    told = {"feature": refusal.feature, "refusal": refusal}
    if request.htmx:
        response = render(request, "chat/_refused.html", told, status=refusal.status)
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#chat-refused", "outerHTML"
        return response

    def whole():
        with _reading(request):
            return _conversation(request.user, _feature(request.user, refusal.feature.public_id))

    context = await db(whole) | told
    context["draft"] = request.POST.get("body") or context["draft"]
    return render(request, "chat/page.html", context, status=refusal.status)


def _go_on(user, seq):
    def act(feature):
        message = get_object_or_404(feature.messages, seq=min(seq, MOST_SEQ), role="assistant")
        return actions.go_on(feature=feature, message=message, author=user, now=utcnow())

    return act


def _reading(request):
    return reading(_workspace_id(request), user_id=request.user.pk)


def _workspace_id(request):
    return request.workspace.pk if request.workspace else None


def _feature(user, public_id):
    return get_object_or_404(Feature.objects.visible_to(user), public_id=public_id)


def _conversation(user, feature):
    return _newer(feature, 0) | _composer(user, feature)


def _newer(feature, after):
    turns = list(feature.messages.filter(seq__gt=after))
    newest = turns[-1].seq if turns else min(after, feature.message_seq)
    writing = any(turn.state == Message.State.STREAMING for turn in turns)
    said = feature.status != Status.DRAFTING or feature.message_seq > 0
    return {
        "feature": feature,
        "turns": turns,
        "newest": newest,
        "may_write_brief": feature.chat_is_open and said and not writing,
    }


def _composer(user, feature):
    draft = Draft.objects.filter(feature=feature, user=user).first()
    return {
        "feature": feature,
        "draft": draft.body if draft else "",
        "needs_key": feature.chat_is_open and needs_key(feature),
    }

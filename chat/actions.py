"""What people do in a conversation. Each write is one transaction on the locked feature row."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts import limits
from chat import keeping
from chat.models import Draft, Message
from features import events
from features.keys import needs_key
from features.models import Feature
from features.statuses import Status

# An autosave that was on its way when the message was sent arrives after it.
ECHO_SECONDS = 60


class Refused(Exception):
    """The conversation does not take this now. reason: what chat/_refused.html explains.

    status: for HTTP; 200 where a form is only explained, 409 where the page shows what no longer is.
    """

    status = 409

    def __init__(self, feature):
        self.feature = feature


class ChatClosed(Refused):
    """The feature's status has no conversation."""

    reason = "closed"


class ReplyRunning(Refused):
    """An answer is being written."""

    status = 200
    reason = "running"


class TooManyReplies(Refused):
    """The person has REPLIES_PER_USER answers being written elsewhere."""

    status = 200
    reason = "too_many"


class TooFast(Refused):
    """The person has asked for MESSAGES_PER_HOUR answers in this hour; `limit` says when to go on."""

    status = 429
    reason = "limit"

    def __init__(self, feature, limit):
        super().__init__(feature)
        self.limit = limit


class NotLast(Refused):
    """The answer to go on from is not the last message any more, or needs no help."""

    reason = "not_last"


class NothingSaid(Refused):
    """A brief needs something to be written from."""

    reason = "nothing_said"


class NoKey(Refused):
    """The feature works with the person's key, and there is none."""

    status = 200
    reason = "no_key"


def send(*, feature, author, body, now):
    """Save the person's message and an empty answer, and return the answer.

    body: cleaned by MessageForm. Raises Refused; nothing is saved then.
    """
    with transaction.atomic():
        feature = _open(feature, author, now)
        Draft.objects.filter(feature=feature, user=author).delete()
        said = Message(role="user", state="complete", body=body)
        return _begin(feature, said, author=author, purpose="talk", now=now)


def go_on(*, feature, message, author, now):
    """Save an empty answer that goes on from an interrupted or failed one (the last message); return it."""
    with transaction.atomic():
        feature = _open(feature, author, now)
        message.refresh_from_db()
        if message.seq != feature.message_seq or message.state not in {"interrupted", "failed"}:
            raise NotLast(feature)
        return _begin(feature, author=author, purpose=message.purpose, now=now)


def write_brief(*, feature, author, now):
    """Save an empty answer that will hold the brief, and return it."""
    with transaction.atomic():
        feature = _open(feature, author, now)
        if not _has_words(feature):
            raise NothingSaid(feature)
        return _begin(feature, author=author, purpose="brief", now=now)


def request_stop(*, message):
    """Ask the process that writes the answer to stop; it looks at each save."""
    Message.objects.streaming().filter(pk=message.pk).update(stop_requested=True)


def save_draft(*, feature, user, body, now):
    """Keep unsent text; an empty one is forgotten, and so is what was sent a moment ago."""
    with transaction.atomic():
        # One writer at a time: an autosave that arrives late would otherwise bring a sent text back.
        feature = Feature.objects.select_for_update().get(pk=feature.pk)
        since = now - timedelta(seconds=ECHO_SECONDS)
        sent = feature.messages.from_people().filter(author=user, created_at__gte=since)
        if not body.strip() or sent.filter(body=body.strip("\n")).exists():
            Draft.objects.filter(feature=feature, user=user).delete()
            return
        Draft.objects.update_or_create(
            feature=feature,
            user=user,
            defaults={"workspace_id": feature.workspace_id, "body": body, "saved_at": now},
        )


def _has_words(feature):
    """Return whether there is something to write a brief from: a spec of the library says enough."""
    if feature.status != Status.DRAFTING or feature.spec_version_id:
        return True
    return feature.messages.from_people().exists()


def _open(feature, author, now):
    """Lock the feature and return it fresh, if an answer may begin."""
    feature = Feature.objects.select_for_update().get(pk=feature.pk)
    if not feature.chat_is_open:
        raise ChatClosed(feature)
    if needs_key(feature):
        raise NoKey(feature)
    mine = 0
    for message in Message.objects.streaming().filter(Q(feature=feature) | Q(author=author)):
        if message.feature_id != feature.pk:
            mine += 1
        elif message.lease_until > now:
            raise ReplyRunning(feature)
        else:
            keeping.interrupt(message, reason="lost")
    if mine >= settings.REPLIES_PER_USER:
        raise TooManyReplies(feature)
    return feature


def _begin(feature, *said, author, purpose, now):
    """Write what was said, if anything, and behind it the empty answer; return that. The feature is locked."""
    try:
        standing = limits.take(limits.MESSAGES, author.pk, now=now)
    except limits.LimitReached as reached:
        raise TooFast(feature, reached.state) from None
    reply = Message(
        role="assistant",
        state="streaming",
        purpose=purpose,
        lease_until=now + timedelta(seconds=settings.REPLY_LEASE_SECONDS),
    )
    for seq, message in enumerate([*said, reply], start=feature.message_seq + 1):
        message.workspace_id, message.feature, message.seq = feature.workspace_id, feature, seq
        message.author, message.created_at = author, now
    reply.standing = standing  # for the headers of the answer to whoever asked
    Message.objects.bulk_create([*said, reply])
    Feature.objects.filter(pk=feature.pk).update(message_seq=reply.seq)
    feature.message_seq = reply.seq
    # No "id": a page fetches new messages, but not again one that it has just been given.
    events.append(feature, kind="message", data={"new": reply.seq})
    return reply

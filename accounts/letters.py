"""Mail as rows: written in the transaction of what it tells of, sent by a schedule (ADR 19).

A process may die at any line: a letter that nobody has marked as sent is taken up again when its lease is over.
Rows of all workspaces, so through the operators' connection.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F, Q

from accounts.models import Letter
from buildpractical.lib.clock import utcnow
from buildpractical.lib.connections import release_connection
from buildpractical.lib.tenancy import as_workspace, reading

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)  # longer than a mail server may take (EMAIL_TIMEOUT)
MOST_AT_ONCE = 200
MOST_ATTEMPTS = 10
KEEP = timedelta(days=7)


def write(*, user, to, template, subject, text, now):
    """Write one letter in the caller's transaction, if any; return whether the person has a workspace to keep it."""
    with reading(None, user_id=user.pk):
        own = user.memberships.order_by("-workspace__is_personal", "pk").values_list(
            "workspace_id", flat=True
        )
        workspace_id = own.first()
    if workspace_id is None:
        return False
    with as_workspace(workspace_id, user_id=user.pk):
        Letter.objects.create(
            workspace_id=workspace_id,
            user=user,
            to=to,
            template=template,
            subject=subject,
            text=text,
            created_at=now,
        )
    return True


def send_due(*, now):
    """Send what waits, oldest first; return how many were sent."""
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    waiting = list(_waiting().filter(free).order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
    return sum(send(pk, now=max(now, utcnow())) for pk in waiting)


def send(pk, *, now):
    """Send one letter unless another process does or did; return whether it was sent by this call."""
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    claimed = _waiting().filter(free, pk=pk).update(lease_until=now + LEASE, attempts=F("attempts") + 1)
    if claimed != 1:
        return False
    letter = Letter.objects.using(settings.OPS_DB).select_related("user").get(pk=pk)
    release_connection()
    try:
        _message(letter).send()
    except Exception as error:
        # No traceback: the exceptions of smtplib hold addresses and texts.
        told = {"template": letter.template, "error": type(error).__name__}
        logger.error("A mail could not be sent", extra=told)
        _put_back(letter, now=utcnow())
        return False
    _waiting().filter(pk=pk).update(sent_at=utcnow(), lease_until=None, text="", html="")
    return True


def prune(*, now):
    """Delete letters that were sent or given up a week ago; return how many."""
    old = now - KEEP
    rows = Letter.objects.using(settings.OPS_DB)
    return rows.filter(Q(sent_at__lt=old) | Q(given_up_at__lt=old)).delete()[0]


def _waiting():
    return Letter.objects.using(settings.OPS_DB).filter(sent_at=None, given_up_at=None)


def _message(letter):
    message = EmailMultiAlternatives(
        letter.subject,
        letter.text,
        to=[letter.to or letter.user.email],
        headers={
            "Message-ID": letter.message_id,
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{settings.SITE_URL}/app/settings#profile>",
        },
    )
    if letter.html:
        message.attach_alternative(letter.html, "text/html")
    return message


def _put_back(letter, *, now):
    """Try again after 1, 2, 4 … minutes; give up after MOST_ATTEMPTS, some eight hours later."""
    row = _waiting().filter(pk=letter.pk)
    if letter.attempts >= MOST_ATTEMPTS:
        row.update(given_up_at=now, lease_until=None, text="", html="")
    else:
        row.update(lease_until=now + timedelta(minutes=2 ** (letter.attempts - 1)))

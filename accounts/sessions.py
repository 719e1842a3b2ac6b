"""How long a sign-in lasts, and how fresh it is (security.md §6)."""

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout

STARTED, SEEN = "bp_started_at", "bp_seen_at"  # seconds since 1970, in the session


def keep(request, *, now):
    """End the signed-in session when it is too old or lay idle too long, else note that it was used.

    Writes at most once in SESSION_TOUCH_SECONDS: else each page would cost a write.
    """
    session, at = request.session, int(now.timestamp())
    staff = request.user.is_staff
    most = settings.STAFF_SESSION_MAX_SECONDS if staff else settings.SESSION_MAX_SECONDS
    idle = settings.STAFF_SESSION_IDLE_SECONDS if staff else settings.SESSION_IDLE_SECONDS
    started, seen = session.get(STARTED, at), session.get(SEEN, 0)
    if at - started > most or (seen and at - seen > idle):
        logout(request)
        return
    if STARTED not in session or at - seen >= settings.SESSION_TOUCH_SECONDS:
        session[STARTED], session[SEEN] = started, at
        # allauth's list of signed-in devices; its own middleware would write on every request.
        UserSession.objects.filter(session_key=session.session_key).update(last_seen_at=now)


def mark_start(request, *, now):
    """Note a sign-in or sign-up, the moment from which the session is counted."""
    request.session[STARTED] = request.session[SEEN] = int(now.timestamp())


def is_fresh(request, *, now):
    """Return whether the person proved who they are in the last ACCOUNT_REAUTHENTICATION_TIMEOUT seconds.

    A sign-up, a sign-in and a repeated password count.
    """
    if not settings.ACCOUNT_REAUTHENTICATION_REQUIRED or did_recently_reauthenticate(request):
        return True
    started = request.session.get(STARTED)
    return started is not None and now.timestamp() - started < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT

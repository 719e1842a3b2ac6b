"""Hooks into allauth."""

from functools import partial

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.contrib.sites.shortcuts import get_current_site
from django.db import transaction

from accounts import audit, letters, mail, sessions
from buildpractical.lib.clock import utcnow


class AccountAdapter(DefaultAccountAdapter):
    """Sign-ins and sign-outs leave an audit entry and start the session's clock; mail never breaks a page.

    The profile and the personal workspace are made with the user itself (accounts.actions).
    """

    _notified = None  # whom the mail that is being written tells of a change

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "The e-mail address and the password do not belong together. "
        "Check both, or set a new password.",
        "email_taken": "There is an account with this e-mail address. Log in, or set a new password.",
        "incorrect_password": "That is not your password.",
        "enter_current_password": "That is not your password of now.",
        "too_many_login_attempts": "Too many tries. Please wait a few minutes and try again.",
    }

    def login(self, request, user):
        super().login(request, user)
        sessions.mark_start(request, now=utcnow())
        audit.record("login", actor_id=user.pk)

    def logout(self, request):
        if request.user.is_authenticated:
            audit.record("logout", actor_id=request.user.pk)
        super().logout(request)

    def authentication_failed(self, request, **credentials):
        super().authentication_failed(request, **credentials)
        audit.record("login.failed")

    def send_mail(self, template_prefix, email, context):
        """Write the mail now, send it when what it tells of is committed; allauth would send it in between."""
        request = allauth_context.request
        facts = {"request": request, "email": email, "current_site": get_current_site(request)}
        message = self.render_mail(template_prefix, email, facts | context)
        if self._notified and letters.write(
            user=self._notified,
            to=email,
            template=template_prefix,
            subject=message.subject,
            text=message.body,
            now=utcnow(),
        ):
            return
        transaction.on_commit(partial(mail.send_later, message, template=template_prefix), robust=True)

    def send_notification_mail(self, template_prefix, user, context=None, email=None):
        """Keep it as a row until it is sent: what tells of a change to the account must not get lost.

        Mails with a code or a link are never rows: a copy of the database would hold them, and a person whose mail
        is lost asks for another.
        """
        self._notified = user
        super().send_notification_mail(template_prefix, user, context, email)
        self._notified = None

    def send_notice(self, template_prefix, user, context=None):
        """Tell a person by mail about a change to the account."""
        self.send_notification_mail(template_prefix, user, context, email=user.email)

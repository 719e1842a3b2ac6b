"""Mail leaves behind the request: a mail server may be slow or away."""

import smtplib
import threading

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection

from accounts import mail
from accounts.models import User
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "new@example.com"


class Slow(BaseEmailBackend):
    """A mail server that takes its time; `sent` holds the receivers and whether the person was committed."""

    go, sent = threading.Event(), []

    def send_messages(self, messages):
        assert self.go.wait(10)
        for message in messages:
            (address,) = message.to
            self.sent.append((address, User.objects.filter(email=address).exists()))
        connection.close()
        return len(messages)


class Refusing(BaseEmailBackend):
    def send_messages(self, messages):
        raise smtplib.SMTPRecipientsRefused({messages[0].to[0]: (550, b"no such person")})


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/accounts/signup/", {"email": NEW, "password1": PASSWORD}),
        ("/accounts/password/reset/", {"email": "ada@example.com"}),
    ],
)
def test_page_does_not_wait_for_the_mail_server(client, ada, settings, path, form):
    settings.EMAIL_BACKEND = f"{__name__}.Slow"
    Slow.go.clear()
    Slow.sent.clear()

    response = client.post(path, form)

    assert (response.status_code, Slow.sent) == (302, [])
    Slow.go.set()
    mail.wait()
    assert Slow.sent == [(form["email"], True)]


def test_mail_that_cannot_be_sent_is_logged_without_its_address(client, ada, settings, caplog):
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"

    response = client.post("/accounts/password/reset/", {"email": ada.email})

    mail.wait()
    (record,) = [record for record in caplog.records if record.name == "accounts.mail"]
    assert response.status_code == 302
    assert (record.message, record.template, record.error) == (
        "A mail could not be sent", "account/email/password_reset_key", "SMTPRecipientsRefused",
    )  # fmt: skip
    assert ada.email not in repr(vars(record))

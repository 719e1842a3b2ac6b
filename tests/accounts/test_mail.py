"""Mail leaves behind the request: a mail server may be slow or away."""

import smtplib
import threading

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection

from accounts import letters, mail
from accounts.models import Letter, User
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


def test_notice_of_a_change_is_a_row_until_it_is_sent(client, ada, mailoutbox):
    client.post("/accounts/login/", {"login": ada.email, "password": PASSWORD})
    new = "another quiet harbour at dusk"

    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    letter, before = Letter.objects.get(), len(mailoutbox)
    sent = letters.send_due(now=letter.created_at)

    assert (letter.template, letter.to, before, sent) == ("account/email/password_changed", ada.email, 0, 1)
    assert mailoutbox[0].extra_headers["Message-ID"] == letter.message_id
    assert "If it was you, there is nothing to do." in mailoutbox[0].body


def test_mail_with_a_code_or_link_is_never_a_row(client, ada):
    client.post("/accounts/password/reset/", {"email": ada.email})

    mail.wait()
    assert not Letter.objects.exists()

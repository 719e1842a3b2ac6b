"""Mail when it is a person's turn or a build has ended: once, together, and never lost."""

import os
import signal
import smtplib
import subprocess
import sys
from datetime import timedelta
from email import message_from_string, policy

import pytest
from django.conf import settings as django_settings
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection

from accounts import letters
from accounts.models import Letter, Profile
from features import notices, tasks, transitions
from features.failures import Failure
from features.models import Notice
from features.statuses import Status
from tests.factories import NOON, finish, make_feature, walk

LATER = NOON + timedelta(minutes=1)


class Refusing(BaseEmailBackend):
    def send_messages(self, messages):
        raise smtplib.SMTPServerDisconnected("secret words")


def write(now=LATER):
    return notices.write_letters(now=now)


# --- what is told ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "subject", "words"),
    [
        (Status.SPEC_READY, "Your turn: Tool library", "The spec is written."),
        (Status.TESTS_READY, "Your turn: Tool library", "The tests are written."),
        (Status.DONE, "Ready: Tool library", "read by two reviews"),
        (Status.FAILED, "Stopped with a problem: Tool library", "review"),
    ],
)
def test_letter_tells_what_happened_and_where(feature_in, ada, mailoutbox, status, subject, words):
    feature, _ = feature_in(status)

    assert (write(), letters.send_due(now=LATER)) == (1, 1)

    (mail,) = mailoutbox
    ((html, kind),) = mail.alternatives
    address = f"{django_settings.SITE_URL}/app/features/{feature.public_id}"
    assert (mail.subject, mail.to, kind) == (subject, [ada.email], "text/html")
    for text in (mail.body, html):
        assert words in text
        assert address in text
        assert "/app/settings#profile" in text
        # Nothing of what people or models wrote but the title.
        assert "Body of" not in text
    assert not Notice.objects.exists()


def test_letter_of_a_title_in_html_is_escaped_and_in_one_line(ada, mailoutbox):
    feature = make_feature(ada, title="<b>Tools</b>\nBcc: eve@example.com")
    walk(feature, Status.SPEC_READY, actor=ada)
    write()
    letters.send_due(now=LATER)

    (mail,) = mailoutbox
    assert mail.subject == "Your turn: <b>Tools</b> Bcc: eve@example.com"
    assert "&lt;b&gt;Tools" in mail.alternatives[0][0]


def test_news_within_ten_minutes_come_in_one_letter(feature_in, mailoutbox):
    feature_in(Status.SPEC_READY, title="First")
    write()
    feature_in(Status.DONE, title="Second")
    feature_in(Status.FAILED, title="Third")

    early, due = write(NOON + timedelta(minutes=10)), write(NOON + timedelta(minutes=12))
    letters.send_due(now=NOON + timedelta(minutes=12))

    assert (early, due) == (0, 1)
    first, digest = mailoutbox
    assert (first.subject, digest.subject) == ("Your turn: First", "Build Practical: news of 2 features")
    assert "Ready: Second" in digest.body
    assert "Stopped with a problem: Third" in digest.body


def test_decision_that_was_made_meanwhile_is_not_asked_for(feature_in, ada):
    feature, document = feature_in(Status.SPEC_READY)
    transitions.approve_spec(feature=feature, document=document, actor=ada, now=NOON)

    assert write() == 0
    assert not Notice.objects.exists()


def test_switch_in_settings_ends_the_mails(feature_in, ada_client, ada):
    ada_client.post("/app/settings/profile", {"display_name": "Ada", "theme": "system"})
    feature_in(Status.SPEC_READY)

    assert Profile.objects.get(user=ada).mail_news is False
    assert write() == 0
    assert not Notice.objects.exists()


def test_who_has_left_the_workspace_gets_no_mail(feature_in, ada):
    feature_in(Status.SPEC_READY)
    ada.memberships.all().delete()

    assert write() == 0
    assert not Notice.objects.exists()


def test_who_pressed_stop_gets_no_mail(feature_in, ada):
    feature, _ = feature_in(Status.SPEC_APPROVED)
    Notice.objects.all().delete()
    transitions.stop(feature=feature, actor=ada, now=NOON)

    assert feature.failure == Failure.STOPPED
    assert not Notice.objects.exists()


def test_move_that_is_taken_back_leaves_no_notice(feature_in, ada):
    feature, _ = feature_in(Status.SPEC_GENERATING)
    feature.version += 1
    with pytest.raises(transitions.StaleFeature):
        finish(feature, Status.SPEC_READY, kind="spec")

    assert not Notice.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_letter_is_written_with_the_same_queries_for_any_number_of_notices(
    feature_in, django_assert_num_queries, rows
):
    for _ in range(rows):
        feature_in(Status.SPEC_READY)

    with django_assert_num_queries(8):
        assert write() == 1


# --- sent once, and not lost ------------------------------------------------------------------------------------


def test_mail_server_that_is_away_gets_the_letter_later(feature_in, settings, mailoutbox, caplog):
    feature_in(Status.SPEC_READY)
    write()
    usual, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.Refusing"
    letters.send_due(now=LATER)
    settings.EMAIL_BACKEND = usual
    letter = Letter.objects.get()

    at_once, later = letters.send_due(now=LATER), letters.send_due(now=letter.lease_until)

    assert (at_once, later, len(mailoutbox)) == (0, 1, 1)
    assert "secret words" not in caplog.text


def test_letter_that_nobody_takes_is_given_up(feature_in, settings, caplog):
    feature_in(Status.SPEC_READY)
    write()
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    for _ in range(letters.MOST_ATTEMPTS):
        Letter.objects.update(lease_until=None)
        letters.send_due(now=LATER)

    letter = Letter.objects.get()
    assert (letter.given_up_at is not None, letter.text, letter.html) == (True, "", "")


def test_sent_letter_keeps_no_text_and_goes_after_a_week(feature_in, mailoutbox):
    feature_in(Status.SPEC_READY)
    write()
    letters.send_due(now=LATER)
    letter = Letter.objects.get()

    early = letters.prune(now=letter.sent_at + timedelta(days=6))
    late = letters.prune(now=letter.sent_at + timedelta(days=8))

    assert (letter.text, letter.html, early, late) == ("", "", 0, 1)


SEND = """
import django; django.setup()
from features import tasks
tasks.send_mail()
"""


@pytest.fixture
def send_in_a_process(tmp_path):
    """Return a function: when to die → (return code, the mails in the folder); a real process on the database."""

    def run(die=""):
        process = subprocess.run(
            [sys.executable, "-c", SEND],
            cwd=django_settings.BASE_DIR,
            env=os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "tests.chat.process_settings",
                "LIVE_DATABASE_NAME": str(connection.settings_dict["NAME"]),
                "EMAIL_BACKEND": "tests.features.mail_folder.Folder",
                "MAIL_FOLDER": str(tmp_path),
                "MAIL_DIE": die,
            },
            stderr=subprocess.PIPE,
            text=True,
        )
        mails = [
            message_from_string(path.read_text(), policy=policy.default)
            for path in sorted(tmp_path.iterdir())
        ]
        return process.returncode, mails

    return run


@pytest.mark.django_db(transaction=True)
def test_process_that_dies_before_it_sends_loses_nothing(feature_in, send_in_a_process):
    feature_in(Status.SPEC_READY)

    killed, nothing = send_in_a_process("before")
    _, while_leased = send_in_a_process()
    Letter.objects.update(lease_until=NOON)
    ended, mails = send_in_a_process()
    _, again = send_in_a_process()

    assert (killed, nothing, while_leased, ended) == (-signal.SIGKILL, [], [], 0)
    assert [mail["Subject"] for mail in mails] == ["Your turn: Tool library"]
    assert len(again) == 1


@pytest.mark.django_db(transaction=True)
def test_process_that_dies_after_it_sent_is_known_by_the_number_of_the_mail(feature_in, send_in_a_process):
    """Nobody can know whether the server has it: it goes again under the same Message-ID."""
    feature_in(Status.SPEC_READY)

    send_in_a_process("after")
    Letter.objects.update(lease_until=NOON)
    _, mails = send_in_a_process()

    assert len({mail["Message-ID"] for mail in mails}) == 1


@pytest.mark.django_db(transaction=True)
def test_two_processes_send_each_letter_once(feature_in, ada, bob, tmp_path):
    for user in (ada, bob):
        walk(make_feature(user), Status.SPEC_READY, actor=user)
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.chat.process_settings",
        "LIVE_DATABASE_NAME": str(connection.settings_dict["NAME"]),
        "EMAIL_BACKEND": "tests.features.mail_folder.Folder",
        "MAIL_FOLDER": str(tmp_path),
    }
    processes = [
        subprocess.Popen([sys.executable, "-c", SEND], cwd=django_settings.BASE_DIR, env=env)
        for _ in range(3)
    ]

    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert len(list(tmp_path.iterdir())) == 2


def test_schedule_sends_what_waits(feature_in, mailoutbox):
    feature_in(Status.SPEC_READY)

    assert tasks.send_mail() == 1
    assert tasks.send_mail() == 0
    assert len(mailoutbox) == 1


# --- the browser's tab ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "title", "icon"),
    [
        (Status.SPEC_READY, "<title>Your turn: Tool library", "favicon-turn.svg"),
        (Status.FAILED, "<title>Your turn: Tool library", "favicon-turn.svg"),
        (Status.IMPLEMENTING, "<title>Tool library", "favicon.svg"),
        (Status.DONE, "<title>Tool library", "favicon.svg"),
    ],
)
def test_tab_shows_whose_turn_it_is(feature_in, ada_client, status, title, icon):
    feature, _ = feature_in(status)

    page = ada_client.get(f"/app/features/{feature.public_id}").content.decode()

    assert title in page
    assert f'<link rel="icon" href="/static/{icon}"' in page


def test_tab_of_the_dashboard_counts_what_waits(feature_in, ada_client):
    feature_in(Status.SPEC_READY)
    feature_in(Status.FAILED)
    feature_in(Status.DONE)

    page = ada_client.get("/app").content.decode()

    assert "<title>(2) Your turn: Home" in page
    assert 'data-tab-words="(2) Your turn: "' in page


def test_tab_of_the_dashboard_does_not_count_too_few(feature_in, ada_client):
    for _ in range(11):
        feature_in(Status.SPEC_READY)

    page = ada_client.get("/app").content.decode()

    assert "<title>(10+) Your turn: Home" in page
    assert 'And more, in <a href="/app/features?project=">all features</a>' in page

"""Answers over real sockets: they outlive requests, survive reloads and second tabs, stop and go on."""

import json
import socket
import sys
import threading
import time
from contextlib import closing
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.utils.html import escape

from buildpractical.lib import dbthread
from buildpractical.lib.clock import utcnow
from buildpractical.lib.tenancy import as_workspace
from chat import actions, replies
from chat.models import Message
from features.failures import Failure, words
from features.models import Feature
from tests.chat import sources
from tests.factories import make_feature
from tests.live import CSRF, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def feature(transactional_db, ada):
    return make_feature(ada)


@pytest.fixture
def person(site, ada):
    return site.person(ada)


def at(feature, rest):
    return f"/app/features/{feature.public_id}/{rest}"


def send(person, feature, body="I need a list"):
    return person.post(at(feature, "messages"), {"body": body, "after": "0"})


def answer(feature):
    return feature.messages.filter(role="assistant").last()


def ended(feature, seconds=10):
    """Wait for the last answer to end; return it."""
    wait_until(lambda: answer(feature).state != "streaming", seconds=seconds, what="the end of the answer")
    return answer(feature)


def test_reply_is_complete_and_rendered_after_the_request_has_gone(person, feature):
    go = threading.Event()
    sources.play(("text", "One "), go, ("text", "**two**"), ("stop", "end_turn"))

    response = send(person, feature)
    person.http.close()
    go.set()

    message = ended(feature)
    assert response.status_code == 200
    assert (message.state, message.body, message.chunks, message.stop_reason) == (
        "complete", "One **two**", 2, "end_turn",
    )  # fmt: skip
    assert "<strong>two</strong>" in message.html
    assert [event.data for event in feature.events.filter(kind="message")] == [
        {"new": 2},
        {"id": 2, "state": "complete"},
    ]


def works_in(*functions):
    """Tell whether the database thread is inside one of the functions just now."""
    codes = {function.__code__ for function in functions}
    frames = sys._current_frames()
    for thread in threading.enumerate():
        frame = frames.get(thread.ident) if thread.name.startswith("db") else None
        while frame is not None:
            if frame.f_code in codes:
                return True
            frame = frame.f_back
    return False


def test_reply_begins_although_the_page_was_left_while_the_message_was_saved(site, person, feature):
    person.get(at(feature, "chat"))  # the first request notes the session
    where, body = urlsplit(site.url), "body=I+need+a+list"
    request = (
        f"POST {at(feature, 'messages')} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-CSRFToken: {CSRF}\r\n"
        f"Cookie: {'; '.join(f'{name}={value}' for name, value in person.cookies.items())}\r\n"
        "HX-Request: true\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    )

    with transaction.atomic():  # another writer is busy
        Feature.objects.select_for_update().get(pk=feature.pk)
        with closing(socket.create_connection((where.hostname, where.port))) as browser:
            browser.sendall(request.encode())
            # SQLite waits where the transaction begins, PostgreSQL at the row.
            wait_until(lambda: works_in(as_workspace.__wrapped__, actions.send))
        time.sleep(0.3)  # the server hears of the end

    wait_until(lambda: answer(feature))
    message = ended(feature)
    assert (message.state, message.body) == ("complete", "Hello")


def test_reply_is_saved_while_it_is_written(person, feature, settings):
    settings.REPLY_FLUSH_SECONDS = 0.5
    go = threading.Event()
    sources.play(("text", "so far"), go, ("stop", "end_turn"))

    send(person, feature)

    began = time.monotonic()
    wait_until(lambda: answer(feature).body == "so far")
    assert time.monotonic() - began < 1
    assert "so far" in person.get(at(feature, "conversation")).text
    go.set()
    ended(feature)


def test_reply_shows_the_same_text_in_two_tabs_and_after_a_reload(site, person, feature):
    go, more = threading.Event(), threading.Event()
    sources.play(("text", "One "), go, ("text", "two "), more, ("text", "three"), ("stop", "end_turn"))
    send(person, feature)

    def text_of(frames):
        known = {"chunks": 0, "text": ""}
        for event, _, data in list(frames.all):
            frame = json.loads(data) if event in ("text", "snapshot") else None
            if event == "snapshot":
                known = frame
            elif event == "text" and frame["from"] == known["chunks"]:
                known = {"chunks": frame["to"], "text": known["text"] + frame["text"]}
        return known["text"]

    with person.stream(at(feature, "events")) as first:
        first.wait_for("caught_up")
        go.set()
        wait_until(lambda: text_of(first) == "One two ")
        with site.person(feature.created_by).stream(at(feature, "events")) as second:
            wait_until(lambda: text_of(second) == "One two ")
            more.set()
            first.wait_for("", data="message 2")
            second.wait_for("", data="message 2")
            assert text_of(first) == text_of(second) == "One two three"

    assert answer(feature).state == "complete"


def test_no_page_hears_of_the_end_before_it_is_saved(person, feature):
    with person.stream(at(feature, "events")) as frames:
        frames.wait_for("caught_up")
        send(person, feature)
        frames.wait_for("", data="message 2")

        assert answer(feature).state == "complete"
        assert "Hello" in person.get(at(feature, "messages/2")).text


def test_stop_keeps_the_text_and_offers_to_continue(person, feature):
    sources.play(("text", "Half"), threading.Event())
    send(person, feature)

    response = person.post(at(feature, "messages/2/stop"))

    message = answer(feature)
    assert (message.state, message.stop_reason, message.body) == ("interrupted", "stopped", "Half")
    assert "You stopped this answer." in response.text
    assert "Continue" in response.text


def test_stop_reaches_an_answer_of_another_process_through_its_row(person, feature):
    sources.play(("text", "Half"), threading.Event())
    send(person, feature)

    actions.request_stop(message=answer(feature))

    assert ended(feature).stop_reason == "stopped"


def test_continue_adds_an_answer_that_goes_on(person, feature):
    sources.play(("text", "Half"), ("stop", "max_tokens"))
    send(person, feature)
    assert ended(feature).stop_reason == "max_tokens"
    sources.play(("text", " and half"), ("stop", "end_turn"))

    response = person.post(at(feature, "messages/2/continue"), {"after": "2"})

    wait_until(lambda: answer(feature).state == "complete")
    assert 'data-message-id="3"' in response.text
    assert list(feature.messages.values_list("seq", "state", "body")) == [
        (1, "complete", "I need a list"),
        (2, "interrupted", "Half"),
        (3, "complete", " and half"),
    ]
    assert "Continue" not in person.get(at(feature, "messages/2")).text


def test_reply_that_fails_says_why_for_every_failure_and_keeps_its_text(person, ada):
    for failure in Failure:
        feature = make_feature(ada)
        sources.play(("text", "Half"), ("failure", failure.value))

        send(person, feature)

        message = ended(feature)
        saved = (message.state, message.failure, message.stop_reason, message.body)
        assert saved == ("failed", failure, "", "Half")
        page = person.get(at(feature, "messages/2")).text
        assert ("Try again" in page, escape(words(failure, is_demo=True)) in page) == (True, True)


def test_retry_adds_a_new_answer(person, feature):
    sources.play(("failure", "overloaded"))
    send(person, feature)
    ended(feature)
    sources.play(("text", "Hello"), ("stop", "end_turn"))

    person.post(at(feature, "messages/2/retry"), {"after": "2"})

    wait_until(lambda: answer(feature).seq == 3 and answer(feature).state == "complete")
    assert answer(feature).body == "Hello"


@pytest.mark.parametrize(
    ("steps", "result"),
    [
        ([ValueError("secret")], ("failed", "crashed", "", "")),
        ([("text", "Half"), ValueError("secret")], ("failed", "crashed", "", "Half")),
        ([("failure", "no such code")], ("failed", "crashed", "", "")),
        ([("stop", "end_turn")], ("failed", "empty", "", "")),
        ([("text", "Half")], ("interrupted", "", "cut", "Half")),
        ([], ("interrupted", "", "cut", "")),
        ([("text", "Half"), ("stop", "refusal")], ("interrupted", "", "refusal", "Half")),
        ([("text", "a\x00b\ud800c"), ("stop", "end_turn")], ("complete", "", "end_turn", "a\ufffdb\ufffdc")),
    ],
)
def test_reply_ends_in_a_known_state_whatever_its_source_does(person, feature, steps, result):
    sources.play(*steps)

    send(person, feature)

    message = ended(feature)
    assert (message.state, message.failure, message.stop_reason, message.body) == result


def test_reply_source_that_cannot_be_found_is_a_failure(person, feature, settings):
    settings.CHAT_REPLY_SOURCE = "tests.chat.sources.no_such_source"

    send(person, feature)

    assert ended(feature).failure == "crashed"


def test_hook_runs_after_a_complete_talk_and_starts_the_brief_once(person, feature):
    sources.wishes.append("brief")

    send(person, feature)

    wait_until(lambda: answer(feature).seq == 3 and answer(feature).state == "complete")
    talk, brief = feature.messages.filter(role="assistant")
    assert (brief.purpose, brief.author) == ("brief", feature.created_by)
    assert sources.calls == [talk.pk]


def test_hook_is_silent_when_the_person_was_faster(person, feature):
    sources.play(("text", "Hello"), ("stop", "end_turn"))
    send(person, feature)
    ended(feature)
    Feature.objects.filter(pk=feature.pk).update(status="spec_approved")

    with pytest.raises(actions.ChatClosed):
        replies._write_brief(feature.workspace_id, feature.pk, feature.created_by_id)


def test_hook_does_not_run_after_an_answer_that_broke_off(person, feature):
    sources.play(("text", "Half"), ("stop", "max_tokens"))
    send(person, feature)
    ended(feature)

    assert sources.calls == []


def test_reply_of_a_lost_process_is_settled_by_the_sweep(feature, ada, site, settings):
    past = utcnow() - timedelta(minutes=5)
    actions.send(feature=feature, author=ada, body="I need a list", now=past)
    Message.objects.filter(seq=2).update(body="Half", chunks=1)

    site.loop.call_soon_threadsafe(lambda: site.loop.create_task(dbthread.db(replies.keeping.sweep, set())))

    message = ended(feature)
    assert (message.state, message.stop_reason, message.body) == ("interrupted", "lost", "Half")


def test_reply_that_another_process_has_settled_is_given_up(person, feature):
    sources.play(("text", "Half"), threading.Event())
    send(person, feature)
    wait_until(lambda: answer(feature).body == "Half")
    Message.objects.filter(seq=2).update(lease_until=utcnow() - timedelta(seconds=1))

    replies.keeping.sweep(set())

    wait_until(lambda: not replies.running)
    assert answer(feature).stop_reason == "lost"


def test_reply_of_a_deleted_feature_ends(person, feature):
    sources.play(("text", "Half"), threading.Event())
    send(person, feature)
    wait_until(lambda: answer(feature).body == "Half")

    feature.delete()

    assert wait_until(lambda: not replies.running)


def test_reply_renews_its_lease_while_it_waits_for_the_first_piece(person, feature, settings):
    settings.REPLY_LEASE_SECONDS = 0.6
    go = threading.Event()
    sources.play(go, ("stop", "end_turn"))
    send(person, feature)
    first = answer(feature).lease_until

    assert wait_until(lambda: answer(feature).lease_until > first + timedelta(seconds=0.5))

    go.set()
    ended(feature)


def test_reply_of_another_process_comes_as_snapshots(person, feature, ada):
    with person.stream(at(feature, "events")) as frames:
        frames.wait_for("caught_up")
        message = actions.send(feature=feature, author=ada, body="I need a list", now=utcnow())
        frames.wait_for("", data="message")
        row = replies.keeping.Row(message.pk, message.workspace_id, "Half", 3, "streaming")

        replies.keeping.save(message.workspace_id, [row], set())

        assert frames.wait_for("snapshot", data='{"id":2,"chunks":3,"text":"Half"}')


def test_no_text_is_lost_with_many_answers_at_once(site, ada, bob, settings):
    settings.REPLIES_PER_USER = 20
    features = [make_feature(user) for user in (ada, bob) for _ in range(8)]
    sources.play(*[step for n in range(40) for step in (("text", f"{n} "), 0.005)], ("stop", "end_turn"))
    people = {user.pk: site.person(user) for user in (ada, bob)}

    for feature in features:
        send(people[feature.created_by_id], feature)

    whole = "".join(f"{n} " for n in range(40))
    for feature in features:
        message = ended(feature, seconds=20)
        assert (message.state, message.body, message.chunks) == ("complete", whole, 40)


def test_close_cuts_answers_after_the_grace_with_all_text_saved(site, person, feature):
    sources.play(("text", "Half"), threading.Event())
    send(person, feature)

    site.stop()

    message = answer(feature)
    assert (message.state, message.stop_reason, message.body) == ("interrupted", "shutdown", "Half")


def test_send_while_closing_is_refused_and_keeps_the_text(site, person, feature, settings):
    settings.REPLY_GRACE_SECONDS = 2
    go = threading.Event()
    sources.play(("text", "Half"), go, ("stop", "end_turn"))
    send(person, feature)
    site.close()
    wait_until(replies.is_closing)

    response = send(person, make_feature(feature.created_by))

    assert response.status_code == 503
    assert Message.objects.count() == 2
    go.set()
    assert ended(feature).state == "complete"

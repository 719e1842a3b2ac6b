"""The live stream over real sockets."""

import json
import socket
import threading
import time
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction

from features import events, streams
from features.failures import Failure
from features.hub import QUEUE_LIMIT, hub
from features.statuses import Status
from tests.factories import finish, make_feature
from tests.live import PATIENCE_SECONDS, site, wait_until  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def feature(transactional_db, ada):
    return make_feature(ada)


@pytest.fixture
def person(site, ada):  # noqa: F811
    return site.person(ada)


def url(feature, after=None):
    query = "" if after is None else f"?after={after}"
    return f"/app/features/{feature.public_id}/events{query}"


def append(feature, count=1, *, kind="activity", data=None):
    for _ in range(count):
        with transaction.atomic():
            events.append(feature, kind=kind, data=data or {"what": "stopping"})


def changes(frames):
    return [(seq, data) for event, seq, data in list(frames.all) if event == ""]


def test_stream_gives_history_then_caught_up_then_what_happens(person, feature):
    append(feature, 2)

    with person.stream(url(feature)) as frames:
        frames.wait_for("caught_up")
        append(feature, kind="document", data={"id": 812, "kind": "spec", "revision": 1})
        frames.wait_for("", count=4)

    assert frames.all == [
        ("", 1, "feature"),
        ("", 2, "activity"),
        ("", 3, "activity"),
        ("caught_up", None, ""),
        ("", 4, "document 812"),
    ]


def test_stream_has_the_headers_that_keep_it_flowing(person, feature):
    with person.stream(url(feature)) as frames:
        headers = frames.response.headers
        wanted = {
            name: headers.get(name)
            for name in ("content-type", "cache-control", "x-accel-buffering", "content-encoding")
        }

    assert wanted == {
        "content-type": "text/event-stream",
        "cache-control": "no-store, no-transform",
        "x-accel-buffering": "no",
        "content-encoding": None,
    }


@pytest.mark.parametrize(
    ("after", "last", "first"),
    [(None, None, 1), (2, None, 3), (2, 3, 4), (999, None, 5), (None, "x", 1), (-4, None, 1)],
)
def test_stream_goes_on_after_the_last_event_that_the_page_has(person, feature, after, last, first):
    append(feature, 3)

    with person.stream(url(feature, after), last=last) as frames:
        frames.wait_for("caught_up")
        append(feature)
        frames.wait_for("", count=6 - first)

    assert [seq for seq, _ in changes(frames)] == list(range(first, 6))


def test_stream_that_is_cut_again_and_again_gives_each_event_once_in_order(person, feature):
    got = []
    for number in range(6):
        with person.stream(url(feature, 0), last=got[-1] if got else None) as frames:
            append(feature)
            if number % 2:
                frames.wait_for("caught_up")
                append(feature)
            frames.wait_for("", count=1)
        got += [seq for seq, _ in changes(frames)]
    with person.stream(url(feature), last=got[-1]) as frames:
        frames.wait_for("caught_up")
        got += [seq for seq, _ in changes(frames)]

    assert got == list(range(1, 11))


def test_stream_of_a_long_history_comes_whole(person, feature, monkeypatch):
    monkeypatch.setattr(streams, "HISTORY_ROWS", 4)
    append(feature, 10)

    with person.stream(url(feature)) as frames:
        frames.wait_for("caught_up")

    assert [seq for seq, _ in changes(frames)] == list(range(1, 12))


def test_stream_of_an_ended_feature_completes_at_once(person, feature_in):
    feature, _ = feature_in(Status.DONE)

    with person.stream(url(feature)) as frames:
        frames.wait_for("complete")
        wait_until(lambda: frames.ended)

    assert [event for event, _, _ in frames.all if event] == ["caught_up", "complete"]
    assert len(changes(frames)) == feature.events.count()


def test_stream_completes_when_the_feature_ends(person, feature_in):
    feature, _ = feature_in(Status.REVIEW)

    with person.stream(url(feature)) as frames:
        frames.wait_for("caught_up")
        finish(feature, Status.DONE)
        frames.wait_for("complete")
        wait_until(lambda: frames.ended)

    assert changes(frames)[-1][0] == feature.events.count()
    assert frames.all[-1] == ("complete", None, "")


def test_stream_stays_when_the_feature_fails(person, feature_in):
    feature, _ = feature_in(Status.REVIEW)

    with person.stream(url(feature)) as frames:
        frames.wait_for("caught_up")
        finish(feature, Status.FAILED, failure=Failure.REVIEW_FAILED)
        append(feature, kind="document", data={"id": 812, "kind": "spec"})
        frames.wait_for("", data="document 812")
    with person.stream(url(feature)) as again:
        again.wait_for("caught_up")
        append(feature, kind="document", data={"id": 813, "kind": "spec"})
        again.wait_for("", data="document 813")

    assert frames.named("complete") + again.named("complete") == []


def test_stream_is_a_404_for_a_stranger_also_with_a_last_event_id(site, feature, bob):  # noqa: F811
    append(feature, 3)
    stranger = site.person(bob)

    answers = [stranger.get(url(feature)), stranger.get(url(feature), headers={"Last-Event-ID": "1"})]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert "activity" not in answers[1].text


def test_stream_with_an_id_of_another_feature_leaks_nothing(person, feature, ada):
    busy = make_feature(ada)
    append(busy, 9)

    with person.stream(url(feature), last=9) as frames:
        frames.wait_for("caught_up")
        append(busy)
        append(feature, kind="run", data={"id": 3, "agent": "spec", "state": "finished"})
        frames.wait_for("", count=1)

    assert changes(frames) == [(2, "run 3")]


def test_stream_sends_a_visitor_to_the_login(site, feature, client):  # noqa: F811
    assert client.get(url(feature)).status_code == 302


def test_stream_needs_get(person, feature):
    assert person.post(url(feature)).status_code == 405


def deactivate(user):
    type(user).objects.filter(pk=user.pk).update(is_active=False)


def end_sessions(user):
    Session.objects.all().delete()


def leave_workspace(user):
    user.memberships.all().delete()


def change_password(user):
    user.set_password("another harbour at dusk")
    user.save()


@pytest.mark.parametrize("cut", [deactivate, end_sessions, leave_workspace, change_password])
def test_stream_is_cut_when_the_right_to_see_it_has_gone(person, feature, ada, settings, cut):
    settings.STREAM_CHECK_SECONDS = 0.1

    with person.stream(url(feature)) as frames:
        frames.wait_for("caught_up")
        cut(ada)
        wait_until(lambda: frames.ended)
        append(feature)

    assert [seq for seq, _ in changes(frames)] == [1]


def test_stream_that_is_busy_is_checked_too(person, feature, ada, settings):
    settings.STREAM_CHECK_SECONDS = 0.2

    with person.stream(url(feature)) as frames:
        frames.wait_for("caught_up")
        deactivate(ada)
        until = time.monotonic() + 5
        while not frames.ended and time.monotonic() < until:
            append(feature)

    assert frames.ended


def test_right_to_a_stream_is_looked_at_within_twenty_seconds(settings):
    assert settings.STREAM_CHECK_SECONDS <= 18  # the look itself takes a moment


def test_reader_that_does_not_read_is_cut_and_resumes_with_each_event_once(person, feature):
    where = urlsplit(person.url)
    request = (
        f"GET {url(feature)} HTTP/1.1\r\nHost: {where.netloc}\r\nConnection: close\r\n"
        f"Cookie: {'; '.join(f'{name}={value}' for name, value in person.cookies.items())}\r\n\r\n"
    )
    topic = (feature.workspace_id, feature.pk)
    with closing(socket.socket()) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 262_144)
        slow.connect((where.hostname, where.port))
        slow.sendall(request.encode())
        got = b""
        while b"event: caught_up" not in got:
            got += slow.recv(1 << 12)
        # More than the sockets, one full queue on its way out and another behind it hold, while nobody reads.
        for number in range(4 * QUEUE_LIMIT):
            text = {"id": 2, "from": number, "to": number + 1, "text": "x" * 30_000}
            hub.loop.call_soon_threadsafe(hub.publish_text, topic, "text", text)
            if number % 20 == 0:
                append(feature)
        slow.settimeout(PATIENCE_SECONDS)
        until = time.monotonic() + PATIENCE_SECONDS
        while (
            piece := slow.recv(1 << 20)
        ) and time.monotonic() < until:  # one that is not cut gets beats for ever
            got += piece
        assert piece == b""
    assert b"event: complete" not in got
    first = [int(line[4:]) for line in got.split(b"\n") if line.startswith(b"id: ")]
    assert first == list(range(1, len(first) + 1))
    everything = feature.events.count()
    assert len(first) < everything

    with person.stream(url(feature), last=first[-1] if first else None) as frames:
        frames.wait_for("caught_up")

    assert first + [seq for seq, _ in changes(frames)] == list(range(1, everything + 1))


def test_stream_of_a_deleted_feature_ends(person, feature, settings):
    settings.STREAM_CHECK_SECONDS = 0.1

    with person.stream(url(feature)) as frames:
        frames.wait_for("caught_up")
        feature.delete()
        assert wait_until(lambda: frames.ended)


def test_streams_of_a_person_are_counted_and_given_back(person, feature, settings):
    settings.STREAMS_PER_USER = 2
    with person.stream(url(feature)) as one, person.stream(url(feature)) as two:
        one.wait_for("caught_up")
        two.wait_for("caught_up")

        assert person.get(url(feature)).status_code == 429

    wait_until(lambda: not streams.streams, seconds=3, what="the server to notice")
    with person.stream(url(feature)) as again:
        again.wait_for("caught_up")


def test_streams_that_are_opened_together_are_counted_too(person, feature, settings):
    settings.STREAMS_PER_USER = 3
    tabs = threading.Barrier(12)
    statuses = []

    def tab():
        tabs.wait()
        with person.http.stream("GET", url(feature)) as response:
            statuses.append(response.status_code)
            tabs.wait()

    threads = [threading.Thread(target=tab) for _ in range(tabs.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [200] * 3 + [429] * 9


def test_streams_end_when_the_site_closes(site, person, feature):  # noqa: F811
    with person.stream(url(feature)) as frames:
        frames.wait_for("caught_up")
        site.close()
        wait_until(lambda: frames.ended)

    assert frames.named("complete") == []


def test_streams_hold_no_thread_and_no_connection_each(site, person, feature, settings):  # noqa: F811
    settings.STREAMS_PER_USER = 50
    with person.stream(url(feature)) as first:
        first.wait_for("caught_up")
        before = sum(1 for thread in threading.enumerate() if "_read" not in thread.name)
        opened = [person.stream(url(feature)) for _ in range(20)]
        frames = [stream.__enter__() for stream in opened]
        for frame in frames:
            frame.wait_for("caught_up")
        after = sum(1 for thread in threading.enumerate() if "_read" not in thread.name)
        for stream in opened:
            stream.__exit__(None, None, None)

    assert after - before <= 1


def test_text_frames_are_json_on_one_line(person, feature):
    with person.stream(url(feature)) as frames:
        frames.wait_for("caught_up")
        topic = (feature.workspace_id, feature.pk)
        data = {"id": 2, "from": 0, "to": 1, "text": "a\r\nb\u2028\nid: 9\n\ndata: document 1"}
        hub.loop.call_soon_threadsafe(hub.publish_text, topic, "text", data)
        (frame,) = frames.wait_for("text")

    assert json.loads(frame[2]) == data
    assert changes(frames) == [(1, "feature")]

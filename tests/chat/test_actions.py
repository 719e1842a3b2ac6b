from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Secret
from buildpractical.lib.clock import utcnow
from chat import actions, keeping
from chat.models import Draft, Message
from features.statuses import CHAT_OPEN, Status
from tests.factories import NOON, make_feature

pytestmark = pytest.mark.django_db
LONG_AGO = NOON - timedelta(days=365)


@pytest.fixture
def feature(ada):
    return make_feature(ada)


def turns(feature):
    return list(feature.messages.values_list("seq", "role", "state", "purpose", "body"))


def send(feature, author, body="I need a list", now=NOON):
    return actions.send(feature=feature, author=author, body=body, now=now)


def settle(message, state="complete"):
    Message.objects.filter(pk=message.pk).update(state=state, lease_until=None)


def test_send_saves_message_answer_and_event(feature, ada):
    reply = send(feature, ada)

    assert turns(feature) == [
        (1, "user", "complete", "talk", "I need a list"),
        (2, "assistant", "streaming", "talk", ""),
    ]
    assert (reply.seq, reply.author, reply.lease_until) == (2, ada, NOON + timedelta(seconds=30))
    assert list(feature.events.values_list("seq", "kind", "data"))[-1] == (2, "message", {"new": 2})


def test_send_refuses_a_second_answer_and_saves_nothing(feature, ada):
    send(feature, ada)

    with pytest.raises(actions.ReplyRunning):
        send(feature, ada, "And more")

    assert [turn[0] for turn in turns(feature)] == [1, 2]


def test_send_settles_an_answer_whose_process_is_gone(feature, ada):
    lost = send(feature, ada)

    send(feature, ada, "Are you there?", now=NOON + timedelta(seconds=31))

    lost.refresh_from_db()
    assert (lost.state, lost.stop_reason, lost.lease_until) == ("interrupted", "lost", None)
    assert [turn[0] for turn in turns(feature)] == [1, 2, 3, 4]


@pytest.mark.parametrize("status", sorted(set(Status) - CHAT_OPEN))
def test_send_refuses_where_the_conversation_is_closed(feature_in, ada, status):
    feature, _ = feature_in(status)

    with pytest.raises(actions.ChatClosed):
        send(feature, ada)

    assert turns(feature) == []


@pytest.mark.parametrize("status", sorted(CHAT_OPEN))
def test_send_is_open_while_drafting_and_at_gates(feature_in, ada, status):
    feature, _ = feature_in(status)

    assert send(feature, ada).state == "streaming"


def test_send_needs_a_key_unless_it_is_a_demo(ada):
    feature = make_feature(ada, provider="anthropic")

    with pytest.raises(actions.NoKey):
        send(feature, ada)

    Secret.objects.create(workspace=ada.workspace, purpose="anthropic:api.anthropic.com", hint="abcd")
    assert send(feature, ada).state == "streaming"


def test_send_refuses_more_answers_than_a_person_may_have(ada, settings):
    for _ in range(settings.REPLIES_PER_USER):
        send(make_feature(ada), ada)

    with pytest.raises(actions.TooManyReplies):
        send(make_feature(ada), ada)


def test_send_forgets_the_draft(feature, ada):
    actions.save_draft(feature=feature, user=ada, body="I need", now=NOON)

    send(feature, ada)

    assert not Draft.objects.exists()


def test_save_draft_keeps_the_newest_text_of_each_person(feature, ada, bob):
    for body in ("I", "I need"):
        actions.save_draft(feature=feature, user=ada, body=body, now=NOON)
    actions.save_draft(feature=feature, user=bob, body="Bob's", now=NOON)

    assert sorted(Draft.objects.values_list("user", "body")) == [(ada.pk, "I need"), (bob.pk, "Bob's")]


def test_save_draft_forgets_when_empty(feature, ada):
    actions.save_draft(feature=feature, user=ada, body="I need", now=NOON)

    actions.save_draft(feature=feature, user=ada, body=" ", now=NOON)

    assert not Draft.objects.exists()


def test_save_draft_ignores_what_was_sent_a_moment_ago(feature, ada):
    send(feature, ada, "I need a list")

    actions.save_draft(feature=feature, user=ada, body="I need a list", now=NOON + timedelta(seconds=1))

    assert not Draft.objects.exists()


@pytest.mark.parametrize("state", ["interrupted", "failed"])
def test_go_on_adds_an_answer_of_the_same_purpose(feature, ada, state):
    first = send(feature, ada)
    Message.objects.filter(pk=first.pk).update(purpose="brief")
    settle(first, state)

    reply = actions.go_on(feature=feature, message=first, author=ada, now=NOON)

    assert (reply.seq, reply.state, reply.purpose) == (3, "streaming", "brief")


def test_go_on_refuses_a_complete_answer(feature, ada):
    first = send(feature, ada)
    settle(first)

    with pytest.raises(actions.NotLast):
        actions.go_on(feature=feature, message=first, author=ada, now=NOON)


def test_go_on_refuses_an_answer_that_is_not_the_last(feature, ada):
    first = send(feature, ada)
    settle(first, "interrupted")
    settle(send(feature, ada, "Never mind"))

    with pytest.raises(actions.NotLast):
        actions.go_on(feature=feature, message=first, author=ada, now=NOON)


def test_write_brief_needs_something_said(feature, ada):
    with pytest.raises(actions.NothingSaid):
        actions.write_brief(feature=feature, author=ada, now=NOON)


def test_write_brief_starts_an_answer_that_is_the_brief(feature, ada):
    settle(send(feature, ada))

    reply = actions.write_brief(feature=feature, author=ada, now=NOON)

    assert (reply.seq, reply.purpose, reply.state) == (3, "brief", "streaming")


def test_write_brief_is_open_at_a_gate_without_a_word(feature_in, ada):
    feature, _ = feature_in(Status.PLAN_READY)

    assert actions.write_brief(feature=feature, author=ada, now=NOON).purpose == "brief"


def test_message_table_allows_one_streaming_answer_a_feature(feature, ada):
    reply = send(feature, ada)

    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(
            workspace=ada.workspace,
            feature=feature,
            seq=9,
            role="assistant",
            state="streaming",
            created_at=NOON,
        )

    assert feature.messages.streaming().get() == reply


@pytest.mark.parametrize(("field", "value"), [("role", "robot"), ("state", "sleeping")])
def test_message_table_refuses_unknown_words(feature, ada, field, value):
    reply = send(feature, ada)

    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.filter(pk=reply.pk).update(**{field: value})


def test_draft_table_allows_one_draft_a_person(feature, ada):
    fields = {"workspace": ada.workspace, "feature": feature, "user": ada, "saved_at": NOON}
    Draft.objects.create(**fields)

    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.create(**fields)


def test_sweep_settles_expired_answers_of_all_workspaces_once(feature, ada, bob):
    mine, his = send(feature, ada, now=LONG_AGO), send(make_feature(bob), bob, now=LONG_AGO)
    Message.objects.filter(pk=mine.pk).update(body="Half **an", chunks=3)

    counts = [keeping.sweep(set()), keeping.sweep(set())]

    assert counts == [2, 0]
    mine.refresh_from_db()
    his.refresh_from_db()
    assert [mine.state, mine.stop_reason, mine.body, his.state] == [
        "interrupted",
        "lost",
        "Half **an",
        "interrupted",
    ]
    assert feature.events.last().data == {"id": 2, "state": "interrupted"}


def test_sweep_leaves_answers_of_this_process_and_living_leases(feature, ada, bob):
    mine, _ = send(feature, ada, now=LONG_AGO), send(make_feature(bob), bob, now=utcnow())

    assert keeping.sweep({mine.pk}) == 0


def test_save_writes_text_and_end_with_its_event(feature, ada):
    reply = send(feature, ada)
    row = keeping.Row(reply.pk, reply.workspace_id, "Hello **you**", 4, "complete", "end_turn")

    saved = keeping.save(reply.workspace_id, [row], {reply.pk})

    reply.refresh_from_db()
    assert saved == keeping.Saved({reply.pk}, set(), set())
    assert (reply.body, reply.chunks, reply.state, reply.lease_until) == (
        "Hello **you**",
        4,
        "complete",
        None,
    )
    assert "<strong>you</strong>" in reply.html
    assert feature.events.last().data == {"id": 2, "state": "complete"}


def test_save_again_after_an_unheard_commit_counts_as_written(feature, ada):
    reply = send(feature, ada)
    row = keeping.Row(reply.pk, reply.workspace_id, "Hello", 1, "complete", "end_turn")

    assert (
        keeping.save(reply.workspace_id, [row], set())
        == keeping.save(reply.workspace_id, [row], set())
        == keeping.Saved({reply.pk}, set(), set())
    )
    assert feature.events.count() == 3


def test_save_tells_what_another_process_has_settled(feature, ada):
    reply = send(feature, ada)
    keeping.interrupt(reply, reason="lost")
    row = keeping.Row(reply.pk, reply.workspace_id, "Hello", 1, "streaming")

    assert keeping.save(reply.workspace_id, [row], set()) == keeping.Saved(set(), {reply.pk}, set())


def test_save_tells_which_answers_shall_stop(feature, ada):
    reply = send(feature, ada)
    actions.request_stop(message=reply)

    assert keeping.save(reply.workspace_id, [], {reply.pk}) == keeping.Saved(set(), set(), {reply.pk})

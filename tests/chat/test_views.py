import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chat import actions
from chat.models import Message
from features.statuses import CHAT_OPEN, Status
from tests.factories import NOON, make_feature
from tests.live import wait_until

pytestmark = pytest.mark.django_db
# Async views work on the database thread: it sees only what is committed.
committed = pytest.mark.django_db(transaction=True)

GET = ["page", "conversation", "composer", "message-newer"]
POST = ["message-send", "brief-write", "draft-save"]
ONE_POST = ["message-stop", "message-continue", "message-retry"]


@pytest.fixture
def feature(ada):
    return make_feature(ada)


def url(name, feature, *args):
    return reverse(f"chat:{name}", args=[feature.public_id, *args])


def talk(feature, author, *, rounds=1):
    """Settled questions and answers."""
    for number in range(rounds):
        reply = actions.send(feature=feature, author=author, body=f"Question {number}", now=NOON)
        Message.objects.filter(pk=reply.pk).update(
            state="complete", body=f"Answer {number}", html=f"<p>Answer {number}</p>", lease_until=None
        )


@pytest.mark.parametrize("name", GET)
def test_view_is_a_404_for_a_stranger(feature, bob_client, name):
    assert bob_client.get(url(name, feature)).status_code == 404


@committed
@pytest.mark.parametrize("name", POST)
def test_post_is_a_404_for_a_stranger(feature, bob_client, name):
    assert bob_client.post(url(name, feature), {"body": "hello"}).status_code == 404
    assert not feature.messages.exists()


@committed
@pytest.mark.parametrize("name", ONE_POST)
def test_post_on_a_message_is_a_404_for_a_stranger(feature, ada, bob_client, name):
    talk(feature, ada)

    assert bob_client.post(url(name, feature, 2)).status_code == 404


def test_message_is_a_404_for_a_stranger(feature, ada, bob_client):
    talk(feature, ada)

    assert bob_client.get(url("message-detail", feature, 2)).status_code == 404


@pytest.mark.parametrize("seq", [3, 2**40])
def test_message_is_a_404_when_there_is_none(feature, ada, ada_client, seq):
    talk(feature, ada)

    assert ada_client.get(url("message-detail", feature, seq)).status_code == 404


@pytest.mark.parametrize("name", GET)
def test_view_sends_a_visitor_to_the_login(feature, client, name):
    response = client.get(url(name, feature))

    assert (response.status_code, response.url.split("?")[0]) == (302, reverse("account_login"))


@pytest.mark.parametrize("name", ["conversation", "message-newer"])
def test_conversation_needs_the_same_queries_for_any_length(feature, ada, ada_client, name):
    ada_client.get(url(name, feature))  # the first request notes the device
    counts = []
    for rounds in (1, 2):
        talk(feature, ada, rounds=rounds)
        with CaptureQueriesContext(connection) as queries:
            html = ada_client.get(url(name, feature)).content.decode()
        counts.append(len(queries))

    assert html.count("<p>Answer") == 3
    assert counts[0] == counts[1]


def test_conversation_greets_and_shows_history_in_full(feature, ada, ada_client):
    talk(feature, ada, rounds=2)

    html = ada_client.get(url("conversation", feature)).content.decode()

    order = [
        html.index(text) for text in ("What do you need", "Question 0", "Answer 0", "Question 1", "Answer 1")
    ]
    assert order == sorted(order)


def test_conversation_escapes_what_people_write(feature, ada, ada_client):
    actions.send(feature=feature, author=ada, body="<script>alert(1)</script>", now=NOON)

    html = ada_client.get(url("conversation", feature)).content.decode()

    assert "&lt;script&gt;alert(1)" in html
    assert "<script>alert" not in html


def test_message_newer_gives_what_comes_after_and_a_new_place(feature, ada, ada_client):
    talk(feature, ada, rounds=2)

    html = ada_client.get(url("message-newer", feature) + "?after=2").content.decode()

    assert [f'data-message-id="{seq}"' in html for seq in (1, 2, 3, 4)] == [False, False, True, True]
    assert "?after=4" in html


@pytest.mark.parametrize("after", ["", "x", "-1", "9" * 30, "99"])
def test_message_newer_takes_any_number(feature, ada, ada_client, after):
    talk(feature, ada)

    response = ada_client.get(url("message-newer", feature), {"after": after})

    assert response.status_code == 200
    assert "?after=2" in response.content.decode()


def test_brief_button_comes_with_the_first_message(feature, ada, ada_client):
    before = ada_client.get(url("conversation", feature)).content.decode()
    talk(feature, ada)
    after = ada_client.get(url("conversation", feature)).content.decode()

    assert ("Write the brief" in before, "Write the brief" in after) == (False, True)


@pytest.mark.parametrize("status", [Status.SPEC_READY, Status.FAILED])
def test_brief_button_revises_what_was_confirmed(feature_in, ada_client, status):
    feature, _ = feature_in(status)

    assert "Revise the brief" in ada_client.get(url("conversation", feature)).content.decode()


@pytest.mark.parametrize("status", sorted(Status))
def test_composer_is_open_exactly_where_the_conversation_is(feature_in, ada_client, status):
    feature, _ = feature_in(status)

    html = ada_client.get(url("composer", feature)).content.decode()

    assert ("<textarea" in html) == (status in CHAT_OPEN)


def test_draft_is_shown_again_after_a_reload(feature, ada_client):
    text = "\nI need <b>a list</b>\r\nof tools"

    response = ada_client.post(url("draft-save", feature), {"body": text})

    assert response.status_code == 204
    html = ada_client.get(url("page", feature)).content.decode()
    assert ">\n\nI need &lt;b&gt;a list&lt;/b&gt;\nof tools</textarea>" in html


def test_draft_with_anything_in_it_is_kept(feature, ada_client):
    assert ada_client.post(url("draft-save", feature), {"body": "a\x00b" + "c" * 200_000}).status_code == 204


def test_writes_need_post(feature, ada, ada_client):
    talk(feature, ada)
    urls = [url(name, feature) for name in POST] + [url(name, feature, 2) for name in ONE_POST]

    assert {ada_client.get(address).status_code for address in urls} == {405}


# --- the views that start answers need a loop that stays: over sockets -------------------------------------


@pytest.fixture
def person(site, ada):
    return site.person(ada)


def refused(response):
    return response.status_code, response.headers.get("HX-Retarget"), response.headers.get("HX-Reswap")


@pytest.mark.parametrize(
    ("body", "words"),
    [("  \r\n", "Write something first"), ("a" * 20_001, "20,001 characters"), ("a\x00b", "not text")],
)
def test_message_send_explains_bad_input_beside_the_box(person, feature, body, words):
    response = person.post(url("message-send", feature), {"body": body})

    assert refused(response) == (200, "#chat-refused", "outerHTML")
    assert words in response.text
    assert not feature.messages.exists()


def test_message_send_without_scripts_keeps_the_text_in_the_box(person, feature):
    body = "a" * 20_001

    response = person.post(url("message-send", feature), {"body": body}, htmx=False)

    assert response.status_code == 200
    assert f">\n{body}</textarea>" in response.text
    assert "20,001 characters" in response.text


def test_message_send_without_scripts_leads_back_to_the_page(person, feature):
    response = person.post(url("message-send", feature), {"body": "Hello"}, htmx=False)

    assert (response.status_code, response.headers["Location"]) == (302, url("page", feature))
    wait_until(lambda: feature.messages.filter(state="complete").count() == 2)


def test_message_send_answers_what_is_new_and_a_new_place(person, feature):
    response = person.post(url("message-send", feature), {"body": "Hello", "after": "0"})

    assert response.status_code == 200
    assert response.headers["HX-Trigger-After-Swap"] == "chat:sent"
    for part in (
        'data-message-id="1"',
        'data-message-id="2"',
        "?after=2",
        'id="chat-refused" hx-swap-oob="true"',
    ):
        assert part in response.text
    wait_until(lambda: feature.messages.filter(state="complete").count() == 2)


def test_message_send_while_an_answer_is_written_is_a_friendly_word(person, feature, ada):
    actions.send(feature=feature, author=ada, body="First", now=NOON)
    Message.objects.filter(state="streaming").update(lease_until=NOON.replace(year=2999))

    response = person.post(url("message-send", feature), {"body": "Second"})

    assert refused(response) == (200, "#chat-refused", "outerHTML")
    assert "An answer is still being written." in response.text
    assert feature.messages.count() == 2


@pytest.mark.parametrize("status", [Status.SPEC_GENERATING, Status.IMPLEMENTING, Status.DONE])
def test_message_send_in_a_closed_conversation_shows_the_status(person, feature_in, status):
    feature, _ = feature_in(status)

    response = person.post(url("message-send", feature), {"body": "Hello"})

    assert refused(response) == (409, "#chat-refused", "outerHTML")
    assert {Status.DONE: "This feature is done"}.get(status, status.label) in response.text
    assert "Your unsent text is kept." in response.text
    assert not feature.messages.exists()


def test_message_send_after_a_failure_is_answered(person, feature_in):
    feature, _ = feature_in(Status.FAILED)

    response = person.post(url("message-send", feature), {"body": "Leave the notes out."})

    assert (response.status_code, 'data-message-id="2"' in response.text) == (200, True)
    wait_until(lambda: feature.messages.filter(role="assistant", state="complete").exists())


def test_message_send_without_a_key_explains_the_two_ways_on(person, ada):
    feature = make_feature(ada, provider="anthropic")

    response = person.post(url("message-send", feature), {"body": "Hello"})

    assert refused(response) == (200, "#chat-refused", "outerHTML")
    assert reverse("accounts:settings") in response.text
    assert reverse("features:feature-create") in response.text
    assert not feature.messages.exists()


def test_brief_write_starts_the_brief(person, feature, ada):
    talk(feature, ada)

    response = person.post(url("brief-write", feature), {"after": "2"})

    assert response.status_code == 200
    assert 'data-message-id="3"' in response.text
    wait_until(lambda: feature.messages.filter(purpose="brief", state="complete").exists())


def test_brief_write_before_a_word_was_said_is_refused(person, feature):
    response = person.post(url("brief-write", feature))

    assert refused(response) == (409, "#chat-refused", "outerHTML")
    assert "Say first what you need" in response.text


def test_message_continue_of_an_older_answer_changes_nothing(person, feature, ada):
    talk(feature, ada, rounds=2)

    response = person.post(url("message-continue", feature, 2))

    assert refused(response) == (409, "#chat-refused", "outerHTML")
    assert feature.messages.count() == 4


def test_message_send_without_the_csrf_token_is_refused(site, person, feature):
    assert person.http.post(url("message-send", feature), data={"body": "Hello"}).status_code == 403
    assert not feature.messages.exists()


def test_message_send_shows_a_stranger_nothing(site, feature, bob):
    assert site.person(bob).post(url("message-send", feature), {"body": "Hello"}).status_code == 404
    assert not feature.messages.exists()

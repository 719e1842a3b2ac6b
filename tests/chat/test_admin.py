import pytest
from django.urls import reverse

from chat import actions
from chat.models import Message
from tests.factories import NOON, make_feature, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client):
    client.force_login(make_user("operator@example.com", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def message(ada):
    actions.send(feature=make_feature(ada), author=ada, body="My secret plan", now=NOON)
    return Message.objects.get(seq=1)


def test_message_admin_shows_state_and_never_what_was_said(operator, message):
    pages = [
        operator.get(reverse("admin:chat_message_changelist")),
        operator.get(reverse("admin:chat_message_change", args=[message.pk])),
    ]

    assert [page.status_code for page in pages] == [200, 200]
    assert "complete" in pages[0].content.decode()
    assert not any("My secret plan" in page.content.decode() for page in pages)


def test_message_admin_changes_nothing(operator, message):
    answers = [
        operator.get(reverse("admin:chat_message_add")),
        operator.post(reverse("admin:chat_message_delete", args=[message.pk]), {"post": "yes"}),
        operator.post(reverse("admin:chat_message_change", args=[message.pk]), {"body": "Other"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    message.refresh_from_db()
    assert message.body == "My secret plan"


def test_message_admin_list_needs_the_same_queries_for_any_length(
    operator, ada, message, django_assert_max_num_queries
):
    address = reverse("admin:chat_message_changelist")
    operator.get(address)
    counts = []
    for _ in range(2):
        with django_assert_max_num_queries(40) as queries:
            operator.get(address)
        counts.append(len(queries))
        actions.send(feature=make_feature(ada), author=ada, body="Another", now=NOON)

    assert counts[0] == counts[1]

"""The five questions without any script: answers stay when one goes back, reloads, or comes again later."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from features import specs
from features.models import Spec, WizardDraft
from features.wizard import STEPS, text_of
from tests.factories import NOON
from tests.features.test_views_pages import text

ANSWERS = {
    "title": "Tool  library",
    "purpose": "Know who has which tool.\n\nWe lend & lose them.",
    "users": "",
    "data": "Each tool has a name (required) and optional notes.",
    "rules": "Nothing is lent twice.",
    "screens": "",
    "edge": "",
    "nonfunctional": "",
    "out_of_scope": "Payments",
}


def page(step):
    return reverse("features:spec-wizard") + f"?step={step}"


def send(client, number, go="next", **changes):
    asked = {question.name: ANSWERS[question.name] for question in STEPS[number - 1].questions}
    typed = {name: value.replace("\n", "\r\n") for name, value in (asked | changes).items()}
    return client.post(page(number), typed | {"go": go})


def test_five_steps_end_as_a_spec_that_can_be_built(ada_client):
    for number in range(1, 5):
        assert send(ada_client, number).headers["Location"] == page(number + 1)

    response = ada_client.get(send(ada_client, 5, go="finish").headers["Location"])

    spec = Spec.objects.get()
    version = spec.versions.get()
    assert (spec.title, spec.source, version.body) == ("Tool library", "wizard", text_of(ANSWERS))
    assert "Build this app" in text(response)
    assert not WizardDraft.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_button_pressed_several_times_makes_one_spec(ada_client, ada):
    for number in range(1, 5):
        send(ada_client, number)

    def press(_):
        client = Client()
        client.cookies = ada_client.cookies
        try:
            return send(client, 5, go="finish")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(press, range(4)))

    spec = Spec.objects.get()
    assert {answer.headers["Location"] for answer in answers} == {f"/app/specs/{spec.public_id}"}
    assert not WizardDraft.objects.exists()


def test_typing_that_arrives_after_the_spec_was_made_begins_no_new_answers(ada_client):
    for number in range(1, 5):
        send(ada_client, number)
    send(ada_client, 5, go="finish")

    late = send(ada_client, 5, go="save")
    next_one = send(ada_client, 1)

    assert (late.status_code, next_one.headers["Location"]) == (204, page(2))
    assert WizardDraft.objects.get().answers == {"title": ANSWERS["title"], "purpose": ANSWERS["purpose"]}


def test_spec_holds_each_answer_as_typed_and_says_what_it_took_instead():
    assert text_of(ANSWERS).startswith(
        "# Tool library\n\n## What it is for\n\nKnow who has which tool.\n\nWe lend & lose them.\n\n"
        "## Who uses it\n\nUnless you say otherwise: Everybody who has it may see and change everything.\n\n"
        "## What it keeps\n\nEach tool has a name (required) and optional notes.\n\n## Rules\n\n"
        "Nothing is lent twice.\n\n"
    )


def test_going_back_keeps_the_answers_of_both_steps(ada_client):
    send(ada_client, 1)

    back = send(ada_client, 2, go="back", users="Volunteers")

    assert back.headers["Location"] == page(1)
    assert "We lend &amp; lose them." in text(ada_client.get(page(1)))
    assert "Volunteers" in text(ada_client.get(page(2)))


def test_going_back_needs_no_answer(ada_client):
    assert send(ada_client, 3, go="back", data="").headers["Location"] == page(2)


def test_answers_are_there_again_after_a_new_login_and_in_the_library(ada_client, ada, client):
    send(ada_client, 1)
    client.logout()
    client.force_login(ada)

    assert "We lend &amp; lose them." in text(client.get(page(1)))
    assert "Go on with the five questions" in text(client.get(reverse("features:spec-list")))


def test_typing_saves_without_moving_on(ada_client):
    assert send(ada_client, 3, go="save", data="Each to").status_code == 204
    assert "Each to" in text(ada_client.get(page(3)))


@pytest.mark.parametrize(("number", "name"), [(1, "title"), (1, "purpose"), (3, "data")])
def test_question_that_needs_an_answer_says_so_and_keeps_the_others(ada_client, number, name):
    response = send(ada_client, number, **{name: "  "})

    assert response.status_code == 422
    assert f'id="id_{name}_error" role="alert">Please answer this one' in text(response)
    if name == "title":
        assert "We lend &amp; lose them." in text(response)


def test_finishing_early_leads_to_the_step_that_is_missing(ada_client):
    response = send(ada_client, 5, go="finish")

    assert response.status_code == 422
    assert "Question 1 of 5" in text(response)
    assert 'action="?step=1"' in text(response)
    assert not Spec.objects.exists()


def test_title_has_at_most_two_hundred_characters(ada_client):
    response = send(ada_client, 1, title="x" * 201)

    assert (response.status_code, "At most 200 characters" in text(response)) == (422, True)


def test_text_that_no_database_keeps_is_told(ada_client):
    assert "NUL" in text(send(ada_client, 1, purpose="a\x00b"))


def test_answers_can_be_forgotten(ada_client):
    send(ada_client, 1)
    send(ada_client, 2, go="forget")

    assert not WizardDraft.objects.exists()


def test_answers_of_others_are_not_shown(ada_client, bob):
    specs.keep_answers(workspace=bob.workspace, user=bob, answers={"title": "Not hers"}, now=NOON)

    assert "Not hers" not in text(ada_client.get(page(1)))


@pytest.mark.parametrize("step", ["0", "6", "x", "-1", "", "9" * 30])
def test_any_step_number_shows_a_step(ada_client, step):
    assert ada_client.get(page(step)).status_code == 200

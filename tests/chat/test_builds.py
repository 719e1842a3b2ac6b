"""“Build this app”: a feature pinned to one version, whose brief is being written."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Secret
from accounts.querysets import key_purpose
from buildpractical.lib.clock import utcnow
from chat.models import Message
from features import projects, specs
from features.models import Feature, Spec
from tests.chat import sources
from tests.factories import NOON, make_feature, make_project, make_spec
from tests.live import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def spec(ada):
    spec = make_spec(ada, title="Tools of the club", project=make_project(ada))
    specs.edit_spec(spec=spec, base=1, title=spec.title, body="New.\n", actor=ada, now=NOON)
    return spec


def build(person, spec, **data):
    return person.post(reverse("chat:spec-build", args=[spec.public_id]), data, htmx=False)


def test_build_pins_the_version_and_writes_the_brief(site, ada, spec):
    response = build(site.person(ada), spec, version=1, provider="demo")

    feature = Feature.objects.get()
    assert (response.status_code, response.headers["Location"]) == (302, f"/app/features/{feature.public_id}")
    assert "X-RateLimit-Remaining" in response.headers
    assert (feature.title, feature.title_is_mine, feature.provider) == ("Tools of the club", True, "demo")
    assert (feature.spec_version.number, feature.project_id) == (1, spec.project_id)
    message = Message.objects.get()
    assert (message.purpose, message.author) == ("brief", ada)
    wait_until(lambda: Message.objects.filter(state="complete", body="Hello").exists())


def test_button_pressed_several_times_begins_one_build(site, ada, spec):
    with ThreadPoolExecutor(4) as pool:
        pressed = [pool.submit(build, site.person(ada), spec, version=1, provider="demo") for _ in range(4)]
        places = {press.result().headers["Location"] for press in pressed}

    assert places == {f"/app/features/{Feature.objects.get().public_id}"}
    assert Message.objects.count() == 1


def test_same_version_can_be_built_again_later_or_by_another_provider(site, ada, spec):
    for provider in ("demo", "anthropic"):
        make_feature(ada, provider=provider)
    Feature.objects.update(spec_version=spec.versions.get(number=1))
    Feature.objects.filter(provider="demo").update(created_at=utcnow() - timedelta(minutes=1))

    build(site.person(ada), spec, version=1, provider="demo")

    assert Feature.objects.count() == 3


def test_later_version_changes_nothing_for_a_build(site, ada, spec):
    build(site.person(ada), spec, version=2, provider="demo")
    specs.edit_spec(spec=spec, base=2, title="T", body="Later.\n", actor=ada, now=NOON)

    assert Feature.objects.get().spec_version.body == "New.\n"


def test_build_without_a_key_starts_nothing_and_says_so(site, ada, spec):
    person = site.person(ada)

    response = build(person, spec, version=2, provider="anthropic")

    assert response.headers["Location"] == f"/app/specs/{spec.public_id}?version=2#build"
    assert not Feature.objects.exists()
    person.http.cookies.update(response.cookies)
    assert "Nothing was started. Add your Anthropic key" in person.get(f"/app/specs/{spec.public_id}").text


@pytest.mark.parametrize("data", [{}, {"provider": "other"}])
def test_build_without_a_choice_starts_nothing(site, ada, spec, data):
    response = build(site.person(ada), spec, version=1, **data)

    assert response.headers["Location"] == f"/app/specs/{spec.public_id}?version=1#build"
    assert not Feature.objects.exists()


@pytest.mark.parametrize("version", ["3", "0", "x", ""])
def test_build_of_a_version_that_does_not_exist_is_a_404(site, ada, spec, version):
    assert build(site.person(ada), spec, version=version, provider="demo").status_code == 404
    assert not Feature.objects.exists()


def test_build_by_a_stranger_is_a_404(site, bob, spec):
    assert build(site.person(bob), spec, version=1, provider="demo").status_code == 404
    assert not Feature.objects.exists()


def test_build_starts_nothing_while_too_many_answers_are_written(site, ada, spec, settings):
    settings.REPLIES_PER_USER = 1
    sources.play(("text", "x"), 30)
    person = site.person(ada)
    build(person, spec, version=1, provider="demo")

    build(person, spec, version=2, provider="demo")

    assert Feature.objects.count() == 1


def test_build_beyond_the_limit_of_answers_starts_nothing_and_says_when_to_go_on(site, ada, spec, settings):
    settings.MESSAGES_PER_HOUR = 1
    Secret.objects.create(workspace=ada.workspace, purpose=key_purpose(), hint="1234")
    person = site.person(ada)
    build(person, spec, version=1, provider="demo")
    wait_until(lambda: Message.objects.filter(state="complete").exists())

    response = build(person, spec, version=2, provider="demo")

    assert (response.status_code, response.headers["X-RateLimit-Limit"]) == (429, "1")
    assert "Retry-After" in response.headers
    assert "Nothing was started: press the button again in" in response.text
    assert 'value="demo" required checked' in response.text
    assert Feature.objects.count() == 1


def test_conversation_can_ask_for_the_brief_again_with_nothing_said(site, ada, spec):
    build(site.person(ada), spec, version=1, provider="demo")
    wait_until(lambda: Message.objects.filter(state="complete").exists())
    feature = Feature.objects.get()

    response = site.person(ada).post(reverse("chat:brief-write", args=[feature.public_id]))

    assert response.status_code == 200
    assert Message.objects.count() == 2


def test_deleted_spec_leaves_the_feature_and_its_talk(site, ada, spec):
    build(site.person(ada), spec, version=1, provider="demo")
    wait_until(lambda: Message.objects.filter(state="complete").exists())

    specs.delete_spec(spec=Spec.objects.get())

    feature = Feature.objects.get()
    assert (feature.spec_version_id, feature.messages.count()) == (None, 1)


def test_moving_a_feature_is_told_to_its_open_pages(ada):
    feature = make_feature(ada)

    projects.move_feature(feature=feature, project=make_project(ada))

    assert feature.events.last().data == {"what": "moved"}

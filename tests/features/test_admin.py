from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from django_q.models import Failure, OrmQ, Schedule, Success

from accounts.admin import OperatorAdmin
from buildpractical.lib.clock import utcnow
from features import documents, specs
from features.models import Feature
from features.statuses import Status
from tests.factories import NOON, make_project, make_spec, make_user

MODELS = ["feature", "document", "artifact", "transition", "event"]
LIBRARY = ["project", "spec", "specversion", "wizarddraft"]


@pytest.fixture
def operator_client(db):
    operator = make_user("operator@example.com", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(operator)
    return client


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("rows", [1, 3])
def test_admin_list_makes_the_same_queries_for_any_number_of_rows(
    operator_client, feature_in, django_assert_max_num_queries, name, rows
):
    for _ in range(rows):
        feature_in(Status.DONE)
    url = reverse(f"admin:features_{name}_changelist")
    operator_client.get(url)

    with django_assert_max_num_queries(14):
        response = operator_client.get(url)

    assert response.status_code == 200


@pytest.mark.parametrize("name", LIBRARY)
@pytest.mark.parametrize("rows", [1, 3])
def test_admin_list_of_the_library_makes_the_same_queries_for_any_number_of_rows(
    operator_client, ada, django_assert_max_num_queries, name, rows
):
    for number in range(rows):
        user = make_user(f"person{number}@example.com")
        make_spec(user, body="A marmalade wish.", project=make_project(user))
        specs.keep_answers(workspace=user.workspace, user=user, answers={"title": "marmalade"}, now=NOON)
    url = reverse(f"admin:features_{name}_changelist")
    operator_client.get(url)

    with django_assert_max_num_queries(14):
        page = operator_client.get(url).content.decode()

    assert "marmalade" not in page


def test_admin_shows_facts_about_a_version_and_nothing_of_its_text(operator_client, ada):
    version = make_spec(ada, body="A marmalade wish.").versions.get()

    path = reverse("admin:features_specversion_change", args=[version.pk])
    page = operator_client.get(path).content.decode()

    assert version.sha256 in page
    assert "marmalade" not in page
    assert operator_client.post(path, {"number": 7}).status_code == 403


def addresses():
    """Return the address of every list that the operators' pages have."""
    return [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
    ]


@pytest.mark.parametrize("model", [Schedule, OrmQ, Success, Failure, EmailAddress, UserSession, Group])
def test_admin_has_nothing_that_others_registered(operator_client, model):
    path = f"/operator/{model._meta.app_label}/{model._meta.model_name}/"

    assert model not in admin.site._registry
    assert [operator_client.get(path + end).status_code for end in ("", "add/", "1/change/")] == [404] * 3


def test_admin_knows_our_own_read_only_classes_alone():
    assert {type(it).__mro__.index(OperatorAdmin) > 0 for it in admin.site._registry.values()} == {True}


@pytest.mark.parametrize("asked", ["festival", "a'b%", "\x00"])
def test_admin_search_answers_on_every_list(operator_client, feature_in, asked):
    feature_in(Status.DONE)

    answers = {path: operator_client.get(path, {"q": asked}).status_code for path in addresses()}

    assert answers == dict.fromkeys(answers, 200)


def test_admin_shows_facts_about_a_document_and_nothing_of_its_text(operator_client, feature_in):
    feature, spec = feature_in(Status.SPEC_READY)
    documents.recommend(spec, verdict="REVISE", reasons=[{"problem": "Overdue tools are missing."}])

    pages = [operator_client.get(reverse("admin:features_document_changelist")).content.decode()]
    for document in feature.documents.all():
        path = reverse("admin:features_document_change", args=[document.pk])
        pages.append(operator_client.get(path).content.decode())

    assert spec.sha256 in pages[-1]
    assert "REVISE" in pages[-1]
    for words in ("You get a list of tools.", "Know who has which tool.", "Overdue tools"):
        assert not any(words in page for page in pages)


@pytest.mark.parametrize("name", MODELS)
def test_admin_shows_a_row_and_changes_nothing(operator_client, feature_in, name):
    feature, _ = feature_in(Status.DONE)
    row = feature if name == "feature" else getattr(feature, f"{name}s").first()
    url = reverse(f"admin:features_{name}_change", args=[row.pk])

    shown = operator_client.get(url)
    changed = operator_client.post(url, {"status": "drafting", "path": "x"})
    deleted = operator_client.post(reverse(f"admin:features_{name}_delete", args=[row.pk]), {"post": "yes"})

    assert (shown.status_code, changed.status_code, deleted.status_code) == (200, 403, 403)


def test_recover_action_wakes_what_stands_still(operator_client, feature_in):
    still, _ = feature_in(Status.SPEC_APPROVED)
    done, _ = feature_in(Status.DONE)
    Feature.objects.filter(pk=still.pk).update(progress_at=utcnow() - timedelta(hours=1))

    response = operator_client.post(
        reverse("admin:features_feature_changelist"),
        {"action": "recover_stuck", "_selected_action": [still.pk, done.pk]},
        follow=True,
    )

    assert "1 recovered: hint 1." in response.content.decode()


def test_recover_action_needs_the_right_to_change(db, feature_in):
    feature_in(Status.SPEC_APPROVED)
    reader = make_user("reader@example.com", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_feature"))
    client = Client()
    client.force_login(reader)

    response = client.get(reverse("admin:features_feature_changelist"))

    assert response.status_code == 200
    assert "recover_stuck" not in response.content.decode()

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from buildpractical.lib.clock import utcnow
from features.models import Feature
from features.statuses import Status
from tests.factories import make_user

MODELS = ["feature", "document", "artifact", "transition", "event"]


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

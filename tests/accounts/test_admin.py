"""The operators' pages."""

import pytest
from django.contrib import admin

from accounts import actions
from accounts.models import AuditEntry, RingCheck, SealedValue, Secret, User
from tests.factories import NOON, PASSWORD, make_user

KEY = "sk-ant-test-0123456789abcdef"
MODELS = ["user", "profile", "workspace", "membership", "secret", "auditentry"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client):
    client.force_login(User.objects.create_superuser("root@example.com", PASSWORD))
    return client


def store(user):
    return actions.save_key(workspace=user.workspace, actor=user, text=KEY, state="checked", now=NOON)


def test_admin_login_leads_to_the_site_login(client):
    response = client.get("/operator/", follow=True)

    assert response.redirect_chain[-1][0].startswith("/accounts/login/?next=")


def test_admin_refuses_people_who_are_not_staff(ada_client):
    assert ada_client.get("/operator/", follow=True).status_code == 403


def test_sealed_values_are_not_registered():
    assert not {SealedValue, RingCheck} & set(admin.site._registry)


@pytest.mark.parametrize("model", MODELS)
def test_lists_cost_the_same_queries_with_1_and_3_rows(operator, ada, model, django_assert_max_num_queries):
    store(ada)
    operator.get(f"/operator/accounts/{model}/")
    counts = []
    for users in ([], ["b@example.com", "c@example.com"]):
        for email in users:
            store(make_user(email))
        with django_assert_max_num_queries(40) as queries:
            assert operator.get(f"/operator/accounts/{model}/").status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.parametrize("model", MODELS)
def test_rows_open_without_any_key_in_them_and_leave_an_entry(operator, ada, model):
    secret = store(ada)
    blob = SealedValue.objects.get().blob
    cls = next(cls for cls in admin.site._registry if cls._meta.model_name == model)
    for row in cls.objects.all()[:5]:
        page = operator.get(f"/operator/accounts/{model}/{row.pk}/change/")

        text = page.content.decode()
        assert page.status_code == 200
        assert KEY not in text
        assert blob not in text
        assert secret.sealed.blob.split(".")[2][:20] not in text

    assert AuditEntry.objects.filter(action="operator.opened", data__model=f"accounts.{model}").exists()


@pytest.mark.parametrize("model", [model for model in MODELS if model != "user"])
def test_history_is_read_only(operator, ada, model):
    store(ada)
    cls = next(cls for cls in admin.site._registry if cls._meta.model_name == model)
    pk = cls.objects.first().pk

    assert operator.get(f"/operator/accounts/{model}/add/").status_code == 403
    assert operator.post(f"/operator/accounts/{model}/{pk}/change/", {}).status_code == 403
    assert operator.post(f"/operator/accounts/{model}/{pk}/delete/", {"post": "yes"}).status_code == 403
    assert Secret.objects.count() == 1


def test_an_operator_deactivates_a_person_and_sees_no_password(operator, ada):
    page = operator.get(f"/operator/accounts/user/{ada.pk}/change/").content.decode()
    operator.post(f"/operator/accounts/user/{ada.pk}/change/", {})

    ada.refresh_from_db()
    assert not ada.is_active
    assert ada.password not in page
    assert operator.post(f"/operator/accounts/user/{ada.pk}/delete/", {"post": "yes"}).status_code == 403

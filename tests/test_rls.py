"""Row-level security as bp_app: the wall beneath visible_to (jobs.md §8). PostgreSQL only."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from agents.models import AgentRun
from buildpractical.lib.tenancy import acting, as_workspace
from chat.models import Draft, Message
from features import leases, migrations, specs
from features.models import Feature
from features.statuses import ACTIVE, Status
from tests.factories import NOON, make_feature, make_project, make_spec, walk

TENANT_MODELS = [
    model
    for model in apps.get_models()
    if model._meta.app_label in {"accounts", "features", "chat", "agents"}
    and any(field.name == "workspace" for field in model._meta.fields)
]


def test_every_tenant_table_has_forced_row_security(db):
    if connection.vendor != "postgresql":
        pytest.skip("row-level security is PostgreSQL's")
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        secured = {name for (name,) in cursor.fetchall()}

    tenant = {model._meta.db_table for model in TENANT_MODELS} | {"accounts_workspace"}

    assert secured == tenant


def test_every_tenant_model_offers_visible_to():
    assert [m.__name__ for m in TENANT_MODELS if not hasattr(m.objects.all(), "visible_to")] == []


def test_worklist_function_knows_the_active_statuses():
    text = (Path(migrations.__path__[0]) / "0002_rls.py").read_text()
    named = set(re.findall(r"'([a-z_]+)'", text.split("ACTIVE = ")[1].split("WORKLIST")[0]))

    assert named == set(ACTIVE)


@pytest.fixture
def two_tenants(as_app_role, ada, bob):
    """ada's and bob's features with a row in every tenant table of the pipeline; then the role is bp_app."""
    made = {}
    for user in (ada, bob):
        feature = make_feature(user)
        walk(feature, Status.DONE, actor=user)
        Message.objects.create(
            workspace=user.workspace,
            feature=feature,
            seq=1,
            role="user",
            body="x",
            state="complete",
            created_at=NOON,
        )
        Draft.objects.create(workspace=user.workspace, feature=feature, user=user, body="x", saved_at=NOON)
        AgentRun.objects.create(
            workspace=user.workspace, feature=feature, step="review", agent="spec", provider="demo",
            model="m", prompt="spec", prompt_sha256="0" * 64, started_at=NOON,
        )  # fmt: skip
        make_spec(user, project=make_project(user))
        specs.keep_answers(workspace=user.workspace, user=user, answers={"title": "x"}, now=NOON)
        made[user] = feature
    as_app_role()
    return made


PIPELINE_TABLES = [m for m in TENANT_MODELS if m._meta.app_label != "accounts"]


@pytest.mark.parametrize("model", PIPELINE_TABLES, ids=lambda m: m.__name__)
def test_query_without_filter_sees_the_own_workspace_only(two_tenants, ada, model):
    with as_workspace(ada.workspace.pk):
        seen = set(model.objects.values_list("workspace_id", flat=True))

    assert seen == {ada.workspace.pk}


@pytest.mark.parametrize("model", PIPELINE_TABLES, ids=lambda m: m.__name__)
def test_query_sees_nothing_when_no_workspace_is_set(two_tenants, model):
    assert model.objects.count() == 0
    with transaction.atomic():
        assert model.objects.count() == 0


def test_row_of_another_workspace_cannot_be_written(two_tenants, ada, bob):
    feature = two_tenants[ada]

    with pytest.raises(DatabaseError), as_workspace(bob.workspace.pk):
        Feature.objects.create(
            workspace_id=feature.workspace_id, provider="demo", title="x", progress_at=NOON
        )


def test_row_of_another_workspace_cannot_be_changed_or_deleted(two_tenants, ada, bob):
    with as_workspace(bob.workspace.pk):
        changed = Feature.objects.filter(pk=two_tenants[ada].pk).update(title="stolen")
        deleted = Feature.objects.filter(pk=two_tenants[ada].pk)._raw_delete("default")

    assert (changed, deleted) == (0, 0)


def test_setting_ends_with_the_transaction(two_tenants, ada):
    with as_workspace(ada.workspace.pk):
        assert Feature.objects.count() == 1

    with transaction.atomic():
        assert Feature.objects.count() == 0


def test_nested_block_acts_as_its_workspace_and_gives_it_back(two_tenants, ada, bob):
    with as_workspace(ada.workspace.pk):
        with as_workspace(bob.workspace.pk):
            inner = list(Feature.objects.values_list("pk", flat=True))
        outer = list(Feature.objects.values_list("pk", flat=True))

    assert (inner, outer) == ([two_tenants[bob].pk], [two_tenants[ada].pk])


def test_member_sees_workspace_and_membership_under_the_user_id_alone(two_tenants, ada):
    from accounts.models import Membership, Workspace

    with acting(user_id=ada.pk), transaction.atomic():
        seen = (list(Membership.objects.values_list("user_id", flat=True)), list(Workspace.objects.all()))

    assert seen == ([ada.pk], [ada.workspace])


def test_worklist_sees_active_features_of_all_workspaces(as_app_role, ada, bob):
    features = [make_feature(user) for user in (ada, bob, ada)]
    for feature, status in zip(
        features, (Status.SPEC_APPROVED, Status.IMPLEMENTING, Status.DONE), strict=True
    ):
        walk(feature, status, actor=feature.created_by)
    as_app_role()

    seen = {feature.pk for feature in leases.worklist()}

    assert seen == {features[0].pk, features[1].pk}


def test_app_role_cannot_read_ciphertext(as_app_role, ada):
    as_app_role()

    with pytest.raises(DatabaseError), as_workspace(ada.workspace.pk), connection.cursor() as cursor:
        cursor.execute("SELECT blob FROM accounts_sealedvalue")


def test_steps_run_as_app_role(as_app_role, ada, settings):
    from features import tasks

    settings.PIPELINE_STEPS = settings.PIPELINE_STEPS | {
        "spec_generating": "tests.features.test_tasks.checkpointing"
    }
    feature = make_feature(ada)
    walk(feature, Status.SPEC_GENERATING, actor=ada)
    from features import transitions

    transitions.requeue_step(feature=feature, now=NOON)
    as_app_role()

    ended = tasks.advance(feature.pk, feature.version)

    assert ended == "finish_step"
    with as_workspace(ada.workspace.pk):
        assert Feature.objects.get(pk=feature.pk).status == "spec_ready"

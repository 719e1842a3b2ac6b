"""What bp_app, the role of every ordinary query, can do with keys and the audit. PostgreSQL only."""

import pytest
from django.db import DatabaseError, connection, connections, transaction

from accounts import actions, audit, vault
from accounts.models import AuditEntry, Membership, Profile, SealedValue, Secret, Workspace
from buildpractical.lib.tenancy import acting, as_workspace
from tests.factories import NOON

KEY = "sk-ant-test-0123456789abcdef"


@pytest.fixture
def keys(as_app_role, ada, bob):
    """ada's and bob's keys; then the role is bp_app."""
    made = {
        user: actions.save_key(
            workspace=user.workspace, actor=user, text=KEY, state=Secret.State.CHECKED, now=NOON
        )
        for user in (ada, bob)
    }
    as_app_role()
    return made


def sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_queries_without_any_filter_see_the_own_workspace_only(keys, ada):
    with as_workspace(ada.workspace.pk, user_id=ada.pk):
        assert list(Secret.objects.all()) == [keys[ada]]
        assert list(Workspace.objects.all()) == [ada.workspace]
        assert list(Membership.objects.values_list("user_id", flat=True)) == [ada.pk]
        assert set(AuditEntry.objects.values_list("workspace_id", flat=True)) == {ada.workspace.pk}
        assert sql("SELECT secret_id FROM accounts_sealedvalue") == [(keys[ada].pk,)]


def test_nobody_sees_nothing(keys):
    with transaction.atomic():
        counts = [model.objects.count() for model in (Secret, Workspace, Membership, AuditEntry)]

    assert counts == [0, 0, 0, 0]


def test_a_person_without_workspace_set_sees_the_own_memberships(keys, ada):
    with acting(user_id=ada.pk), transaction.atomic():
        assert list(Workspace.objects.all()) == [ada.workspace]
        assert Secret.objects.count() == 0


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT blob FROM accounts_sealedvalue",
        "SELECT * FROM accounts_sealedvalue",
        "UPDATE accounts_sealedvalue SET blob = 'x'",
        "UPDATE accounts_sealedvalue SET key_id = 'x'",
        "UPDATE accounts_auditentry SET action = 'x'",
        "DELETE FROM accounts_auditentry",
        "UPDATE accounts_ringcheck SET blob = 'x'",
        "TRUNCATE accounts_secret CASCADE",
        "ALTER TABLE accounts_secret DISABLE ROW LEVEL SECURITY",
        "SET ROLE postgres",
    ],
)
def test_bp_app_is_refused(keys, ada, statement):
    with pytest.raises(DatabaseError), as_workspace(ada.workspace.pk):
        sql(statement)


def test_bp_app_cannot_write_into_another_workspace(keys, ada, bob):
    secret = Secret(workspace=bob.workspace, purpose="x", hint="1234")
    entry = AuditEntry(workspace=bob.workspace, action="x")
    membership = Membership(workspace=bob.workspace, user=ada)

    for row in (secret, entry, membership):
        with pytest.raises(DatabaseError), as_workspace(ada.workspace.pk, user_id=ada.pk):
            row.save(force_insert=True)


def test_bp_app_moves_no_row_to_another_workspace(keys, ada, bob):
    with pytest.raises(DatabaseError), as_workspace(ada.workspace.pk):
        Secret.objects.update(workspace_id=bob.workspace.pk)


def test_bp_app_replaces_and_deletes_its_own_sealed_value_only(keys, ada, bob):
    actions.save_key(workspace=ada.workspace, actor=ada, text=KEY + "2", state=Secret.State.CHECKED, now=NOON)
    with as_workspace(ada.workspace.pk):
        assert SealedValue.objects.filter(pk=keys[bob].pk).delete() == (0, {})
        assert SealedValue.objects.count() == 1


def test_an_entry_without_workspace_is_written_and_invisible(keys, ada):
    audit.record("login.failed")

    with as_workspace(ada.workspace.pk, user_id=ada.pk):
        assert not AuditEntry.objects.filter(action="login.failed").exists()


def test_profiles_are_made_once_a_person(keys, ada):
    assert Profile.objects.filter(user=ada).count() == 1


def test_opened_on_the_ordinary_connection_is_refused(keys, ada):
    with pytest.raises(DatabaseError), as_workspace(ada.workspace.pk), vault.opened(keys[ada].pk, "llm_call"):
        pass


@pytest.fixture
def ops_connection(settings):
    """The second connection of production: bp_ops, for the vault and the admin."""
    connections.databases["ops"] = dict(connection.settings_dict, OPTIONS={})
    settings.BP_VAULT_DB = "ops"
    yield connections["ops"]
    connections["ops"].close()
    del connections["ops"]
    del connections.databases["ops"]


def test_opened_on_the_vaults_connection_works_and_gives_it_back(keys, ops_connection, ada, bob):
    # Django's test case forbids connections to databases that it did not make, but not open ones.
    ops_connection.connect()
    with as_workspace(ada.workspace.pk), vault.opened(keys[ada].pk, "llm_call") as box:
        assert box.reveal() == KEY
        assert ops_connection.connection is None

    with as_workspace(ada.workspace.pk):
        assert Secret.objects.get().last_used_at is not None
        assert AuditEntry.objects.filter(action="secret.opened").count() == 1


def test_opened_on_the_vaults_connection_refuses_another_workspace(keys, ops_connection, ada, bob):
    ops_connection.connect()

    with (
        pytest.raises(vault.SecretError),
        as_workspace(ada.workspace.pk),
        vault.opened(keys[bob].pk, "llm_call"),
    ):
        pass

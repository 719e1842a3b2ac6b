"""rotate_vault and verify_vault."""

import base64
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts import actions, vault
from accounts.models import SealedValue, Secret
from buildpractical.lib.tenancy import as_workspace
from tests.factories import NOON, make_user

KEY = "sk-ant-test-0123456789abcdef"


def ring(settings, *key_ids, primary):
    keys = {key_id: base64.b64encode(key_id.encode().ljust(32)).decode() for key_id in key_ids}
    settings.VAULT_RING_JSON = json.dumps({"primary": primary, "keys": keys})


@pytest.fixture
def three(db, settings):
    """Three workspaces whose keys are sealed with k1; the ring then seals with k2."""
    ring(settings, "k1", primary="k1")
    secrets = {}
    for number in range(3):
        user = make_user(f"p{number}@example.com")
        secret = actions.save_key(
            workspace=user.workspace,
            actor=user,
            text=f"{KEY}{number}",
            state=Secret.State.CHECKED,
            now=NOON,
        )
        secrets[secret.pk] = f"{KEY}{number}"
    ring(settings, "k1", "k2", primary="k2")
    return secrets


def opens(secrets):
    found = {}
    for secret in Secret.objects.all():
        with as_workspace(secret.workspace_id), vault.opened(secret.pk, "key_check") as box:
            found[secret.pk] = box.reveal()
    return found == secrets


def run(command, **options):
    out = StringIO()
    call_command(command, stdout=out, **options)
    return out.getvalue()


def test_rotate_vault_seals_all_with_the_new_key_which_then_opens_alone(three, settings):
    out = run("rotate_vault", batch=2)

    assert out == "3 sealed again.\nNothing is sealed with an old key.\n"
    ring(settings, "k2", primary="k2")
    assert opens(three)
    assert run("verify_vault") == "Every stored key opens.\n"


def test_rotate_vault_dry_run_counts_and_changes_nothing(three):
    before = sorted(SealedValue.objects.values_list("pk", "blob"))

    assert run("rotate_vault", dry_run=True) == "Key k1: 3 to go.\n"
    assert sorted(SealedValue.objects.values_list("pk", "blob")) == before


@pytest.mark.parametrize("finished", [0, 1, 2, 3])
def test_rotate_vault_killed_midway_leaves_all_keys_open_and_goes_on(three, finished):
    for secret_id in list(three)[:finished]:
        vault.reseal(secret_id)

    assert opens(three)
    assert run("rotate_vault") == f"{3 - finished} sealed again.\nNothing is sealed with an old key.\n"
    assert opens(three)


def test_reseal_killed_between_delete_and_insert_loses_nothing(three, monkeypatch):
    class Killed(BaseException):
        pass

    def die(*args, **kwargs):
        raise Killed

    secret_id = next(iter(three))
    with monkeypatch.context() as patch:
        patch.setattr(SealedValue, "save", die)
        with pytest.raises(Killed):
            vault.reseal(secret_id)

    assert opens(three)
    assert SealedValue.objects.get(pk=secret_id).key_id == "k1"


def test_reseal_leaves_a_key_that_is_gone_alone(three):
    secret_id = next(iter(three))
    SealedValue.objects.filter(pk=secret_id).delete()

    assert not vault.reseal(secret_id)
    assert not SealedValue.objects.filter(pk=secret_id).exists()


def test_rotate_vault_names_a_broken_row_and_does_the_others(three):
    broken = next(iter(three))
    SealedValue.objects.filter(pk=broken).update(blob="v1.k1.AAAA")

    with pytest.raises(CommandError, match=str(broken)):
        run("rotate_vault", batch=1)

    assert sorted(SealedValue.objects.values_list("key_id", flat=True)) == ["k1", "k2", "k2"]


def test_verify_vault_prints_failing_ids_only(three, settings, capsys):
    ring(settings, "k2", primary="k2")

    out = StringIO()
    with pytest.raises(CommandError, match="3 do not open"):
        call_command("verify_vault", stdout=out)

    assert sorted(out.getvalue().split()) == sorted(map(str, three))


def test_rotate_vault_refuses_a_ring_that_is_not_the_database_own(three, settings):
    run("rotate_vault")
    settings.VAULT_RING_JSON = json.dumps(
        {"primary": "k2", "keys": {"k2": base64.b64encode(b"z" * 32).decode()}}
    )

    with pytest.raises(CommandError, match="ring"):
        run("rotate_vault")

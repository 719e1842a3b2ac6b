"""Sealing and opening: every context, every character, every ring."""

import ast
import base64
import copy
import json
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import actions, vault
from accounts.models import AuditEntry, RingCheck, SealedValue, Secret
from buildpractical.lib import redact
from buildpractical.lib.tenancy import as_workspace
from tests.factories import NOON

KEY = "sk-ant-test-0123456789abcdef"
CONTEXT = {"workspace": 7, "purpose": "anthropic:api.anthropic.com", "row": "5f0e"}
RAW = {"k1": b"1" * 32, "k2": b"2" * 32}


def make_ring(*key_ids, primary="k1"):
    return vault.Ring({key_id: RAW[key_id] for key_id in key_ids}, primary, production=False)


RING = make_ring("k1")
BLOB = vault.seal(RING, KEY, **CONTEXT)


def refused(workspace, secret, reason="llm_call"):
    """Return whether the vault refuses to open the secret as the workspace."""
    try:
        with as_workspace(workspace.pk), vault.opened(secret.pk, reason):
            return False
    except vault.SecretError:
        return True


def save(ada, text=KEY):
    return actions.save_key(
        workspace=ada.workspace, actor=ada, text=text, state=Secret.State.CHECKED, now=NOON
    )


@given(text=st.text(), workspace=st.integers(), purpose=st.text(), row=st.uuids())
def test_unseal_returns_what_was_sealed(text, workspace, purpose, row):
    context = {"workspace": workspace, "purpose": purpose, "row": row}
    if any("\ud800" <= char <= "\udfff" for char in text + purpose):
        return

    assert vault.unseal(RING, vault.seal(RING, text, **context), **context) == text


def test_seal_gives_another_text_each_time():
    assert len({vault.seal(RING, KEY, **CONTEXT) for _ in range(50)}) == 50


@pytest.mark.parametrize(
    "other",
    [
        {"workspace": 8},
        {"purpose": "anthropic:evil.example"},
        {"purpose": "mfa"},
        {"row": "5f0f"},
        {"row": None},
    ],
)
def test_unseal_refuses_another_context(other):
    with pytest.raises(vault.SecretError):
        vault.unseal(RING, BLOB, **(CONTEXT | other))


def test_unseal_refuses_contexts_whose_joined_text_is_equal():
    blob = vault.seal(RING, KEY, workspace=1, purpose="ab", row="c")

    with pytest.raises(vault.SecretError):
        vault.unseal(RING, blob, workspace=1, purpose="a", row="bc")


@given(position=st.integers(0, len(BLOB) - 1), char=st.characters(codec="utf-8"))
def test_unseal_refuses_a_changed_character(position, char):
    changed = BLOB[:position] + char + BLOB[position + 1 :]
    if changed == BLOB:
        return

    with pytest.raises(vault.SecretError):
        vault.unseal(RING, changed, **CONTEXT)


@pytest.mark.parametrize("position", range(len(BLOB)))
def test_unseal_refuses_a_missing_and_an_added_character(position):
    for changed in (
        BLOB[:position] + BLOB[position + 1 :],
        BLOB[:position] + "A" + BLOB[position:],
        BLOB[:position] + "\n" + BLOB[position:],
    ):
        with pytest.raises(vault.SecretError):
            vault.unseal(RING, changed, **CONTEXT)


@pytest.mark.parametrize("blob", [None, "", "v1", "v1.k1", "v1.k1.", "v2.k1.AAAA", b"v1.k1.AAAA", 3])
def test_unseal_refuses_what_is_no_blob(blob):
    with pytest.raises(vault.SecretError):
        vault.unseal(RING, blob, **CONTEXT)


def test_unseal_refuses_when_the_key_is_another_or_missing():
    wrong = vault.Ring({"k1": b"9" * 32}, "k1", production=False)

    for ring in (wrong, make_ring("k2", primary="k2")):
        with pytest.raises(vault.SecretError):
            vault.unseal(ring, BLOB, **CONTEXT)


def test_unseal_opens_with_an_old_key_that_is_still_in_the_ring():
    assert vault.unseal(make_ring("k1", "k2", primary="k2"), BLOB, **CONTEXT) == KEY


def test_secret_error_has_no_cause_and_no_value():
    with pytest.raises(vault.SecretError) as caught:
        vault.unseal(RING, BLOB + "x", **CONTEXT)

    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert BLOB not in str(caught.value)


@pytest.mark.parametrize(
    ("keys", "primary", "production"),
    [
        ({}, "k1", False),
        ({"k1": b"1" * 32}, "k2", False),
        ({"k1": b"1" * 32, "k2": b"1" * 32}, "k1", False),
        ({"k1": b"1" * 31}, "k1", False),
        ({"k.1": b"1" * 32}, "k.1", False),
        ({"k" * 17: b"1" * 32}, "k" * 17, False),
        ({"ké": b"1" * 32}, "ké", False),
        ({"dev1": b"1" * 32}, "dev1", True),
        ({"k1": b"1" * 32, "dev1": b"2" * 32}, "k1", True),
    ],
)
def test_ring_refuses_keys_that_cannot_be_trusted(keys, primary, production):
    with pytest.raises(vault.SecretError):
        vault.Ring(keys, primary, production=production)


def test_opened_shows_and_copies_nothing():
    box = vault.Opened(KEY)

    assert box.reveal() == KEY
    assert KEY not in f"{box} {box!r} {[box]}"
    assert not hasattr(box, "__dict__")
    for leak in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps):
        with pytest.raises(TypeError):
            leak(box)


def test_opened_yields_the_key_masks_logs_audits_and_notes_the_use(ada):
    secret = save(ada)

    with as_workspace(ada.workspace.pk), vault.opened(secret.pk, "llm_call") as box:
        assert box.reveal() == KEY
        assert KEY not in redact.mask(f"value={KEY}")

    secret.refresh_from_db()
    assert secret.last_used_at is not None
    entry = AuditEntry.objects.get(action="secret.opened")
    assert (entry.workspace_id, entry.data) == (
        ada.workspace.pk,
        {"secret": str(secret.pk), "reason": "llm_call"},
    )


def test_opened_for_a_check_is_no_use(ada):
    secret = save(ada)

    with as_workspace(ada.workspace.pk), vault.opened(secret.pk, "key_check"):
        pass

    secret.refresh_from_db()
    assert secret.last_used_at is None


def test_opened_refuses_strangers_nobody_and_unknown_reasons(ada, bob):
    secret = save(ada)

    with (
        as_workspace(bob.workspace.pk),
        pytest.raises(vault.SecretError),
        vault.opened(secret.pk, "llm_call"),
    ):
        pass
    with pytest.raises(vault.SecretError), vault.opened(secret.pk, "llm_call"):
        pass
    with as_workspace(ada.workspace.pk), pytest.raises(vault.SecretError), vault.opened(secret.pk, "export"):
        pass
    assert not AuditEntry.objects.filter(action="secret.opened").exists()


def test_opened_refuses_a_key_that_was_deleted_meanwhile(ada):
    secret = save(ada)
    actions.delete_key(secret=secret, actor=ada, now=NOON)

    with (
        as_workspace(ada.workspace.pk),
        pytest.raises(vault.SecretError),
        vault.opened(secret.pk, "llm_call"),
    ):
        pass


def test_opened_refuses_a_blob_moved_to_another_workspace(ada, bob):
    mine, theirs = save(ada), save(bob, KEY + "b")
    moved = SealedValue.objects.get(pk=theirs.pk).blob
    SealedValue.objects.filter(pk=mine.pk).update(blob=moved)

    assert refused(ada.workspace, mine)


def test_opened_refuses_the_key_when_its_host_was_changed(ada):
    secret = save(ada)
    Secret.objects.filter(pk=secret.pk).update(purpose="anthropic:evil.example")

    with (
        as_workspace(ada.workspace.pk),
        pytest.raises(vault.SecretError),
        vault.opened(secret.pk, "llm_call"),
    ):
        pass


def test_save_key_replaces_by_delete_and_insert_and_keeps_history(ada):
    old = save(ada)
    new = save(ada, KEY + "-new1")

    old.refresh_from_db()
    assert old.revoked_at == NOON
    assert list(SealedValue.objects.values_list("pk", flat=True)) == [new.pk]
    assert Secret.objects.live_key(ada.workspace.pk) == new
    assert new.hint == "new1"
    actions_done = AuditEntry.objects.filter(action__startswith="secret").values_list("action", flat=True)
    assert sorted(actions_done) == ["secret.added", "secret.added", "secret.replaced"]


def test_delete_key_happens_once(ada):
    secret = save(ada)

    assert actions.delete_key(secret=secret, actor=ada, now=NOON)
    assert not actions.delete_key(secret=secret, actor=ada, now=NOON)
    assert not SealedValue.objects.exists()


def test_live_key_is_none_when_the_provider_host_changes(ada, settings):
    save(ada)
    settings.ANTHROPIC_BASE_URL = "https://other.example"

    assert Secret.objects.live_key(ada.workspace.pk) is None


def test_mark_key_rejected_changes_a_live_key_only(ada):
    old = save(ada)
    new = save(ada, KEY + "2")

    actions.mark_key_rejected(secret=old)
    actions.mark_key_rejected(secret=new)

    states = dict(Secret.objects.values_list("pk", "state"))
    assert states == {old.pk: Secret.State.CHECKED, new.pk: Secret.State.REJECTED}


def test_sealed_values_are_visible_to_nobody(ada):
    save(ada)

    assert not SealedValue.objects.visible_to(ada).exists()


def test_check_ring_refuses_another_ring_and_nothing_is_sealed(ada, settings):
    vault.check_ring()
    settings.VAULT_RING_JSON = json.dumps(
        {"primary": "dev1", "keys": {"dev1": base64.b64encode(b"x" * 32).decode()}}
    )

    with pytest.raises(vault.WrongRing):
        save(ada)

    assert not Secret.objects.exists()
    assert RingCheck.objects.count() == 1


APPS = ("accounts", "agents", "buildpractical", "chat", "features")
OPENERS = {"opened", "opened_key", "_opened", "unseal", "_open"}


def modules():
    root = Path(__file__).resolve().parents[2]
    for folder in APPS:
        for path in (root / folder).rglob("*.py"):
            yield str(path.relative_to(root)), list(ast.walk(ast.parse(path.read_text())))


def test_only_gateway_and_key_check_open_secrets():
    """Pins the callers of opened(); whoever adds one changes security.md first."""
    callers = set()
    for name, nodes in modules():
        for node in nodes:
            by_module = isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "vault"
            if by_module and node.attr in OPENERS:
                callers.add(name)
            if isinstance(node, ast.ImportFrom) and node.module == "accounts.vault":
                callers |= {name} if OPENERS & {alias.name for alias in node.names} else set()

    assert callers == {"accounts/keycheck.py", "agents/gateway.py"}


def test_only_the_vault_imports_cryptography():
    importers = set()
    for name, nodes in modules():
        for node in nodes:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            if any(imported.split(".")[0] == "cryptography" for imported in names):
                importers.add(name)

    assert importers == {"accounts/vault.py"}

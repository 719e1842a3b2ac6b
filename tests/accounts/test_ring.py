"""Where the ring comes from, and what production refuses."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from accounts import checks, ringfiles, vault


def text(raw):
    return base64.b64encode(raw).decode()


@pytest.fixture
def folder(settings, tmp_path):
    settings.VAULT_RING_DIR, settings.VAULT_RING_JSON = str(tmp_path / "ring"), ""
    settings.VAULT_PRIMARY, settings.PRODUCTION = "", False
    return tmp_path / "ring"


def write(folder, key_id, raw, mode=0o600):
    folder.mkdir(exist_ok=True)
    path = folder / key_id
    path.write_text(text(raw))
    path.chmod(mode)


def test_load_ring_makes_one_development_key_for_its_owner_only(folder):
    first, second = vault.load_ring(), vault.load_ring()

    assert (first.primary, [path.name for path in folder.iterdir()]) == ("dev1", ["dev1"])
    assert (folder / "dev1").stat().st_mode & 0o777 == 0o600
    context = {"workspace": 1, "purpose": "p", "row": 1}
    assert vault.unseal(second, vault.seal(first, "x", **context), **context) == "x"


def test_load_ring_gives_the_same_key_to_all_who_start_together(folder):
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: ringfiles.read()[0]["dev1"], range(8)))

    assert len(set(rings)) == 1
    assert [path.name for path in folder.iterdir()] == ["dev1"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_load_ring_refuses_a_file_that_others_may_read(folder, mode):
    write(folder, "k1", b"1" * 32, mode)

    with pytest.raises(vault.SecretError):
        vault.load_ring()


def test_load_ring_needs_a_primary_among_several(folder, settings):
    write(folder, "k1", b"1" * 32)
    write(folder, "k2", b"2" * 32)

    with pytest.raises(vault.SecretError):
        vault.load_ring()
    settings.VAULT_PRIMARY = "k2"

    assert vault.load_ring().primary == "k2"


@pytest.mark.parametrize("content", ["", "!!!", text(b"short")])
def test_load_ring_refuses_a_broken_key_file(folder, content):
    write(folder, "k1", b"1" * 32)
    (folder / "k1").write_text(content)

    with pytest.raises(vault.SecretError):
        vault.load_ring()


def test_load_ring_reads_json(settings):
    settings.VAULT_RING_JSON = json.dumps(
        {"primary": "k2", "keys": {"k1": text(b"1" * 32), "k2": text(b"2" * 32)}}
    )

    assert vault.load_ring().primary == "k2"


@pytest.mark.parametrize(
    "value", ["x", "[]", "{}", '{"primary": "k1"}', '{"primary": "k1", "keys": {"k1": 3}}']
)
def test_load_ring_refuses_broken_json(settings, value):
    settings.VAULT_RING_JSON = value

    with pytest.raises(vault.SecretError):
        vault.load_ring()


def test_production_refuses_no_ring_an_empty_folder_and_a_development_key(folder, settings):
    settings.PRODUCTION = True

    assert [error.id for error in checks.check_vault_ring(None)] == ["accounts.E001"]
    assert not folder.exists()

    settings.VAULT_RING_DIR = ""
    assert [error.id for error in checks.check_vault_ring(None)] == ["accounts.E001"]

    settings.VAULT_RING_DIR = str(folder)
    write(folder, "dev1", b"1" * 32)
    errors = checks.check_vault_ring(None)
    assert [error.id for error in errors] == ["accounts.E001"]
    assert errors[0].hint

    (folder / "dev1").rename(folder / "k1")
    assert checks.check_vault_ring(None) == []


@pytest.mark.django_db
def test_check_names_a_ring_that_is_not_the_one_of_the_database(folder, settings):
    write(folder, "k1", b"1" * 32)
    assert checks.check_vault_matches_database(None, databases=["default"]) == []
    vault.check_ring()
    settings.VAULT_RING_JSON = json.dumps({"primary": "k1", "keys": {"k1": text(b"2" * 32)}})

    errors = checks.check_vault_matches_database(None, databases=["default"])

    assert [error.id for error in errors] == ["accounts.E002"]

"""Where the vault's keys come from: a folder of files, or JSON in the environment."""

import base64
import binascii
import contextlib
import json
import os
import secrets
from pathlib import Path

from django.conf import settings

KEY_BYTES = 32
DEV_KEY_ID = "dev1"


class RingError(Exception):
    """The keys cannot be read. Carries no value."""


def read():
    """Return (keys by id, id of the primary key) from VAULT_RING_JSON or the folder VAULT_RING_DIR.

    JSON: {"primary": id, "keys": {id: base64 of 32 bytes}}. The folder: file name = key id, content = base64
    of 32 bytes, no access for others. VAULT_PRIMARY chooses among several. Outside production an empty folder
    gets the key dev1.
    """
    if settings.VAULT_RING_JSON:
        keys, primary = _from_json(settings.VAULT_RING_JSON)
    elif settings.VAULT_RING_DIR:
        keys, primary = _from_folder(Path(settings.VAULT_RING_DIR), create=not settings.PRODUCTION), ""
    else:
        raise RingError("none is set")
    return keys, settings.VAULT_PRIMARY or primary or (next(iter(keys)) if len(keys) == 1 else "")


def _from_json(text):
    try:
        ring = json.loads(text)
        return {key_id: _decode(raw) for key_id, raw in ring["keys"].items()}, ring["primary"]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise RingError("BP_VAULT_RING cannot be read") from None


def _from_folder(folder, *, create):
    try:
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except FileNotFoundError:
        paths = []
    except OSError:
        raise RingError("the folder cannot be read") from None
    if not paths and create:
        paths = [_create_dev_key(folder)]
    try:
        if any(path.stat().st_mode & 0o077 for path in paths):
            raise RingError("others may read a key file")
        return {path.name: _decode(path.read_text().strip()) for path in paths}
    except (OSError, ValueError):
        raise RingError("a key file cannot be read") from None


def _create_dev_key(folder):
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path, draft = folder / DEV_KEY_ID, folder / f".{secrets.token_hex(8)}"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode())
    # A link appears whole or not at all: web and worker start together, and the first one wins.
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    return path


def _decode(text):
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError from None

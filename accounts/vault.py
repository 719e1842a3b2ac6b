"""The vault: seals the keys of workspaces and opens them for one call (security.md §3).

The only importer of `cryptography`. AES-256-GCM; the additional data binds a ciphertext to key id, workspace,
purpose and row, so that no ciphertext opens anywhere else.
"""

import base64
import secrets
import struct
import threading
from contextlib import contextmanager
from datetime import timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connections, transaction

from accounts import audit, ringfiles
from accounts.models import RingCheck, SealedValue, Secret
from accounts.querysets import key_purpose
from buildpractical.lib import redact
from buildpractical.lib.clock import utcnow
from buildpractical.lib.tenancy import as_workspace, current_workspace

REASONS = {"llm_call", "key_check"}
NONCE_BYTES = 12
USED_AGAIN = timedelta(seconds=30)
CHECK_TEXT = "build practical ring check"
CHECK_CONTEXT = {"workspace": 0, "purpose": "ring-check", "row": 0}


class SecretError(Exception):
    """A secret cannot be opened or sealed. Carries no value and no cause."""


class WrongRing(SecretError):
    """The ring on this machine is not the one that sealed what the database holds."""


class Opened:
    """A plaintext that does not show itself: masked in text, no pickle, copy or JSON."""

    __slots__ = ("_v",)

    def __init__(self, value):
        self._v = value

    def reveal(self):
        """Return the plaintext; hand it on at once and keep it nowhere."""
        return self._v

    def __repr__(self):
        return "Opened(***)"

    def __reduce_ex__(self, protocol):
        raise TypeError("not picklable")


class Ring:
    """Keys by id, and the one that seals.

    keys: id → 32 bytes. production: refuses keys made for development.
    """

    def __init__(self, keys, primary, *, production):
        if primary not in keys or len(set(keys.values())) != len(keys):
            raise SecretError("ring: the primary key is missing, or two keys are the same")
        for key_id, raw in keys.items():
            if len(raw) != ringfiles.KEY_BYTES or not (
                key_id.isascii() and key_id.isalnum() and len(key_id) <= 16
            ):
                raise SecretError("ring: a key id or a key has the wrong form")
            if production and key_id.startswith("dev"):
                raise SecretError("ring: a development key in production")
        self.aead = {key_id: AESGCM(raw) for key_id, raw in keys.items()}
        self.primary = primary

    def __repr__(self):
        return f"Ring({self.primary})"

    def __reduce_ex__(self, protocol):
        raise TypeError("not picklable")


def seal(ring, text, *, workspace, purpose, row):
    """Return the sealed text, `v1.<key id>.<base64 of nonce and ciphertext>`."""
    key_id, nonce = ring.primary, secrets.token_bytes(NONCE_BYTES)
    body = nonce + ring.aead[key_id].encrypt(nonce, text.encode(), _aad(key_id, workspace, purpose, row))
    return f"v1.{key_id}.{base64.urlsafe_b64encode(body).decode()}"


def unseal(ring, blob, *, workspace, purpose, row):
    """Return the text. Raises SecretError when anything at all differs from what was sealed."""
    try:
        version, key_id, body = blob.split(".")
        raw = base64.urlsafe_b64decode(body)
        # One spelling only: the decoder ignores foreign characters and spare bits.
        if version != "v1" or base64.urlsafe_b64encode(raw).decode() != body:
            raise ValueError
        aad = _aad(key_id, workspace, purpose, row)
        return ring.aead[key_id].decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], aad).decode()
    except (AttributeError, TypeError, ValueError, KeyError, InvalidTag):
        raise SecretError("cannot open secret") from None


def _aad(key_id, workspace, purpose, row):
    # Length-prefixed: no two contexts give the same bytes.
    parts = [b"bp", b"v1", *(str(part).encode() for part in (key_id, workspace, purpose, row))]
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


# --- the ring ---------------------------------------------------------------------------------------------

_lock = threading.Lock()
_loaded = {}


def get_ring():
    """Return the ring of this process, read on first use. Raises SecretError when there is none."""
    source = (
        str(settings.VAULT_RING_DIR),
        settings.VAULT_RING_JSON,
        settings.VAULT_PRIMARY,
        settings.PRODUCTION,
    )
    with _lock:
        if source not in _loaded:
            _loaded.clear()
            _loaded[source] = load_ring()
        return _loaded[source]


def load_ring():
    """Read the ring from where the settings say. Raises SecretError."""
    try:
        keys, primary = ringfiles.read()
    except ringfiles.RingError as error:
        raise SecretError(f"ring: {error}") from None
    return Ring(keys, primary, production=settings.PRODUCTION)


def check_ring(ring=None, *, leave_mark=True):
    """Raise WrongRing unless the ring opens the text that its primary key sealed into the database before.

    leave_mark: the first ring to come leaves that text. One or two queries on the default connection.
    """
    ring = ring or get_ring()
    row = RingCheck.objects.filter(key_id=ring.primary).first()
    if row is None:
        if not leave_mark:
            return
        try:
            with transaction.atomic():
                row = RingCheck.objects.create(
                    key_id=ring.primary, blob=seal(ring, CHECK_TEXT, **CHECK_CONTEXT)
                )
        except IntegrityError:  # another process was first
            row = RingCheck.objects.get(key_id=ring.primary)
    try:
        opens = unseal(ring, row.blob, **CHECK_CONTEXT) == CHECK_TEXT
    except SecretError:
        opens = False
    if not opens:
        raise WrongRing("the ring is not the one that sealed this database")


# --- opening ----------------------------------------------------------------------------------------------


@contextmanager
def opened(secret_id, reason):
    """Yield the secret of the acting workspace as Opened; log lines mask it while the block runs.

    reason: one of REASONS; it stands in the audit entry, which is written before the value is handed out.
    Raises SecretError. Call it outside any transaction. All database work is done on entering; the block may
    run, and end, on another thread.
    """
    with _opened(reason, secret_id=secret_id) as box:
        yield box


@contextmanager
def opened_key(reason):
    """As opened(), for the acting workspace's key of the provider's present host: found and read in one query."""
    with _opened(reason, secret__purpose=key_purpose()) as box:
        yield box


@contextmanager
def _opened(reason, **which):
    box = _open(reason, which)
    with redact.live(box.reveal()):
        yield box


def _open(reason, which):
    if reason not in REASONS:
        raise SecretError("unknown reason")
    workspace_id, using = current_workspace(), settings.BP_VAULT_DB
    if workspace_id is None:
        raise SecretError("cannot open secret")
    with _vault_transaction(workspace_id, using):
        row = (
            SealedValue.objects.using(using)
            .select_related("secret")
            .filter(workspace_id=workspace_id, secret__revoked_at=None, **which)
            .first()
        )
        if row is None:
            raise SecretError("cannot open secret")
        box = Opened(unseal(get_ring(), row.blob, **_context(row)))
        audit.record(
            "secret.opened", workspace_id=workspace_id, using=using, secret=str(row.secret_id), reason=reason
        )
        now, used_at = utcnow(), row.secret.last_used_at
        # Shown to the minute: not each call of a busy hour writes it.
        if reason == "llm_call" and (used_at is None or now - used_at > USED_AGAIN):
            Secret.objects.using(using).filter(pk=row.secret_id).update(last_used_at=now)
    return box


@contextmanager
def _vault_transaction(workspace_id, using):
    if using == DEFAULT_DB_ALIAS:
        with as_workspace(workspace_id):
            yield
        return
    try:
        with transaction.atomic(using=using):
            yield
    finally:
        # The second connection of this thread goes back to its pool before the call to the provider.
        connections[using].close()


def _context(row):
    return {"workspace": row.workspace_id, "purpose": row.secret.purpose, "row": row.secret_id}


# --- for operators ----------------------------------------------------------------------------------------


def outdated():
    """Return the rows that a key other than the primary sealed; only the vault may read their blobs."""
    return SealedValue.objects.using(settings.BP_VAULT_DB).exclude(key_id=get_ring().primary)


def reseal(secret_id):
    """Seal one value again with the primary key; return whether it was done.

    A row that was replaced or deleted meanwhile is left alone. Raises SecretError when it does not open.
    """
    ring, using = get_ring(), settings.BP_VAULT_DB
    with transaction.atomic(using=using):
        rows = SealedValue.objects.using(using)
        row = rows.select_related("secret").filter(pk=secret_id).first()
        if row is None or row.key_id == ring.primary:
            return False
        blob = seal(ring, unseal(ring, row.blob, **_context(row)), **_context(row))
        deleted, _ = rows.filter(pk=secret_id, blob=row.blob).delete()
        if deleted:
            rows.create(secret_id=secret_id, workspace_id=row.workspace_id, key_id=ring.primary, blob=blob)
    return bool(deleted)


def failing():
    """Yield the ids of secrets that this ring cannot open."""
    ring = get_ring()
    rows = SealedValue.objects.using(settings.BP_VAULT_DB).select_related("secret").order_by("pk")
    for row in rows.iterator():
        try:
            unseal(ring, row.blob, **_context(row))
        except SecretError:
            yield row.secret_id

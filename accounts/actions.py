"""Writes: a new person's home, the provider key, the profile."""

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from accounts import audit, vault
from accounts.models import Membership, Profile, SealedValue, Secret, Workspace
from accounts.querysets import key_purpose
from buildpractical.lib.tenancy import as_workspace

PERSONAL_NAME = "Personal workspace"


def create_home(*, user):
    """Make the profile and the personal workspace of a new user, in the user's own transaction.

    On PostgreSQL nobody may see or write a workspace but from inside: its id is taken first, then it is
    inserted as that workspace.
    """
    using = user._state.db
    workspace_id = _next_workspace_id(using)
    inside = (
        as_workspace(workspace_id, user_id=user.pk)
        if using == DEFAULT_DB_ALIAS
        else transaction.atomic(using=using)
    )
    with inside:
        Profile.objects.using(using).create(user=user)
        workspace = Workspace(pk=workspace_id, name=PERSONAL_NAME)
        workspace.save(using=using, force_insert=True)
        Membership.objects.using(using).create(workspace=workspace, user=user, role=Membership.Role.OWNER)
    return workspace


def on_user_saved(sender, *, instance, created, raw, **kwargs):
    """Give each new user a home, whatever road made the user: sign-up, createsuperuser, admin."""
    if created and not raw:
        create_home(user=instance)


def save_key(*, workspace, actor, text, state, now):
    """Seal the key for the provider's present host; it takes the place of the one before.

    text: already checked. state: Secret.State.CHECKED or UNCHECKED. Raises SecretError when it cannot be
    sealed; then the old key stays.
    """
    ring = vault.get_ring()
    with as_workspace(workspace.pk, user_id=actor.pk):
        vault.check_ring(ring)
        # Two tabs that save at once come one after the other.
        Workspace.objects.select_for_update().get(pk=workspace.pk)
        old = Secret.objects.live_key(workspace.pk)
        if old is not None:
            _revoke(old, actor=actor, now=now, action="secret.replaced")
        secret = Secret.objects.create(
            workspace=workspace,
            purpose=key_purpose(),
            hint=text[-4:],
            state=state,
            created_by=actor,
        )
        SealedValue.objects.create(
            secret=secret,
            workspace=workspace,
            key_id=ring.primary,
            blob=vault.seal(ring, text, workspace=workspace.pk, purpose=secret.purpose, row=secret.pk),
        )
        audit.record("secret.added", workspace_id=workspace.pk, actor_id=actor.pk, secret=str(secret.pk))
    return secret


def delete_key(*, secret, actor, now):
    """Destroy the sealed value; the row stays as history. Return whether the key was still there."""
    with as_workspace(secret.workspace_id, user_id=actor.pk):
        return _revoke(secret, actor=actor, now=now, action="secret.revoked")


def mark_key(*, secret, state):
    """Set what the last check or call said about the key; a key that is gone stays as it was."""
    with as_workspace(secret.workspace_id):
        Secret.objects.filter(pk=secret.pk, revoked_at=None).update(state=state)


def mark_key_rejected(*, secret):
    """Note that the provider did not accept the key."""
    mark_key(secret=secret, state=Secret.State.REJECTED)


def _revoke(secret, *, actor, now, action):
    revoked = Secret.objects.filter(pk=secret.pk, revoked_at=None).update(revoked_at=now)
    SealedValue.objects.filter(secret_id=secret.pk).delete()
    if revoked:
        audit.record(action, workspace_id=secret.workspace_id, actor_id=actor.pk, secret=str(secret.pk))
    return bool(revoked)


def _next_workspace_id(using):
    connection = connections[using]
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [Workspace._meta.db_table])
        return cursor.fetchone()[0]

"""System checks: a vault that cannot work is said before the first key comes."""

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import DatabaseError

from accounts import limits, vault


@register(Tags.security)
def check_vault_ring(app_configs, **kwargs):
    """Refuse a missing, unreadable or development ring."""
    try:
        vault.get_ring()
    except vault.SecretError as error:
        return [
            Error(
                f"The vault cannot start: {error}.",
                hint="Set BP_VAULT_RING_DIR (a folder that only this user may read; file name = key id, "
                "content = base64 of 32 random bytes) and BP_VAULT_PRIMARY, or BP_VAULT_RING as JSON.",
                id="accounts.E001",
            )
        ]
    return []


@register
def check_limits(app_configs, **kwargs):
    """Each limit lets at least one through."""
    names = [*(limit.setting for limit in limits.ALL), "BUILDS_AT_ONCE"]
    return [
        Error(f"{name} must be at least 1.", hint="Set it in the environment.", id="accounts.E003")
        for name in names
        if getattr(settings, name) < 1
    ]


@register(Tags.database)
def check_vault_matches_database(app_configs, databases=None, **kwargs):
    """Refuse a ring that is not the one which sealed this database's keys (`check --database default`)."""
    if not databases or "default" not in databases:
        return []
    try:
        vault.check_ring(leave_mark=False)
    except vault.WrongRing as error:
        return [
            Error(
                f"{error}.",
                hint="Put the old ring back. If it is lost, delete the rows of accounts_ringcheck and "
                "accounts_sealedvalue; people then enter their keys again.",
                id="accounts.E002",
            )
        ]
    except (vault.SecretError, DatabaseError):
        # No ring is E001's matter; before the first migration there is no table to ask.
        return []
    return []

"""What a version needs in the database before its processes start."""

from django.core.management import call_command

from accounts import vault
from features import schedules


def prepare_database():
    """Migrate, make the cache table, set the schedules, mark the database as this ring's. May run twice.

    Runs all system checks, the database's too. Outside production the secrets are made on the way.
    """
    call_command("migrate", interactive=False, verbosity=0, skip_checks=False)
    call_command("createcachetable", verbosity=0)
    schedules.sync()
    vault.check_ring()

"""Open every stored key and print the ids of those that do not open."""

from django.core.management.base import BaseCommand, CommandError

from accounts import vault


class Command(BaseCommand):
    help = "Open every stored key; print the ids that fail, never a value."

    def handle(self, **options):
        try:
            vault.check_ring(leave_mark=False)
            failing = list(vault.failing())
        except vault.SecretError as error:
            raise CommandError(str(error)) from None
        for secret_id in failing:
            self.stdout.write(str(secret_id))
        if failing:
            raise CommandError(f"{len(failing)} do not open.")
        self.stdout.write("Every stored key opens.")

"""Seal stored keys again with the primary key of the ring; may be stopped and started again at any time."""

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count

from accounts import vault


class Command(BaseCommand):
    help = "Seal stored keys again with the primary ring key. An old ring key may go when its count is 0."

    def add_arguments(self, parser):
        parser.add_argument("--batch", type=int, default=100, help="rows looked up at a time (default 100)")
        parser.add_argument("--dry-run", action="store_true", help="count only")

    def handle(self, *, batch, dry_run, **options):
        if batch < 1:
            raise CommandError("--batch must be 1 or more.")
        try:
            vault.check_ring()
        except vault.SecretError as error:
            raise CommandError(str(error)) from None
        if dry_run:
            self._print_counts()
            return
        done, failing = 0, []
        while ids := list(
            vault.outdated().exclude(pk__in=failing).order_by("pk").values_list("pk", flat=True)[:batch]
        ):
            for secret_id in ids:
                try:
                    done += vault.reseal(secret_id)
                except vault.SecretError:
                    failing.append(secret_id)
        self.stdout.write(f"{done} sealed again.")
        self._print_counts()
        if failing:
            raise CommandError("Cannot open: " + ", ".join(map(str, failing)))

    def _print_counts(self):
        counts = dict(vault.outdated().order_by("key_id").values_list("key_id").annotate(rows=Count("pk")))
        for key_id, rows in counts.items():
            self.stdout.write(f"Key {key_id}: {rows} to go.")
        if not counts:
            self.stdout.write("Nothing is sealed with an old key.")

from django.core.management.base import BaseCommand

from buildpractical.lib.clock import utcnow
from features import recovery


class Command(BaseCommand):
    help = "Wake, put back or fail features whose worker was lost or stands still. May run at any time."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")

    def handle(self, *, dry_run, **options):
        counts = recovery.recover_stuck(now=utcnow(), dry_run=dry_run)
        for verdict, count in sorted(counts.items()):
            self.stdout.write(f"{verdict}: {count}")
        if not counts:
            self.stdout.write("Nothing is stuck.")
        elif dry_run:
            self.stdout.write("Nothing was changed (--dry-run).")

from django.core.management.base import BaseCommand

from buildpractical.lib.clock import utcnow
from features import recovery


class Command(BaseCommand):
    help = "Delete old events of finished features and old failures of the queue, in batches."

    def handle(self, **options):
        for what, count in recovery.prune(now=utcnow()).items():
            self.stdout.write(f"{what}: {count}")

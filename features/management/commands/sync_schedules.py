from django.core.management.base import BaseCommand

from features import schedules


class Command(BaseCommand):
    help = "Make the queue's schedules equal to the setting PERIODIC_TASKS."

    def handle(self, **options):
        counts = schedules.sync()
        self.stdout.write(", ".join(f"{count} {what}" for what, count in counts.items()))

from django.core.management.base import BaseCommand

from features import processes


class Command(BaseCommand):
    help = "Keep the worker alone, with sweeper and watchdog (production: beside one or more `web`)."

    def handle(self, **options):
        processes.supervise([processes.worker()])

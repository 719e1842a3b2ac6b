from django.core.management import call_command
from django.core.management.base import BaseCommand

from features import release


class Command(BaseCommand):
    help = "Prepare a new version, once, before its processes start: tables, schedules, static files."

    requires_system_checks = []  # prepare_database() runs them, the database's too

    def add_arguments(self, parser):
        parser.add_argument(
            "--skip-static", action="store_true", help="static files are already in place (container image)"
        )

    def handle(self, *, skip_static, **options):
        release.prepare_database()
        if not skip_static:
            call_command("collectstatic", interactive=False, verbosity=0)
        self.stdout.write("Ready to start.")

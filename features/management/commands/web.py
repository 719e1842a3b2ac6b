import os
import sys

from django.conf import settings
from django.core.management.base import BaseCommand

from features import processes

GRACE_SECONDS = 10


class Command(BaseCommand):
    help = "Become the web server alone (production: beside `work`). HOST and PORT say where it listens."

    def handle(self, **options):
        command = processes.web_command(host=settings.HOST, port=settings.PORT, grace_seconds=GRACE_SECONDS)
        os.chdir(settings.BASE_DIR)
        sys.stdout.flush()
        os.execv(command[0], command)  # noqa: S606  our own command, no shell

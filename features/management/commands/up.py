from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from buildpractical.lib import ports
from features import processes, release


class Command(BaseCommand):
    help = "Start everything here: web, worker and, where enabled, the demo's model server. Ctrl-C ends it."

    requires_system_checks = []  # prepare_database() runs them, the database's too

    def handle(self, **options):
        host, port = settings.HOST, settings.PORT
        children = [processes.web(host=host, port=port), processes.worker()]
        _demand_free(host, port, "PORT")
        if settings.DEMO_ENABLED:
            _demand_free("127.0.0.1", processes.simulator_port(), "SIMULATOR_PORT")
            children.append(processes.simulator())
        release.prepare_database()
        processes.supervise(
            children,
            is_up=lambda: ports.answers(host if host != "0.0.0.0" else "127.0.0.1", port),  # noqa: S104
            announce=self._announce,
        )

    def _announce(self):
        self.stdout.write(f"Build Practical is ready: {settings.SITE_URL}")
        self.stdout.flush()


def _demand_free(host, port, name):
    if not ports.is_free(host, port):
        raise CommandError(
            f"Port {port} is in use: another program, or Build Practical itself, is running there. "
            f"Stop it, or choose another port, for example: {name}={port + 10} make run"
        )

"""The processes of the product: how each is started, and who keeps them (jobs.md §4)."""

import sys
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connections

from buildpractical.lib.clock import utcnow
from buildpractical.queue.supervisor import Care, Child, Supervisor
from features import recovery, watchdog

# The supervisor sees all workspaces; what serves people does not.
APP_ROLE = {"DATABASE_ROLE": "app"}
# glibc gives threads arenas of their own, which keep what was freed: with 50 threads a third of a process's memory.
FEW_ARENAS = {"MALLOC_ARENA_MAX": "2"}


def web_command(*, host, port, grace_seconds):
    """Return the command line of the web server.

    grace_seconds: what open streams get after SIGTERM; without a limit they would hold the exit for ever.
    """
    return [
        *(sys.executable, "-m", "uvicorn", "buildpractical.asgi:application"),
        *("--host", host, "--port", str(port), "--lifespan", "on", "--ws", "none"),
        *("--timeout-graceful-shutdown", str(grace_seconds)),
        # Forwarded headers are counted from the right by allauth and Django, not believed by the server.
        *("--no-proxy-headers", "--no-server-header", "--no-access-log"),
        *("--log-config", str(settings.BASE_DIR / "buildpractical" / "uvicorn_log.json")),
    ]


def web(*, host, port):
    """Return the web server as a child that ends before the supervisor's patience does."""
    grace_seconds = max(1, min(10, settings.STOP_GRACE_SECONDS - 2))
    return Child("web", web_command(host=host, port=port, grace_seconds=grace_seconds), env=APP_ROLE)


def worker():
    """Return django-q2's cluster as a child."""
    # The supervisor's command has run the checks already.
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "qcluster", "--skip-checks"]
    return Child("worker", command, env=APP_ROLE | FEW_ARENAS)


def simulator():
    """Return the demo's model server as a child."""
    command = [sys.executable, "-m", "agents.simulator", "--port", str(simulator_port()), "--brain", "demo"]
    return Child("simulator", command, env=APP_ROLE, quiet=True)


def simulator_port():
    """Return the port that settings give the simulator."""
    return urlsplit(settings.SIMULATOR_URL).port or 80


def supervise(children, **announcing):
    """Keep the children, sweep and watch until asked to stop; at most STOP_GRACE_SECONDS more."""
    care = Care(
        sweep=lambda hint_seconds: recovery.recover_stuck(now=utcnow(), hint_seconds=hint_seconds),
        stands_still=lambda: watchdog.stands_still(now=utcnow()),
        close=connections.close_all,
        every_seconds=settings.SWEEP_SECONDS,
        watchdog_seconds=settings.WATCHDOG_SECONDS,
    )
    Supervisor(
        children,
        cwd=settings.BASE_DIR,
        grace_seconds=settings.STOP_GRACE_SECONDS,
        settled_seconds=settings.SETTLED_SECONDS,
        care=care,
        **announcing,
    ).run()

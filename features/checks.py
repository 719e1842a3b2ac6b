"""Settings that cannot work together are refused before anything starts."""

from importlib.metadata import version

from django.conf import settings
from django.core import checks
from django.db import connections
from django.utils.module_loading import import_string

from features.statuses import WORKING

DJANGO_Q2 = "1.11.1"  # buildpractical/queue/robust.py replaces parts of exactly this version
ROLE = "bp_app"


@checks.register
def check_pipeline(app_configs, **kwargs):
    """Every working status has a handler that can be imported."""
    problems = [
        checks.Error(
            f"PIPELINE_STEPS has no handler for the status {status}.",
            hint="Name the function that works in this status.",
            id="features.E001",
        )
        for status in sorted(WORKING - set(settings.PIPELINE_STEPS))
    ]
    for status, path in settings.PIPELINE_STEPS.items():
        problem = None if status in WORKING else "is for a status in which nobody works"
        try:
            problem = problem or (None if callable(import_string(path)) else "is no function")
        except ImportError as error:
            problem = f"cannot be imported: {error}"
        if problem:
            problems.append(
                checks.Error(
                    f"PIPELINE_STEPS[{status!r}], {path}, {problem}.",
                    hint="Each entry is a working status and the dotted path of its function.",
                    id="features.E002",
                )
            )
    return problems


@checks.register
def check_times(app_configs, **kwargs):
    """The periods of the engine nest: call < step < redelivery; watchdog < hint."""
    problems = []
    deadlines = [settings.AGENT_DEADLINE_SECONDS]
    deadlines += [agent.get("deadline_seconds", 0) for agent in settings.AGENT_CATALOG.values()]
    if max(deadlines) >= settings.STEP_SECONDS:
        problems.append(
            checks.Error(
                f"A model call may take {max(deadlines)} s, a whole step only {settings.STEP_SECONDS} s.",
                hint="Lower AGENT_DEADLINE_SECONDS or raise STEP_SECONDS.",
                id="features.E003",
            )
        )
    if settings.Q_CLUSTER["retry"] <= settings.STEP_SECONDS:
        problems.append(
            checks.Error(
                f"The queue delivers again after {settings.Q_CLUSTER['retry']} s, when a step may still run.",
                hint='Q_CLUSTER["retry"] must be longer than STEP_SECONDS.',
                id="features.E004",
            )
        )
    if settings.HINT_SECONDS <= settings.WATCHDOG_SECONDS:
        problems.append(
            checks.Error(
                f"HINT_SECONDS ({settings.HINT_SECONDS}) is not above WATCHDOG_SECONDS "
                f"({settings.WATCHDOG_SECONDS}).",
                hint="A hint makes the wait look young: the watchdog must see a hanging worker before it.",
                id="features.E005",
            )
        )
    return problems


@checks.register
def check_queue_version(app_configs, **kwargs):
    """The robust queue was made for one version of django-q2."""
    if (found := version("django-q2")) == DJANGO_Q2:
        return []
    return [
        checks.Error(
            f"django-q2 is {found}, the robust queue was made for {DJANGO_Q2}.",
            hint="Install the locked requirements; before an upgrade, test buildpractical/queue/robust.py.",
            id="features.E006",
        )
    ]


@checks.register(checks.Tags.database)
def check_role(app_configs, databases=None, **kwargs):
    """The role that serves people is bound by row-level security (PostgreSQL)."""
    problems = []
    for alias in databases or []:
        if connections[alias].vendor != "postgresql":
            continue
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = %s", [ROLE])
            row = cursor.fetchone()
        if row is None or any(row):
            words = "does not exist" if row is None else "is a superuser or has BYPASSRLS"
            problems.append(
                checks.Error(
                    f"The database role {ROLE} {words}.",
                    hint="Make the roles as docker/roles.sh does: LOGIN NOSUPERUSER NOBYPASSRLS.",
                    id="features.E007",
                )
            )
    return problems

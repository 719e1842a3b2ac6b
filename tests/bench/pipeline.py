"""How many features a minute the engine itself carries through seven durable steps."""

from django.db import connection, transaction
from django.db.models import Max, Min

from agents.models import AgentRun
from buildpractical.lib.clock import utcnow
from features import dispatch
from features.models import Feature, Transition
from features.statuses import Status
from tests.bench import processes
from tests.bench.instant_pipeline import OUTPUTS
from tests.bench.people import make_people
from tests.bench.table import Figure

FEATURES, WORKSPACES = 200, 50
STEPS = FEATURES * len(OUTPUTS)
PATIENCE_SECONDS = 75
LEAST = {"sqlite": 1_200, "postgresql": 1_600}


def measure():
    """Return features a minute, all queued before the worker starts: from the first claim to the last end."""
    people = make_people("pipeline", WORKSPACES)
    with transaction.atomic():
        for number in range(FEATURES):
            _queued(people[number % WORKSPACES])
    done = Feature.objects.filter(status=Status.DONE)
    settings = {"DJANGO_SETTINGS_MODULE": "tests.bench.pipeline_settings"}
    with processes.started([*processes.MANAGE, "work"], **settings) as worker:
        processes.wait_until(lambda: done.count() == FEATURES, PATIENCE_SECONDS, every=0.2)
        used = processes.cpu_seconds(processes.family(worker.pid))
    assert AgentRun.objects.filter(state="finished").count() == STEPS
    claims = Transition.objects.filter(reason__startswith="claimed")
    assert claims.count() == STEPS, "a step ran twice"
    begin = claims.aggregate(at=Min("at"))["at"]
    end = Transition.objects.filter(target=Status.DONE).aggregate(at=Max("at"))["at"]
    seconds = (end - begin).total_seconds()
    return [
        Figure(
            "pipeline, instant model answers",
            60 * FEATURES / seconds,
            "features/min",
            at_least=LEAST[connection.vendor],
            note=f"{FEATURES} features of {len(OUTPUTS)} durable steps in {seconds:.1f} s: "
            f"{STEPS / seconds:.0f} steps/s; "
            f"{1000 * used / FEATURES:.0f} ms of processor time each, start and queue included",
        )
    ]


def _queued(person):
    feature = Feature.objects.create(
        workspace=person.workspace,
        created_by=person,
        title="Tool library",
        provider="anthropic",
        status=Status.TESTS_APPROVED,
        progress_at=utcnow(),
    )
    dispatch.enqueue_advance(feature)

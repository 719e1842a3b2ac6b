"""How many features a minute the engine itself carries from the confirmed brief to done."""

from django.db import connection, transaction
from django.db.models import Max, Min

from agents.models import AgentRun
from buildpractical.lib.clock import utcnow
from features import transitions
from features.models import Feature, Transition
from features.statuses import Status
from tests.bench import processes
from tests.bench.instant_pipeline import STEPS_OF_A_FEATURE
from tests.bench.people import make_people
from tests.bench.table import Figure
from tests.factories import add_document, make_feature

FEATURES, WORKSPACES = 200, 50
PATIENCE_SECONDS = 75
LEAST = {"sqlite": 1_200, "postgresql": 1_600}


def measure():
    """Return features a minute, all confirmed before the worker starts: from the first claim to the last end."""
    people = make_people("pipeline", WORKSPACES)
    with transaction.atomic():
        for number in range(FEATURES):
            _confirmed(people[number % WORKSPACES])
    done = Feature.objects.filter(status=Status.DONE)
    settings = {"DJANGO_SETTINGS_MODULE": "tests.bench.pipeline_settings"}
    with processes.started([*processes.MANAGE, "work"], **settings) as worker:
        processes.wait_until(lambda: done.count() == FEATURES, PATIENCE_SECONDS, every=0.2)
        used = processes.cpu_seconds(processes.family(worker.pid))
    assert AgentRun.objects.filter(state="finished").count() == FEATURES * STEPS_OF_A_FEATURE
    claims = Transition.objects.filter(reason__startswith="claimed")
    assert claims.count() == FEATURES * STEPS_OF_A_FEATURE, "a step ran twice"
    begin = claims.aggregate(at=Min("at"))["at"]
    end = Transition.objects.filter(target=Status.DONE).aggregate(at=Max("at"))["at"]
    seconds = (end - begin).total_seconds()
    return [
        Figure(
            "pipeline, instant model answers",
            60 * FEATURES / seconds,
            "features/min",
            at_least=LEAST[connection.vendor],
            note=f"{FEATURES} features of {STEPS_OF_A_FEATURE} durable steps in {seconds:.1f} s: "
            f"{FEATURES * STEPS_OF_A_FEATURE / seconds:.0f} steps/s; "
            f"{1000 * used / FEATURES:.0f} ms of processor time each, start and queue included",
        )
    ]


def _confirmed(person):
    feature = make_feature(person, provider="anthropic", now=utcnow())
    brief = add_document(feature, "brief", now=utcnow())
    transitions.confirm_brief(feature=feature, document=brief, actor=person, now=utcnow())

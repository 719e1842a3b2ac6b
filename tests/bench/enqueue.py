"""From the commit that makes a step due to the first line of the step."""

import random
import time
from datetime import datetime

from buildpractical.lib.clock import utcnow
from features import documents, transitions
from features.models import Feature
from features.statuses import Status
from tests.bench import processes
from tests.bench.people import make_person
from tests.bench.table import Figure, percentile
from tests.factories import add_document, make_feature

STEPS, WARM_UPS = 120, 6
# Between two confirmations; the step itself takes next to nothing, so most find an idle worker.
PAUSE_SECONDS = (0.03, 0.15)


def measure():
    """Return the waits of STEPS features that are confirmed one after the other, at random moments."""
    person = make_person("queue")
    waiting = [_drafted(person) for _ in range(WARM_UPS + STEPS)]
    with processes.worker(DJANGO_SETTINGS_MODULE="tests.bench.instant_settings"):
        for feature, brief in waiting[:WARM_UPS]:
            _confirm(feature, brief)
        _wait_for(waiting[:WARM_UPS])
        committed = {}
        for feature, brief in waiting[WARM_UPS:]:
            committed[feature.pk] = _confirm(feature, brief)
            time.sleep(random.uniform(*PAUSE_SECONDS))
        _wait_for(waiting)
    waits = [(_started_at(pk) - at).total_seconds() * 1000 for pk, at in committed.items()]
    about = f"{STEPS} steps, one at a time; `manage.py work` on SQLite; from the commit to the handler's first line"
    slowest = f"slowest {max(waits):.0f} ms"
    return [
        Figure("enqueue to step start: median", percentile(waits, 50), "ms", hold=40, note=about),
        Figure(
            "enqueue to step start: p95",
            percentile(waits, 95),
            "ms",
            hold=80,
            note=slowest,
        ),
    ]


def _drafted(person):
    feature = make_feature(person, now=utcnow())
    return feature, add_document(feature, "brief", now=utcnow())


def _confirm(feature, brief):
    """Confirm the brief and return the moment when that was committed."""
    transitions.confirm_brief(feature=feature, document=brief, actor=feature.created_by, now=utcnow())
    return utcnow()


def _wait_for(pairs):
    keys = [feature.pk for feature, _ in pairs]
    ready = Feature.objects.filter(pk__in=keys, status=Status.SPEC_READY)
    processes.wait_until(lambda: ready.count() == len(keys), 20)


def _started_at(pk):
    document = documents.current(Feature.objects.get(pk=pk), "spec")
    return datetime.fromisoformat(document.data["started_at"])

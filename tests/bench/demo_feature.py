"""A whole demo feature, from the confirmed brief to the finished files, with a model that answers at once."""

import time

from django.db import transaction

from agents import render
from agents.simulator.demo import briefs
from buildpractical.lib.clock import utcnow
from features import documents, transitions
from features.statuses import GATES, TERMINAL, Status
from tests.bench import processes
from tests.bench.people import make_person
from tests.bench.table import Figure, median
from tests.factories import make_feature

FEATURES = 3
PATIENCE_SECONDS = 12 * processes.PATIENCE
WISH = (
    "Our club lends tools. We keep a list of tools and a list of members. "
    "Each tool has a name (required), a category (hand, power, garden), a date of purchase and notes. "
    "Each member has a name (required), an email and a phone number."
)


def measure():
    """Return the seconds of the first feature after the worker's start and the median of others."""
    person = make_person("demo")
    features = [drafted(person) for _ in range(1 + FEATURES)]
    with processes.model_server(processes.SIMULATOR) as model_url, processes.worker(SIMULATOR_URL=model_url):
        cold, *warm = [build(*one) for one in features]
    files = features[-1][0].artifacts.filter(superseded_at=None).count()
    return [
        Figure(
            "demo feature, brief to done: median",
            median(warm),
            "s",
            hold=5,
            note=f"{len(warm)} features one after the other, slowest {max(warm):.1f} s; {files} files each",
        ),
        Figure(
            "demo feature, brief to done: the first after a start",
            cold,
            "s",
            hold=5,
            note="once the worker takes messages",
        ),
    ]


def drafted(person, *, provider="demo"):
    """Return a feature of the person's and the brief to confirm."""
    feature = make_feature(person, provider=provider, now=utcnow())
    data = briefs.brief([("user", WISH)])
    with transaction.atomic():
        return feature, documents.add(feature, kind="brief", data=data, body=render.brief(data), now=utcnow())


def build(feature, brief):
    """Confirm the brief, approve each gate as soon as it opens, and return the seconds until it is done."""
    start, person = time.perf_counter(), feature.created_by
    transitions.confirm_brief(feature=feature, document=brief, actor=person, now=utcnow())
    while feature.status not in TERMINAL:
        if feature.status in GATES:
            document = documents.current(feature, GATES[feature.status][0])
            transitions.APPROVE[feature.status](
                feature=feature, document=document, actor=person, now=utcnow()
            )
        if time.perf_counter() - start > PATIENCE_SECONDS:
            raise TimeoutError(f"still {feature.status}")
        time.sleep(0.01)
        feature.refresh_from_db()
    seconds = time.perf_counter() - start
    assert feature.status == Status.DONE, f"{feature.failure}: {feature.failure_detail}"
    return seconds

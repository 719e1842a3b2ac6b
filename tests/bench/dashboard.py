"""The dashboard of a person with 5,000 features beside that of one with 5."""

import time

import httpx2
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from buildpractical.lib.clock import utcnow
from features.models import Document, Event, Feature, Transition
from features.statuses import Status
from tests.bench import processes
from tests.bench.people import make_person
from tests.bench.table import Figure, median
from tests.factories import BRIEF

FEW, MANY = 5, 5_000
ROUNDS, WARM_UPS = 60, 5
PAGES = {"dashboard": "/app", "list of features": "/app/features"}


def measure():
    """Return queries and time of the pages; the two people ask in turns, so that noise meets both."""
    few, many = _person_with("few", FEW), _person_with("many", MANY)
    figures = []
    for name, path in PAGES.items():
        baseline, queries = _queries(few, path), _queries(many, path)
        figures.append(
            Figure(
                f"{name}, {MANY:,} features: more queries than with {FEW}",
                queries - baseline,
                "queries",
                hold=0,
                note=f"{queries} and {baseline} queries",
            )
        )
    with processes.web() as (url, _):
        for name, path in PAGES.items():
            quick, slow = _times(url, path, few, many)
            figures.append(
                Figure(
                    f"{name}, {MANY:,} features: p50",
                    median(slow) * 1000,
                    "ms",
                    hold=2 * median(quick) * 1000,
                    ratio=median(slow) / median(quick),
                    note=f"{FEW} features: p50 {median(quick) * 1000:.1f} ms; to hold is twice of that",
                )
            )
    return figures


def _person_with(name, count):
    """Return a person with so many features, spread over all statuses, each with history and a document."""
    person, now = make_person(name), utcnow()
    statuses = list(Status)
    features = Feature.objects.bulk_create(
        Feature(
            workspace=person.workspace,
            created_by=person,
            title=f"Tool library {number}",
            provider="demo",
            status=statuses[number % len(statuses)],
            progress_at=now,
            version=3,
            event_seq=3,
        )
        for number in range(count)
    )
    rows = [(feature, version) for feature in features for version in (1, 2, 3)]
    Transition.objects.bulk_create(
        Transition(
            workspace=person.workspace, feature=feature, version=version, actor=person, at=now,
            source=Status.DRAFTING, target=feature.status,
        )
        for feature, version in rows
    )  # fmt: skip
    Event.objects.bulk_create(
        Event(
            workspace=person.workspace, feature=feature, seq=seq, at=now,
            kind="status", data={"status": feature.status},
        )
        for feature, seq in rows
    )  # fmt: skip
    Document.objects.bulk_create(
        Document(
            workspace=person.workspace, feature=feature, kind="brief", revision=1, data=BRIEF,
            body="# Brief", sha256="0" * 64, created_at=now, approved_at=now, approved_by=person,
        )
        for feature in features
    )  # fmt: skip
    return person


def _queries(person, path):
    browser = Client()
    browser.cookies.load(person.cookies)
    browser.get(path)  # the first visit of a session also notes that it is used
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(path).status_code == 200
    return len(queries)


def _times(url, path, *people):
    """Return for each person the seconds that the page took, at each of ROUNDS turns."""
    times = [[] for _ in people]
    with httpx2.Client(base_url=url, trust_env=False, timeout=20) as http:
        for turn in range(WARM_UPS + ROUNDS):
            for person, taken in zip(people, times, strict=True):
                http.cookies = person.cookies
                start = time.perf_counter()
                assert http.get(path).status_code == 200
                if turn >= WARM_UPS:
                    taken.append(time.perf_counter() - start)
    return times

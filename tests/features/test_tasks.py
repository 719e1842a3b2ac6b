"""The engine with handlers of its own: claims, ends, errors, recovery. Real database, no queue process."""

import asyncio
import os
import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django_q.models import OrmQ

from agents import background
from buildpractical.lib import outage
from buildpractical.lib.clock import utcnow
from features import leases, recovery, tasks, transitions
from features.failures import Failure
from features.models import Feature
from features.statuses import Status
from features.steps import Outcome, StepError
from tests.factories import NOON, add_document

pytestmark = pytest.mark.django_db(transaction=True)


def to_gate(feature, *, lease):
    return Outcome(Status.SPEC_READY, lambda feature, now: add_document(feature, "spec", now=now))


def overloaded(feature, *, lease):
    raise StepError(Failure.OVERLOADED, permanent=False)


def rate_limited(feature, *, lease):
    raise StepError(Failure.RATE_LIMITED, permanent=False, retry_after_seconds=300)


def rejected(feature, *, lease):
    raise StepError(Failure.KEY_REJECTED, permanent=True, detail="req_1")


def broken(feature, *, lease):
    raise ZeroDivisionError


def ending(feature, *, lease):
    raise leases.Stopping


def checkpointing(feature, *, lease):
    with lease.checkpoint() as fresh:
        add_document(fresh, "spec")
    return Outcome(Status.SPEC_READY)


def swept(feature, *, lease):
    recovery.recover_stuck(now=utcnow() + timedelta(hours=1))
    with lease.checkpoint() as fresh:
        add_document(fresh, "spec")
    return Outcome(Status.SPEC_READY)


def waiting(feature, *, lease):
    """Wait as a model call does that brings nothing; the process is asked to end meanwhile."""
    BEGUN.pop()()
    background.run(asyncio.sleep(30), lease=lease)


BEGUN = []


def without_database(feature, *, lease):
    raise OperationalError("the server closed the connection")


def checkpointing_through_an_outage(feature, *, lease):
    outages = [OperationalError("starting up"), OperationalError("starting up")]

    def refuse(execute, sql, params, many, context):
        if outages:
            raise outages.pop()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        return checkpointing(feature, lease=lease)


def stopped_by_person(feature, *, lease):
    transitions.stop(feature=Feature.objects.get(pk=feature.pk), actor=None, now=utcnow())
    leases.beat([lease], now=utcnow())
    lease.check()


@pytest.fixture
def queued(feature_in, settings):
    """A feature queued for its spec, with the handler named by the test."""

    def make(handler):
        settings.PIPELINE_STEPS = settings.PIPELINE_STEPS | {
            "spec_generating": f"{__name__}.{handler.__name__}"
        }
        feature, _ = feature_in(Status.SPEC_GENERATING)
        transitions.requeue_step(feature=feature, now=utcnow(), attempts=0)
        return feature

    return make


@pytest.fixture
def ending_process(monkeypatch):
    """Return a function that tells this process, as a supervisor does, that it is to end."""
    read_end, write_end = os.pipe()
    monkeypatch.setenv("BP_STOP_FD", str(read_end))
    yield lambda: os.close(write_end)
    os.close(read_end)


def facts(feature):
    feature.refresh_from_db()
    names = ("status", "failure", "failure_detail", "attempts", "requeues", "lease_token")
    return {name: getattr(feature, name) for name in names}


FRESH = {"failure": "", "failure_detail": "", "attempts": 0, "requeues": 0, "lease_token": None}


def test_advance_finishes_the_step_when_the_handler_returns(queued):
    feature = queued(to_gate)

    ended = tasks.advance(feature.pk, feature.version)

    assert ended == "finish_step"
    assert facts(feature) == FRESH | {"status": "spec_ready"}


def test_advance_skips_when_the_message_is_old(queued):
    feature = queued(to_gate)

    assert tasks.advance(feature.pk, feature.version - 1) == "skip"
    assert facts(feature) == FRESH | {"status": "spec_generating"}


def test_advance_skips_when_the_feature_is_gone():
    assert tasks.advance(987654, 1) == "skip"


def test_advance_runs_once_when_the_message_comes_twice(queued):
    feature = queued(to_gate)
    version = feature.version

    assert [tasks.advance(feature.pk, version), tasks.advance(feature.pk, version)] == ["finish_step", "skip"]
    assert feature.documents.filter(kind="spec").count() == 1


def test_advance_requeues_with_a_wait_when_the_error_may_pass(queued):
    feature = queued(overloaded)

    tasks.advance(feature.pk, feature.version)

    assert facts(feature) == FRESH | {"status": "spec_generating", "requeues": 1}
    assert 3 < (feature.wake_at - utcnow()).total_seconds() <= 6.5


def test_advance_waits_as_long_as_the_provider_asks(queued):
    feature = queued(rate_limited)

    tasks.advance(feature.pk, feature.version)

    feature.refresh_from_db()
    assert 290 < (feature.wake_at - utcnow()).total_seconds() <= 300


def test_advance_fails_in_the_end_when_the_error_does_not_pass(queued):
    feature = queued(overloaded)

    for _ in range(5):
        feature.refresh_from_db()
        recovery.recover_stuck(now=utcnow() + timedelta(minutes=5))
        Feature.objects.filter(pk=feature.pk).update(wake_at=None)
        tasks.advance(feature.pk, feature.version)

    assert facts(feature) == FRESH | {
        "status": "failed", "failure": "overloaded", "requeues": 4, "attempts": 1,
    }  # fmt: skip


def test_advance_fails_at_once_when_the_error_is_permanent(queued):
    feature = queued(rejected)

    tasks.advance(feature.pk, feature.version)

    assert facts(feature) == FRESH | {
        "status": "failed", "failure": "key_rejected", "failure_detail": "req_1", "attempts": 1,
    }  # fmt: skip


def test_advance_fails_as_crashed_when_the_handler_has_a_defect(queued, caplog):
    feature = queued(broken)

    tasks.advance(feature.pk, feature.version)

    assert facts(feature) == FRESH | {"status": "failed", "failure": "crashed", "attempts": 1}
    assert "Step crashed" in caplog.text


def test_advance_releases_without_counting_when_the_process_ends(queued):
    feature = queued(ending)
    jobs = OrmQ.objects.count()

    ended = tasks.advance(feature.pk, feature.version)

    assert ended == "release"
    assert facts(feature) == FRESH | {"status": "spec_generating"}
    assert OrmQ.objects.count() == jobs  # the ending process would eat a message
    assert recovery.recover_stuck(now=utcnow()) == {"hint": 1}
    assert OrmQ.objects.count() == jobs + 1


def test_checkpoint_writes_before_the_step_ends(queued):
    feature = queued(checkpointing)

    tasks.advance(feature.pk, feature.version)

    assert facts(feature)["status"] == "spec_ready"
    assert feature.documents.filter(kind="spec").count() == 1


def test_late_output_is_dropped_when_the_sweeper_took_the_lease(queued):
    feature = queued(swept)

    ended = tasks.advance(feature.pk, feature.version)

    assert ended == "lost"
    assert feature.documents.filter(kind="spec").count() == 0
    assert facts(feature)["status"] == "spec_generating"


def test_stop_ends_a_running_step_at_its_next_look(queued):
    feature = queued(stopped_by_person)

    tasks.advance(feature.pk, feature.version)

    assert facts(feature) == FRESH | {"status": "failed", "failure": "stopped", "attempts": 1}


def test_heartbeat_renews_the_lease_and_notes_progress(feature_in):
    feature, _ = feature_in(Status.IMPLEMENTING)
    lease = leases.Lease(feature)
    lease.check()
    later = NOON + timedelta(minutes=3)

    leases.beat([lease], now=later)

    feature.refresh_from_db()
    assert (feature.lease_until, feature.progress_at) == (later + timedelta(seconds=60), later)
    assert (lease.lost, lease.progressed) == (False, False)


def test_heartbeat_marks_the_lease_lost_when_the_row_moved_on(feature_in):
    feature, _ = feature_in(Status.IMPLEMENTING)
    lease = leases.Lease(feature)
    transitions.requeue_step(feature=feature, now=NOON)

    leases.beat([lease], now=NOON)

    with pytest.raises(leases.LeaseLost):
        lease.check()


@pytest.mark.parametrize(
    ("change", "after", "verdict"),
    [
        ({}, 61, "hint"),
        ({}, 59, None),
        ({"wake_at": NOON + timedelta(seconds=90)}, 61, None),
        ({"wake_at": NOON + timedelta(seconds=90)}, 90, "hint"),
        ({"lease_token": "x", "lease_until": NOON + timedelta(seconds=60), "attempts": 1}, 59, None),
        ({"lease_token": "x", "lease_until": NOON + timedelta(seconds=60), "attempts": 1}, 61, "requeue"),
        ({"lease_token": "x", "lease_until": NOON + timedelta(seconds=60), "attempts": 3}, 61, "fail_lost"),
        (
            {"lease_token": "x", "lease_until": NOON + timedelta(seconds=650), "attempts": 1},
            601,
            "fail_silent",
        ),
        # The clock was put back.
        ({"lease_token": "x", "lease_until": NOON + timedelta(hours=1), "attempts": 1}, 0, "set_back"),
        ({"progress_at": NOON + timedelta(hours=1)}, 0, "set_back"),
        ({"progress_at": NOON + timedelta(seconds=20)}, 0, None),  # hosts differ a little
    ],
)
def test_diagnose_says_what_a_feature_needs(change, after, verdict):
    feature = Feature(status=Status.REVIEW, progress_at=NOON)
    for name, value in change.items():
        setattr(feature, name, value)

    assert recovery.diagnose(feature, now=NOON + timedelta(seconds=after), hint_seconds=60) == verdict


def test_recover_stuck_requeues_once_when_two_sweepers_look(feature_in):
    feature, _ = feature_in(Status.IMPLEMENTING)
    later = NOON + timedelta(hours=1)

    first = recovery.recover_stuck(now=later)
    second = recovery.recover_stuck(now=later)

    assert (first, second) == ({"requeue": 1}, {})
    assert facts(feature) == FRESH | {"status": "implementing", "attempts": 1}


def test_recover_stuck_changes_nothing_when_dry(feature_in):
    feature, _ = feature_in(Status.IMPLEMENTING)
    before = facts(feature)

    counts = recovery.recover_stuck(now=NOON + timedelta(hours=1), dry_run=True)

    assert counts == {"requeue": 1}
    assert facts(feature) == before


def test_recover_stuck_hints_again_when_a_message_was_lost(feature_in):
    feature, _ = feature_in(Status.SPEC_APPROVED)
    OrmQ.objects.all().delete()

    counts = recovery.recover_stuck(now=NOON + timedelta(seconds=70))

    assert counts == {"hint": 1}
    assert [q.task["args"] for q in OrmQ.objects.all()] == [(feature.pk, feature.version)]


def test_recover_stuck_clock_put_back_dead_workers_lease_ends_in_the_usual_time(feature_in):
    feature, _ = feature_in(Status.IMPLEMENTING)
    before = NOON - timedelta(hours=2)

    counts = [
        recovery.recover_stuck(now=before),
        recovery.recover_stuck(now=before + timedelta(seconds=59)),
        recovery.recover_stuck(now=before + timedelta(seconds=61)),
    ]

    assert counts == [{"set_back": 1}, {}, {"requeue": 1}]


def test_recover_stuck_clock_put_back_keeps_the_wait_of_a_waiting_step(feature_in):
    feature, _ = feature_in(Status.IMPLEMENTING)
    transitions.requeue_step(feature=feature, now=NOON, wake_at=NOON + timedelta(seconds=300))
    before = NOON - timedelta(hours=2)

    counts = [
        recovery.recover_stuck(now=before),
        recovery.recover_stuck(now=before + timedelta(seconds=299)),
        recovery.recover_stuck(now=before + timedelta(seconds=300)),
    ]

    assert counts == [{"set_back": 1}, {}, {"hint": 1}]


def test_advance_in_an_ending_process_lets_the_sweeper_send_the_message_again_at_once(queued, ending_process):
    feature = queued(to_gate)
    ending_process()

    assert tasks.advance(feature.pk, feature.version) == "skip"

    assert recovery.recover_stuck(now=utcnow()) == {"hint": 1}


def test_advance_grace_over_gives_the_running_step_back_in_time(queued, ending_process, settings):
    settings.STOP_GRACE_SECONDS, settings.LEASE_SECONDS = 6, 1
    feature = queued(waiting)
    BEGUN.append(ending_process)
    started = time.monotonic()

    ended = tasks.advance(feature.pk, feature.version)

    assert (ended, time.monotonic() - started < 6) == ("release", True)
    assert facts(feature) == FRESH | {"status": "spec_generating"}
    assert recovery.recover_stuck(now=utcnow()) == {"hint": 1}


def test_advance_database_away_in_the_middle_of_a_step_puts_it_back(queued):
    feature = queued(without_database)

    assert tasks.advance(feature.pk, feature.version) == "requeue"

    assert facts(feature) == FRESH | {"status": "spec_generating", "requeues": 1}


def test_checkpoint_outlasts_a_short_outage(queued, monkeypatch):
    monkeypatch.setattr(outage, "WAITS_SECONDS", (0.01, 0.01))
    feature = queued(checkpointing_through_an_outage)

    assert tasks.advance(feature.pk, feature.version) == "finish_step"

    assert feature.documents.filter(kind="spec").count() == 1


def test_outlasting_gives_up_in_the_end_and_at_once_inside_a_transaction(monkeypatch):
    monkeypatch.setattr(outage, "WAITS_SECONDS", (0.01, 0.01))
    tries = []

    def fail():
        tries.append(1)
        raise OperationalError

    with pytest.raises(OperationalError):
        outage.outlasting(fail)
    with pytest.raises(OperationalError), transaction.atomic():
        outage.outlasting(fail)

    assert len(tries) == 3 + 1


def test_prune_deletes_old_events_of_finished_features_only(feature_in):
    done, _ = feature_in(Status.DONE)
    open_one, _ = feature_in(Status.SPEC_READY)
    kept = open_one.events.count()

    counts = recovery.prune(now=utcnow() + timedelta(days=91))

    assert counts["events"] > 0
    assert (done.events.count(), open_one.events.count()) == (0, kept)


def test_queue_messages_hold_ids_and_nothing_else(feature_in):
    feature_in(Status.DONE)

    payloads = [q.task for q in OrmQ.objects.all()]

    assert payloads
    for payload in payloads:
        assert payload["func"] == "features.tasks.advance"
        assert [type(x) for x in payload["args"]] == [int, int]
        assert payload["kwargs"] == {}

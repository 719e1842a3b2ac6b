"""Log lines: batches of ten or half a second, in the order of telling, none lost at the end."""

import threading
import time

import pytest
from django.db import OperationalError, connection

from buildpractical.lib.tenancy import as_workspace
from features import events, leases, logbook
from features.models import Event
from features.statuses import Status
from tests.factories import claim, make_feature
from tests.live import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def running(ada, feature_in):
    """A feature whose step is claimed."""
    feature, _ = feature_in(Status.SPEC_GENERATING)
    claim(feature)
    return feature


def lines_of(feature):
    return [event.data["count"] for event in feature.events.filter(kind="log")]


def test_tenth_line_writes_the_batch(running, monkeypatch):
    monkeypatch.setattr(logbook, "BATCH_SECONDS", 60)

    with leases.held(running) as lease:
        for number in range(9):
            lease.logbook.line("kept", count=number)
        before = lines_of(running)
        lease.logbook.line("kept", count=9)
        after = lines_of(running)

    assert (before, after) == ([], list(range(10)))


def test_single_line_is_written_after_half_a_second(running):
    with leases.held(running) as lease:
        began = time.monotonic()
        lease.logbook.line("kept", count=1)
        assert lines_of(running) == []
        wait_until(lambda: lines_of(running) == [1])
        seconds = time.monotonic() - began

    assert 0.4 < seconds < 3
    assert lines_of(running) == [1]


def test_line_after_a_fault_of_the_database_brings_the_one_before_along(running, monkeypatch):
    def away(execute, sql, *rest):
        raise OperationalError("away")

    monkeypatch.setattr(logbook, "BATCH_SECONDS", 60)
    with leases.held(running) as lease:
        lease.logbook.line("kept", count=1)
        with connection.execute_wrapper(away):
            lease.logbook.timer.function()  # what it does when its time has come
        monkeypatch.setattr(logbook, "BATCH_SECONDS", 0.1)
        lease.logbook.line("kept", count=2)

        wait_until(lambda: len(lines_of(running)) >= 2, seconds=5)

    assert lines_of(running) == [1, 2]


def test_other_event_takes_the_waiting_lines_along_before_it(running, monkeypatch):
    monkeypatch.setattr(logbook, "BATCH_SECONDS", 60)

    with leases.held(running) as lease:
        lease.logbook.line("kept", count=1)
        lease.logbook.line("kept", count=2)
        with lease.checkpoint() as fresh:
            events.append(fresh, kind="activity", data={"what": "stopping"})
        lease.logbook.line("kept", count=3)

    told = [(event.kind, event.data.get("count")) for event in running.events.order_by("-seq")[:4]]
    assert told[::-1] == [("log", 1), ("log", 2), ("activity", None), ("log", 3)]


@pytest.mark.parametrize("error", [leases.Stopping, leases.LeaseLost, RuntimeError])
def test_end_of_a_step_writes_what_waits_however_it_ends(running, monkeypatch, error):
    monkeypatch.setattr(logbook, "BATCH_SECONDS", 60)

    def step():
        with leases.held(running) as lease:
            lease.logbook.line("kept", count=1)
            raise error

    with pytest.raises(error):
        step()

    assert lines_of(running) == [1]
    assert running.pk not in events.waiting


def test_lines_from_a_step_and_its_timer_keep_their_order(running, monkeypatch):
    monkeypatch.setattr(logbook, "BATCH_SECONDS", 0.005)

    with leases.held(running) as lease:
        for number in range(60):
            lease.logbook.line("kept", count=number)
            if number % 7 == 0:
                with lease.checkpoint() as fresh:
                    events.append(fresh, kind="activity", data={"what": "stopping"})
            time.sleep(0.002)

    assert lines_of(running) == list(range(60))
    assert list(running.events.values_list("seq", flat=True)) == list(range(1, Event.objects.count() + 1))


def test_two_steps_of_one_process_keep_their_lines_apart(running, ada, monkeypatch):
    monkeypatch.setattr(logbook, "BATCH_SECONDS", 60)
    other = make_feature(ada)

    with leases.held(running) as lease, leases.held(other) as another:
        lease.logbook.line("kept", count=1)
        another.logbook.line("kept", count=2)

    assert (lines_of(running), lines_of(other)) == ([1], [2])


def test_log_of_a_deleted_feature_is_dropped_quietly(running, monkeypatch):
    monkeypatch.setattr(logbook, "BATCH_SECONDS", 60)

    with leases.held(running) as lease:
        lease.logbook.line("kept", count=1)
        with as_workspace(running.workspace_id):
            type(running).objects.filter(pk=running.pk).delete()

    assert not Event.objects.exists()


def test_log_is_written_under_row_level_security(running, as_app_role):
    as_app_role()
    ended = []

    def step():
        try:
            with leases.held(running) as lease:
                lease.logbook.line("kept", count=1)
                time.sleep(0.8)  # by time, in a thread of its own
            ended.append(True)
        finally:
            connection.close()

    thread = threading.Thread(target=step)
    thread.start()
    thread.join()

    with as_workspace(running.workspace_id):
        assert (ended, lines_of(running)) == ([True], [1])

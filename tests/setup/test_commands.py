from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django_q.models import Schedule, Task

from buildpractical.lib.clock import utcnow
from buildpractical.lib.tenancy import as_workspace
from features import watchdog
from features.leases import HOST
from features.models import Event, Feature, Transition
from features.statuses import Status

pytestmark = pytest.mark.django_db


def say(*command, **options):
    out = StringIO()
    call_command(*command, stdout=out, **options)
    return out.getvalue().splitlines()


def schedule_table():
    rows = Schedule.objects.order_by("pk").values_list("name", "func", "schedule_type", "minutes", "repeats")
    return [
        (name, (func, minutes)) for name, func, kind, minutes, repeats in rows if (kind, repeats) == ("I", -1)
    ]


def test_sync_schedules_empty_table_equals_the_setting(settings):
    said = say("sync_schedules")

    assert said == ["3 added, 0 changed, 0 deleted"]
    assert dict(schedule_table()) == settings.PERIODIC_TASKS
    assert Schedule.objects.count() == len(settings.PERIODIC_TASKS)


def test_sync_schedules_foreign_double_and_changed_rows_are_put_right(settings):
    say("sync_schedules")
    name = next(iter(settings.PERIODIC_TASKS))
    Schedule.objects.filter(name=name).update(func="os.system", args="'ls'", minutes=1, hook="os.abort")
    Schedule.objects.create(name=name, func="features.tasks.prune", schedule_type=Schedule.DAILY)
    Schedule.objects.create(name="planted", func="os.system", args="'ls'")

    say("sync_schedules")

    assert dict(schedule_table()) == settings.PERIODIC_TASKS
    assert list(Schedule.objects.exclude(args=None, kwargs=None, hook=None)) == []
    assert Schedule.objects.count() == len(settings.PERIODIC_TASKS)


def test_sync_schedules_right_rows_keep_their_next_run():
    say("sync_schedules")
    later = utcnow() + timedelta(hours=3)
    Schedule.objects.update(next_run=later)

    said = say("sync_schedules")

    assert said == ["0 added, 0 changed, 0 deleted"]
    assert set(Schedule.objects.values_list("next_run", flat=True)) == {later}


def test_recover_stuck_nothing_stuck_says_so():
    assert say("recover_stuck") == ["Nothing is stuck."]


@pytest.fixture
def lost(feature_in):
    """A feature whose worker was killed: its lease has ended."""
    feature_in(Status.PLAN_GENERATING)
    Feature.objects.update(lease_until=utcnow() - timedelta(seconds=1))


def test_recover_stuck_dry_run_counts_and_changes_nothing(lost):
    before = dict(Feature.objects.values().get())

    said = say("recover_stuck", "--dry-run")

    assert said == ["requeue: 1", "Nothing was changed (--dry-run)."]
    assert Feature.objects.values().get() == before


def test_recover_stuck_lost_lease_is_put_back(lost):
    said = say("recover_stuck")

    assert said == ["requeue: 1"]
    assert Feature.objects.get().lease_token is None


def test_prune_events_keeps_young_events_and_unfinished_features(feature_in, settings):
    done, _ = feature_in(Status.FAILED)
    working, _ = feature_in(Status.SPEC_GENERATING)
    old = utcnow() - timedelta(days=settings.EVENT_DAYS + 1)
    Event.objects.update(at=old)
    newest = done.events.order_by("-seq").first()
    Event.objects.filter(pk=newest.pk).update(at=utcnow())
    kept = {newest.pk, *working.events.values_list("pk", flat=True)}
    for days in (6, 8):
        _queue_failure(days)

    say("prune_events")

    assert set(Event.objects.values_list("pk", flat=True)) == kept
    assert list(Task.objects.values_list("name", flat=True)) == ["6"]


def _queue_failure(days):
    at = utcnow() - timedelta(days=days)
    Task.objects.create(id=f"{days:032}", name=str(days), func="f", started=at, stopped=at, success=False)


# --- the watchdog -----------------------------------------------------------------------------------------


@pytest.fixture
def waiting(feature_in, settings):
    """A feature that has been due for longer than the watchdog's patience; and the present moment."""
    feature, _ = feature_in(Status.SPEC_APPROVED)
    now = utcnow()
    Feature.objects.update(progress_at=now - timedelta(seconds=settings.WATCHDOG_SECONDS + 1))
    Transition.objects.update(at=now - timedelta(hours=1))
    return Feature.objects.get(), now


def test_watchdog_due_feature_and_idle_worker_stands_still(waiting, django_assert_num_queries):
    _, now = waiting

    with django_assert_num_queries(3):
        assert watchdog.stands_still(now=now) is True


def test_watchdog_nothing_due_is_fine(waiting, django_assert_num_queries):
    feature, now = waiting
    Feature.objects.update(progress_at=now)

    with django_assert_num_queries(1):
        assert watchdog.stands_still(now=now) is False


def test_watchdog_feature_that_waits_for_its_time_is_fine(waiting):
    _, now = waiting
    Feature.objects.update(wake_at=now)

    assert watchdog.stands_still(now=now) is False


def test_watchdog_worker_that_claims_is_fine(waiting):
    feature, now = waiting
    with as_workspace(feature.workspace_id):
        Transition.objects.create(
            workspace_id=feature.workspace_id, feature=feature, version=99, source="a", target="b",
            reason=f"claimed {HOST}-x", at=now,
        )  # fmt: skip

    assert watchdog.stands_still(now=now) is False


def test_watchdog_claims_of_a_future_that_the_clock_took_back_blind_nobody(waiting):
    feature, now = waiting
    with as_workspace(feature.workspace_id):
        Transition.objects.create(
            workspace_id=feature.workspace_id, feature=feature, version=99, source="a", target="b",
            reason=f"claimed {HOST}-x", at=now + timedelta(hours=1),
        )  # fmt: skip

    assert watchdog.stands_still(now=now) is True


def test_watchdog_worker_with_no_free_thread_is_fine(waiting, feature_in, settings):
    _, now = waiting
    busy, _ = feature_in(Status.PLAN_GENERATING)
    Feature.objects.filter(pk=busy.pk).update(lease_token=f"{HOST}-x")
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"workers": 1}
    settings.STEP_THREADS = 1

    assert watchdog.stands_still(now=now) is False

"""What else may happen to an installation; each while features are on their way. Returns what it saw."""

import signal

from django.conf import settings

from features.models import Feature, Transition
from features.statuses import Status
from tests.chaos import clock
from tests.chaos.site import send

HOUR = 3600
SWEEP_SECONDS = 1.5  # until the sweeper has seen it


def stopped_longer_than_the_lease(run, *, kinds):
    """SIGSTOP, until the lease has run out and somebody else has the step, then SIGCONT: the sleeper wakes."""
    seen = {}
    for kind in kinds:
        taken = Transition.objects.filter(reason="worker lost").count()
        # On SQLite one that is stopped in the middle of a write stops everybody: then once more.
        for _ in range(5 if kind == "worker" else 1):
            _stop_for_a_while(run, kind)
            seen[kind] = Transition.objects.filter(reason="worker lost").count() - taken
            if seen[kind]:
                break
    assert seen.get("worker"), "no stopped worker lost its step"
    return f"{', '.join(kinds)}: each {settings.LEASE_SECONDS + SWEEP_SECONDS} s; steps taken over {seen}"


def _stop_for_a_while(run, kind):
    run.fill_up()
    run.builders.until(run.works, seconds=10, meanwhile=run.site.keep)
    pids = run.site.processes().get(kind, [])
    for pid in pids:
        send(pid, signal.SIGSTOP)
    run.builders.until(lambda: False, seconds=settings.LEASE_SECONDS + SWEEP_SECONDS)
    for pid in pids:
        send(pid, signal.SIGCONT)
    run.builders.until(lambda: False, seconds=0.5)


def database_restarted(run, *, times):
    """PostgreSQL ends, in turns orderly and as in a crash, and comes back."""
    if run.postgres is None:
        return "SQLite has no server"
    for number in range(times):
        run.fill_up()
        run.builders.until(run.works, seconds=10, meanwhile=run.site.keep)
        run.postgres.restart("immediate" if number % 2 else "fast")
        run.builders.until(lambda: False, seconds=2)
    return f"{times} times"


def disk_full(run, *, seconds):
    """The generated files' disk is full for a while: steps that write wait, and go on when there is room."""
    run.fill_up()
    run.disk.fill()
    refused = Transition.objects.filter(reason="storage")
    before = refused.count()
    met = run.builders.until(lambda: refused.count() > before, seconds=25, meanwhile=run.site.keep)
    run.builders.until(lambda: False, seconds=seconds)
    run.disk.clear()
    how = "ENOSPC on a small disk" if run.disk.is_real else "a folder that refuses"
    assert met, "no step met the full disk"
    return f"{how}; {refused.count() - before} steps put back by it"


def clock_jumps(run):
    """An hour forward: every lease has run out. Back again, and a worker dies: its lease lasts an hour."""
    jumps = (HOUR, 0, -HOUR, 0) if run.options.long else (HOUR, 0)
    for seconds in jumps:
        run.fill_up()
        run.builders.until(run.works, seconds=10, meanwhile=run.site.keep)
        clock.put(settings.CLOCK, seconds)
        run.killer.kill("worker")
        run.killer.kill("pusher")
        run.builders.until(lambda: False, seconds=2 if run.options.long else 1)
    return f"hands at {' s, '.join(map(str, jumps))} s; at each a worker and the pusher killed"


def poison_ended(run):
    """The step that kills its worker each time was given up, in words."""
    done = run.builders.until(
        lambda: not run.builders.poisoned & run.builders.open, seconds=60, meanwhile=run.site.keep
    )
    assert done, "the poisoned step still goes round"
    claims = {
        pk: Transition.objects.filter(
            feature=pk, target=Status.PLAN_GENERATING, reason__startswith="claimed"
        ).count()
        for pk in run.builders.poisoned
    }
    return f"claims before it was given up: {sorted(claims.values())}"


def orderly_restart(run):
    """SIGTERM to the supervisor in the middle of the work: nothing waits for a lease to run out."""
    run.fill_up()
    # First the leases of workers that were killed before.
    run.builders.until(lambda: False, seconds=settings.LEASE_SECONDS + SWEEP_SECONDS, meanwhile=run.fill_up)
    run.builders.until(run.works, seconds=10, meanwhile=run.site.keep)
    code, seconds, left = run.site.stop()
    assert code == 0, f"ended with {code}"
    assert not left, f"left behind: {left}"
    held = Feature.objects.filter(lease_token__isnull=False).count()
    assert not held, f"{held} steps were not given back"
    run.site.keep()
    return f"ended in {seconds:.1f} s, no step held, none left behind"

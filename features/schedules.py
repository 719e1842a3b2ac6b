"""The queue's schedule table, made equal to settings.PERIODIC_TASKS."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django_q.models import Schedule

from buildpractical.lib.clock import utcnow


def sync():
    """Add, change and delete rows until the table equals the setting; return counts.

    A row that is right keeps its next run: syncing at every start must not put a daily task off for ever.
    """
    now, kept = utcnow(), set()
    counts = {"added": 0, "changed": 0, "deleted": 0}
    with transaction.atomic():
        rows = {row.name: row for row in Schedule.objects.select_for_update().order_by("-pk")}
        for name, (func, minutes) in settings.PERIODIC_TASKS.items():
            wanted = {
                "func": func,
                "schedule_type": Schedule.MINUTES,
                "minutes": minutes,
                "repeats": -1,
                "args": None,
                "kwargs": None,
                "hook": None,
                "cluster": None,
                "intended_date_kwarg": None,
            }
            row = rows.get(name)
            if row is None:
                row = Schedule.objects.create(name=name, next_run=now, **wanted)
                counts["added"] += 1
            elif any(getattr(row, key) != value for key, value in wanted.items()):
                soonest = min(row.next_run, now + timedelta(minutes=minutes))
                Schedule.objects.filter(pk=row.pk).update(next_run=soonest, **wanted)
                counts["changed"] += 1
            kept.add(row.pk)
        counts["deleted"], _ = Schedule.objects.exclude(pk__in=kept).delete()
    return counts

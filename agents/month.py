"""What a workspace has got and paid in a month."""

from dataclasses import dataclass

from django.db.models import Count, F, IntegerField, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from accounts.models import Workspace
from agents.models import AgentRun
from agents.querysets import NO_CALL
from features.models import Feature, Transition
from features.statuses import Status

TOKENS = (
    *("input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens"),
    "output_tokens",
)


@dataclass(frozen=True)
class Totals:
    """Of a workspace since a moment; all but `done` without the demo.

    tokens: read and written, remembered ones included. unknown: see Sums.
    """

    done: int = 0
    calls: int = 0
    tokens: int = 0
    unknown: int = 0
    cost_microusd: int = 0


def totals_since(moment, *, workspace_id):
    """Return the Totals of the workspace; one query.

    Aggregates for each workspace in subqueries: a join of moves and calls would count them many times.
    """
    runs = AgentRun.objects.exclude(NO_CALL).filter(started_at__gte=moment)
    # No AI model reads or writes in the demo.
    runs = runs.exclude(provider=Feature.Provider.DEMO)
    done = Transition.objects.filter(target=Status.DONE, at__gte=moment)
    tokens = sum((Coalesce(F(name), 0) for name in TOKENS), Value(0))
    parts = {
        "done": (done, Count("pk")),
        "calls": (runs, Count("pk")),
        "tokens": (runs, Sum(tokens)),
        "unknown": (runs, Count("pk", filter=~Q(state="running") & Q(cost_microusd=None))),
        "cost_microusd": (runs, Sum("cost_microusd")),
    }
    row = (
        Workspace.objects.filter(pk=workspace_id)
        .values(**{name: _of_workspace(*part) for name, part in parts.items()})
        .first()
    )
    return Totals(**row) if row else Totals()


def _of_workspace(rows, aggregate):
    rows = rows.filter(workspace=OuterRef("pk")).order_by().values("workspace").annotate(of_all=aggregate)
    return Coalesce(Subquery(rows.values("of_all"), output_field=IntegerField()), 0)

"""Reads of runs: what was spent, and for what."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Max, Min, Q, Sum, Value
from django.db.models.functions import Coalesce

from accounts.querysets import TenantQuerySet
from agents.catalog import CHAT_AGENTS
from features.failures import Failure

FAILED = Q(state__in=["failed", "lost"])
# A step's call without a lease belongs to a worker that is gone.
RUNNING = Q(state="running") & (Q(agent__in=CHAT_AGENTS) | Q(feature__lease_token__isnull=False))
# Written when the spending limit stopped us: nothing was called.
NO_CALL = Q(failure=Failure.OVER_BUDGET)


def _sums():
    return {
        "calls": Count("pk"),
        "failed": Count("pk", filter=FAILED),
        "running": Count("pk", filter=RUNNING),
        "unknown": Count("pk", filter=~Q(state="running") & Q(cost_microusd=None)),
        "estimated": Count("pk", filter=Q(estimated=True)),
        "input": Coalesce(Sum("input_tokens"), 0),
        "cache_read": Coalesce(Sum("cache_read_tokens"), 0),
        "cache_write_5m": Coalesce(Sum("cache_write_5m_tokens"), 0),
        "cache_write_1h": Coalesce(Sum("cache_write_1h_tokens"), 0),
        "output": Coalesce(Sum("output_tokens"), 0),
        # Before the sum that takes the field's name: aggregates see the ones above them.
        "failed_microusd": Coalesce(Sum("cost_microusd", filter=FAILED), 0),
        "cost_microusd": Coalesce(Sum("cost_microusd"), 0),
        "price_date": Max("price_date"),
    }


@dataclass(frozen=True)
class Sums:
    """Sums over runs; token counts in the five buckets the provider bills.

    unknown: how many ended runs have no known cost: with some the sum reads "at least", with all "unknown".
    failed_microusd: the part of the cost that went into calls that gave nothing.
    """

    calls: int
    failed: int
    running: int
    unknown: int
    estimated: int
    input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    cost_microusd: int
    failed_microusd: int
    price_date: date | None
    agent: str = ""

    @property
    def total_input(self):
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h


class AgentRunQuerySet(TenantQuerySet):
    def committed_microusd(self):
        """Return what is spent or reserved; one query."""
        cost = Coalesce(F("cost_microusd"), F("reserved_microusd"), Value(0))
        return self.aggregate(total=Coalesce(Sum(cost), 0))["total"]

    def total(self):
        """Return the Sums of these runs; one query."""
        return Sums(**self.exclude(NO_CALL).aggregate(**_sums()))

    def by_agent(self):
        """Return the Sums of each agent, in the order of their first runs; one query."""
        return [Sums(agent=agent, **sums) for agent, sums in self._by("agent")]

    def by_project(self):
        """Return {public id of a project: Sums of its features' runs}; one query."""
        return {project: Sums(**sums) for project, sums in self._by("feature__project__public_id")}

    def _by(self, field):
        sums = _sums()
        # Annotations may not have a field's name.
        taken = {name: f"{name}_of_all" for name in ("cost_microusd", "estimated", "price_date")}
        rows = (
            self.exclude(NO_CALL)
            .order_by()
            .values(field)
            .annotate(**{taken.get(name, name): value for name, value in sums.items()}, first=Min("pk"))
            .order_by("first")
        )
        return [(row[field], {name: row[taken.get(name, name)] for name in sums}) for row in rows]

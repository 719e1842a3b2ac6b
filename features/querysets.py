"""Reads of features: who may see them, and what the engine looks for."""

from django.db.models import Case, OuterRef, Q, Subquery, When

from accounts.querysets import TenantQuerySet
from features.statuses import ACTIVE, GATES, Status


class FeatureQuerySet(TenantQuerySet):
    def active(self):
        """Return features that a worker runs or should run."""
        return self.filter(status__in=ACTIVE)

    def claimable(self):
        """Return queued features that wait for no particular moment."""
        return self.active().filter(lease_token=None, wake_at=None)

    def waiting_for_person(self):
        """Return features at a gate."""
        return self.filter(status__in=GATES)

    def stuck(self, *, now, seconds):
        """Return active features without a sign of progress for that long."""
        from datetime import timedelta

        quiet = Q(progress_at__lt=now - timedelta(seconds=seconds))
        return self.active().filter(quiet | Q(lease_until__lt=now))

    def with_failed_from(self):
        """Add failed_from: the status in which a failed feature stopped, else None."""
        moves = self.model._meta.get_field("transitions").related_model.objects
        newest = moves.filter(feature=OuterRef("pk")).order_by("-version").values("source")[:1]
        return self.annotate(failed_from=Case(When(status=Status.FAILED, then=Subquery(newest))))

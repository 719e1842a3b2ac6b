"""Reads of features: who may see them, and what the engine looks for."""

from django.db.models import Case, OuterRef, Subquery, When

from accounts.querysets import TenantQuerySet
from features.statuses import ACTIVE, Status


class FeatureQuerySet(TenantQuerySet):
    def active(self):
        """Return features that a worker runs or should run."""
        return self.filter(status__in=ACTIVE)

    def with_failed_from(self):
        """Add failed_from: the status in which a failed feature stopped, else None."""
        moves = self.model._meta.get_field("transitions").related_model.objects
        newest = moves.filter(feature=OuterRef("pk")).order_by("-version").values("source")[:1]
        return self.annotate(failed_from=Case(When(status=Status.FAILED, then=Subquery(newest))))

"""Reads of features, projects and specs: who may see them, and what the engine looks for."""

from django.db.models import Case, Count, Exists, F, Max, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce

from accounts.querysets import TenantQuerySet
from features.statuses import ACTIVE, Status


class FeatureQuerySet(TenantQuerySet):
    def in_project(self, choice):
        """Return those of the choice: a Project, features.projects.NONE, or None for all."""
        if choice is None:
            return self
        return self.filter(project=choice) if choice else self.filter(project=None)

    def with_brief_waiting(self):
        """Annotate `brief_waits`: a brief was written and waits for the person's word."""
        documents = self.model._meta.get_field("documents").related_model.objects
        proposed = documents.filter(
            feature=OuterRef("pk"), kind="brief", superseded_at=None, approved_at=None
        )
        return self.annotate(brief_waits=Exists(proposed))

    def active(self):
        """Return features that a worker runs or should run."""
        return self.filter(status__in=ACTIVE)

    def with_failed_from(self):
        """Add failed_from: the status in which a failed feature stopped, else None."""
        moves = self.model._meta.get_field("transitions").related_model.objects
        newest = moves.filter(feature=OuterRef("pk")).order_by("-version").values("source")[:1]
        return self.annotate(failed_from=Case(When(status=Status.FAILED, then=Subquery(newest))))


class ProjectQuerySet(TenantQuerySet):
    def open(self):
        """Return those that are not put away."""
        return self.filter(archived_at=None)

    def with_contents(self):
        """Add features_count, specs_count and changed_at: the last move of a feature, or None."""
        # Each in a query of its own: a join of both would make every pair of a feature and a spec.
        return self.annotate(
            features_count=self._of("features", Count("pk")),
            specs_count=self._of("specs", Count("pk")),
            changed_at=self._of("features", Max("progress_at")),
        )

    def _of(self, name, aggregate):
        rows = self.model._meta.get_field(name).related_model.objects.filter(project=OuterRef("pk"))
        found = Subquery(rows.order_by().values("project").annotate(found=aggregate).values("found"))
        return Coalesce(found, 0) if isinstance(aggregate, Count) else found


class SpecVersionQuerySet(TenantQuerySet):
    def newest(self):
        """Return each spec's newest version without its text, with spec and project."""
        return self.filter(number=F("spec__revision")).select_related("spec", "spec__project").defer("body")

    def with_last_build(self):
        """Add build_id, build_status: of the feature that was last begun from any version of the spec."""
        features = self.model._meta.get_field("features").related_model.objects
        last = features.filter(spec_version__spec=OuterRef("spec")).order_by("-pk")
        return self.annotate(
            build_id=Subquery(last.values("public_id")[:1]), build_status=Subquery(last.values("status")[:1])
        )

    def of_project(self, choice):
        """Return versions of specs of the choice; see FeatureQuerySet.in_project."""
        if choice is None:
            return self
        return self.filter(Q(spec__project=choice) if choice else Q(spec__project=None))

"""The operators' view of features and their history: to read, and to wake what stands still."""

from collections import Counter

import django_q.admin  # noqa: F401  registers its models, which we take out again
from django.contrib import admin, messages
from django_q.models import Failure, OrmQ, Schedule, Success

from accounts.admin import OperatorAdmin
from buildpractical.lib.clock import utcnow
from buildpractical.lib.tenancy import as_workspace
from features import recovery
from features.models import (
    Artifact,
    Document,
    Event,
    Feature,
    Project,
    Spec,
    SpecVersion,
    Transition,
    WizardDraft,
)

# A schedule names what runs and when; the queue is looked after by commands alone (docs/operations.md).
admin.site.unregister([Schedule, OrmQ, Success, Failure])


@admin.action(description="Recover stuck features", permissions=["recover"])
def recover_stuck(modeladmin, request, queryset):
    """Repair what stands still among the chosen ones; those that are well are left alone."""
    counts = Counter()
    for pk, workspace_id in queryset.active().values_list("pk", "workspace_id"):
        # Read again through the connection that writes: the list came through the operators' one.
        with as_workspace(workspace_id, user_id=request.user.pk):
            counts.update(recovery.recover(Feature.objects.filter(pk=pk), now=utcnow()))
    told = (
        ", ".join(f"{verdict} {number}" for verdict, number in sorted(counts.items()))
        or "nothing stood still"
    )
    modeladmin.message_user(request, f"{sum(counts.values())} recovered: {told}.", messages.SUCCESS)


@admin.register(Feature)
class FeatureAdmin(OperatorAdmin):
    list_display = [
        *("public_id", "title", "workspace", "status", "provider", "failure"),
        *("attempts", "requeues", "progress_at", "lease_until", "wake_at"),
    ]
    list_select_related = ["workspace"]
    list_filter = ["status", "provider", "failure"]
    search_fields = ["public_id", "title", "workspace__public_id"]
    ordering = ["-progress_at"]
    actions = [recover_stuck]

    def has_recover_permission(self, request):
        return request.user.has_perm("features.change_feature")


@admin.register(Document)
class DocumentAdmin(OperatorAdmin):
    """What people wish and what is built for them stays theirs: only facts about the documents."""

    list_display = ["feature_id", "kind", "revision", "created_at", "approved_at", "superseded_at", "sha256"]
    fields = ["workspace_id", *list_display, "verdict"]
    list_filter = ["kind"]
    search_fields = ["feature__public_id", "sha256"]
    ordering = ["-pk"]

    @admin.display(description="advice")
    def verdict(self, document):
        return document.recommendation.get("verdict") or "none"

    def get_queryset(self, request):
        return super().get_queryset(request).defer("data", "body")


@admin.register(Artifact)
class ArtifactAdmin(OperatorAdmin):
    list_display = ["feature", "path", "kind", "build", "size_bytes", "created_at", "superseded_at"]
    list_select_related = ["feature"]
    list_filter = ["kind"]
    search_fields = ["feature__public_id", "path", "sha256"]
    ordering = ["-pk"]


@admin.register(Transition)
class TransitionAdmin(OperatorAdmin):
    list_display = ["at", "feature", "version", "source", "target", "actor", "reason"]
    list_select_related = ["feature", "actor"]
    list_filter = ["target"]
    search_fields = ["feature__public_id"]
    ordering = ["-pk"]


@admin.register(Event)
class EventAdmin(OperatorAdmin):
    list_display = ["at", "feature", "seq", "kind", "data"]
    list_select_related = ["feature"]
    list_filter = ["kind"]
    search_fields = ["feature__public_id"]
    ordering = ["-pk"]


@admin.register(Project)
class ProjectAdmin(OperatorAdmin):
    list_display = ["public_id", "name", "workspace", "created_at", "archived_at"]
    list_select_related = ["workspace"]
    search_fields = ["public_id", "name", "workspace__public_id"]
    ordering = ["-pk"]


@admin.register(Spec)
class SpecAdmin(OperatorAdmin):
    list_display = ["public_id", "title", "workspace", "source", "revision", "updated_at"]
    list_select_related = ["workspace"]
    list_filter = ["source"]
    search_fields = ["public_id", "title", "workspace__public_id"]
    ordering = ["-pk"]


@admin.register(SpecVersion)
class SpecVersionAdmin(OperatorAdmin):
    """Facts about the versions; what people wrote stays theirs."""

    list_display = [
        "spec_id",
        "number",
        "source",
        "size_bytes",
        "characters",
        "lines",
        "created_at",
        "sha256",
    ]
    fields = ["workspace_id", *list_display]
    list_filter = ["source"]
    search_fields = ["spec__public_id", "sha256"]
    ordering = ["-pk"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("body")


@admin.register(WizardDraft)
class WizardDraftAdmin(OperatorAdmin):
    list_display = fields = ["workspace_id", "user_id", "saved_at"]
    ordering = ["-pk"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("answers")

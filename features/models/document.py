"""What the agents write and people decide on. Content never changes after creation."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Workspace
from accounts.querysets import TenantQuerySet


class Document(models.Model):
    """One revision of a document.

    data: the structured content (agents.contracts). body: Markdown rendered from it.
    recommendation: {"verdict": "APPROVE" | "REVISE" | "", "reasons": [{"id", "problem", "fix"}]}.
    sha256: of the canonical JSON of data.
    read: of a brief that was written from a spec, what of its text was read: {"spec", "version", "sha256",
    "parts": [{"start", "end", "sha256"}]}, character offsets; else {}.
    Only recommendation, approval and superseded_at are set later, each once.
    """

    class Kind(models.TextChoices):
        BRIEF = "brief", "Brief"
        SPEC = "spec", "Spec"
        PLAN = "plan", "Plan"
        TESTS = "tests", "Tests"
        SECURITY_REVIEW = "security_review", "Security review"
        CODE_REVIEW = "code_review", "Code review"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    feature = models.ForeignKey("features.Feature", on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=16, choices=Kind)
    revision = models.PositiveIntegerField()
    data = models.JSONField()
    body = models.TextField()
    sha256 = models.CharField(max_length=64)
    recommendation = models.JSONField(default=dict)
    read = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    superseded_at = models.DateTimeField(null=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["feature", "kind", "revision"], name="document_revision"),
            models.UniqueConstraint(
                fields=["feature", "kind"],
                condition=Q(superseded_at__isnull=True) & ~Q(kind="brief"),
                name="document_one_current",
            ),
            # A brief that is proposed at a gate stands beside the confirmed one until somebody decides.
            models.UniqueConstraint(
                fields=["feature"],
                condition=Q(superseded_at__isnull=True, kind="brief", approved_at__isnull=True),
                name="document_one_proposed_brief",
            ),
            models.UniqueConstraint(
                fields=["feature"],
                condition=Q(superseded_at__isnull=True, kind="brief", approved_at__isnull=False),
                name="document_one_confirmed_brief",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["brief", "spec", "plan", "tests", "security_review", "code_review"]),
                name="document_kind",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.revision}"

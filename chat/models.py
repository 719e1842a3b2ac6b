"""What was said between the person and the BA agent."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Workspace
from accounts.querysets import TenantQuerySet
from chat.querysets import MessageQuerySet
from features.failures import Failure
from features.models import Feature


class Message(models.Model):
    """One turn. seq counts up within a feature (raised on the feature row).

    author: who wrote it or, of an answer, who asked for it.
    chunks: pieces of text received so far. lease_until: an answer whose process is gone runs out here.
    html: the body of an answer, rendered once it has ended.
    stop_reason: the provider's word, or "stopped" (by the person), "shutdown", "lost" (process gone), "cut".
    purpose: an ordinary turn, or the turn that writes the brief down as a document.
    coverage: what the conversation had settled after this turn (agents.contracts.Coverage), null = not asked.
    """

    class Role(models.TextChoices):
        USER = "user"
        ASSISTANT = "assistant"

    class State(models.TextChoices):
        STREAMING = "streaming"
        COMPLETE = "complete"
        INTERRUPTED = "interrupted"
        FAILED = "failed"

    class Purpose(models.TextChoices):
        TALK = "talk"
        BRIEF = "brief"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    feature = models.ForeignKey(Feature, on_delete=models.CASCADE, related_name="messages")
    purpose = models.CharField(max_length=5, choices=Purpose, default=Purpose.TALK)
    coverage = models.JSONField(null=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    seq = models.PositiveIntegerField()
    role = models.CharField(max_length=9, choices=Role)
    body = models.TextField(blank=True)
    html = models.TextField(blank=True)
    chunks = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=11, choices=State)
    stop_reason = models.CharField(max_length=40, blank=True)
    failure = models.CharField(max_length=20, choices=Failure, blank=True)
    stop_requested = models.BooleanField(default=False)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(fields=["feature", "seq"], name="message_seq"),
            models.UniqueConstraint(
                fields=["feature"], condition=Q(state="streaming"), name="message_one_streaming"
            ),
            models.CheckConstraint(condition=Q(role__in=["user", "assistant"]), name="message_role"),
            models.CheckConstraint(
                condition=Q(state__in=["streaming", "complete", "interrupted", "failed"]),
                name="message_state",
            ),
        ]

    def __str__(self):
        return f"{self.role} {self.seq}"


class Draft(models.Model):
    """Text typed but not sent, so that a reload loses nothing."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    feature = models.ForeignKey(Feature, on_delete=models.CASCADE, related_name="drafts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    body = models.TextField(blank=True)
    saved_at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feature", "user"], name="draft_once")]

    def __str__(self):
        return f"draft of {self.user_id}"

"""One row for each model call: who, what, how long, what it cost."""

from django.db import models
from django.db.models import Q

from accounts.models import Workspace
from agents.querysets import AgentRunQuerySet
from features.failures import Failure
from features.models import Feature


class AgentRun(models.Model):
    """Written before the call with a reserved cost, completed after it. No prompt, reply or key.

    step: the feature's status when the call was made. turn: of a tool loop or conversation, from 1.
    attempt: how often the step was begun. Token counts are the provider's; cost in micro-USD, null = unknown.
    estimated: the counts are ours, because the provider's did not arrive.
    """

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        FINISHED = "finished", "Finished"
        FAILED = "failed", "Failed"
        LOST = "lost", "Lost"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    feature = models.ForeignKey(Feature, on_delete=models.CASCADE, related_name="runs")
    step = models.CharField(max_length=20)
    agent = models.CharField(max_length=20)
    turn = models.PositiveIntegerField(default=1)
    attempt = models.PositiveSmallIntegerField(default=1)
    provider = models.CharField(max_length=12)
    model = models.CharField(max_length=60)
    model_answered = models.CharField(max_length=60, blank=True)
    prompt = models.CharField(max_length=40)
    prompt_sha256 = models.CharField(max_length=64)
    request_id = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    stop_reason = models.CharField(max_length=40, blank=True)
    failure = models.CharField(max_length=20, choices=Failure, blank=True)
    error_type = models.CharField(max_length=60, blank=True)
    input_tokens = models.PositiveIntegerField(null=True)
    cache_read_tokens = models.PositiveIntegerField(null=True)
    cache_write_5m_tokens = models.PositiveIntegerField(null=True)
    cache_write_1h_tokens = models.PositiveIntegerField(null=True)
    output_tokens = models.PositiveIntegerField(null=True)
    estimated = models.BooleanField(default=False)
    reserved_microusd = models.BigIntegerField(null=True)
    cost_microusd = models.BigIntegerField(null=True)
    price_date = models.DateField(null=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    objects = AgentRunQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = "record of an AI call", "records of AI calls"
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["feature", "started_at"], name="run_by_feature"),
            models.Index(fields=["started_at"], condition=Q(state="running"), name="run_running"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["running", "finished", "failed", "lost"]), name="run_state"
            ),
        ]

    def __str__(self):
        return f"{self.agent} {self.pk}"

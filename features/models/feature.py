"""The feature: one piece of software on its way from a conversation to code. Its row is the truth."""

from django.conf import settings
from django.db import models

from accounts.models import Workspace
from buildpractical.lib.ids import public_id
from features.failures import Failure
from features.models.project import Project
from features.models.spec import SpecVersion
from features.querysets import FeatureQuerySet
from features.statuses import ACTIVE, CHAT_OPEN, REVISABLE, WORKING, Status


class Feature(models.Model):
    """Status and version move only through features.transitions._move.

    lease_token, lease_until: the worker that runs the step now, and until when it is believed alive.
    attempts: claims of the present step. requeues: times the present step was put back after an error.
    progress_at: last move, hint or sign of progress. wake_at: queued, but not before this moment.
    """

    class Provider(models.TextChoices):
        ANTHROPIC = "anthropic", "Anthropic, with your key"
        DEMO = "demo", "Demo: fixed rules, no AI model, cost 0"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="features")
    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    project = models.ForeignKey(Project, on_delete=models.SET_NULL, null=True, related_name="features")
    spec_version = models.ForeignKey(
        SpecVersion, on_delete=models.SET_NULL, null=True, related_name="features"
    )
    title = models.CharField(max_length=200)
    title_is_mine = models.BooleanField(default=False)  # named by the person: the title agent leaves it
    provider = models.CharField(max_length=12, choices=Provider)
    status = models.CharField(max_length=20, choices=Status, default=Status.DRAFTING)
    version = models.PositiveIntegerField(default=0)
    lease_token = models.CharField(max_length=100, null=True)  # noqa: DJ001  NULL means: nobody works on it
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    requeues = models.PositiveSmallIntegerField(default=0)
    build = models.PositiveIntegerField(default=1)
    progress_at = models.DateTimeField()
    wake_at = models.DateTimeField(null=True)
    stop_requested_at = models.DateTimeField(null=True)
    event_seq = models.PositiveIntegerField(default=0)
    message_seq = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=20, choices=Failure, blank=True)
    failure_detail = models.TextField(blank=True)  # safe to show; never a prompt, reply or key
    spend_cap_microusd = models.BigIntegerField(null=True)  # null: settings.FEATURE_SPEND_CAP_MICROUSD
    created_at = models.DateTimeField(auto_now_add=True)

    objects = FeatureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=Status.values), name="feature_status"),
            models.CheckConstraint(
                condition=models.Q(lease_token__isnull=True, lease_until__isnull=True)
                | models.Q(lease_token__isnull=False, lease_until__isnull=False, status__in=sorted(WORKING)),
                name="feature_lease_only_while_working",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "-progress_at"], name="feature_newest"),
            models.Index(
                fields=["progress_at"], condition=models.Q(status__in=sorted(ACTIVE)), name="feature_active"
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def is_demo(self):
        return self.provider == self.Provider.DEMO

    @property
    def is_revisable(self):
        return self.status in REVISABLE

    @property
    def chat_is_open(self):
        return self.status in CHAT_OPEN

    @property
    def cap_microusd(self):
        """The most that the feature may cost."""
        if self.spend_cap_microusd is None:
            return settings.FEATURE_SPEND_CAP_MICROUSD
        return self.spend_cap_microusd

    @property
    def is_capped(self):
        """Whether the limit is kept to the dollar: a model without a price is guessed at the dearest one's."""
        return all(line["model"] in settings.MODEL_PRICES for line in settings.AGENT_CATALOG.values())

    @property
    def next_cap_microusd(self):
        """The limit after the person has raised it once more."""
        return self.cap_microusd + settings.FEATURE_SPEND_CAP_MICROUSD

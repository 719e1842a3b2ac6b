"""How much of a limit a person has used up."""

from django.conf import settings
from django.db import models


class LimitCounter(models.Model):
    """One row a person and limit; written by accounts.limits alone, in one statement.

    started_ms: milliseconds since 1970 at which the time began that `used` counts: a number, because the
    statement must read alike on both databases.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=20)
    started_ms = models.BigIntegerField()
    used = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="limit_counter_once")]

    def __str__(self):
        return f"{self.name}: {self.used}"

"""How a person wants to be addressed and shown pages."""

from django.conf import settings
from django.db import models

from accounts.querysets import ProfileQuerySet


class Profile(models.Model):
    """One a user, made at sign-up."""

    class Theme(models.TextChoices):
        SYSTEM = "system", "Like my device"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="profile")
    display_name = models.CharField(max_length=200, blank=True)
    locale = models.CharField(max_length=10, default="en")
    mail_news = models.BooleanField(default=True)  # when it is the person's turn, and when a build has ended
    theme = models.CharField(max_length=6, choices=Theme, default=Theme.SYSTEM)

    objects = ProfileQuerySet.as_manager()

    def __str__(self):
        return self.display_name or str(self.user)

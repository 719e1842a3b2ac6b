"""Mail that must not get lost: a row until it has been sent."""

from email.utils import make_msgid

from django.conf import settings
from django.db import models

from accounts.models.workspace import Workspace
from accounts.querysets import TenantQuerySet


def new_message_id():
    return make_msgid(domain="build-practical")


class Letter(models.Model):
    """One mail to one person. The texts are emptied once it has been sent or given up.

    message_id: the same at each try, so that a mail server or reader drops what arrives twice. lease_until: a
    process that sends it now, or the wait before the next try, ends here. template: what kind of mail it is. to: ""
    means the person's address of then.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    to = models.EmailField(blank=True)
    template = models.CharField(max_length=60)
    subject = models.CharField(max_length=250)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    message_id = models.CharField(max_length=200, unique=True, default=new_message_id)
    created_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(sent_at__isnull=True, given_up_at__isnull=True),
                name="letter_waiting",
            ),
            models.Index(fields=["user", "template", "created_at"], name="letter_of_user"),
        ]

    def __str__(self):
        return self.template

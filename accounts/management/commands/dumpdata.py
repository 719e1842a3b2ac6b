"""Django's dumpdata without keys: exports travel."""

from django.core.management.commands import dumpdata

LEFT_OUT = ["accounts.secret", "accounts.sealedvalue", "accounts.ringcheck"]


class Command(dumpdata.Command):
    def handle(self, *labels, **options):
        options["exclude"] = [*(options.get("exclude") or []), *LEFT_OUT]
        return super().handle(*labels, **options)

import sys

from django.apps import AppConfig


class AgentsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "agents"

    def ready(self):
        from agents import checks, providers  # noqa: F401  registers the system checks

        if "qcluster" in sys.argv:
            providers.load()  # once, before the workers are forked

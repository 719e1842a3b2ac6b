import gc
import sys

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import import_string


class AgentsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "agents"

    def ready(self):
        from agents import checks, providers  # noqa: F401  registers the system checks

        if "qcluster" in sys.argv:
            # Once, before the workers are forked: they share what is loaded now, as long as nobody writes there.
            # The garbage collector would, in each object that it looks at.
            providers.load()
            for handler in settings.PIPELINE_STEPS.values():
                import_string(handler)
            gc.collect()
            gc.freeze()

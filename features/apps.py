import sys

from django.apps import AppConfig


class FeaturesConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "features"

    def ready(self):
        # django_q reads settings and models on import.
        from buildpractical.queue import threads, unpickling
        from features import checks  # noqa: F401  registers them

        unpickling.restrict()
        threads.only_tasks()
        if "qcluster" in sys.argv:
            from buildpractical.queue import robust

            robust.install()

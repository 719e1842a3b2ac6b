from django.apps import AppConfig
from django.db.models.signals import post_save


class AccountsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "accounts"

    def ready(self):
        from accounts import actions, checks  # noqa: F401  the checks register themselves

        post_save.connect(actions.on_user_saved, sender=self.get_model("User"), dispatch_uid="accounts.home")

from django.apps import AppConfig


class ChatConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "chat"

    def ready(self):
        from chat import relay, replies
        from features.hub import hub

        hub.open_answers, hub.heard = replies.open_answers, relay.heard

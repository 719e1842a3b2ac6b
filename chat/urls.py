from django.urls import path

from chat import builds, views

app_name = "chat"

FEATURE = "app/features/<str:public_id>"
MESSAGES = f"{FEATURE}/messages"

urlpatterns = [
    path(f"{FEATURE}/conversation", views.page, name="page"),
    path(f"{FEATURE}/chat", views.conversation, name="conversation"),
    path(f"{FEATURE}/composer", views.composer, name="composer"),
    path(MESSAGES, views.message_send, name="message-send"),
    path(f"{MESSAGES}/newer", views.message_newer, name="message-newer"),
    path(f"{MESSAGES}/<int:seq>", views.message_detail, name="message-detail"),
    path(f"{MESSAGES}/<int:seq>/stop", views.message_stop, name="message-stop"),
    path(f"{MESSAGES}/<int:seq>/continue", views.message_continue, name="message-continue"),
    path(f"{MESSAGES}/<int:seq>/retry", views.message_retry, name="message-retry"),
    path(f"{FEATURE}/brief/write", views.brief_write, name="brief-write"),
    path(f"{FEATURE}/draft", views.draft_save, name="draft-save"),
    path("app/specs/<str:public_id>/build", builds.spec_build, name="spec-build"),
]

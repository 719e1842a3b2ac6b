"""What operators see of conversations: states and times, never what was said (security.md T22)."""

from django.contrib import admin

from accounts.admin import OperatorAdmin
from chat.models import Message


@admin.register(Message)
class MessageAdmin(OperatorAdmin):
    list_display = [
        "feature_id",
        "seq",
        "role",
        "purpose",
        "state",
        "stop_reason",
        "failure",
        "chunks",
        "lease_until",
        "created_at",
    ]
    list_filter = ["state", "role", "purpose", "failure"]
    search_fields = ["feature__public_id"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    fields = ["workspace_id", "feature_id", "author_id", *list_display[1:], "stop_requested"]
    show_full_result_count = False

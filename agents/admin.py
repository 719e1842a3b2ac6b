from django.contrib import admin

from accounts.admin import OperatorAdmin
from agents.models import AgentRun


@admin.register(AgentRun)
class AgentRunAdmin(OperatorAdmin):
    """History: read-only."""

    list_display = [
        *("id", "feature", "agent", "turn", "attempt", "model", "state", "failure", "error_type"),
        *("input_tokens", "output_tokens", "cost_microusd", "request_id", "started_at", "finished_at"),
    ]
    list_select_related = ["feature"]
    list_filter = ["state", "failure", "agent", "provider", "model"]
    search_fields = ["request_id", "feature__public_id"]
    ordering = ["-pk"]

"""Costs in words; none of these makes a query."""

from django.template import Library

register = Library()

CENT = 10_000

NAMES = {
    "ba": "The conversation",
    "coverage": "Notes on the conversation",
    "brief": "Brief",
    "title": "Name",
    "spec": "Spec",
    "alignment": "Second looks",
    "planner": "Plan",
    "contract_test": "Tests",
    "implementer": "Code",
    "security_review": "Security review",
    "code_review": "Code review",
}


@register.filter
def agent_name(agent):
    """Return what an agent does, in words."""
    return NAMES.get(agent, agent)


@register.filter
def cost(sums):
    """Return a cost in words; sums: something with calls, unknown and cost_microusd."""
    if sums.calls and sums.unknown == sums.calls:
        return "cost unknown"
    if not sums.unknown:
        return money(sums.cost_microusd)
    return f"at least {money(sums.cost_microusd)}" if sums.cost_microusd >= CENT else "cost not fully known"


@register.filter
def money(microusd):
    """Return micro-USD as dollars; small sums are not rounded to nothing."""
    if 0 < microusd < CENT:
        return "less than $0.01"
    return f"${microusd / 1_000_000:,.2f}"

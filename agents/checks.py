"""System checks: a catalog that cannot work is said before the first call."""

from datetime import date

from django.conf import settings
from django.core import checks

AGENTS = frozenset(
    {
        *("ba", "coverage", "brief", "title", "spec", "alignment", "planner", "contract_test"),
        *("implementer", "security_review", "code_review"),
    }
)


@checks.register
def check_catalog(app_configs, **kwargs):
    """Every agent has a line, and no line asks for more than its model can do."""
    problems = []
    for name in sorted(AGENTS ^ set(settings.AGENT_CATALOG)):
        problems.append(
            checks.Error(
                f"AGENT_CATALOG and the agents differ: {name}.",
                hint="AGENT_CATALOG has exactly one line for each agent.",
                id="agents.E001",
            )
        )
    for name, line in settings.AGENT_CATALOG.items():
        profile = settings.MODEL_PROFILES.get(line["model"])
        if profile is None:
            problems.append(
                checks.Warning(
                    f"The model {line['model']} of {name} has no entry in MODEL_PROFILES.",
                    hint="Without limits a cut answer cannot be asked for again at full length.",
                    id="agents.W001",
                )
            )
        elif line["max_tokens"] > profile["max_output"]:
            problems.append(
                checks.Error(
                    f"{name} asks for {line['max_tokens']} tokens, {line['model']} gives {profile['max_output']}.",
                    hint="Lower max_tokens in AGENT_CATALOG.",
                    id="agents.E002",
                )
            )
        if line["model"] not in settings.MODEL_PRICES:
            problems.append(
                checks.Warning(
                    f"The model {line['model']} of {name} has no price: its cost shows as unknown, and the "
                    "spending limit counts it as the dearest model of the table.",
                    hint="Add it to MODEL_PRICES.",
                    id="agents.W002",
                )
            )
    return problems


@checks.register
def check_prices(app_configs, **kwargs):
    """The price table has a date, and each tier a threshold."""
    problems = []
    try:
        date.fromisoformat(settings.MODEL_PRICES_DATE)
    except ValueError:
        problems.append(
            checks.Error("MODEL_PRICES_DATE is no date.", hint="Write YYYY-MM-DD.", id="agents.E003")
        )
    for model, prices in settings.MODEL_PRICES.items():
        missing = {"input", "output", "write_5m", "write_1h", "read"} - set(prices)
        if missing or ("above_tokens" in prices) != ("above" in prices):
            problems.append(
                checks.Error(
                    f"The prices of {model} are incomplete.",
                    hint="input, output, write_5m, write_1h, read; above_tokens only with above.",
                    id="agents.E004",
                )
            )
    return problems


@checks.register
def check_deadlines(app_configs, **kwargs):
    """A call's progress clock runs out before its wall clock, and both before the step."""
    problems = []
    for name, line in settings.AGENT_CATALOG.items():
        deadline = line.get("deadline_seconds", settings.AGENT_DEADLINE_SECONDS)
        progress = line.get("progress_seconds", settings.AGENT_PROGRESS_SECONDS)
        if not 0 < progress <= deadline < settings.STEP_SECONDS:
            problems.append(
                checks.Error(
                    f"The clocks of {name} do not nest: {progress} s, {deadline} s, {settings.STEP_SECONDS} s.",
                    hint="progress_seconds <= deadline_seconds < STEP_SECONDS.",
                    id="agents.E005",
                )
            )
    return problems

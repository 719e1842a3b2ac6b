"""Which model an agent uses, within which limits, and what a call costs. Read from settings at call time."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal

from django.conf import settings

from features.models import Feature

CHAT_AGENTS = frozenset({"ba", "coverage", "brief"})
SECOND_TRY_MAX_TOKENS = 64_000
# A rough upper guess for text, code and JSON: reservations must not be too small.
CHARS_PER_TOKEN = 3


@dataclass(frozen=True)
class Agent:
    """One line of the catalog. max_tokens: most output tokens of a call; effort: "" where none is sent."""

    name: str
    model: str
    max_tokens: int
    deadline_seconds: float
    progress_seconds: float
    effort: str


@dataclass(frozen=True)
class Usage:
    """Tokens of one call in the five buckets the provider bills."""

    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0

    @property
    def total_input(self):
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h


def agent(name):
    """Return the Agent of that name; KeyError for an unknown one."""
    line = settings.AGENT_CATALOG[name]
    takes_effort = profile(line["model"]).get("effort", False)
    return Agent(
        name=name,
        model=line["model"],
        max_tokens=line["max_tokens"],
        deadline_seconds=line.get("deadline_seconds", settings.AGENT_DEADLINE_SECONDS),
        progress_seconds=line.get("progress_seconds", settings.AGENT_PROGRESS_SECONDS),
        effort=line.get("effort", "") if takes_effort else "",
    )


def profile(model):
    """Return the limits of a model ({} when it is unknown)."""
    return settings.MODEL_PROFILES.get(model, {})


def second_try(name):
    """Return (most output tokens, seconds) of the second try after a cut answer: about twice the first.

    The model's own limit would take longer than any step. Both tries fit into the time of a step.
    """
    line = agent(name)
    of_model = profile(line.model).get("max_output", line.max_tokens)
    tokens = min(2 * line.max_tokens, SECOND_TRY_MAX_TOKENS, of_model)
    seconds = min(2 * line.deadline_seconds, settings.STEP_SECONDS - line.deadline_seconds)
    return max(tokens, line.max_tokens), max(seconds, line.deadline_seconds)


def price_date():
    """Return the date of the price table."""
    return date.fromisoformat(settings.MODEL_PRICES_DATE)


def cost_microusd(model, usage, *, provider=Feature.Provider.ANTHROPIC):
    """Return what a call cost in millionths of a dollar, rounded up; None when no price is known.

    USD per million tokens is the same figure as micro-USD per token.
    """
    if provider == Feature.Provider.DEMO:
        return 0
    prices = settings.MODEL_PRICES.get(model)
    if prices is None:
        return None
    if usage.total_input > prices.get("above_tokens", usage.total_input):
        prices = prices | prices["above"]
    exact = (
        usage.input * _price(prices, "input")
        + usage.cache_read * _price(prices, "read")
        + usage.cache_write_5m * _price(prices, "write_5m")
        + usage.cache_write_1h * _price(prices, "write_1h")
        + usage.output * _price(prices, "output")
    )
    return int(exact.to_integral_value(rounding=ROUND_CEILING))


def reserve_microusd(model, *, input_chars, max_tokens, provider=Feature.Provider.ANTHROPIC):
    """Return the most a call can be expected to cost: all input written to the cache, all output used.

    A model without a price counts as the dearest in the table: the spending limit must end its calls, too.
    """
    usage = Usage(cache_write_5m=tokens_of(input_chars), output=max_tokens)
    models = [model] if model in settings.MODEL_PRICES else settings.MODEL_PRICES
    return max((cost_microusd(each, usage, provider=provider) for each in models), default=None)


def tokens_of(chars):
    """Return our own estimate of the tokens in so many characters."""
    return -(-chars // CHARS_PER_TOKEN)


def _price(prices, name):
    # Through text: Decimal(0.1) would carry the binary error of the float.
    return Decimal(str(prices[name]))

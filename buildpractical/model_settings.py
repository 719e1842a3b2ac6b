"""Settings of the agents: models, limits and prices (USD per million tokens, llm.md §8)."""

from buildpractical.env import env_float, env_int, env_str

_SONNET = env_str("MODEL_SONNET", "claude-sonnet-4-6")
_OPUS = env_str("MODEL_OPUS", "claude-opus-4-6")
_HAIKU = env_str("MODEL_HAIKU", "claude-haiku-4-5")
# agent → model, most output tokens a call, seconds a call may take, effort (only sent where the model takes it)
AGENT_CATALOG = {
    "ba": {"model": _SONNET, "max_tokens": 2_000, "deadline_seconds": 120, "progress_seconds": 60},
    "coverage": {
        "model": _HAIKU,
        "max_tokens": 4_000,
        "effort": "low",
        "deadline_seconds": 90,
        "progress_seconds": 60,
    },
    "brief": {"model": _SONNET, "max_tokens": 8_000, "deadline_seconds": 300, "progress_seconds": 60},
    "title": {"model": _HAIKU, "max_tokens": 1_000, "effort": "low"},
    "spec": {"model": _SONNET, "max_tokens": 32_000},
    "alignment": {"model": _HAIKU, "max_tokens": 2_000, "effort": "low"},
    "planner": {"model": _SONNET, "max_tokens": 32_000},
    "contract_test": {"model": _SONNET, "max_tokens": 32_000},
    "implementer": {"model": _OPUS, "max_tokens": 32_000},
    "security_review": {"model": _SONNET, "max_tokens": 16_000},
    "code_review": {"model": _SONNET, "max_tokens": 16_000},
}
AGENT_DEADLINE_SECONDS = env_float("AGENT_DEADLINE_SECONDS", 900)
AGENT_PROGRESS_SECONDS = env_float("AGENT_PROGRESS_SECONDS", 120)
CHAT_RETRY_SECONDS = env_float("CHAT_RETRY_SECONDS", 2)
IMPLEMENT_MAX_TURNS = env_int("IMPLEMENT_MAX_TURNS", 20)
IMPLEMENT_MAX_NUDGES = env_int("IMPLEMENT_MAX_NUDGES", 3)
IMPLEMENT_MAX_OUTPUT_TOKENS = env_int("IMPLEMENT_MAX_OUTPUT_TOKENS", 128_000)

MODEL_PROFILES = {  # limits in tokens; effort: whether the model takes output_config.effort
    "claude-sonnet-4-6": {"window": 1_000_000, "max_output": 128_000, "effort": False},
    "claude-opus-4-6": {"window": 1_000_000, "max_output": 128_000, "effort": False},
    "claude-haiku-4-5": {"window": 200_000, "max_output": 64_000, "effort": False},
    "claude-sonnet-5-5": {"window": 1_000_000, "max_output": 128_000, "effort": True},
    "claude-opus-5-5": {"window": 1_000_000, "max_output": 128_000, "effort": True},
    "claude-haiku-5-5": {"window": 1_000_000, "max_output": 128_000, "effort": True},
}
MODEL_PRICES_DATE = "2026-11-20"
MODEL_PRICES = {
    "claude-sonnet-4-6": {"input": 3, "output": 15, "write_5m": 3.75, "write_1h": 6, "read": 0.30},
    "claude-opus-4-6": {"input": 5, "output": 25, "write_5m": 6.25, "write_1h": 10, "read": 0.50},
    "claude-haiku-4-5": {"input": 1, "output": 5, "write_5m": 1.25, "write_1h": 2, "read": 0.10},
    "claude-sonnet-5-5": {"input": 2, "output": 10, "write_5m": 2.50, "write_1h": 4, "read": 0.20},
    "claude-opus-5-5": {"input": 4, "output": 20, "write_5m": 5, "write_1h": 8, "read": 0.20},
    "claude-haiku-5-5": {
        "input": 0.10, "output": 0.50, "write_5m": 0.125, "write_1h": 0.20, "read": 0.01,
        "above_tokens": 100_000, "above": {"input": 0.50, "output": 2.50},
    },
}  # fmt: skip

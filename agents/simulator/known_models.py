"""The models the simulator knows, with the limits llm.md section 8 lists (20 November 2026, unverified)."""

from dataclasses import dataclass

# The API sends an epoch value when a release date is unknown.
UNKNOWN_DATE = "1970-01-01T00:00:00Z"
EFFORTS = ("low", "medium", "high", "xhigh", "max")


@dataclass(frozen=True)
class KnownModel:
    """One model and what its requests may hold.

    window, max_output, min_cache: tokens. thinking: accepted `thinking.type` values.
    """

    id: str
    name: str
    line: str
    window: int
    max_output: int
    min_cache: int
    efforts: tuple[str, ...]
    thinking: tuple[str, ...]
    prefill: bool = False
    forced_tools: bool = True
    sampling: bool = True
    lifecycle: str = "active"
    created_at: str = UNKNOWN_DATE
    deprecated_at: str | None = None
    retires_at: str | None = None


def _newest(model_id, name, line):
    return KnownModel(
        model_id,
        name,
        line,
        window=1_000_000,
        max_output=128_000,
        # Unknown: the largest minimum of the older models is the safe guess.
        min_cache=4_096,
        efforts=EFFORTS,
        # Whether haiku-5-5 takes "disabled" is unverified; refusing is the safe guess.
        thinking=("adaptive",),
        forced_tools=False,
        sampling=False,
    )


_ALL = (
    _newest("claude-haiku-5-5", "Claude Haiku 5.5", "haiku"),
    _newest("claude-sonnet-5-5", "Claude Sonnet 5.5", "sonnet"),
    _newest("claude-opus-5-5", "Claude Opus 5.5", "opus"),
    KnownModel(
        "claude-sonnet-4-6",
        "Claude Sonnet 4.6",
        "sonnet",
        window=1_000_000,
        max_output=128_000,
        min_cache=1_024,
        efforts=("low", "medium", "high", "max"),
        thinking=("enabled", "adaptive", "disabled"),
        created_at="2026-02-17T00:00:00Z",
    ),
    KnownModel(
        "claude-opus-4-6",
        "Claude Opus 4.6",
        "opus",
        window=1_000_000,
        max_output=128_000,
        min_cache=4_096,
        efforts=("low", "medium", "high", "max"),
        thinking=("enabled", "adaptive", "disabled"),
        created_at="2026-02-05T00:00:00Z",
    ),
    KnownModel(
        "claude-haiku-4-5",
        "Claude Haiku 4.5",
        "haiku",
        window=200_000,
        max_output=64_000,
        min_cache=4_096,
        efforts=(),
        thinking=("enabled", "disabled"),
        prefill=True,
        created_at="2025-10-15T00:00:00Z",
    ),
    KnownModel(
        "claude-sonnet-4-5",
        "Claude Sonnet 4.5",
        "sonnet",
        window=200_000,
        max_output=64_000,
        min_cache=1_024,
        efforts=(),
        thinking=("enabled", "disabled"),
        prefill=True,
        lifecycle="deprecated",
        created_at="2025-09-29T00:00:00Z",
        deprecated_at="2026-08-30T00:00:00Z",
        retires_at="2026-11-30T00:00:00Z",
    ),
)

MODELS = {model.id: model for model in _ALL}


def describe(model):
    """Return the ModelInfo object of GET /v1/models/{id}."""
    return {
        "type": "model",
        "id": model.id,
        "display_name": model.name,
        "line": model.line,
        "created_at": model.created_at,
        "lifecycle": model.lifecycle,
        "deprecated_at": model.deprecated_at,
        "retires_at": model.retires_at,
        "max_input_tokens": model.window,
        "max_tokens": model.max_output,
        "capabilities": _capabilities(model),
    }


def page(models, *, limit, after_id=None, before_id=None):
    """Return one page of GET /v1/models.

    models: those the filter kept, newest first. An unknown cursor gives an empty page.
    """
    ids = [model.id for model in models]
    has_more = False
    if before_id is not None:
        rows = models[: ids.index(before_id)] if before_id in ids else []
        rows, has_more = rows[-limit:], len(rows) > limit
    else:
        start = 0 if after_id is None else (ids.index(after_id) + 1 if after_id in ids else len(ids))
        rows = models[start : start + limit]
        has_more = start + limit < len(models)
    return {
        "data": [describe(model) for model in rows],
        "has_more": has_more,
        "first_id": rows[0].id if rows else None,
        "last_id": rows[-1].id if rows else None,
    }


def _capabilities(model):
    def can(supported):
        return {"supported": supported}

    return {
        "batch": can(False),
        "citations": can(False),
        "code_execution": can(False),
        "context_management": can(False),
        "effort": {"supported": bool(model.efforts)} | {e: can(e in model.efforts) for e in EFFORTS},
        "image_input": can(False),
        "pdf_input": can(False),
        "server_tools": {"supported": False, "code_execution": can(False), "web_search": can(False)},
        "structured_outputs": can(True),
        "thinking": {
            "supported": True,
            "types": {
                kind: can(kind in model.thinking)
                for kind in ("adaptive", "between_tools", "disabled", "enabled")
            },
        },
    }

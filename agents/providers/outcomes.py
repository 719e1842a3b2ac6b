"""The provider's refusals in our words (llm.md §4). By status, type and code, never by message text."""

from agents.providers.base import ProviderError
from features.failures import Failure

LONGEST_WAIT_SECONDS = 15 * 60
NO_RETRY_AFTER = "rate_limit_error, no retry-after"

_ACCOUNT_CODES = frozenset(
    {
        "organization_on_hold",
        "enforced_spend_limit_reached",
        "contract_spend_limit_reached",
        "linked_organization_spend_limit_reached",
        "linked_organization_billing_unavailable",
    }
)
_PERMANENT_BY_STATUS = {
    401: Failure.KEY_REJECTED,
    402: Failure.ACCOUNT,
    403: Failure.KEY_REJECTED,
    404: Failure.MODEL_GONE,
    413: Failure.TOO_LARGE,
}
_BY_STATUS = {529: Failure.OVERLOADED, 408: Failure.PROVIDER_ERROR, 409: Failure.PROVIDER_ERROR}
# An error event inside a stream has the status 200, so its type must do.
_STATUS_OF_TYPE = {
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "invalid_request_error": 400,
    "rate_limit_error": 429,
    "overloaded_error": 529,
}


def of_refusal(*, status, error_type, code, retry_after, request_id, message=""):
    """Return the ProviderError for an error answer or an error event.

    retry_after: seconds, or None when the header is missing or unreadable.
    message: read for one purpose only, see below.
    """
    in_stream = status == 200
    if in_stream:
        status = _STATUS_OF_TYPE.get(error_type, 500)
    known = {
        "request_id": request_id or "",
        "error_type": ", ".join(part for part in (error_type or str(status), code) if part)[:60],
        "sent": in_stream,
    }
    if code in _ACCOUNT_CODES:
        return ProviderError(Failure.ACCOUNT, permanent=True, **known)
    if status == 429:
        return _rate_limited(retry_after, known)
    if status in _PERMANENT_BY_STATUS:
        return ProviderError(_PERMANENT_BY_STATUS[status], permanent=True, **known)
    if status in _BY_STATUS or status >= 500:
        return ProviderError(_BY_STATUS.get(status, Failure.PROVIDER_ERROR), permanent=False, **known)
    # "prompt is too long" has no code of its own. Both failures are final; only the advice differs, so a
    # changed wording costs the person a worse sentence and nothing else.
    if status == 400 and str(message).startswith("prompt is too long"):
        return ProviderError(Failure.TOO_LARGE, permanent=True, **known)
    return ProviderError(Failure.BAD_REQUEST, permanent=True, **known)


def _rate_limited(retry_after, known):
    if retry_after is None:
        return ProviderError(Failure.RATE_LIMITED, permanent=False, **known | {"error_type": NO_RETRY_AFTER})
    return ProviderError(
        Failure.RATE_LIMITED,
        permanent=retry_after > LONGEST_WAIT_SECONDS,
        retry_after_seconds=retry_after,
        **known,
    )


def of_stop(stop_reason, *, category=""):
    """Return the ProviderError for a stop reason that makes the answer unusable, else None.

    max_tokens is left to the caller: a tool loop goes on with what is whole.
    """
    if stop_reason in ("end_turn", "tool_use", "stop_sequence", "max_tokens"):
        return None
    if stop_reason == "refusal":
        return ProviderError(Failure.REFUSED, permanent=True, error_type=f"refusal {category}".strip()[:60])
    if stop_reason == "model_context_window_exceeded":
        return ProviderError(Failure.TOO_LARGE, permanent=True, error_type=stop_reason)
    return ProviderError(
        Failure.PROTOCOL_ERROR, permanent=False, error_type=f"unknown stop reason {stop_reason}"[:60]
    )

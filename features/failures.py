"""Why a step or an answer failed, in words the builder understands.

Each text says what happened, whose fault it is, and what to do next: something that both the failed panel and
the conversation let people do.
"""

from django.db.models import TextChoices


class Failure(TextChoices):
    """Codes stored on features, messages and runs; the label is what the person reads."""

    NO_KEY = "no_key", "There is no AI key to work with. Add your Anthropic key in Settings, then try again."
    KEY_REJECTED = (
        "key_rejected",
        "Anthropic did not accept your key. Replace it in Settings, then try again. Nothing was lost.",
    )
    ACCOUNT = (
        "account",
        "Your Anthropic account needs attention: it may be out of credit, on hold, or at its spending limit. "
        "Look at your account on Anthropic's site, then try again.",
    )
    RATE_LIMITED = (
        "rate_limited",
        "Your Anthropic account may only send so much at a time, and the limit is reached. "
        "Try again in a few minutes; a limit for the whole day takes hours.",
    )
    OVERLOADED = (
        "overloaded",
        "Anthropic is very busy right now. Nothing was lost. Try again in a few minutes.",
    )
    PROVIDER_ERROR = (
        "provider_error",
        "Anthropic had a problem on its side. Nothing was lost. Try again in a few minutes.",
    )
    UNREACHABLE = (
        "unreachable",
        "Anthropic could not be reached. Nothing was lost. Try again in a few minutes.",
    )
    TIMEOUT = "timeout", "The answer took too long and was stopped. Nothing was lost. Try again."
    PROTOCOL_ERROR = (
        "protocol_error",
        "The answer broke off in the middle. It was not kept as finished. Try again.",
    )
    MODEL_GONE = (
        "model_gone",
        "The AI model set for this step is not available to your key. Ask the operator to choose another one, "
        "then try again.",
    )
    TOO_LARGE = (
        "too_large",
        "This is too large for the AI model to read at once. Ask for less: in a smaller brief, or in a new "
        "conversation.",
    )
    BAD_REQUEST = (
        "bad_request",
        "Our request was refused. This is our mistake, not yours. Please tell the operator when it happened, "
        "then try again.",
    )
    TRUNCATED = (
        "truncated",
        "The answer was longer than the AI model may write, and was cut. It was not kept as finished. "
        "Ask for less at once, best in a smaller brief.",
    )
    REFUSED = (
        "refused",
        "The AI model declined this. Say it in other words: in the conversation, or in a revised brief.",
    )
    EMPTY = "empty", "The AI model sent an empty answer. Try again."
    INVALID_OUTPUT = (
        "invalid_output",
        "The AI model's answer did not follow the agreed form, so it was not used. Try again.",
    )
    TOO_BIG = "too_big", "The answer was far longer than it may be and was stopped. Try again."
    STOPPED = "stopped", "You stopped this. Nothing was lost. To go on, try again."
    OVER_BUDGET = (
        "over_budget",
        "The spending limit of this feature is reached, so we stopped before the next paid step. "
        "You can raise it under “Cost”, and go on.",
    )
    INCOMPLETE_CODE = (
        "incomplete_code",
        "Not all planned files were finished. The finished ones are kept. Retry goes on from there.",
    )
    INCOMPLETE_TESTS = (
        "incomplete_tests",
        "Not all planned tests were written, so they were not used. Try again.",
    )
    REVIEW_FAILED = (
        "review_failed",
        "The reviews found problems that must be mended first. Retry builds again with these findings.",
    )
    NO_VERDICT = (
        "no_verdict",
        "A review came to no usable verdict, so the code was not passed. Retry runs that review again.",
    )
    WORKER_LOST = (
        "worker_lost",
        "The work was interrupted several times. Nothing that was finished is lost. Try again.",
    )
    NO_PROGRESS = (
        "no_progress",
        "The work stood still for too long and was stopped. Nothing that was finished is lost. Try again.",
    )
    STORAGE = (
        "storage",
        "The files could not be saved. This is a problem on our side. Nothing that was finished is lost. "
        "Try again in a few minutes.",
    )
    CRASHED = (
        "crashed",
        "Something broke on our side. This is our mistake. Nothing that was finished is lost. Try again.",
    )


# What Retry alone does not mend: the same brief leads to the same end.
OF_THE_BRIEF = frozenset({Failure.REFUSED, Failure.TOO_LARGE, Failure.TRUNCATED})
OF_THE_KEY = frozenset({Failure.NO_KEY, Failure.KEY_REJECTED, Failure.ACCOUNT})

_NO_ANSWER = (
    "The demo's own small server did not answer. Nothing was lost. Try again. If that does not help, tell the "
    "operator."
)
_NO_USE = (
    "The demo's fixed rules could not make anything of this. Nothing was lost. Try again, or say it more "
    "simply: in the conversation, or in a revised brief."
)
# The demo has no provider, no key and no AI model to speak of.
DEMO_WORDS = {
    **dict.fromkeys(OF_THE_KEY, _NO_ANSWER),
    Failure.RATE_LIMITED: _NO_ANSWER,
    Failure.OVERLOADED: _NO_ANSWER,
    Failure.PROVIDER_ERROR: _NO_ANSWER,
    Failure.UNREACHABLE: _NO_ANSWER,
    Failure.MODEL_GONE: _NO_ANSWER,
    Failure.REFUSED: _NO_USE,
    Failure.TOO_LARGE: _NO_USE,
    Failure.TRUNCATED: _NO_USE,
    Failure.EMPTY: _NO_USE,
    Failure.INVALID_OUTPUT: _NO_USE,
}


def words(failure, *, is_demo):
    """Return the code's words for people, "" for no code."""
    if failure not in Failure.values:
        return ""
    failure = Failure(failure)
    return str(DEMO_WORDS.get(failure, failure.label) if is_demo else failure.label)


def reason(failure, *, is_demo):
    """Return the first sentence of the code's words: what happened, without what to do; "" for no code."""
    said, stop, _ = words(failure, is_demo=is_demo).partition(". ")
    return f"{said}." if stop else said

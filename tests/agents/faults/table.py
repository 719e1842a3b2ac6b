"""What each fault of a provider becomes: in the record, on the page, and whether it is tried again.

Read by test_chat.py and test_step.py; docs/reliability.md shows the same table in words.
"""

from dataclasses import dataclass

from features.failures import Failure as F

# What the person reads, word for word: what happened, whose fault it is, what to do.
WORDS = {
    F.KEY_REJECTED: "Anthropic did not accept your key. Replace it in Settings, then try again. Nothing was lost.",
    F.ACCOUNT: "Your Anthropic account needs attention: it may be out of credit, on hold, or at its spending limit. "
    "Look at your account on Anthropic's site, then try again.",
    F.RATE_LIMITED: "Your Anthropic account may only send so much at a time, and the limit is reached. "
    "Try again in a few minutes; a limit for the whole day takes hours.",
    F.OVERLOADED: "Anthropic is very busy right now. Nothing was lost. Try again in a few minutes.",
    F.PROVIDER_ERROR: "Anthropic had a problem on its side. Nothing was lost. Try again in a few minutes.",
    F.UNREACHABLE: "Anthropic could not be reached. Nothing was lost. Try again in a few minutes.",
    F.TIMEOUT: "The answer took too long and was stopped. Nothing was lost. Try again.",
    F.PROTOCOL_ERROR: "The answer broke off in the middle. It was not kept as finished. Try again.",
    F.MODEL_GONE: "The AI model set for this step is not available to your key. Ask the operator to choose another "
    "one, then try again.",
    F.TOO_LARGE: "This is too large for the AI model to read at once. Ask for less: in a smaller brief, or in a new "
    "conversation.",
    F.BAD_REQUEST: "Our request was refused. This is our mistake, not yours. Please tell the operator when it "
    "happened, then try again.",
    F.TRUNCATED: "The answer was longer than the AI model may write, and was cut. It was not kept as finished. "
    "Ask for less at once, best in a smaller brief.",
    F.REFUSED: "The AI model declined this. Say it in other words: in the conversation, or in a revised brief.",
    F.EMPTY: "The AI model sent an empty answer. Try again.",
    F.INVALID_OUTPUT: "The AI model's answer did not follow the agreed form, so it was not used. Try again.",
    F.TOO_BIG: "The answer was far longer than it may be and was stopped. Try again.",
}

# What a run says of its cost and tokens.
FREE = "free"  # the provider cannot have worked: 0, for sure
OWN = "own"  # the provider's figures came whole
GUESSED = "guessed"  # its input, and output estimated from the text that arrived
UNKNOWN = "unknown"  # nothing is known: no figure is made up


@dataclass(frozen=True)
class Row:
    """One fault, met at every call.

    failure, error, cost: what the run records. again: tried again by itself. last: the failure of the last
    try, when it is another. shown: the chat shows text that came before. in_answer: the answer came whole but
    is of no use, so the same step asks once more with the reasons. seconds: until the person reads what
    happened, on a busy machine, with the short clocks of conftest.py.
    """

    failure: F
    error: str = ""
    cost: str = FREE
    again: bool = False
    last: F | None = None
    shown: bool = False
    in_answer: bool = False
    clock: bool = False
    seconds: float = 10

    @property
    def in_the_end(self):
        return self.last or self.failure


ROWS = {
    # refused before any work
    "400": Row(F.BAD_REQUEST, "invalid_request_error"),
    "422": Row(F.BAD_REQUEST, "invalid_request_error"),
    "401": Row(F.KEY_REJECTED, "authentication_error"),
    "403": Row(F.KEY_REJECTED, "permission_error"),
    "402": Row(F.ACCOUNT, "billing_error"),
    "onhold": Row(F.ACCOUNT, "invalid_request_error, organization_on_hold"),
    "spendlimit": Row(F.ACCOUNT, "rate_limit_error, enforced_spend_limit_reached"),
    "contractlimit": Row(F.ACCOUNT, "rate_limit_error, contract_spend_limit_reached"),
    "404": Row(F.MODEL_GONE, "not_found_error"),
    "413": Row(F.TOO_LARGE, "request_too_large"),
    "toolong": Row(F.TOO_LARGE, "invalid_request_error"),
    "429in1": Row(F.RATE_LIMITED, "rate_limit_error", again=True),
    "429bare": Row(F.RATE_LIMITED, "rate_limit_error, no retry-after", again=True, last=F.ACCOUNT),
    "429hours": Row(F.RATE_LIMITED, "rate_limit_error"),
    "500": Row(F.PROVIDER_ERROR, "api_error", again=True),
    "503": Row(F.PROVIDER_ERROR, "api_error", again=True),
    "504": Row(F.PROVIDER_ERROR, "timeout_error", again=True),
    "408": Row(F.PROVIDER_ERROR, "timeout_error", again=True),
    "409": Row(F.PROVIDER_ERROR, "conflict_error", again=True),
    "529": Row(F.OVERLOADED, "overloaded_error", again=True),
    "redirect": Row(F.BAD_REQUEST, "307"),
    # the connection
    "refused": Row(F.UNREACHABLE, "ConnectError", again=True),
    "reset": Row(F.UNREACHABLE, "ReadError", UNKNOWN, again=True),
    "nohttp": Row(F.UNREACHABLE, "RemoteProtocolError", UNKNOWN, again=True),
    "resethead": Row(F.UNREACHABLE, "ReadError", UNKNOWN, again=True),
    "resetmid": Row(F.PROTOCOL_ERROR, "ReadError", GUESSED, again=True, shown=True),
    "cutchunk": Row(F.PROTOCOL_ERROR, "RemoteProtocolError", GUESSED, again=True, shown=True),
    # the clocks
    "hang": Row(F.TIMEOUT, "TimeoutError", UNKNOWN, again=True, clock=True),
    "hangmid": Row(F.TIMEOUT, "TimeoutError", GUESSED, again=True, clock=True, shown=True),
    "pings": Row(F.TIMEOUT, "TimeoutError", UNKNOWN, again=True, clock=True),
    "slow": Row(F.TIMEOUT, "TimeoutError", UNKNOWN, again=True, clock=True),
    "drip": Row(F.TIMEOUT, "TimeoutError", GUESSED, again=True, clock=True, shown=True),
    # the form
    "cut": Row(F.PROTOCOL_ERROR, "incomplete stream", GUESSED, again=True, shown=True),
    "cutend": Row(F.PROTOCOL_ERROR, "incomplete stream", GUESSED, again=True, shown=True),
    "html": Row(F.PROTOCOL_ERROR, "incomplete stream", UNKNOWN, again=True),
    "badjson": Row(F.PROTOCOL_ERROR, "JSONDecodeError", GUESSED, again=True, shown=True),
    "badutf8": Row(F.PROTOCOL_ERROR, "UnicodeDecodeError", GUESSED, again=True, shown=True),
    "badsse": Row(F.PROTOCOL_ERROR, "incomplete stream", GUESSED, again=True, shown=True),
    "oddjson": Row(F.PROTOCOL_ERROR, "AttributeError", GUESSED, again=True, shown=True),
    "unknownstop": Row(F.PROTOCOL_ERROR, "unknown stop reason future_reason", OWN, again=True, shown=True),
    "overloadmid": Row(F.OVERLOADED, "overloaded_error", GUESSED, again=True, shown=True),
    "unknownerror": Row(F.PROVIDER_ERROR, "future_error", GUESSED, again=True, shown=True),
    # the content
    "context": Row(F.TOO_LARGE, "model_context_window_exceeded", OWN, shown=True),
    "refusal": Row(F.REFUSED, "refusal cyber", OWN),
    "refusalmid": Row(F.REFUSED, "refusal", OWN, shown=True),
    "empty": Row(F.EMPTY, "", OWN, in_answer=True),
    "huge": Row(F.TOO_BIG, "answer over the cap", GUESSED),
    "flood": Row(F.TOO_BIG, "answer over its tokens", GUESSED, shown=True),
}

# Odd, but whole: taken as an answer.
TAKEN = ("nul", "surrogate", "unknownevent", "unknownblock", "oddstart")

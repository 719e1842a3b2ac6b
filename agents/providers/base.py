"""What every provider gives: a request in, events out, one kind of error.

Nothing above providers/ sees a type of an SDK.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol

from agents.catalog import Usage
from features.failures import Failure


@dataclass(frozen=True)
class Started:
    """The provider accepted the request. usage: input known, output not yet."""

    request_id: str
    model: str
    usage: Usage


@dataclass(frozen=True)
class Text:
    """A piece of the answer's text, as it arrives."""

    text: str


@dataclass(frozen=True)
class Working:
    """The model goes on, with nothing to show: tool input or thinking of so many characters."""

    chars: int


@dataclass(frozen=True)
class ToolCall:
    """A call of a tool. fields: its input, None when it did not arrive whole; path: what it named."""

    id: str
    name: str
    fields: dict | None
    path: str = ""


@dataclass(frozen=True)
class Finished:
    """The whole answer, once a stop reason and the end mark arrived.

    blocks: the content in the provider's own form, to be sent back unchanged in a tool loop; a tool_use
    block that did not arrive whole stands there with input None. category: of a refusal. estimated: the
    provider's own figures could not be read, so ours stand in usage.
    """

    blocks: list[dict]
    stop_reason: str
    usage: Usage
    category: str = ""
    tool_calls: list[ToolCall] = field(default_factory=list)
    estimated: bool = False


class ProviderError(Exception):
    """Why a call failed.

    permanent: trying again changes nothing. sent: False when the provider cannot have worked for it, so
    that it surely cost nothing. error_type: the provider's own word, for operators.
    """

    def __init__(
        self,
        failure,
        *,
        permanent,
        retry_after_seconds=None,
        request_id="",
        error_type="",
        sent=True,
    ):
        super().__init__(Failure(failure).value)
        self.failure = Failure(failure)
        self.permanent = permanent
        self.retry_after_seconds = retry_after_seconds
        self.request_id = request_id
        self.error_type = error_type
        self.sent = sent


class Provider(Protocol):
    def stream(
        self, request: dict, *, key: str, deadline_seconds: float, progress_seconds: float
    ) -> AsyncIterator[Started | Text | Working | Finished]:
        """Send the request and yield Started, then Text and Working, then Finished.

        Raises ProviderError, and nothing else but cancellation.
        """

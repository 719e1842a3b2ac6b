"""What is known of a running call, so that a broken one is recorded with its cost."""

from agents import catalog
from agents.actions import Ending, State
from agents.catalog import Usage
from agents.providers.base import Finished, Started, Text, Working


class Ledger:
    """Notes the events of one call."""

    def __init__(self):
        self.started = None
        self.chars = 0
        self.finished = None

    def note(self, event):
        match event:
            case Started():
                self.started = event
            case Text(text=text):
                self.chars += len(text)
            case Working(chars=chars):
                self.chars += chars
            case Finished():
                self.finished = event

    def broken(self, failure, *, request_id="", error_type="", free=False):
        """Return the Ending of a call that did not come to its end."""
        usage = self.finished.usage if self.finished else None
        if usage is None and self.started:
            written = max(self.started.usage.output, catalog.tokens_of(self.chars))
            usage = Usage(**vars(self.started.usage) | {"output": written})
        return Ending(
            state=State.FAILED,
            failure=failure,
            usage=usage,
            estimated=usage is not None and (self.finished is None or self.finished.estimated),
            free=free,
            error_type=error_type,
            request_id=request_id or (self.started.request_id if self.started else ""),
            model_answered=self.started.model if self.started else "",
            stop_reason=self.finished.stop_reason if self.finished else "",
        )

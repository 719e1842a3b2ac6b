"""What a step hands back to the engine: an outcome, or the reason why there is none."""

from collections.abc import Callable
from dataclasses import dataclass

from features.failures import Failure
from features.statuses import Status


@dataclass(frozen=True)
class Outcome:
    """A step's end. save(feature=, now=) writes rows only, in the transaction of the move; uploads come before.

    failure, detail: set when target is FAILED although the step did its work (a review that says no).
    """

    target: Status
    save: Callable | None = None
    failure: str = ""
    detail: str = ""


class StepError(Exception):
    """A step that could not do its work, for a reason with words for the builder.

    permanent: trying again by itself would not help. retry_after_seconds: the provider's own wish.
    detail: safe to show; never a prompt, reply or key.
    """

    def __init__(self, failure, *, permanent, retry_after_seconds=None, detail=""):
        super().__init__(str(failure))
        self.failure = Failure(failure)
        self.permanent = permanent
        self.retry_after_seconds = retry_after_seconds
        self.detail = detail

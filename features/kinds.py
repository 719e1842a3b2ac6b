"""The kinds of events: what each may say, and how it is shown. One place for writers, pages and webhooks.

Data are ids, codes and counts, never what people or models wrote; a path is one that the plan names or that
lib/safepath let through. `run`, `document`, `feature` and `message` are older than the registry and keep
their names: rows and pages know them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt, StringConstraints

from features.failures import Failure
from features.models import Document
from features.statuses import Status

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]*$", max_length=40)]
Path = Annotated[str, StringConstraints(max_length=200)]
Result = Literal["done", "failed", "stopped"]


class Shape(BaseModel):
    # The error of a wrong shape names the field; the value may be what somebody wrote.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class StatusData(Shape):
    status: Literal[*Status.values]


class PhaseData(Shape):
    """attempt: how often the phase was begun in this run."""

    phase: Literal["spec", "plan", "tests", "code", "review"]
    state: Literal["start", "end"]
    attempt: NonNegativeInt = 0


class FeatureStartData(Shape):
    why: Literal["confirmed", "revised", "retried"]
    build: NonNegativeInt


class FeatureEndData(Shape):
    result: Result
    build: NonNegativeInt


class ActivityData(Shape):
    what: Literal["asking", "stopping", "released", "file_refused", "injection_note"]
    agent: Code = ""
    turn: NonNegativeInt = 0
    code: Code = ""
    path: Path = ""  # of file_refused: as the agent asked for it, cut and cleaned


class ToolStartData(Shape):
    tool: Code
    path: Path = ""


class ToolEndData(ToolStartData):
    ok: bool
    code: Code = ""  # why it was refused


class FileData(Shape):
    id: NonNegativeInt
    path: Path
    size_bytes: NonNegativeInt


class TestRunData(Shape):
    """Tests that somebody ran and told us of. The pipeline runs none: it reads the code."""

    passed: NonNegativeInt
    failed: NonNegativeInt
    skipped: NonNegativeInt = 0


class ReviewData(Shape):
    id: NonNegativeInt
    kind: Literal["security_review", "code_review"]
    verdict: Literal["PASS", "FAIL"]
    findings: NonNegativeInt
    blocking: NonNegativeInt


class ErrorData(Shape):
    """severity: warning = the work goes on by itself; fatal = it stands. recovery: what is done about it.

    retry: the step is begun again, not before `until`. restart: begun again at once, its worker was lost.
    person: only the person can go on.
    """

    severity: Literal["warning", "fatal"]
    failure: Literal[*Failure.values]
    recovery: Literal["retry", "restart", "person"]
    until: datetime | None = None


class ProgressData(Shape):
    """Of the planned files and tasks of this build."""

    files: NonNegativeInt
    of_files: NonNegativeInt
    tasks: NonNegativeInt
    of_tasks: NonNegativeInt


class LogData(Shape):
    what: Literal["answered", "cut", "nudged", "unusable", "kept"]
    agent: Code = ""
    turn: NonNegativeInt = 0
    read: NonNegativeInt = 0  # tokens of the model's input, remembered ones included
    written: NonNegativeInt = 0
    calls: NonNegativeInt = 0
    count: NonNegativeInt = 0
    seconds: NonNegativeFloat = 0


class CompleteData(Shape):
    build: NonNegativeInt


class MessageData(Shape):
    """new: the number of a message that a page must fetch; id: of one that has changed."""

    id: NonNegativeInt | None = None
    new: NonNegativeInt | None = None
    state: Code = ""


class DocumentData(Shape):
    id: NonNegativeInt
    kind: Literal[*Document.Kind.values]
    revision: NonNegativeInt | None = None
    turned_down: bool = False


class RunData(Shape):
    id: NonNegativeInt
    agent: Code
    state: Code


class FeatureData(Shape):
    what: Literal["created", "renamed", "moved", "limit_raised"]
    limit_microusd: NonNegativeInt | None = None


@dataclass(frozen=True)
class Kind:
    """technical: of use in the log only; the activity list leaves it out."""

    name: str
    shape: type[Shape]
    icon: str
    label: str
    technical: bool = False


KINDS = {
    kind.name: kind
    for kind in (
        Kind("phase", PhaseData, "arrow-right", "Step", technical=True),
        Kind("feature_start", FeatureStartData, "play", "Build started"),
        Kind("feature_end", FeatureEndData, "stop", "Build ended"),
        Kind("activity", ActivityData, "clock", "Activity"),
        Kind("tool_start", ToolStartData, "pencil", "Work on a file begun", technical=True),
        Kind("tool_end", ToolEndData, "check", "Work on a file ended", technical=True),
        Kind("file", FileData, "file", "File"),
        Kind("test_run", TestRunData, "list", "Test run"),
        Kind("review", ReviewData, "shield", "Review"),
        Kind("error", ErrorData, "alert", "Problem"),
        Kind("progress", ProgressData, "list", "Progress", technical=True),
        Kind("log", LogData, "monitor", "Log line", technical=True),
        Kind("complete", CompleteData, "check", "Complete"),
        Kind("status", StatusData, "info", "State"),
        Kind("message", MessageData, "message", "Message", technical=True),
        Kind("document", DocumentData, "file-text", "Document"),
        Kind("run", RunData, "coins", "AI call", technical=True),
        Kind("feature", FeatureData, "settings", "Feature"),
    )
}


def kind_named(name):
    """Return the Kind of that name; for one that newer code has written, one that shows its name."""
    return KINDS.get(name) or Kind(name, Shape, "info", name)


def checked(kind, data):
    """Return the data of an event as JSON values, only what was given; ValueError when it has not the shape.

    For our own code's mistakes: they must not reach the history.
    """
    if kind not in KINDS:
        raise ValueError(f"There is no kind of event named {kind!r}.")
    return KINDS[kind].shape.model_validate(data).model_dump(mode="json", exclude_unset=True)

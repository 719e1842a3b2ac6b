"""What every step handler does: read its inputs, write a document behind the lease."""

from agents import actions
from agents.answers import ask_document
from buildpractical.lib.clock import utcnow
from buildpractical.lib.tenancy import reading
from features import artifacts, documents
from features.failures import Failure
from features.models import Artifact
from features.steps import StepError


def begin(feature):
    """Settle what an earlier, interrupted claim of this feature left behind."""
    actions.lose_stale_runs(feature, now=utcnow())


def current(feature, kind):
    """Return the current document of the kind, or None."""
    with reading(feature.workspace_id):
        return documents.current(feature, kind)


def needed(feature, kind):
    """Return the current document of the kind; without it the step cannot work."""
    document = current(feature, kind)
    if document is None:
        raise StepError(Failure.CRASHED, permanent=True, detail=f"The {kind} is missing.")
    return document


def previous_data(feature, kind):
    """Return the data of the newest superseded revision, or None."""
    with reading(feature.workspace_id):
        older = feature.documents.filter(kind=kind, superseded_at__isnull=False)
        document = older.order_by("-revision").first()
    return document.data if document else None


def written(feature, kind, *, lease, question, finish, body, tell=None):
    """Return the current document of the kind; when there is none, ask for it and keep it.

    question: a function that returns the Question. finish: data → data, with what code adds. body: its
    Markdown. tell: see documents.add. A worker that runs the step again finds the document and does not pay twice.
    """
    if document := current(feature, kind):
        lease.logbook.line("kept", count=1)
        return document
    data = finish(ask_document(question(), lease=lease))
    with lease.checkpoint() as fresh:
        return documents.add(fresh, kind=kind, data=data, body=body(data), now=utcnow(), tell=tell)


def current_files(feature):
    """Return the feature's files as {path: (kind, text)}; raises StepError when bytes are missing."""
    with reading(feature.workspace_id):
        rows = list(artifacts.current(feature))
    try:
        return {row.path: (row.kind, artifacts.read(row).decode("utf-8", "replace")) for row in rows}
    except artifacts.Damaged as error:
        raise StepError(Failure.STORAGE, permanent=True, detail="A saved file is damaged.") from error
    except OSError as error:
        raise StepError(Failure.STORAGE, permanent=False) from error


def paths_of_build(feature):
    """Return the paths of the code that this build has written already."""
    with reading(feature.workspace_id):
        rows = artifacts.current(feature).filter(build=feature.build).exclude(kind=Artifact.Kind.TEST)
        return set(rows.values_list("path", flat=True))


def of_kind(files, *, tests):
    """Return {path: text} of the tests, or of everything else."""
    return {path: text for path, (kind, text) in files.items() if (kind == "test") == tests}

"""Generated files: bytes in object storage, first; then the row."""

import hashlib
import logging
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction

from features import events
from features.failures import Failure
from features.models import Artifact
from features.steps import StepError

logger = logging.getLogger(__name__)

PIECE_BYTES = 64 * 1024


class Damaged(Exception):
    """The stored bytes are missing or are not those that were saved."""


class Unavailable(Exception):
    """The storage does not answer as it should; a later try may succeed."""


@dataclass(frozen=True)
class Stored:
    sha256: str
    size_bytes: int
    storage_key: str


def storage():
    """Return the storage of generated files."""
    return storages["artifacts"]


def store(workspace_id, feature_id, content):
    """Upload the bytes and return where they are; never inside a transaction.

    The key is <workspace>/<feature>/<sha256>: the model's path is no part of it, the same bytes are kept once.
    Raises StepError when the storage does not take it.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    key = f"{workspace_id}/{feature_id}/{sha256}"
    try:
        # The same bytes again: saving would cut the good copy short if the disk were full now.
        if not (storage().exists(key) and storage().size(key) == len(content)):
            storage().save(key, ContentFile(content))
    except Exception as error:  # each storage backend has exceptions of its own
        logger.exception("Storage refused a file", extra={"feature": feature_id})
        raise StepError(Failure.STORAGE, permanent=False) from error
    return Stored(sha256=sha256, size_bytes=len(content), storage_key=key)


def add(feature, *, path, kind, stored, now, before=(), after=()):
    """Write the row of a stored file; the file it replaces is superseded. Inside the caller's transaction.

    before, after: events around that of the file, as for features.events.append_all.
    """
    feature.artifacts.filter(path=path, superseded_at=None).update(superseded_at=now)
    artifact = Artifact.objects.create(
        workspace_id=feature.workspace_id,
        feature=feature,
        build=feature.build,
        path=path,
        kind=kind,
        sha256=stored.sha256,
        size_bytes=stored.size_bytes,
        storage_key=stored.storage_key,
        created_at=now,
    )
    told = ("file", {"id": artifact.pk, "path": path, "size_bytes": stored.size_bytes})
    events.append_all(feature, [*before, told, *after])
    return artifact


def current(feature):
    """Return the files that the feature has now, by path."""
    return feature.artifacts.filter(superseded_at=None)


def supersede(feature, *, now):
    """Supersede all current files."""
    current(feature).update(superseded_at=now)


def read(artifact):
    """Return the bytes of the file.

    Raises Damaged when they are not those that were saved, Unavailable when the storage does not give them.
    """
    content = b"".join(pieces(artifact.storage_key))
    if hashlib.sha256(content).hexdigest() != artifact.sha256:
        raise Damaged(artifact.pk)
    return content


def pieces(storage_key):
    """Yield the stored bytes in pieces, unchecked; raise Damaged when there are none, Unavailable on any error."""
    try:
        with storage().open(storage_key) as file:
            while piece := file.read(PIECE_BYTES):
                yield piece
    except FileNotFoundError as error:
        logger.error("A stored file is missing", extra={"storage_key": storage_key})
        raise Damaged(storage_key) from error
    except Exception as error:  # each storage backend has exceptions of its own
        logger.error(
            "Storage did not give a file", extra={"storage_key": storage_key, "error": type(error).__name__}
        )
        raise Unavailable(storage_key) from error


def discard(feature):
    """Delete the bytes of all the feature's files once the open transaction has committed.

    By folder and not by rows: a worker may have uploaded bytes whose row it can no longer write.
    """
    folder = f"{feature.workspace_id}/{feature.pk}"

    def delete():
        try:
            _, names = storage().listdir(folder)
        except FileNotFoundError:
            return
        for name in names:
            try:
                storage().delete(f"{folder}/{name}")
            except Exception:  # each storage backend has exceptions of its own; the others must still go
                logger.exception("Storage kept a file of a deleted feature", extra={"folder": folder})

    transaction.on_commit(delete, robust=True)

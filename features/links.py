"""Short-lived signed addresses of files: whoever has one may fetch that file for a few minutes."""

import mimetypes
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.http import content_disposition_header

from features import artifacts

SALT = "features.links"
CONTENT_TYPE = "text/plain; charset=utf-8"  # whatever it is: a browser must not run it


@dataclass(frozen=True)
class Link:
    url: str
    expires_at: datetime


def make(artifact, *, now):
    """Return a Link to the file: on this site, or with ARTIFACTS_DIRECT_LINKS to the bucket itself."""
    expires_at = now + timedelta(seconds=settings.FILE_LINK_SECONDS)
    if settings.ARTIFACTS_BUCKET and settings.ARTIFACTS_DIRECT_LINKS:
        answer = {
            "ResponseContentDisposition": disposition(artifact),
            "ResponseContentType": CONTENT_TYPE,
        }
        url = artifacts.storage().url(
            artifact.storage_key, parameters=answer, expire=settings.FILE_LINK_SECONDS
        )
        return Link(url, expires_at)
    # The workspace is part of it: nobody is signed in when the link is used, and rows are walled.
    value = [artifact.workspace_id, artifact.pk, int(expires_at.timestamp())]
    token = signing.dumps(value, salt=SALT)
    return Link(reverse("features:file-content", args=[token]), expires_at)


def read(token, *, now):
    """Return (workspace id, artifact id) of a link; None when it was not made here or its time is over."""
    try:
        workspace_id, artifact_id, until = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None
    return (workspace_id, artifact_id) if now.timestamp() < until else None


def disposition(artifact):
    """Return the header that lets a browser save the file under its own name."""
    return content_disposition_header(True, artifact.path.rpartition("/")[2])


def media_type(artifact):
    """Return what kind of file the name says it is."""
    ending = artifact.path.rpartition(".")[2]
    # Python's table takes .ts for a translation file.
    known = {"ts": "text/typescript", "tsx": "text/typescript", "md": "text/markdown"}
    return known.get(ending.lower()) or mimetypes.guess_type(artifact.path)[0] or "text/plain"

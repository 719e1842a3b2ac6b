"""A step that notes when it began, as its document."""

from buildpractical.lib.clock import utcnow
from features import documents
from features.statuses import Status
from features.steps import Outcome


def run(feature, *, lease):
    started_at = utcnow()

    def save(*, feature, now):
        data = {"started_at": started_at.isoformat()}
        documents.add(feature, kind="spec", data=data, body="# Spec", now=now)

    return Outcome(Status.SPEC_READY, save)

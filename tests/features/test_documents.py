import hashlib

import pytest
from django.db import IntegrityError, transaction

from features import documents
from features.models import Document
from features.statuses import Status
from tests.factories import NOON, add_document


def test_add_supersedes_the_revision_before_and_counts_up(feature_in):
    feature, first = feature_in(Status.SPEC_READY)

    second = add_document(feature, "spec")

    rows = list(feature.documents.filter(kind="spec").values_list("revision", "superseded_at"))
    assert rows == [(1, NOON), (2, None)]
    assert documents.current(feature, "spec") == second


def test_add_keeps_the_confirmed_brief_when_a_new_one_is_proposed(feature_in):
    feature, _ = feature_in(Status.SPEC_READY)
    confirmed = documents.confirmed_brief(feature)

    proposed = add_document(feature, "brief")

    assert documents.confirmed_brief(feature) == confirmed
    assert documents.proposed_brief(feature) == proposed


def test_add_hashes_the_canonical_data(feature_in):
    feature, _ = feature_in(Status.DRAFTING)

    document = add_document(feature, "brief", data={"b": "é", "a": [1]})

    assert document.sha256 == hashlib.sha256('{"a":[1],"b":"é"}'.encode()).hexdigest()


def test_mark_approved_raises_not_current_when_superseded(feature_in, ada):
    feature, old = feature_in(Status.SPEC_READY)
    add_document(feature, "spec")

    with pytest.raises(documents.NotCurrent):
        documents.mark_approved(old, actor=ada, now=NOON)


@pytest.mark.parametrize("kind", ["spec", "plan", "tests", "security_review", "code_review", "brief"])
def test_second_current_document_of_a_kind_is_refused_by_the_database(feature_in, kind):
    feature, _ = feature_in(Status.DRAFTING)
    first = add_document(feature, kind)

    with pytest.raises(IntegrityError), transaction.atomic():
        Document.objects.create(
            workspace=feature.workspace, feature=feature, kind=kind, revision=first.revision + 1,
            data={}, body="", sha256="", created_at=NOON,
        )  # fmt: skip


def test_revision_twice_is_refused_by_the_database(feature_in):
    feature, spec = feature_in(Status.SPEC_READY)

    with pytest.raises(IntegrityError), transaction.atomic():
        Document.objects.create(
            workspace=feature.workspace, feature=feature, kind="spec", revision=spec.revision,
            data={}, body="", sha256="", created_at=NOON, superseded_at=NOON,
        )  # fmt: skip

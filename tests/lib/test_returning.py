import pytest
from django.db.models import F

from buildpractical.lib.returning import update_returning
from features.models import Feature
from features.statuses import Status


def test_update_returning_gives_the_rows_as_they_are_now(feature_in, django_assert_num_queries):
    feature, _ = feature_in(Status.SPEC_READY)
    seq = feature.event_seq

    with django_assert_num_queries(1):
        rows = update_returning(
            Feature.objects.filter(pk=feature.pk, lease_token=None), title="New", event_seq=F("event_seq") + 1
        )

    assert [(row.pk, row.title, row.event_seq) for row in rows] == [(feature.pk, "New", seq + 1)]
    assert rows[0].progress_at == Feature.objects.get(pk=feature.pk).progress_at


def test_update_returning_gives_nothing_when_no_row_matches(feature_in):
    feature, _ = feature_in(Status.SPEC_READY)

    assert update_returning(Feature.objects.filter(pk=feature.pk, status=Status.DONE), title="New") == []
    assert Feature.objects.get(pk=feature.pk).title == feature.title


@pytest.mark.parametrize("kind", ["quote'd", 'double"d', "percent %s"])
def test_update_returning_takes_any_text(feature_in, kind):
    feature, _ = feature_in(Status.SPEC_READY)

    (row,) = update_returning(Feature.objects.filter(pk=feature.pk), title=kind)

    assert row.title == kind

import pytest

from features import actions, documents, transitions
from features.statuses import REVISABLE, Status
from tests.factories import BRIEF, NOON, add_document

PARTS = {
    "title": "Tool library",
    "purpose": "Know who has which tool.",
    "users": ["The club's volunteers"],
    "facts": ["Each tool has a colour.", BRIEF["facts"][1]["text"]],
    "out_of_scope": ["Payments"],
}


@pytest.mark.parametrize("status", [Status.DRAFTING, *sorted(REVISABLE)])
def test_save_brief_writes_the_next_revision_with_the_corrections(feature_in, status):
    feature, _ = feature_in(status)
    shown = add_document(feature, "brief")

    saved = actions.save_brief(feature=feature, document=shown, parts=PARTS, now=NOON)

    assert saved.revision == shown.revision + 1
    assert documents.proposed_brief(feature) == saved
    assert [fact["text"] for fact in saved.data["facts"]] == PARTS["facts"]


def test_save_brief_names_the_feature_when_the_person_corrected_the_title(feature_in):
    feature, _ = feature_in(Status.DRAFTING, title="New conversation")
    shown = add_document(feature, "brief")

    actions.save_brief(feature=feature, document=shown, parts=PARTS | {"title": "Our tools"}, now=NOON)

    feature.refresh_from_db()
    assert (feature.title, feature.title_is_mine) == ("Our tools", True)


def test_save_brief_raises_stale_feature_when_a_newer_brief_was_written_meanwhile(feature_in):
    feature, _ = feature_in(Status.DRAFTING)
    shown = add_document(feature, "brief")
    newer = add_document(feature, "brief")

    with pytest.raises(transitions.StaleFeature):
        actions.save_brief(feature=feature, document=shown, parts=PARTS, now=NOON)

    assert documents.proposed_brief(feature) == newer


def test_save_brief_raises_stale_feature_when_the_brief_is_being_worked_on(feature_in):
    feature, _ = feature_in(Status.SPEC_GENERATING)

    with pytest.raises(transitions.StaleFeature):
        actions.save_brief(
            feature=feature, document=documents.confirmed_brief(feature), parts=PARTS, now=NOON
        )


def test_save_brief_never_gives_an_id_a_second_meaning(feature_in):
    feature, _ = feature_in(Status.DRAFTING)
    first = add_document(feature, "brief")
    fewer = actions.save_brief(
        feature=feature, document=first, parts=PARTS | {"facts": [BRIEF["facts"][0]["text"]]}, now=NOON
    )

    again = actions.save_brief(
        feature=feature,
        document=fewer,
        parts=PARTS | {"facts": [BRIEF["facts"][0]["text"], "A tool has a weight."]},
        now=NOON,
    )

    assert [fact["id"] for fact in again.data["facts"]] == ["B1", "B3"]


def test_discard_brief_leaves_the_confirmed_one(feature_in):
    feature, _ = feature_in(Status.SPEC_READY)
    confirmed = documents.confirmed_brief(feature)
    proposed = add_document(feature, "brief")

    actions.discard_brief(feature=feature, document=proposed, now=NOON)

    assert (documents.proposed_brief(feature), documents.confirmed_brief(feature)) == (None, confirmed)


def test_suggest_title_leaves_the_person_s_own_name(feature_in):
    feature, _ = feature_in(Status.DRAFTING)
    actions.rename_feature(feature=feature, title="Mine")

    actions.suggest_title(feature=feature, title="Theirs")

    feature.refresh_from_db()
    assert feature.title == "Mine"

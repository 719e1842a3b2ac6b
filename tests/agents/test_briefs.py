import pytest

from agents.briefs import edited
from tests.factories import BRIEF

PARTS = {
    "title": "Tool library",
    "purpose": "Know who has which tool.",
    "users": ["The club's volunteers"],
    "facts": [fact["text"] for fact in BRIEF["facts"]],
    "out_of_scope": ["Payments"],
}


def test_edited_changes_nothing_when_nothing_was_corrected():
    data, body = edited(BRIEF, PARTS)

    assert data == BRIEF
    assert body.startswith("# Tool library")


def test_edited_keeps_the_id_of_a_corrected_line():
    data, _ = edited(BRIEF, PARTS | {"facts": [PARTS["facts"][0], "A tool is lent for a week."]})

    assert data["facts"][1] == {"id": "B2", "topic": "rules", "text": "A tool is lent for a week."}


def test_edited_gives_a_new_id_to_a_new_line_and_none_twice():
    data, _ = edited(
        BRIEF, PARTS | {"facts": ["A member has a phone.", PARTS["facts"][1], "Members pay nothing."]}
    )

    assert [(f["id"], f["text"]) for f in data["facts"]] == [
        ("B3", "A member has a phone."),
        ("B2", PARTS["facts"][1]),
        ("B4", "Members pay nothing."),
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": " "}, "Please fill in: title."),
        ({"purpose": ""}, "Please fill in: purpose."),
        ({"title": "x" * 201}, "One line under “title” is too long: at most 200 characters."),
    ],
)
def test_edited_raises_with_words_when_the_form_cannot_be_a_brief(change, words):
    with pytest.raises(ValueError, match=words):
        edited(BRIEF, PARTS | change)


def test_edited_never_gives_an_id_of_an_earlier_revision_again():
    parts = PARTS | {"facts": [PARTS["facts"][0]], "out_of_scope": []}
    shorter, _ = edited(BRIEF, parts)

    data, _ = edited(
        shorter,
        parts | {"facts": [*parts["facts"], "Members pay."], "out_of_scope": ["Repairs"]},
        used_ids={"B1", "B2", "OUT1"},
    )

    assert [fact["id"] for fact in data["facts"]] == ["B1", "B3"]
    assert [out["id"] for out in data["out_of_scope"]] == ["OUT2"]


def test_edited_closes_open_questions_when_the_form_has_them():
    asked = BRIEF | {"open_questions": ["How many tools?", "Since when?"]}

    assert edited(asked, PARTS)[0]["open_questions"] == asked["open_questions"]
    assert edited(asked, PARTS | {"open_questions": ["Since when?"]})[0]["open_questions"] == ["Since when?"]

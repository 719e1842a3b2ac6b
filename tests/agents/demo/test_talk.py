"""What the demo says: one question a turn with a default, the truth about its limits, and an end."""

import pytest

from agents import conversation as platform
from agents.simulator.brains import conversation, questions, wishes
from tests.agents.demo import asking
from tests.agents.demo.conversations import CASES

KINDS = [
    conversation.PURPOSE_QUESTION,
    questions.LISTS_QUESTION,
    "What do you want to write down about each",
    questions.RULES_QUESTION,
    conversation.READ_BACK,
]


def _answers(turns):
    return [text for role, text in turns if role == "assistant"]


def test_talk_follows_the_script_when_each_answer_is_short():
    turns = asking.held(["hi", "it is for my club", "tools", "name and notes", "yes", "yes"])

    asked = [[kind for kind in KINDS if kind in text] for text in _answers(turns)]
    assert asked == [[KINDS[0]], [KINDS[1]], [KINDS[2]], [KINDS[3]], [KINDS[4]], []]


@pytest.mark.parametrize("name", CASES)
def test_talk_asks_at_most_five_questions_when_the_person_agrees_to_all(name):
    messages, _ = CASES[name]
    turns = asking.held([messages[0]])
    while not asking.is_ready(turns):
        turns = asking.held(["yes"], turns)
        assert len(turns) <= 14

    questions_asked = [text for text in _answers(turns) if conversation.kind_of(text)]
    assert len(questions_asked) <= 5
    assert all("If you are not sure, answer: " in text for text in questions_asked)


def test_talk_reads_back_at_once_when_the_first_message_says_everything():
    messages, _ = CASES["clinic"]

    turns = asking.held(["Each patient has a name, an optional phone and a status (waiting, called)."])

    assert messages
    assert conversation.READ_BACK in turns[-1][1]
    assert "- Each patient: name*; phone; status* (waiting, called)" in turns[-1][1]


def test_details_are_asked_of_the_people_on_a_waiting_list():
    turns = asking.held(["we keep our waiting list on sticky notes. I want to track patients."])

    assert "What do you want to write down about each patient?" in turns[-1][1]


def test_unknown_detail_in_the_answer_on_rules_is_named_and_not_added():
    turns = asking.held(["list of lessons", "pupil, teacher, room", "pupil and insurance number"])

    assert "I found no “insurance number” in the lists" in turns[-1][1]
    assert "- Each lesson: pupil*; teacher; room\n" in turns[-1][1]


def test_first_answer_says_that_this_is_the_demo():
    assert asking.held(["hello"])[-1][1].startswith(wishes.NOTICE)


@pytest.mark.parametrize(
    ("wish", "name"),
    [
        ("Customers pay with credit cards.", "taking payments"),
        ("Everyone needs a login.", "logging in and separate accounts"),
        ("Show them on a map.", "maps"),
        ("People should chat with each other.", "chat between people"),
        ("I need a mobile app.", "an app for phones"),
        ("Send an email to the members.", "sending e-mails, messages or reminders"),
        ("Use machine learning.", "artificial intelligence and predictions"),
        ("We upload photos.", "keeping pictures or files"),
        ("We use it on three computers.", "sharing the lists between computers"),
    ],
)
def test_wish_outside_lists_is_refused_in_plain_words_and_written_into_the_brief(wish, name):
    turns = asking.held([f"I want a list of tools. {wish}"])

    assert wishes.ONLY_LISTS in turns[-1][1]
    assert name in turns[-1][1]
    brief = asking.brief_of(turns)
    assert any(name in out["text"].lower() for out in brief["out_of_scope"])
    assert [
        entity["name"] for entity in asking.document("spec", brief=brief, previous_spec=None)["entities"]
    ] == ["tool"]


def test_wish_that_is_denied_is_not_mentioned():
    assert wishes.found_in("We have a list of tools. We don't need a login. No payments please.") == []


def test_coverage_is_ready_when_the_person_agrees_and_not_before():
    turns = asking.held(["Each tool has a name and an optional place."])
    assert not asking.is_ready(turns)

    assert asking.is_ready(asking.held(["yes"], turns))
    assert not asking.is_ready(asking.held(["yes, but add a price"], turns))
    assert asking.is_ready(asking.held(["yes, but add a price", "perfect"], turns))


def test_coverage_is_ready_when_the_person_has_enough():
    assert asking.is_ready(asking.held(["I track tools", "that's all, just build it"]))


def test_brief_is_not_written_again_while_it_waits():
    turns = asking.held(["Each tool has a name and an optional place.", "yes"])
    brief = asking.brief_of(turns)
    turns.append(("assistant", platform.BRIEF_WRITTEN))

    thanked = asking.held(["thank you"], turns)

    assert not asking.is_ready(thanked, brief)
    assert "The brief is written." in thanked[-1][1]


def test_change_after_the_brief_is_read_back_and_written():
    turns = asking.held(["Each tool has a name and an optional place.", "yes"])
    brief = asking.brief_of(turns)
    turns.append(("assistant", platform.BRIEF_WRITTEN))

    changed = asking.held(["add a price to each tool", "yes"], turns)

    assert asking.is_ready(changed, brief)
    assert "price (required)" in asking.brief_of(changed, brief)["facts"][0]["text"]


@pytest.mark.parametrize("text", [platform.BRIEF_WRITTEN, platform.BRIEF_REVISED, platform.BRIEF_UNCHANGED])
def test_platform_announcement_of_a_brief_is_recognised(text):
    assert conversation.around_brief([("user", "a"), ("assistant", text), ("user", "b")])[1] == [
        ("user", "b")
    ]


@pytest.mark.parametrize(
    ("message", "part"),
    [
        ("What lists are in it?", "- Each tool: name*; place"),
        ("Where is the data stored?", "one file on the computer where it runs"),
        ("add a field phone to tool", "Each tool gets a phone."),
        ("place should be required", "Place of each tool is required."),
        ("rename place to shelf", "Each tool gets a shelf; each tool loses place."),
        ("blah blah", "I found no change in that"),
    ],
)
def test_answer_at_a_gate_names_what_the_document_holds_or_what_will_change(message, part):
    messages = ["Each tool has a name and an optional place.", "yes"]
    _, spec, _, _ = asking.documents_of(messages)
    turns = [*asking.held(messages), ("assistant", platform.BRIEF_WRITTEN)]

    answer = asking.held([message], turns, gate="spec", document=spec)[-1][1]

    assert part in answer
    assert "Revise the brief" in answer


def test_answer_fits_its_limit_when_lists_are_as_long_as_they_can_be():
    long = ", ".join(f"détail {i} ({', '.join(f'v{j}' * 8 for j in range(12))})" for i in range(12))

    answer = asking.held([f"Each tool has {long}."])[-1][1]

    assert len(answer.encode()) <= 8_000

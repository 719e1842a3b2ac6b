"""What the demo says: one question a turn with a default, the truth about its limits, and an end."""

import re

import pytest

from agents import conversation as platform
from agents.simulator.demo import conversation, questions, wishes
from buildpractical.lib.markdown import render_markdown
from features.ideas import IDEAS
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
    assert "- Each patient: name (required); phone; status (waiting, called; required)" in turns[-1][1]


def test_details_are_asked_of_the_people_on_a_waiting_list():
    turns = asking.held(["we keep our waiting list on sticky notes. I want to track patients."])

    assert "What do you want to write down about each patient?" in turns[-1][1]


def test_unknown_detail_in_the_answer_on_rules_is_named_and_not_added():
    turns = asking.held(["list of lessons", "pupil, teacher, room", "pupil and insurance number"])

    assert "I found no “insurance number” in the lists" in turns[-1][1]
    assert "- Each lesson: pupil (required); teacher; room\n" in turns[-1][1]


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
        ("What lists are in it?", "- Each tool: name (required); place"),
        ("Where is the data stored?", "one file on the computer where it runs"),
        ("add a field phone to tool", "Each tool gets a phone."),
        ("add whether it is returned to tool", "Each tool gets returned (yes or no)."),
        ("place should be required", "Place of each tool is required."),
        ("rename place to shelf", "Each tool gets a shelf; each tool loses place."),
        ("blah blah", "I found no change my fixed rules understand in that: “blah blah”"),
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


# --- what a newcomer met ------------------------------------------------------------------------------------

BAKERY = (
    "We are a bakery. Each cake order has a customer name, a phone, a cake, a pickup date, a price and paid "
    "(yes or no). Each supplier has a name and a phone."
)
ORDER = "customer name*; phone*; cake*; pickup date:date*; price:number*; paid:boolean"


def _lists(turns):
    spec = asking.document("spec", brief=asking.brief_of(turns), previous_spec=None)
    return asking.in_words(spec["entities"])


@pytest.mark.parametrize(
    "messages",
    [
        ["hi", "it is for my club", "tools", "name, status (open, done) and notes", "yes", "yes", "thanks"],
        [BAKERY, "why?", "phone is optional", "gibberish *in* _the_ [air](https://example.org)"],
        ["Each to_do_thing has a na*me*, a pri_ce_, a ki<nd (a*b*, _c_, <d>) and [notes](x)."],
        ["I want a list of tools. Customers pay with credit cards and log in."],
    ],
)
def test_every_answer_is_markdown_whose_lists_are_lists(messages):
    turns = asking.held(messages)
    _, spec, plan, index = asking.documents_of(messages)
    documents = {"spec": spec, "plan": plan, "tests": index}
    answers = _answers(turns)
    for gate, document in documents.items():
        for said in ("What is not in it?", "add a *big* phone", "blah _blah_ <b>", "why?"):
            answers.append(asking.held([said], turns, gate=gate, document=document)[-1][1])

    for text in answers:
        html = render_markdown(text)
        assert html.count("<li>") == sum(line.startswith("- ") for line in text.split("\n")), text
        assert not re.search(r"<(?:em|strong|a|code|h\d|pre)\b", html), html


@pytest.mark.parametrize(
    ("idea", "expected"),
    [
        ("shifts", {"shift": "name*; volunteer; status*[open|taken]"}),
        ("repairs", {"repair": "customer's name*; what is broken*; status*[new|in work|ready]"}),
        ("rooms", {"room booking": "group*; room*; day:date*"}),
    ],
)
def test_idea_of_the_product_gives_its_lists_when_the_person_agrees_to_all(idea, expected):
    turns = asking.held([IDEAS[idea][1]])
    while not asking.is_ready(turns):
        turns = asking.held(["yes"], turns)
        assert len(turns) <= 14

    assert _lists(turns) == expected


@pytest.mark.parametrize(
    ("said", "order", "supplier", "part"),
    [
        (
            "Remove own orders from supplier",
            ORDER,
            "name*; phone*",
            "I found no change my fixed rules understand",
        ),
        ("remove the suppliers list", ORDER, None, "No list of suppliers."),
        ("remove the phone from the suppliers", ORDER, "name*", "Each supplier loses phone."),
        (
            "Customers should be able to see only their own orders",
            ORDER,
            "name*; phone*",
            "separate accounts",
        ),
        ("add a photo of the cake to each cake order", ORDER, "name*; phone*", "keeping pictures or files"),
        ("suppliers need a name, no phone", ORDER, "name*", "Each supplier loses phone."),
        ("Make the due date of suppliers optional", ORDER, "name*; phone*", "I found no “due date"),
        ("why?", ORDER, "name*; phone*", "I follow fixed rules and cannot answer that"),
        (
            "Can only I see the suppliers?",
            ORDER,
            "name*; phone*",
            "everyone who can use the computer sees everything",
        ),
        ("What happens if I delete an order?", ORDER, "name*; phone*", "cannot answer that"),
        (
            "Paint it blue",
            ORDER,
            "name*; phone*",
            "I found no change my fixed rules understand: “Paint it blue”",
        ),
        ("and a first name for each supplier too", ORDER, "name*; phone*; first name*", "gets a first name"),
        (
            "and whether it is delivered",
            ORDER,
            "name*; phone*; delivered:boolean",
            "gets delivered (yes or no)",
        ),
        (
            "We also want a tick box for vegan",
            ORDER,
            "name*; phone*; vegan:boolean",
            "gets vegan (yes or no)",
        ),
        (
            "mark when a cake order is collected",
            f"{ORDER}; collected:boolean",
            "name*; phone*",
            "gets collected",
        ),
    ],
)
def test_sentence_at_the_reading_back_is_read_as_meant_and_answered(said, order, supplier, part):
    turns = asking.held([BAKERY, "yes", said])

    expected = {"cake order": order, "supplier": supplier}
    assert _lists(turns) == {name: fields for name, fields in expected.items() if fields}
    assert part in turns[-1][1]
    assert not asking.is_ready(turns)


def test_question_in_the_place_of_an_answer_gets_the_same_question_again():
    turns = asking.held(["list of lessons", "pupil, teacher, room", "why?"])

    assert questions.RULES_QUESTION in turns[-3][1]
    assert questions.RULES_QUESTION in turns[-1][1]


def test_no_wish_is_listed_twice_and_the_purpose_quotes_none():
    brief = asking.brief_of(asking.held(["I want a list of tools. We need a login. Each tool has a name."]))

    outs = [each["text"] for each in brief["out_of_scope"]]
    assert [text for text in outs if text.lower().startswith("logging in")] == outs[:1]
    assert "login" not in brief["purpose"]

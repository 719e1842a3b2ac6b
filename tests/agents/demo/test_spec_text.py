"""The demo reads a spec of the library as the first thing that was said."""

import json
import time

from agents.contracts import Brief
from agents.layout import data_block, role_block, user
from agents.simulator.demo import brain
from agents.simulator.demo.talk import reply
from features.models import Feature
from features.wizard import text_of

FEATURE = Feature(public_id="abcdefgh23456789")
SPEC = "# Tool club\n\nWe lend tools.\n\n- Each tool has a name (required), a place and optional notes.\n"


def brief(**inputs):
    request = {"messages": [user(data_block(FEATURE, **inputs), role_block("brief", "Write."))]}
    blocks, _ = brain.respond(request)
    return Brief.model_validate(json.loads(blocks[0]["text"])).model_dump()


def facts(found):
    return " ".join(fact["text"] for fact in found["facts"])


def test_brief_holds_the_lists_of_the_text():
    found = brief(spec_text=SPEC, conversation=[])

    assert "For each tool: name (required), place (required) and notes (optional)." in facts(found)


def test_brief_of_the_five_questions_holds_their_lists_and_limits():
    answers = {
        "title": "Tools",
        "purpose": "Know who has which tool.",
        "data": "Each tool has a name (required), a state (one of free, lent) and optional notes.",
    }

    found = brief(spec_text=text_of(answers), conversation=[])

    lists = [fact["text"] for fact in found["facts"] if fact["topic"] == "data"]
    assert lists == [
        "For each tool: name (required), state (choices: free, lent; required) and notes (optional).",
        # "Who has which tool" is a list to the demo, too.
        "For each tool booking: tool (required) and person (required).",
    ]
    assert "Unless" not in json.dumps(found)


def test_second_part_adds_to_the_brief_of_the_first():
    first = brief(spec_text=SPEC, part={"number": 1, "of": 2}, conversation=[])

    second = brief(
        spec_text="Each member has a name and a phone.\n",
        part={"number": 2, "of": 2},
        conversation=[],
        previous_brief=first,
    )

    assert "tool" in facts(second)
    assert "member" in facts(second)
    assert {fact["id"] for fact in first["facts"]} <= {fact["id"] for fact in second["facts"]}


def test_text_that_happens_to_be_json_is_read_as_text():
    assert brief(spec_text='["Each tool has a name."]', conversation=[])["facts"]


def test_talk_after_the_brief_knows_the_lists_of_the_text():
    written = {"role": "assistant", "content": "I have written the brief from your spec."}
    turns = [user(data_block(FEATURE, spec_text=SPEC)), written]

    said = reply({"messages": [*turns, user(data_block(FEATURE, message="Add a phone to each tool."))]}, {})

    assert "phone" in said
    assert "tool" in said


def test_largest_text_is_read_in_reasonable_time():
    started = time.monotonic()

    brief(spec_text=(SPEC + "Nothing else.\n") * 9_500, conversation=[])

    assert time.monotonic() - started < 60

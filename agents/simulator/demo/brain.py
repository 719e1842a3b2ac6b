"""The demo's brain: answers each request by fixed rules, without any model.

It keeps nothing between requests: the same request gets the same bytes.
"""

import json

from agents.simulator.demo import briefs, conversation, plans, specs, talk, verdicts
from agents.simulator.demo.writing import write_code, write_tests
from agents.simulator.reading import inputs_of, role_of


def respond(request):
    """Return (blocks, stop reason) for a Messages API request."""
    role = role_of(request)
    inputs = inputs_of(request)
    if role == "implementer" and request.get("tools"):
        return write_code(request, inputs)
    if role == "contract_test" and request.get("tools"):
        return write_tests(request, inputs)
    if role in _DOCUMENTS:
        text = json.dumps(_DOCUMENTS[role](inputs), ensure_ascii=False)
    elif role == "ba" or role is None:
        text = talk.reply(request, inputs)
    else:
        text = f"{talk.INTRO} There is no rule for this request."
    return [{"type": "text", "text": text}], "end_turn"


def _talk(inputs):
    turns = conversation.turns_of_input(inputs.get("conversation"))
    if "spec_text" in inputs:
        # Written before anything was said. A text that happens to be JSON comes parsed.
        text = inputs["spec_text"]
        text = text if isinstance(text, str) else json.dumps(text, ensure_ascii=False)
        turns.insert(0, ("user", conversation.said_in_spec(text)))
    return turns, inputs.get("previous_brief"), inputs.get("gate")


def _coverage(inputs):
    turns = conversation.turns_of_input(inputs.get("conversation"))
    found, previous = briefs.coverage(turns), inputs.get("previous_brief")
    if inputs.get("gate") and previous:
        # A question or a thank-you at a gate is no wish for another brief.
        found["ready"] = briefs.brief(turns, previous) != previous
    return found


_DOCUMENTS = {
    "coverage": lambda inputs: briefs.coverage(*_talk(inputs)),
    "brief": lambda inputs: briefs.brief(*_talk(inputs)),
    "title": lambda inputs: {
        "injection_notes": [],
        "title": briefs.title_of(specs.entities_of(inputs["spec"])),
    },
    "spec": lambda inputs: specs.spec(inputs["brief"], inputs.get("previous_spec")),
    "alignment": lambda inputs: verdicts.alignment(
        inputs.get("gate"), inputs.get("upstream"), inputs.get("candidate")
    ),
    "planner": lambda inputs: plans.plan(inputs["spec"], inputs.get("previous_plan")),
    "contract_test": lambda inputs: plans.index_of_tests(inputs["spec"], inputs.get("previous_tests")),
    "security_review": lambda inputs: verdicts.security_review(
        inputs["spec"], inputs["plan"], inputs["tests_index"], inputs["files"]
    ),
    "code_review": lambda inputs: verdicts.code_review(
        inputs["spec"], inputs["plan"], inputs["tests_index"], inputs["files"]
    ),
}

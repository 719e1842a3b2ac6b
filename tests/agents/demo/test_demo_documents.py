"""The demo's documents: valid, whole, with ids that keep their meaning; and its verdicts."""

import json
import re

import pytest

from agents import contracts, document_checks
from agents.code_checks import of_code
from agents.controls import CONTROLS
from agents.simulator.demo import brain, verdicts, wishes
from agents.steps.verdict import settled
from tests.agents.demo import asking
from tests.agents.demo.conversations import CASES

NAMES = ["library", "plants", "invoices", "rooms", "volunteers", "vague", "corrections", "accents"]


@pytest.fixture(scope="module", params=NAMES)
def documents(request):
    return asking.documents_of(CASES[request.param][0])


def test_documents_hold_their_contracts(documents):
    kinds = (contracts.Brief, contracts.Spec, contracts.Plan, contracts.TestsIndex)

    whole = [kind.model_validate(data).model_dump() for kind, data in zip(kinds, documents, strict=True)]

    assert whole == list(documents)


def test_documents_pass_every_check_of_the_platform(documents):
    brief, spec, plan, index = documents

    assert document_checks.of_brief(brief) == []
    assert document_checks.of_spec(spec) == []
    assert document_checks.of_plan(plan, spec=spec) == []
    assert document_checks.of_tests(index, spec=spec, plan=plan) == []


def test_documents_say_that_they_come_from_the_demo(documents):
    assert [json.dumps(document).count(wishes.NOTICE) for document in documents] == [1, 1, 1, 1]


def test_spec_says_what_is_left_out_and_how_well_it_works(documents):
    _, spec, _, _ = documents

    assert spec["nonfunctional"]
    assert spec["out_of_scope"]
    assert spec["assumptions"]
    assert len(spec["summary"]) <= 5


def test_every_criterion_stands_in_plan_tests_and_code(documents):
    _, spec, plan, index = documents
    criteria = set(document_checks.criteria_of(spec))

    files = asking.all_files(spec, plan, index)

    assert {name for task in plan["tasks"] for name in task["criteria"]} == criteria
    assert {name for test in index["tests"] for name in test["criteria"]} == criteria
    code = "\n".join(text for path, text in files.items() if path.startswith("src/"))
    assert {name for name in criteria if re.search(rf"\b{re.escape(name)}\b", code)} == criteria
    assert all(test["title"] in files["test/app.test.ts"].replace('\\"', '"') for test in index["tests"])


def test_code_passes_the_platforms_checks_and_both_reviews(documents):
    _, spec, plan, index = documents
    files = asking.all_files(spec, plan, index)

    reviews = {
        kind: asking.document(kind, spec=spec, plan=plan, tests_index=index, files=files, checks=[])
        for kind in ("security_review", "code_review")
    }

    assert of_code(files, spec=spec, plan=plan, index=index) == []
    final = {
        kind: settled(
            contracts.Review.model_validate(data).model_dump(), kind=kind, files=files, spec=spec, problems=[]
        )
        for kind, data in reviews.items()
    }
    assert [(kind, data["verdict"], data["model_verdict"]) for kind, data in final.items()] == [
        ("security_review", "PASS", "PASS"),
        ("code_review", "PASS", "PASS"),
    ]
    assert {each["control"] for each in final["security_review"]["checked"]} == set(CONTROLS)
    assert final["code_review"]["not_assessed"] == []
    assert all(finding["place_found"] for data in final.values() for finding in data["findings"])


def test_code_review_fails_when_a_file_is_missing(documents):
    _, spec, plan, index = documents
    files = asking.all_files(spec, plan, index)
    kept = {path: text for path, text in files.items() if not path.startswith("src/")}

    review = asking.document("code_review", spec=spec, plan=plan, tests_index=index, files=kept, checks=[])

    assert review["verdict"] == "FAIL"


def test_same_request_gets_the_same_bytes(documents):
    brief, spec, _, _ = documents
    made = asking.request("planner", brief=brief, spec=spec, previous_plan=None)

    assert brain.respond(made) == brain.respond(json.loads(json.dumps(made)))


def test_title_names_the_lists():
    _, spec, _, _ = asking.documents_of(CASES["rooms"][0])

    assert asking.document("title", spec=spec) == {
        "injection_notes": [],
        "title": "Rooms and bookings (demo)",
    }


# --- gates -------------------------------------------------------------------------------------------------


def test_alignment_holds_up_only_the_plan_and_only_until_the_brief_speaks():
    turns = asking.held(["Each tool has a name and an optional place.", "yes"])
    brief = asking.brief_of(turns)
    turns.append(("assistant", asking.WRITTEN))
    spec = asking.document("spec", brief=brief, previous_spec=None)
    plan = asking.document("planner", brief=brief, spec=spec, previous_plan=None)
    ids = [*document_checks.spec_ids(spec), *document_checks.plan_ids(plan)]

    at_plan = asking.document("alignment", gate="plan", upstream=spec, candidate=plan, checks=[])

    assert _verdict("spec", brief, spec) == "APPROVE"
    assert at_plan["verdict"] == "REVISE"
    assert [gap["about"] in ids for gap in at_plan["gaps"]] == [True]
    revised = asking.brief_of(turns, brief, "plan")
    new_spec = asking.document("spec", brief=revised, previous_spec=spec)
    assert _verdict("plan", new_spec, plan) == "APPROVE"
    assert _verdict("tests", new_spec, plan) == "APPROVE"


def _verdict(gate, upstream, candidate):
    answer = asking.document("alignment", gate=gate, upstream=upstream, candidate=candidate, checks=[])
    return contracts.Alignment.model_validate(answer).verdict


def test_brief_edited_by_hand_is_what_the_spec_is_made_from():
    brief = asking.brief_of(asking.held(["Each tool has a name and an optional place."]))
    brief["facts"][0]["text"] = "Each tool has a name, a colour (red, blue) and optional notes."
    brief["facts"].append({"id": "B9", "topic": "data", "text": "Members have a name and an e-mail."})

    spec = asking.document("spec", brief=brief, previous_spec=None)

    assert asking.in_words(spec["entities"]) == {
        "tool": "name*; colour*[red|blue]; notes:text",
        "member": "name*; e-mail:email*",
    }


def test_brief_edited_by_hand_stays_edited_when_it_is_revised():
    turns = asking.held(["Each tool has a name and an optional place.", "yes"])
    brief = asking.brief_of(turns)
    brief["facts"][0]["text"] = "Each tool has a name and a colour."
    turns.append(("assistant", asking.WRITTEN))
    _, spec, _, _ = asking.documents_of(["Each tool has a name and a colour."])

    revised = asking.brief_of(asking.held(["add a price"], turns, gate="spec", document=spec), brief, "spec")

    spec = asking.document("spec", brief=revised, previous_spec=None)
    assert asking.in_words(spec["entities"]) == {"tool": "name*; colour*; price:number*"}


def test_ids_keep_their_meaning_when_a_list_is_removed_and_another_added():
    turns = asking.held(["Each tool has a name. Each member has a name.", "yes"])
    brief = asking.brief_of(turns)
    spec = asking.document("spec", brief=brief, previous_spec=None)
    plan = asking.document("planner", brief=brief, spec=spec, previous_plan=None)
    index = asking.document("contract_test", spec=spec, plan=plan, previous_tests=None)
    turns.append(("assistant", asking.WRITTEN))
    turns = asking.held(["remove the list of tools and add a list of loans with name"], turns, gate="spec")

    new_brief = asking.brief_of(turns, brief, "spec")
    new_spec = asking.document("spec", brief=new_brief, previous_spec=spec)
    new_index = asking.document("contract_test", spec=new_spec, plan=plan, previous_tests=index)

    old, new = _titles(spec), _titles(new_spec)
    assert new == {
        "R2": "Keep the members",
        "R5": "Keep the loans",
        "R3": "Safe pages",
        "R4": "Nothing gets lost",
    }
    assert {name: old[name] for name in ("R2", "R3", "R4")} == {
        name: new[name] for name in ("R2", "R3", "R4")
    }
    assert document_checks.of_spec(new_spec, previous=spec) == []
    before = {test["id"]: test["title"] for test in index["tests"]}
    kept = [test for test in new_index["tests"] if test["id"] in before]
    assert {test["id"]: test["title"] for test in kept} == {test["id"]: before[test["id"]] for test in kept}
    facts = {fact["text"]: fact["id"] for fact in brief["facts"]}
    again = {fact["text"]: fact["id"] for fact in new_brief["facts"]}
    assert {text: again[text] for text in facts if text in again} == {
        text: name for text, name in facts.items() if text in again
    }


def _titles(spec):
    return {requirement["id"]: requirement["title"] for requirement in spec["requirements"]}


def test_spec_of_another_author_still_gets_plan_tests_and_code():
    spec = {
        "injection_notes": [],
        "summary": ["A thing."],
        "requirements": [
            {
                "id": "R7",
                "title": "Something else",
                "story": "As a person I want it.",
                "priority": "must",
                "criteria": [
                    {"id": "AC7.1", "ears": "WHEN asked THE app SHALL answer.", "verify": "Ask."},
                    {"id": "AC7.2", "ears": "IF it fails THEN THE app SHALL say so.", "verify": "Fail."},
                ],
            }
        ],
        "nonfunctional": [],
        "entities": [
            {"name": "Class", "fields": [{"name": "id", "type": "number", "required": True, "values": []}]}
        ],
        "roles": [],
        "assumptions": [],
        "out_of_scope": [],
        "open_questions": [],
        "withdrawn": [],
    }
    plan = asking.document("planner", brief={}, spec=spec, previous_plan=None)
    index = asking.document("contract_test", spec=spec, plan=plan, previous_tests=None)

    assert document_checks.of_plan(plan, spec=spec) == []
    assert document_checks.of_tests(index, spec=spec, plan=plan) == []
    assert of_code(asking.all_files(spec, plan, index), spec=spec, plan=plan, index=index) == []


WARNING = "Show a big warning when a tool is not back on the due date"


def test_line_that_no_rule_understands_is_named_in_the_spec_and_held_up_there_only():
    brief = asking.brief_of(asking.held(["Each tool has a name and an optional place.", "yes"]))
    brief["facts"].append({"id": "B90", "topic": "data", "text": WARNING})

    spec = asking.document("spec", brief=brief, previous_spec=None)

    named = [each for each in spec["out_of_scope"] if WARNING in each["text"]]
    assert [each["text"] for each in named] == [f"Not built by the demo: {WARNING}"]
    at_spec = asking.document("alignment", gate="spec", upstream=brief, candidate=spec, checks=[])
    assert [(gap["about"], WARNING in gap["problem"]) for gap in at_spec["gaps"]] == [(named[0]["id"], True)]
    assert contracts.Alignment.model_validate(at_spec).verdict == "REVISE"
    assert _verdict("tests", spec, {}) == "APPROVE"
    again = asking.document("spec", brief=brief, previous_spec=spec)
    assert again["out_of_scope"] == spec["out_of_scope"]
    assert document_checks.of_spec(again, previous=spec) == []


@pytest.mark.parametrize("name", CASES)
def test_brief_of_a_conversation_has_no_line_that_the_demo_does_not_understand(name):
    brief = asking.brief_of(asking.held(CASES[name][0]))
    spec = asking.document("spec", brief=brief, previous_spec=None)

    assert _verdict("spec", brief, spec) == "APPROVE"


def test_revised_brief_keeps_every_other_line_byte_for_byte():
    turns = asking.held(
        [
            "Each order has a customer, a price and paid (yes or no). Each supplier has a name and a phone.",
            "yes",
        ]
    )
    brief = asking.brief_of(turns)
    brief["facts"] = [fact for fact in brief["facts"] if fact["topic"] != "edge"]
    supplier = next(fact for fact in brief["facts"] if "supplier:" in fact["text"])
    supplier["text"] = "Each supplier has a name and a city."
    brief["facts"].append({"id": "B90", "topic": "data", "text": WARNING})
    brief["facts"].append({"id": "B91", "topic": "data", "text": "paid (yes or no)"})
    brief["out_of_scope"] = brief["out_of_scope"][:1]
    turns.append(("assistant", asking.WRITTEN))
    turns = asking.held(["Add an allergy note to each order"], turns, gate="plan", document={"files": []})

    revised = asking.brief_of(turns, brief, "spec")

    order = next(fact for fact in brief["facts"] if "order:" in fact["text"])
    longer = order["text"].replace(" and paid (yes or no)", ", paid (yes or no) and allergy note (optional)")
    expected = [fact | {"text": longer} if fact is order else fact for fact in brief["facts"]]
    assert revised == brief | {"facts": expected}


def test_repeated_wish_at_the_plan_is_noted_when_the_conversation_has_it_already():
    turns = asking.held(["Each order has a customer.", "yes"])
    turns.append(("assistant", asking.WRITTEN))
    wish = "Add an allergy note to each order"

    turns = asking.held([wish, wish], turns, gate="plan", document={"files": []})

    assert "I noted your change." in turns[-1][1]


def test_security_review_names_only_controls_that_exist():
    assert set(verdicts._MET) <= set(CONTROLS)

"""The demo's documents: valid, whole, with ids that keep their meaning; and its verdicts."""

import json
import re

import pytest

from agents import contracts, document_checks
from agents.code_checks import of_code
from agents.controls import CONTROLS
from agents.simulator.brains import demo, wishes
from agents.steps.verdict import settled
from tests.agents.demo import asking
from tests.agents.demo.conversations import CASES

NAMES = ["library", "plants", "invoices", "rooms", "volunteers", "vague", "corrections", "accents"]


@pytest.fixture(scope="module", params=NAMES)
def documents(request):
    return asking.documents_of(CASES[request.param][0])


def test_documents_hold_their_contracts(documents):
    brief, spec, plan, index = documents

    contracts.Brief.model_validate(brief)
    contracts.Spec.model_validate(spec)
    contracts.Plan.model_validate(plan)
    contracts.TestsIndex.model_validate(index)


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
        kind: settled(contracts.Review.model_validate(data).model_dump(), kind=kind, files=files, spec=spec)
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

    assert demo.respond(made) == demo.respond(json.loads(json.dumps(made)))


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

import copy

import pytest

from agents import document_checks
from tests.factories import BRIEF, PLAN, SPEC, TESTS


def changed(data, change):
    data = copy.deepcopy(data)
    change(data)
    return data


def first(group, **fields):
    return lambda data: data[group][0].update(fields)


def found(problems):
    return [(problem.about, problem.text, problem.hard) for problem in problems]


def test_good_documents_have_no_problem():
    assert document_checks.of_brief(BRIEF) == []
    assert document_checks.of_spec(SPEC) == []
    assert document_checks.of_plan(PLAN, spec=SPEC) == []
    assert document_checks.of_tests(TESTS, spec=SPEC, plan=PLAN) == []


def test_brief_needs_facts_with_ids_of_their_own():
    assert found(document_checks.of_brief(BRIEF | {"facts": []})) == [("", "the brief holds no fact", True)]
    twice = changed(BRIEF, lambda brief: brief["facts"].append(brief["facts"][0]))
    assert found(document_checks.of_brief(twice)) == [("B1", "it stands there twice", True)]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (first("requirements", criteria=[]), ("R1", "it has no acceptance criterion", True)),
        (
            lambda s: s["requirements"][0]["criteria"][0].update(id="AC2.1"),
            ("AC2.1", "it stands under R1", True),
        ),
        (lambda s: s["entities"][0].update(fields=[]), ("tool", "it has no field", True)),
        (
            lambda s: s["entities"][0]["fields"][0].update(type="enum"),
            ("tool.name", "a choice needs its values", True),
        ),
        (
            lambda s: s["entities"][0]["fields"][0].update(values=["a"]),
            ("tool.name", "only a choice has values", False),
        ),
        (
            lambda s: s["requirements"][0]["criteria"][0].update(ears="THE SYSTEM SHALL be user-friendly."),
            ("AC1.1", "“user-friendly” cannot be measured", False),
        ),
        (
            lambda s: s["requirements"][0]["criteria"][0].update(ears="THE SYSTEM SHALL use PostgreSQL."),
            ("AC1.1", "it names a technology: PostgreSQL", False),
        ),
    ],
)
def test_spec_problems_are_named(change, problem):
    assert found(document_checks.of_spec(changed(SPEC, change))) == [problem]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (first("files", path="../package.json"), ("F1", "the path has a part that is . or ..", True)),
        (first("files", path="test/a.ts"), ("F1", "test/a.ts is a test: tests are planned later", True)),
        (
            first("files", path="src/a.test.ts"),
            ("F1", "src/a.test.ts is a test: tests are planned later", True),
        ),
        (first("files", path="src/main.ts"), ("F2", "src/main.ts is planned already", True)),
        (
            first("files", path="SRC/main.ts"),
            ("F2", "SRC/main.ts exists already and differs only in letter case", True),
        ),
        (first("files", max_lines=900), ("F1", "a file has at most 300 lines", False)),
        (first("files", requirements=["R7"]), ("F1", "it names R7, which the spec does not have", False)),
        (first("tasks", files=["F1"]), ("F2", "no task has this file", True)),
        (
            first("tasks", files=["F1", "F2", "F9"]),
            ("T1", "it names the file F9, which does not exist", True),
        ),
        (first("tasks", criteria=["AC1.1"]), ("AC1.2", "no task has this criterion", True)),
        (first("tasks", depends_on=["T1"]), ("", "the tasks wait for each other in a circle", True)),
        (
            first("dependencies", name="express"),
            ("express", "this dependency is not on the list of allowed ones", True),
        ),
    ],
)
def test_plan_problems_are_named(change, problem):
    assert problem in found(document_checks.of_plan(changed(PLAN, change), spec=SPEC))


def test_plan_needs_a_package_file():
    plan = changed(PLAN, first("files", path="src/other.ts"))

    assert ("", "package.json is missing from the files", True) in found(
        document_checks.of_plan(plan, spec=SPEC)
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (first("tests", path="src/app.test.ts"), ("CT1", "src/app.test.ts does not lie under test/", True)),
        (first("tests", path="/test/app.ts"), ("CT1", "the path is absolute", True)),
        (first("tests", path="src/main.ts"), ("CT1", "src/main.ts is planned already", True)),
        (first("tests", criteria=["AC9.9"]), ("CT1", "it names AC9.9, which the spec does not have", True)),
        (first("tests", criteria=[]), ("AC1.1", "no test covers it", True)),
        (first("tests", title="a tool is listed"), ("CT1", "its title does not start with its id", False)),
        (
            lambda t: t["tests"][1].update(kind="positive"),
            ("AC1.2", "it says IF, and no negative test covers it", False),
        ),
    ],
)
def test_test_problems_are_named(change, problem):
    assert problem in found(document_checks.of_tests(changed(TESTS, change), spec=SPEC, plan=PLAN))


def test_several_tests_may_share_a_file():
    assert len({test["path"] for test in TESTS["tests"]}) == 1


def test_withdrawn_ids_stay_withdrawn():
    previous = PLAN | {"withdrawn": ["F7"]}
    ids = ["F1", "T1"]

    assert document_checks.withdrawn(ids, previous, document_checks.plan_ids(PLAN)) == ["F7", "F2"]
    assert document_checks.withdrawn(ids, None, []) == []

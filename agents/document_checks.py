"""What code finds in the agents' documents, before any person or model judges them.

A Problem is hard when the document cannot be worked with: the agent must answer again. The others are told to
the alignment agent and advise only.
"""

import re
from collections import Counter
from dataclasses import dataclass

from agents.stack import ALLOWED_DEPENDENCIES, MAX_FILE_LINES, MAX_FILES, is_test_path
from buildpractical.lib.safepath import PathError, safe_path, without_duplicate

_VAGUE = re.compile(
    r"\b(fast|quick(ly)?|easy|easily|user[- ]friendly|intuitive|simple|nice|modern|robust|flexible|efficient"
    r"|appropriate(ly)?|etc|and so on|as needed|soon|some|several|many)\b",
    re.I,
)
_TECHNOLOGY = re.compile(
    r"\b(react|angular|vue|node(\.js)?|typescript|javascript|python|sql(ite)?|postgres(ql)?|mongodb|rest api"
    r"|graphql|docker|kubernetes|aws|html|css)\b",
    re.I,
)
_EARS = re.compile(r"\bshall\b", re.I)
_CONDITION = re.compile(r"^\s*if\b", re.I)
_CODE_FILE = re.compile(r"\.(test|spec)\.[cm]?ts$")


@dataclass(frozen=True)
class Problem:
    """about: an id, a path or "". text: what is wrong, in words for a model and an operator."""

    about: str
    text: str
    hard: bool

    def as_data(self):
        return {"about": self.about, "problem": self.text}


def hard(problems):
    """Return the texts of the hard problems, for the agent's second try."""
    return [f"{problem.about}: {problem.text}".removeprefix(": ") for problem in problems if problem.hard]


def spec_ids(spec):
    """Return every id that a spec (as data) defines, in order."""
    ids = []
    for requirement in spec["requirements"]:
        ids += [requirement["id"], *(criterion["id"] for criterion in requirement["criteria"])]
    for group in ("nonfunctional", "assumptions", "out_of_scope"):
        ids += [item["id"] for item in spec[group]]
    return ids


def criteria_of(spec):
    """Return the spec's criteria by id."""
    return {item["id"]: item for requirement in spec["requirements"] for item in requirement["criteria"]}


def plan_ids(plan):
    return [item["id"] for group in ("files", "tasks") for item in plan[group]]


def tests_ids(index):
    return [item["id"] for item in index["tests"]]


def withdrawn(ids, previous, previous_ids):
    """Return the ids that an earlier revision had and this one has not: an id never gets a second meaning."""
    if previous is None:
        return []
    gone = [*previous["withdrawn"], *(each for each in previous_ids if each not in ids)]
    return list(dict.fromkeys(gone))


# --- each kind ----------------------------------------------------------------------------------------------


def of_brief(brief):
    problems = _twice([fact["id"] for fact in brief["facts"]] + [out["id"] for out in brief["out_of_scope"]])
    if not brief["facts"]:
        problems.append(Problem("", "the brief holds no fact", True))
    return problems


def of_spec(spec, *, previous=None):
    """previous: the superseded spec that this one replaces, or None."""
    ids = spec_ids(spec)
    problems = _twice(ids) + _reused(ids, previous)
    if not spec["requirements"]:
        problems.append(Problem("", "the spec holds no requirement", True))
    for requirement in spec["requirements"]:
        problems += _of_requirement(requirement)
    problems += _twice([entity["name"].casefold() for entity in spec["entities"]])
    for entity in spec["entities"]:
        problems += _of_entity(entity)
    return problems


def _of_requirement(requirement):
    problems, number = [], requirement["id"][1:]
    if not requirement["criteria"]:
        problems.append(Problem(requirement["id"], "it has no acceptance criterion", True))
    for criterion in requirement["criteria"]:
        if criterion["id"][2:].split(".")[0] != number:
            problems.append(Problem(criterion["id"], f"it stands under {requirement['id']}", True))
        if not _EARS.search(criterion["ears"]):
            problems.append(Problem(criterion["id"], "it is not in EARS form: no SHALL", False))
        if found := _VAGUE.search(criterion["ears"]):
            problems.append(Problem(criterion["id"], f"“{found[0]}” cannot be measured", False))
        if found := _TECHNOLOGY.search(criterion["ears"]):
            problems.append(Problem(criterion["id"], f"it names a technology: {found[0]}", False))
    return problems


def _of_entity(entity):
    problems = _twice([field["name"].casefold() for field in entity["fields"]])
    if not entity["fields"]:
        problems.append(Problem(entity["name"], "it has no field", True))
    for field in entity["fields"]:
        name = f"{entity['name']}.{field['name']}"
        if field["type"] == "enum" and not field["values"]:
            problems.append(Problem(name, "a choice needs its values", True))
        if field["type"] != "enum" and field["values"]:
            problems.append(Problem(name, "only a choice has values", False))
    return problems


def of_plan(plan, *, spec, previous=None):
    ids = plan_ids(plan)
    problems = _twice(ids) + _reused(ids, previous)
    problems += _of_manifest(plan["files"])
    problems += _of_tasks(plan, criteria_of(spec))
    known = set(spec_ids(spec))
    for dependency in plan["dependencies"]:
        if dependency["name"] not in ALLOWED_DEPENDENCIES:
            problems.append(
                Problem(dependency["name"], "this dependency is not on the list of allowed ones", True)
            )
    for file in plan["files"]:
        for each in file["requirements"]:
            if each not in known:
                problems.append(Problem(file["id"], f"it names {each}, which the spec does not have", False))
    return problems


def _of_manifest(files):
    problems, paths = [], []
    if not files:
        problems.append(Problem("", "the plan holds no file", True))
    if len(files) > MAX_FILES:
        problems.append(Problem("", f"more than {MAX_FILES} files", True))
    for file in files:
        problems += _of_path(file["path"], paths, about=file["id"])
        paths.append(file["path"])
        if is_test_path(file["path"]) or _CODE_FILE.search(file["path"]):
            problems.append(Problem(file["id"], f"{file['path']} is a test: tests are planned later", True))
        if not 0 < file["max_lines"] <= MAX_FILE_LINES:
            problems.append(Problem(file["id"], f"a file has at most {MAX_FILE_LINES} lines", False))
    if files and "package.json" not in paths:
        problems.append(Problem("", "package.json is missing from the files", True))
    return problems


def _of_tasks(plan, criteria):
    files = {file["id"] for file in plan["files"]}
    tasks = {task["id"]: task for task in plan["tasks"]}
    problems = []
    for task in plan["tasks"]:
        for group, known, kind in (
            ("files", files, "file"),
            ("criteria", criteria, "criterion"),
            ("depends_on", tasks, "task"),
        ):
            for each in task[group]:
                if each not in known:
                    problems.append(
                        Problem(task["id"], f"it names the {kind} {each}, which does not exist", True)
                    )
    used = {each for task in plan["tasks"] for each in task["files"]}
    served = {each for task in plan["tasks"] for each in task["criteria"]}
    problems += [Problem(each, "no task has this file", True) for each in sorted(files - used)]
    problems += [Problem(each, "no task has this criterion", True) for each in criteria if each not in served]
    if _has_cycle(tasks):
        problems.append(Problem("", "the tasks wait for each other in a circle", True))
    return problems


def _has_cycle(tasks):
    waiting = {name: {each for each in task["depends_on"] if each in tasks} for name, task in tasks.items()}
    while ready := [name for name, needs in waiting.items() if not needs]:
        for name in ready:
            del waiting[name]
        for needs in waiting.values():
            needs.difference_update(ready)
    return bool(waiting)


def of_tests(index, *, spec, plan, previous=None):
    ids = tests_ids(index)
    problems = _twice(ids) + _reused(ids, previous)
    if not index["tests"]:
        problems.append(Problem("", "there is no test", True))
    criteria = criteria_of(spec)
    planned = [file["path"] for file in plan["files"]]
    for test in index["tests"]:
        problems += _of_path(test["path"], planned, about=test["id"])
        if not test["path"].startswith("test/"):
            problems.append(Problem(test["id"], f"{test['path']} does not lie under test/", True))
        problems += [
            Problem(test["id"], f"it names {each}, which the spec does not have", True)
            for each in test["criteria"]
            if each not in criteria
        ]
        if not test["title"].startswith(test["id"]):
            problems.append(Problem(test["id"], "its title does not start with its id", False))
    return problems + _uncovered(index, criteria)


def _uncovered(index, criteria):
    problems = []
    positive = {each for test in index["tests"] if test["kind"] == "positive" for each in test["criteria"]}
    negative = {each for test in index["tests"] if test["kind"] == "negative" for each in test["criteria"]}
    for name, criterion in criteria.items():
        if name not in positive | negative:
            problems.append(Problem(name, "no test covers it", True))
        elif _CONDITION.search(criterion["ears"]) and name not in negative:
            problems.append(Problem(name, "it says IF, and no negative test covers it", False))
    return problems


def _of_path(path, others, *, about):
    try:
        without_duplicate(safe_path(path), others)
    except PathError as error:
        return [Problem(about, str(error), True)]
    # The same path twice is one file with several tests, but never two planned files.
    return [Problem(about, f"{path} is planned already", True)] if path in others else []


def _twice(ids):
    return [Problem(each, "it stands there twice", True) for each, count in Counter(ids).items() if count > 1]


def _reused(ids, previous):
    if previous is None:
        return []
    gone = set(previous["withdrawn"])
    return [
        Problem(each, "this id was withdrawn and must not come back", True) for each in ids if each in gone
    ]

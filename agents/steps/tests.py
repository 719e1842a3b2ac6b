"""TESTS_GENERATING: which tests there are, then their text. The tests stand before the code does."""

import re

from agents import code_checks, document_checks, layout, render
from agents.answers import Question
from agents.contracts import TestsIndex
from agents.filemap import FileMap
from agents.steps import common
from agents.steps.alignment import ids_of_spec, run_alignment
from agents.steps.writing import Writing
from features.failures import Failure
from features.statuses import Status
from features.steps import Outcome


def run_tests(feature, *, lease):
    common.begin(feature)
    spec, plan = common.needed(feature, "spec").data, common.needed(feature, "plan").data
    previous = common.previous_data(feature, "tests")
    document = common.written(
        feature,
        "tests",
        lease=lease,
        question=lambda: _question(feature, spec, plan, previous),
        finish=lambda data: data | {"withdrawn": _withdrawn(data, previous)},
        body=render.tests,
    )
    _write_bodies(feature, lease, spec, plan, document.data)
    run_alignment(
        feature,
        lease=lease,
        gate="tests",
        document=document,
        upstream=spec,
        problems=document_checks.of_tests(document.data, spec=spec, plan=plan, previous=previous),
        ids=[*ids_of_spec(spec), *document_checks.tests_ids(document.data)],
    )
    return Outcome(Status.TESTS_READY)


def _question(feature, spec, plan, previous):
    return Question(
        feature=feature,
        agent="contract_test",
        contract=TestsIndex,
        blocks=[layout.data_block(feature, spec=spec, plan=plan, previous_tests=previous)],
        check=lambda data: document_checks.of_tests(data, spec=spec, plan=plan, previous=previous),
    )


def _withdrawn(data, previous):
    ids = document_checks.tests_ids(data)
    return document_checks.withdrawn(ids, previous, document_checks.tests_ids(previous) if previous else [])


def _write_bodies(feature, lease, spec, plan, index):
    written = common.of_kind(common.current_files(feature), tests=True)
    paths = list(dict.fromkeys(test["path"] for test in index["tests"]))
    tree = FileMap(
        planned=paths, files={path: written[path] for path in paths if path in written}, tests=True
    )
    tree.changed.update(tree.files)  # by an earlier, interrupted claim

    def wanting():
        lost = code_checks.imports_of_tests(tree.files, plan=plan, paths=paths)
        return missing_tests(index, tree.files) + [
            f"{problem.sentence()} Import only what the plan has." for problem in lost
        ]

    if not wanting():
        return
    Writing(
        feature=feature,
        lease=lease,
        agent="contract_test",
        prompt="contract_test_bodies",
        tree=tree,
        blocks=[layout.data_block(feature, spec=spec, plan=plan, tests_index=index, test_files=tree.files)],
        wanting=wanting,
        essential=wanting,
        failure=Failure.INCOMPLETE_TESTS,
    ).run()


def missing_tests(index, files):
    """Return a sentence for each planned test whose id does not stand in its file."""
    return [
        f"{test['id']} is missing in {test['path']}."
        for test in index["tests"]
        if not re.search(rf"\b{test['id']}\b", files.get(test["path"], ""))
    ]

"""REVIEW: two models read the code, one after the other; then code decides."""

from agents import code_checks, layout, render
from agents.answers import Question
from agents.contracts import Review
from agents.gateway import CallFailed
from agents.steps import common
from agents.steps.verdict import run_verdict, settled, wishes
from features.failures import Failure, words
from features.steps import StepError

TITLES = {"security_review": "Security review", "code_review": "Code review"}
# An answer that cannot be used is no verdict. What the account or the network did is tried again.
_NO_VERDICT = frozenset({Failure.REFUSED, Failure.TRUNCATED, Failure.INVALID_OUTPUT, Failure.EMPTY})


def run_review(feature, *, lease):
    common.begin(feature)
    inputs = _Inputs(feature)
    reviews = {
        "security_review": run_security_review(feature, lease=lease, inputs=inputs),
        "code_review": run_code_review(feature, lease=lease, inputs=inputs),
    }
    return run_verdict(reviews=reviews, problems=inputs.problems)


def run_security_review(feature, *, lease, inputs):
    return _review(feature, lease, inputs, "security_review")


def run_code_review(feature, *, lease, inputs):
    return _review(feature, lease, inputs, "code_review")


class _Inputs:
    """What both reviewers read. Blocks are made once: the second request starts with the first one's bytes."""

    def __init__(self, feature):
        self.spec, self.plan = common.needed(feature, "spec").data, common.needed(feature, "plan").data
        self.index = common.needed(feature, "tests").data
        self.files = {path: text for path, (kind, text) in common.current_files(feature).items()}
        self.problems = code_checks.of_code(self.files, spec=self.spec, plan=self.plan, index=self.index)
        self.blocks = [
            layout.data_block(feature, cached=True, spec=self.spec, plan=self.plan, tests_index=self.index),
            layout.data_block(
                feature,
                cached=True,
                files=self.files,
                checks=[problem.as_data() for problem in self.problems],
            ),
        ]


def _review(feature, lease, inputs, kind):
    facts = {"kind": kind, "files": inputs.files, "spec": inputs.spec, "problems": inputs.problems}
    try:
        document = common.written(
            feature,
            kind,
            lease=lease,
            question=lambda: Question(
                feature=feature,
                agent=kind,
                contract=Review,
                blocks=inputs.blocks,
                lenient=lambda data: wishes(data, **facts),
                cached=True,
            ),
            finish=lambda data: _final(settled(data, **facts), kind, inputs),
            body=lambda data: render.review(data, title=TITLES[kind], demo=feature.is_demo),
            tell=_told,
        )
    except CallFailed as error:
        if error.failure not in _NO_VERDICT:
            raise
        raise _no_verdict(kind, words(error.failure, is_demo=feature.is_demo)) from error
    return document.data


def _told(document):
    findings = document.data["findings"]
    return "review", {
        "id": document.pk,
        "kind": document.kind,
        "verdict": document.data["verdict"],
        "findings": len(findings),
        "blocking": sum(finding["blocking"] for finding in findings),
    }


def _final(data, kind, inputs):
    if not data["verdict"]:
        raise _no_verdict(kind, "It said no, but named nothing that must be mended.")
    if kind == "code_review":
        data["fixed_checks"] = [problem.sentence() for problem in inputs.problems]
    return data


def _no_verdict(kind, why):
    return StepError(Failure.NO_VERDICT, permanent=True, detail=f"{TITLES[kind]}: {why}")

"""PLAN_GENERATING: from the approved spec to the list of files and tasks."""

from agents import document_checks, layout, render, stack
from agents.answers import Question
from agents.contracts import Plan
from agents.steps import common
from agents.steps.alignment import ids_of_spec, run_alignment
from features.statuses import Status
from features.steps import Outcome


def run_plan(feature, *, lease):
    common.begin(feature)
    brief, spec = common.needed(feature, "brief").data, common.needed(feature, "spec").data
    previous = common.previous_data(feature, "plan")
    document = common.written(
        feature,
        "plan",
        lease=lease,
        question=lambda: _question(feature, brief, spec, previous),
        finish=lambda data: data | {"withdrawn": _withdrawn(data, previous)},
        body=render.plan,
    )
    run_alignment(
        feature,
        lease=lease,
        gate="plan",
        document=document,
        upstream=spec,
        problems=document_checks.of_plan(document.data, spec=spec, previous=previous),
        ids=[*ids_of_spec(spec), *document_checks.plan_ids(document.data)],
    )
    return Outcome(Status.PLAN_READY)


def _question(feature, brief, spec, previous):
    return Question(
        feature=feature,
        agent="planner",
        contract=Plan,
        blocks=[layout.data_block(feature, brief=brief, spec=spec, previous_plan=previous)],
        check=lambda data: document_checks.of_plan(data, spec=spec, previous=previous),
        values={
            "dependencies": ", ".join(sorted(stack.ALLOWED_DEPENDENCIES)),
            "max_lines": stack.MAX_FILE_LINES,
        },
    )


def _withdrawn(data, previous):
    ids = document_checks.plan_ids(data)
    return document_checks.withdrawn(ids, previous, document_checks.plan_ids(previous) if previous else [])

"""SPEC_GENERATING: from the brief to a spec, its name and a second look."""

from agents import document_checks, layout, render
from agents.answers import Question
from agents.contracts import Spec
from agents.steps import common
from agents.steps.alignment import ids_of_brief, ids_of_spec, run_alignment
from agents.steps.title import run_title
from features.statuses import Status
from features.steps import Outcome


def run_spec(feature, *, lease):
    common.begin(feature)
    brief = common.needed(feature, "brief").data
    previous = common.previous_data(feature, "spec")
    document = common.written(
        feature,
        "spec",
        lease=lease,
        question=lambda: _question(feature, brief, previous),
        finish=lambda data: data | {"withdrawn": _withdrawn(data, previous)},
        body=render.spec,
    )
    run_title(feature, lease=lease, spec=document, brief=brief)
    run_alignment(
        feature,
        lease=lease,
        gate="spec",
        document=document,
        upstream=brief,
        problems=document_checks.of_spec(document.data, previous=previous),
        ids=[*ids_of_brief(brief), *ids_of_spec(document.data)],
    )
    return Outcome(Status.SPEC_READY)


def _question(feature, brief, previous):
    return Question(
        feature=feature,
        agent="spec",
        contract=Spec,
        blocks=[layout.data_block(feature, brief=brief, previous_spec=previous)],
        check=lambda data: document_checks.of_spec(data, previous=previous),
    )


def _withdrawn(data, previous):
    ids = document_checks.spec_ids(data)
    return document_checks.withdrawn(ids, previous, document_checks.spec_ids(previous) if previous else [])

"""A second look at a document, compared with what came before it. Advice only: the person decides."""

import logging

from agents import document_checks, layout
from agents.actions import note_injection
from agents.answers import Question, ask_document
from agents.contracts import Alignment
from agents.gateway import CallFailed
from features import documents

logger = logging.getLogger(__name__)
MAX_REASONS = 10
NO_OPINION = {"verdict": "", "gaps": [], "invented": [], "injection_notes": []}


def run_alignment(feature, *, lease, gate, document, upstream, problems, ids):
    """Write the recommendation on the document, unless it stands there already.

    upstream: data of the document before. problems: what code found. ids: those a gap may speak of.
    A failed call gives "no opinion" and never holds the gate up.
    """
    if document.recommendation:
        return
    question = Question(
        feature=feature,
        agent="alignment",
        contract=Alignment,
        blocks=[
            layout.data_block(
                feature,
                gate=gate,
                upstream=upstream,
                candidate=document.data,
                checks=[problem.as_data() for problem in problems],
            )
        ],
    )
    try:
        answer = ask_document(question, lease=lease)
    except CallFailed as error:
        logger.warning("No alignment", extra={"feature": feature.pk, "failure": str(error.failure)})
        answer = NO_OPINION
    verdict, reasons = opinion(answer, ids=ids)
    with lease.checkpoint() as fresh:
        documents.recommend(document, verdict=verdict, reasons=reasons)
        note_injection(fresh, agent="alignment", answer=answer)


def opinion(answer, *, ids):
    """Return (verdict, reasons) of an Alignment; gaps about unknown ids are dropped.

    REVISE for no reason that stands is no opinion.
    """
    known = set(ids)
    reasons = [
        {"id": gap["about"], "problem": gap["problem"], "fix": gap["fix"]}
        for gap in answer["gaps"]
        if gap["about"] in known
    ]
    reasons += [
        {
            "id": "",
            "problem": f"Nobody asked for this: {line}",
            "fix": "Take it out, or confirm it in the chat.",
        }
        for line in answer["invented"]
    ]
    verdict = answer["verdict"]
    if verdict == "REVISE" and not reasons:
        verdict = ""
    return verdict, reasons[:MAX_REASONS]


def ids_of_brief(brief):
    return [fact["id"] for fact in brief["facts"]] + [out["id"] for out in brief["out_of_scope"]]


def ids_of_spec(spec):
    return [*document_checks.spec_ids(spec), *(entity["name"] for entity in spec["entities"])]

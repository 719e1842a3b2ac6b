"""The feature's name, once its spec stands. Never holds anything up."""

import logging

from django.db.models import Q

from agents import layout
from agents.actions import note_injection
from agents.answers import Question, ask_document
from agents.contracts import Title
from agents.gateway import CallFailed
from agents.models import AgentRun
from buildpractical.lib.tenancy import as_workspace
from features import actions
from features.failures import Failure

logger = logging.getLogger(__name__)
MAX_CHARS = 60
# Ended from our side: the agent never had its say.
_BROKEN_OFF = [Failure.STOPPED, Failure.WORKER_LOST, Failure.CRASHED]


def run_title(feature, *, lease, spec, brief):
    """Name the feature after its spec, unless the person named it or this was done for this spec."""
    if feature.title_is_mine or _is_done(feature, since=spec.created_at):
        return
    question = Question(
        feature=feature,
        agent="title",
        contract=Title,
        blocks=[layout.data_block(feature, spec=spec.data)],
    )
    try:
        answer = ask_document(question, lease=lease)
    except CallFailed as error:
        logger.warning("No title", extra={"feature": feature.pk, "failure": str(error.failure)})
        answer = {"title": brief["title"], "injection_notes": []}
    with lease.checkpoint() as fresh:
        actions.suggest_title(feature=fresh, title=shortened(answer["title"]))
        note_injection(fresh, agent="title", answer=answer)


def shortened(title):
    """Return the title in at most 60 characters, cut between words where that is possible."""
    title = " ".join(title.split())
    if len(title) <= MAX_CHARS:
        return title
    return title[:MAX_CHARS].rsplit(" ", 1)[0].rstrip(" ,;:-") or title[:MAX_CHARS]


def _is_done(feature, *, since):
    with as_workspace(feature.workspace_id):
        runs = AgentRun.objects.filter(feature=feature, agent="title", started_at__gte=since)
        return runs.exclude(Q(state=AgentRun.State.LOST) | Q(failure__in=_BROKEN_OFF)).exists()

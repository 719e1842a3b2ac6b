"""Looks at the rows after a run: what was lost, doubled, left standing, or does not add up."""

import json
from collections import Counter
from dataclasses import dataclass, field

from agents.catalog import CHAT_AGENTS
from agents.layout import suffix_of
from agents.models import AgentRun
from chat.models import Message
from features import artifacts
from features.failures import Failure, words
from features.models import Artifact, Document, Event, Feature, Transition
from features.statuses import ALLOWED, Status

KINDS = ("spec", "plan", "tests", "security_review", "code_review")
CLAIMS = 5  # of an undisturbed feature: spec, plan, tests, code, review
ENDED = {AgentRun.State.FINISHED, AgentRun.State.FAILED, AgentRun.State.LOST}


@dataclass
class Account:
    """counts: how many of each kind of harm, all of which must be 0. problems: each of them in words.

    figures: what else is worth knowing.
    """

    counts: Counter = field(default_factory=Counter)
    problems: list = field(default_factory=list)
    figures: dict = field(default_factory=dict)

    def note(self, what, text):
        self.counts[what] += 1
        self.problems.append(f"{what}: {text}")


HARMS = (
    "lost features",
    "stuck features",
    "features whose history disagrees",
    "duplicate documents",
    "duplicate artifacts",
    "damaged artifacts",
    "runs not accounted for",
    "calls repeated without an interruption",
    "answers that never ended",
    "results unlike the undisturbed one",
    "failures without words",
)


def settle(builders, *, baseline, requests):
    """Return the Account of everything that these builders began.

    baseline: pks of features that nothing disturbed. requests: the model server's log.
    """
    account = Account(counts=Counter(dict.fromkeys(HARMS, 0)))
    features = {feature.pk: feature for feature in Feature.objects.filter(pk__in=builders.all)}
    for pk in builders.all:
        if pk not in features:
            account.note("lost features", str(pk))
    calls = _calls(features.values(), requests)
    usual = {_brief(pk): (calls[pk].total(), _result(pk)) for pk in baseline}
    repeated = interruptions = 0
    for pk, feature in features.items():
        _end(account, feature, poisoned=pk in builders.poisoned)
        _history(account, feature)
        _documents(account, feature)
        _artifacts(account, feature)
        _runs(account, feature, calls[pk])
        extra = feature.transitions.filter(reason__startswith="claimed").count() - CLAIMS
        interruptions += max(extra, 0)
        if pk in builders.poisoned or feature.status != Status.DONE or _brief(pk) not in usual:
            continue
        usual_calls, usual_result = usual[_brief(pk)]
        more = calls[pk].total() - usual_calls
        repeated += max(more, 0)
        if more > extra:
            account.note(
                "calls repeated without an interruption", f"{pk}: {more} calls, {extra} interruptions"
            )
        if _result(pk) != usual_result:
            account.note("results unlike the undisturbed one", str(pk))
    for _, failure in builders.failures:
        if failure not in Failure.values or not words(failure, is_demo=True):
            account.note("failures without words", failure)
    account.figures = {
        "features": len(features),
        "of them from a conversation": len(builders.talking),
        "model calls": sum(count.total() for count in calls.values()),
        "interruptions of a step": interruptions,
        "model calls repeated": repeated,
        "Retry pressed": dict(Counter(failure for _, failure in builders.failures)),
        "runs": dict(Counter(AgentRun.objects.filter(feature__in=features).values_list("state", flat=True))),
        "web answers": builders.answers,
    }
    return account


def _calls(features, requests):
    """Return {pk: Counter of the pipeline's calls by agent} as the model server saw them."""
    by_suffix = {suffix_of(feature): feature.pk for feature in features}
    calls = {feature.pk: Counter() for feature in features}
    for line in requests.read_text().splitlines():
        note = json.loads(line)
        if (pk := by_suffix.get(note["feature"])) and note["agent"] not in CHAT_AGENTS:
            calls[pk][note["agent"]] += 1
    return calls


def _brief(pk):
    confirmed = Document.objects.filter(feature=pk, kind="brief", approved_at__isnull=False)
    return confirmed.values_list("sha256", flat=True).first()


def _result(pk):
    """Return what the builder gets: the current documents' and files' fingerprints."""
    documents = Document.objects.filter(feature=pk, superseded_at=None, kind__in=KINDS)
    files = Artifact.objects.filter(feature=pk, superseded_at=None)
    return set(documents.values_list("kind", "sha256")) | set(files.values_list("path", "sha256"))


def _end(account, feature, *, poisoned):
    if poisoned:
        if (feature.status, feature.failure) != (Status.FAILED, Failure.WORKER_LOST):
            account.note("stuck features", f"{feature.pk}: poisoned, {feature.status} {feature.failure}")
    elif feature.status != Status.DONE or feature.lease_token:
        account.note("stuck features", f"{feature.pk}: {feature.status} {feature.failure}")
    if Message.objects.filter(feature=feature, state="streaming").exists():
        account.note("answers that never ended", str(feature.pk))


def _history(account, feature):
    """The moves are a walk from the beginning to the present status, and each raised the version by one."""
    moves = list(Transition.objects.filter(feature=feature).order_by("version"))
    wrong = []
    if [move.version for move in moves] != list(range(1, feature.version + 1)):
        wrong.append(f"versions {[move.version for move in moves]} up to {feature.version}")
    place = Status.DRAFTING
    for move in moves:
        if move.source != place or move.target not in ALLOWED[move.source]:
            wrong.append(f"{move.source} to {move.target} at {place}")
        place = move.target
    if place != feature.status:
        wrong.append(f"ends at {place}, is {feature.status}")
    seqs = list(Event.objects.filter(feature=feature).order_by("seq").values_list("seq", flat=True))
    if seqs != list(range(1, feature.event_seq + 1)):
        wrong.append("events have a gap")
    if wrong:
        account.note("features whose history disagrees", f"{feature.pk}: {'; '.join(wrong)}")


def _documents(account, feature):
    """Nobody revised anything: one revision of each kind, announced once."""
    kinds = Counter(feature.documents.exclude(kind="brief").values_list("kind", flat=True))
    for kind, count in kinds.items():
        if count > 1:
            account.note("duplicate documents", f"{feature.pk}: {count} × {kind}")
    if feature.status == Status.DONE and set(kinds) != set(KINDS):
        account.note("lost features", f"{feature.pk}: without {set(KINDS) - set(kinds)}")
    told = feature.events.filter(kind="document").values_list("data__id", flat=True)
    if sorted(told) != sorted(feature.documents.values_list("pk", flat=True)):
        account.note("duplicate documents", f"{feature.pk}: documents and their events differ")


def _artifacts(account, feature):
    rows = list(feature.artifacts.all())
    paths = Counter((row.path, row.sha256) for row in rows)
    if doubled := [path for (path, _), count in paths.items() if count > 1]:
        account.note("duplicate artifacts", f"{feature.pk}: {doubled}")
    for row in rows:
        try:
            artifacts.read(row)
        except (artifacts.Damaged, OSError) as error:
            account.note("damaged artifacts", f"{feature.pk}: {row.path}: {error!r}")


def _runs(account, feature, calls):
    """Every run has ended, and the model server saw no call without a row."""
    for run in feature.runs.all():
        if run.state not in ENDED or run.finished_at is None:
            account.note("runs not accounted for", f"{feature.pk}: {run.agent} {run.pk} {run.state}")
    rows = Counter(feature.runs.exclude(agent__in=CHAT_AGENTS).values_list("agent", flat=True))
    if missing := calls - rows:
        account.note("runs not accounted for", f"{feature.pk}: calls without a row {dict(missing)}")

"""The accountant must see each harm, or its zeros mean nothing."""

import json
from collections import Counter
from types import SimpleNamespace

import pytest

from agents.layout import suffix_of
from agents.models import AgentRun
from chat.models import Message
from features.models import Artifact, Document, Feature, Transition
from features.statuses import Status
from tests.chaos.accountant import HARMS, settle
from tests.factories import NOON, add_files

pytestmark = pytest.mark.django_db


def lose(feature):
    feature.delete()


def leave_standing(feature):
    Feature.objects.filter(pk=feature.pk).update(status=Status.REVIEW)


def leave_out_a_move(feature):
    Transition.objects.filter(feature=feature, version=3).delete()


def double_a_document(feature):
    plan = feature.documents.get(kind="plan")
    Document.objects.filter(pk=plan.pk).update(superseded_at=NOON)
    plan.pk, plan.revision = None, 2
    plan.save()


def double_a_file(feature):
    add_files(feature, {"src/main.ts": ("source", b"// R1 AC1.1\nexport function main(): void {}\n")})


def damage_a_file(feature):
    Artifact.objects.filter(feature=feature, path="README.md").update(sha256="0" * 64)


def leave_a_run(feature):
    AgentRun.objects.create(
        workspace=feature.workspace, feature=feature, step="review", agent="code_review", provider="demo",
        model="m", prompt="p", prompt_sha256="0", started_at=NOON,
    )  # fmt: skip


def leave_an_answer(feature):
    Message.objects.create(
        workspace=feature.workspace, feature=feature, seq=1, role="assistant", state="streaming",
        lease_until=NOON, created_at=NOON,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("harm", "name"),
    [
        (lambda feature: None, None),
        (lose, "lost features"),
        (leave_standing, "stuck features"),
        (leave_out_a_move, "features whose history disagrees"),
        (double_a_document, "duplicate documents"),
        (double_a_file, "duplicate artifacts"),
        (damage_a_file, "damaged artifacts"),
        (leave_a_run, "runs not accounted for"),
        (leave_an_answer, "answers that never ended"),
    ],
)
def test_settle_finds_the_harm(feature_in, tmp_path, harm, name):
    feature, _ = feature_in(Status.DONE)
    pk, requests = feature.pk, tmp_path / "requests.jsonl"
    requests.write_text("")
    harm(feature)

    account = settle(builders(pk), baseline=[], requests=requests)

    found = {what for what, count in account.counts.items() if count}
    assert set(account.counts) == set(HARMS)
    assert (name in found) if name else (found == set())


def test_settle_finds_calls_that_no_interruption_explains(feature_in, tmp_path):
    usual, _ = feature_in(Status.DONE)
    other, _ = feature_in(Status.DONE)
    requests = tmp_path / "requests.jsonl"
    note = {"agent": "planner", "feature": suffix_of(other)}
    requests.write_text(json.dumps(note) + "\n")

    account = settle(builders(usual.pk, other.pk), baseline=[usual.pk], requests=requests)

    assert account.counts["calls repeated without an interruption"] == 1


def builders(*pks):
    return SimpleNamespace(all=list(pks), poisoned=set(), talking=set(), failures=[], answers=Counter())

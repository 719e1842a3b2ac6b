from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ

from features import artifacts, documents, leases, transitions
from features.failures import Failure
from features.models import Feature, Transition
from features.statuses import ACTIVE, ALLOWED, GATES, REVISABLE, STARTS, TERMINAL, WORKING, Status
from features.steps import Outcome
from tests.factories import NOON, add_document, claim, finish, make_feature

LATER = NOON + timedelta(minutes=5)
APPROVALS = {
    "spec": transitions.approve_spec,
    "plan": transitions.approve_plan,
    "tests": transitions.approve_tests,
}


def facts(feature):
    feature.refresh_from_db()
    return {
        name: getattr(feature, name) for name in ("status", "version", "lease_token", "failure", "attempts")
    }


def test_confirm_brief_moves_to_spec_generating_when_the_brief_is_the_newest(feature_in, ada):
    feature, _ = feature_in(Status.DRAFTING)
    brief = add_document(feature, "brief")

    transitions.confirm_brief(feature=feature, document=brief, actor=ada, now=NOON)

    assert facts(feature) == {
        "status": "spec_generating", "version": 1, "lease_token": None, "failure": "", "attempts": 0,
    }  # fmt: skip
    assert documents.confirmed_brief(feature) == brief
    assert documents.proposed_brief(feature) is None
    assert [q.func() for q in OrmQ.objects.all()] == ["features.tasks.advance"]
    assert [(q.task["args"]) for q in OrmQ.objects.all()] == [(feature.pk, 1)]


def test_confirm_brief_raises_stale_feature_when_a_newer_brief_exists(feature_in, ada):
    feature, _ = feature_in(Status.DRAFTING)
    old = add_document(feature, "brief")
    newest = add_document(feature, "brief")

    with pytest.raises(transitions.StaleFeature):
        transitions.confirm_brief(feature=feature, document=old, actor=ada, now=NOON)

    assert facts(feature)["status"] == "drafting"
    assert documents.proposed_brief(feature) == newest
    assert OrmQ.objects.count() == 0


@pytest.mark.parametrize("gate", list(GATES))
def test_approve_moves_on_and_queues_when_the_document_is_current(feature_in, ada, gate):
    feature, document = feature_in(gate)
    kind, target = GATES[gate]

    APPROVALS[kind](feature=feature, document=document, actor=ada, now=LATER)

    assert feature.status == target
    document.refresh_from_db()
    assert (document.approved_at, document.approved_by) == (LATER, ada)
    newest = feature.transitions.last()
    assert (newest.source, newest.target, newest.actor, newest.at) == (gate, target, ada, LATER)
    assert OrmQ.objects.order_by("-pk").first().task["args"] == (feature.pk, feature.version)


@pytest.mark.parametrize("gate", list(GATES))
def test_approve_raises_stale_feature_when_already_approved_in_another_tab(feature_in, ada, gate):
    feature, document = feature_in(gate)
    other_tab = Feature.objects.get(pk=feature.pk)
    other_document = type(document).objects.get(pk=document.pk)
    transitions.APPROVE[gate](feature=feature, document=document, actor=ada, now=NOON)
    moves = feature.transitions.count()

    with pytest.raises(transitions.StaleFeature) as stale:
        transitions.APPROVE[gate](feature=other_tab, document=other_document, actor=ada, now=NOON)

    assert not isinstance(stale.value, transitions.WrongStatus)
    assert feature.transitions.count() == moves


def test_approve_raises_stale_and_not_wrong_status_when_clicked_again_after_reload(feature_in, ada):
    feature, document = feature_in(Status.SPEC_READY)
    transitions.approve_spec(feature=feature, document=document, actor=ada, now=NOON)

    with pytest.raises(transitions.StaleFeature) as stale:
        transitions.approve_spec(feature=feature, document=document, actor=ada, now=NOON)

    assert type(stale.value) is transitions.StaleFeature


def test_approve_raises_stale_feature_when_the_revision_is_old(feature_in, ada):
    feature, old = feature_in(Status.SPEC_READY)
    add_document(feature, "spec")

    with pytest.raises(transitions.StaleFeature):
        transitions.approve_spec(feature=feature, document=old, actor=ada, now=NOON)

    assert facts(feature)["status"] == "spec_ready"


def test_approve_raises_stale_feature_when_the_document_is_another_feature_s(feature_in, ada):
    feature, _ = feature_in(Status.SPEC_READY)
    _, foreign = feature_in(Status.SPEC_READY)

    with pytest.raises(transitions.StaleFeature):
        transitions.approve_spec(feature=feature, document=foreign, actor=ada, now=NOON)

    assert facts(feature)["status"] == "spec_ready"


@pytest.mark.parametrize("status", [s for s in Status if s not in GATES and s not in STARTS])
def test_approve_raises_wrong_status_when_the_status_is_no_gate(feature_in, ada, status):
    feature, _ = feature_in(status)
    undecided = add_document(feature, "spec")
    before = facts(feature)

    with pytest.raises(transitions.WrongStatus):
        transitions.approve_spec(feature=feature, document=undecided, actor=ada, now=NOON)

    assert facts(feature) == before


@pytest.mark.parametrize("gate", sorted(REVISABLE))
def test_revise_supersedes_everything_downstream_and_deletes_nothing(feature_in, ada, gate):
    feature, _ = feature_in(gate)
    rows = feature.documents.count()
    files = feature.artifacts.count()
    brief = add_document(feature, "brief", data={"title": "New"})

    transitions.revise(feature=feature, document=brief, actor=ada, now=LATER)

    assert feature.status == Status.SPEC_GENERATING
    assert [d.kind for d in feature.documents.filter(superseded_at=None)] == ["brief"]
    assert documents.confirmed_brief(feature) == brief
    assert feature.documents.count() == rows + 1
    assert feature.artifacts.count() == files
    assert list(artifacts.current(feature)) == []


def test_approve_turns_down_a_proposed_brief(feature_in, ada):
    feature, spec = feature_in(Status.SPEC_READY)
    confirmed = documents.confirmed_brief(feature)
    add_document(feature, "brief")

    transitions.approve_spec(feature=feature, document=spec, actor=ada, now=NOON)

    assert documents.proposed_brief(feature) is None
    assert documents.confirmed_brief(feature) == confirmed


def test_retry_starts_a_new_build_from_the_files_when_the_review_said_no(feature_in, ada):
    feature, _ = feature_in(Status.FAILED)
    files = set(artifacts.current(feature).values_list("path", flat=True))

    transitions.retry(feature=feature, actor=ada, now=LATER)

    assert (feature.status, feature.build, feature.failure) == ("tests_approved", 2, "")
    assert set(artifacts.current(feature).values_list("path", flat=True)) == files
    assert documents.current(feature, "security_review") is None
    assert feature.documents.filter(kind="security_review").count() == 1


def test_retry_keeps_the_review_that_came_to_a_verdict_when_the_other_did_not(feature_in, ada):
    feature, _ = feature_in(Status.REVIEW)
    good = add_document(feature, "security_review")
    finish(feature, Status.FAILED, failure=Failure.NO_VERDICT)

    transitions.retry(feature=feature, actor=ada, now=LATER)

    assert (feature.status, feature.build) == ("review", 1)
    assert documents.current(feature, "security_review") == good


@pytest.mark.parametrize(
    ("working", "checkpoint"),
    [
        (Status.SPEC_GENERATING, Status.SPEC_GENERATING),
        (Status.PLAN_GENERATING, Status.SPEC_APPROVED),
        (Status.TESTS_GENERATING, Status.PLAN_APPROVED),
        (Status.IMPLEMENTING, Status.TESTS_APPROVED),
        (Status.REVIEW, Status.REVIEW),
    ],
)
def test_retry_goes_to_the_last_checkpoint_when_a_step_failed(feature_in, ada, working, checkpoint):
    feature, _ = feature_in(working)
    transitions.fail_step(feature=feature, failure=Failure.TIMEOUT, now=NOON)

    transitions.retry(feature=feature, actor=ada, now=LATER)

    assert (feature.status, feature.failure, feature.lease_token) == (checkpoint, "", None)
    assert OrmQ.objects.order_by("-pk").first().task["args"] == (feature.pk, feature.version)


@pytest.mark.parametrize(
    ("working", "kind", "checkpoint"),
    [
        (Status.SPEC_GENERATING, "spec", Status.SPEC_GENERATING),
        (Status.PLAN_GENERATING, "plan", Status.SPEC_APPROVED),
        (Status.TESTS_GENERATING, "tests", Status.PLAN_APPROVED),
    ],
)
def test_retry_runs_the_step_again_when_its_document_was_kept_half_way(
    feature_in, ada, working, kind, checkpoint
):
    feature, _ = feature_in(working)
    kept = add_document(feature, kind)
    transitions.fail_step(feature=feature, failure=Failure.INCOMPLETE_TESTS, now=NOON)

    transitions.retry(feature=feature, actor=ada, now=LATER)

    assert feature.status == checkpoint
    assert documents.current(feature, kind) == kept


@pytest.mark.parametrize("status", [s for s in Status if s != Status.FAILED])
def test_retry_raises_wrong_status_when_nothing_has_failed(feature_in, ada, status):
    feature, _ = feature_in(status)
    before = facts(feature)

    with pytest.raises(transitions.WrongStatus):
        transitions.retry(feature=feature, actor=ada, now=NOON)

    assert facts(feature) == before


def test_stop_fails_the_feature_at_once_when_nobody_runs_it(feature_in, ada):
    feature, _ = feature_in(Status.SPEC_APPROVED)

    transitions.stop(feature=feature, actor=ada, now=NOON)

    assert (feature.status, feature.failure) == ("failed", "stopped")
    assert feature.transitions.last().actor == ada


def test_stop_asks_the_running_step_when_somebody_runs_it(feature_in, ada):
    feature, _ = feature_in(Status.IMPLEMENTING)

    transitions.stop(feature=feature, actor=ada, now=LATER)

    feature.refresh_from_db()
    assert (feature.status, feature.stop_requested_at) == ("implementing", LATER)


def test_stop_stops_the_worker_that_claimed_after_the_page_was_read(feature_in, ada):
    feature, _ = feature_in(Status.PLAN_APPROVED)
    seen = Feature.objects.get(pk=feature.pk)
    claim(feature)

    transitions.stop(feature=seen, actor=ada, now=LATER)

    assert (seen.status, seen.stop_requested_at) == ("tests_generating", LATER)


@pytest.mark.parametrize(
    "end",
    [
        lambda feature: transitions.finish_step(feature=feature, outcome=Outcome(Status.REVIEW), now=LATER),
        lambda feature: transitions.requeue_step(feature=feature, now=LATER, wake_at=LATER, attempts=0),
        lambda feature: leases.release(feature=feature, now=LATER),
    ],
    ids=["finished", "put back", "released"],
)
def test_stop_holds_however_the_running_step_ends(feature_in, ada, end):
    feature, _ = feature_in(Status.IMPLEMENTING)
    transitions.stop(feature=Feature.objects.get(pk=feature.pk), actor=ada, now=LATER)
    jobs = OrmQ.objects.count()

    end(feature)

    assert (feature.status, feature.failure, feature.stop_requested_at) == ("failed", "stopped", None)
    assert OrmQ.objects.count() == jobs


@pytest.mark.parametrize("status", [Status.DRAFTING, *GATES, *TERMINAL])
def test_stop_raises_wrong_status_when_nothing_runs(feature_in, ada, status):
    feature, _ = feature_in(status)

    with pytest.raises(transitions.WrongStatus):
        transitions.stop(feature=feature, actor=ada, now=NOON)


def test_finish_step_raises_stale_and_writes_nothing_when_the_lease_is_another_s(feature_in):
    feature, _ = feature_in(Status.SPEC_GENERATING)
    claim(feature)
    late = Feature.objects.get(pk=feature.pk)
    transitions.requeue_step(feature=feature, now=NOON)
    claim(feature)
    before = (facts(feature), feature.documents.count(), feature.transitions.count())

    with pytest.raises(transitions.StaleFeature):
        transitions.finish_step(
            feature=late,
            outcome=Outcome(Status.SPEC_READY, lambda feature, now: add_document(feature, "spec")),
            now=NOON,
        )

    assert (facts(feature), feature.documents.count(), feature.transitions.count()) == before


def test_move_raises_value_error_when_the_arrow_does_not_exist(feature_in):
    feature, _ = feature_in(Status.DRAFTING)

    with pytest.raises(ValueError, match="drafting to done"):
        transitions._move(feature, source="drafting", target="done", actor=None, now=NOON)


@pytest.mark.parametrize("status", list(Status))
def test_history_is_a_walk_that_ends_where_the_feature_stands(feature_in, status):
    feature, _ = feature_in(status)

    walk = list(feature.transitions.values_list("version", "source", "target"))

    assert [version for version, _, _ in walk] == list(range(1, feature.version + 1))
    assert [source for _, source, _ in walk] == ["drafting", *(target for _, _, target in walk[:-1])][
        : len(walk)
    ]
    assert all(target in ALLOWED[source] for _, source, target in walk)
    assert (walk[-1][2] if walk else "drafting") == feature.status


def test_every_move_appends_one_status_event(feature_in):
    feature, _ = feature_in(Status.DONE)

    told = list(feature.events.filter(kind="status").values_list("data__status", flat=True))

    assert told == list(Transition.objects.filter(feature=feature).values_list("target", flat=True))
    seqs = list(feature.events.values_list("seq", flat=True))
    assert seqs == list(range(1, len(seqs) + 1))


def test_statuses_fit_together():
    assert set(ALLOWED) == set(Status)
    assert set(STARTS) | WORKING == ACTIVE
    assert {s for s in Status if not ALLOWED[s]} == {Status.DONE}
    assert Status.DRAFTING not in {target for targets in ALLOWED.values() for target in targets}


def test_lease_outside_a_working_status_is_refused_by_the_database(feature_in):
    from django.db import IntegrityError, transaction

    feature, _ = feature_in(Status.SPEC_READY)

    with pytest.raises(IntegrityError), transaction.atomic():
        Feature.objects.filter(pk=feature.pk).update(lease_token="x", lease_until=NOON)


def test_unknown_status_is_refused_by_the_database(ada):
    from django.db import IntegrityError, transaction

    feature = make_feature(ada)

    with pytest.raises(IntegrityError), transaction.atomic():
        Feature.objects.filter(pk=feature.pk).update(status="unknown")


def test_approve_makes_few_queries(feature_in, ada, django_assert_max_num_queries):
    feature, document = feature_in(Status.SPEC_READY)

    with django_assert_max_num_queries(18 if connection.vendor == "postgresql" else 16):
        transitions.approve_spec(feature=feature, document=document, actor=ada, now=NOON)


def test_stale_move_leaves_the_transaction_around_it_usable(feature_in):
    feature, _ = feature_in(Status.SPEC_GENERATING)
    other = Feature.objects.get(pk=feature.pk)
    transitions.fail_step(feature=other, failure=Failure.TIMEOUT, now=NOON)

    with transaction.atomic():
        with pytest.raises(transitions.StaleFeature):
            transitions.fail_step(feature=feature, failure=Failure.CRASHED, now=NOON)
        failure = Feature.objects.get(pk=feature.pk).failure

    assert failure == Failure.TIMEOUT


def test_move_leaves_every_field_as_the_row_has_it(feature_in):
    feature, _ = feature_in(Status.SPEC_GENERATING)
    Feature.objects.filter(pk=feature.pk).update(title="Renamed meanwhile")

    transitions.requeue_step(feature=feature, now=NOON)

    row = Feature.objects.values().get(pk=feature.pk)
    assert {name: getattr(feature, name) for name in row} == row


def test_claim_of_a_step_writes_in_three_statements(feature_in):
    feature, _ = feature_in(Status.SPEC_APPROVED)

    with CaptureQueriesContext(connection) as queries:
        leases.claim(feature.pk, feature.version, now=NOON)

    written = [q["sql"].split()[0] for q in queries if q["sql"].startswith(("INSERT", "UPDATE"))]
    assert written == ["UPDATE", "INSERT", "INSERT"]
    # The look at the row before, and what PostgreSQL needs to know of the tenant.
    assert len([q for q in queries if q["sql"].startswith("SELECT")]) <= 3

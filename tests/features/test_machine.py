"""Property test of the engine: whatever people, workers, crashes and sweeps do, the rows stay true."""

from contextlib import suppress
from copy import copy
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from features import documents, leases, recovery, transitions
from features.failures import Failure
from features.models import Document, Feature
from features.statuses import ALLOWED, GATES, REVISABLE, WORKING, Status
from features.steps import Outcome
from tests.factories import NOON, add_document, make_feature

ENDS = {
    Status.SPEC_GENERATING: (Status.SPEC_READY, "spec"),
    Status.PLAN_GENERATING: (Status.PLAN_READY, "plan"),
    Status.TESTS_GENERATING: (Status.TESTS_READY, "tests"),
    Status.IMPLEMENTING: (Status.REVIEW, None),
    Status.REVIEW: (Status.DONE, None),
}


def machine(ada, bob):
    class Engine(RuleBasedStateMachine):
        """Two people and any number of workers on one feature; each may hold an old copy of the row."""

        @initialize()
        def start(self):
            self.now = NOON
            self.feature = make_feature(ada)
            self.copies = [Feature.objects.get(pk=self.feature.pk)]  # what tabs and workers believe
            self.contents = {}

        def fresh(self):
            return Feature.objects.get(pk=self.feature.pk)

        def keep(self, feature):
            self.copies = [*self.copies[-4:], copy(feature)]

        def look(self, old):
            """Return the row as a caller sees it: fresh, or as it was some time ago."""
            return copy(self.copies[old % len(self.copies)]) if old % 3 == 0 else self.fresh()

        @rule(seconds=st.sampled_from([1, 30, 90, 700]))
        def time_passes(self, seconds):
            self.now += timedelta(seconds=seconds)

        @rule()
        def brief_is_written(self):
            if self.fresh().status in {Status.DRAFTING, *REVISABLE}:
                add_document(self.fresh(), "brief", now=self.now)

        @rule(old=st.integers(0, 8), who=st.sampled_from([ada, bob]))
        def person_confirms_or_revises(self, old, who):
            feature = self.look(old)
            document = feature.documents.filter(kind="brief").last()
            if document is None:
                return
            act = transitions.confirm_brief if feature.status == Status.DRAFTING else transitions.revise
            with suppress(transitions.StaleFeature):
                act(feature=feature, document=document, actor=who, now=self.now)
            self.keep(self.fresh())

        @rule(old=st.integers(0, 8), gate=st.sampled_from(list(GATES)), revision=st.integers(0, 3))
        def person_approves(self, old, gate, revision):
            feature, kind = self.look(old), GATES[gate][0]
            looked_at = list(Document.objects.filter(feature=feature, kind=kind).order_by("-revision"))
            if revision >= len(looked_at):
                return
            document = looked_at[revision]
            was_current = document.superseded_at is None
            with suppress(transitions.StaleFeature):
                transitions.APPROVE[gate](feature=feature, document=document, actor=ada, now=self.now)
                assert was_current
            self.keep(self.fresh())

        @rule(old=st.integers(0, 8), act=st.sampled_from([transitions.retry, transitions.stop]))
        def person_retries_or_stops(self, old, act):
            with suppress(transitions.StaleFeature):
                act(feature=self.look(old), actor=bob, now=self.now)
            self.keep(self.fresh())

        @rule(old=st.integers(0, 8))
        def worker_claims(self, old):
            claimed = leases.claim(self.feature.pk, self.look(old).version, now=self.now)
            if claimed:
                self.keep(claimed)

        @rule(old=st.integers(0, 8))
        def worker_finishes(self, old):
            feature = self.look(old)
            if feature.lease_token is None:
                return
            target, kind = ENDS[feature.status]

            def save(feature, now):
                if kind:
                    add_document(feature, kind, now=now)

            with suppress(transitions.StaleFeature):
                transitions.finish_step(feature=feature, outcome=Outcome(target, save), now=self.now)
            self.keep(self.fresh())

        @rule(old=st.integers(0, 8), end=st.sampled_from(["fail", "requeue", "release", "say no"]))
        def worker_gives_up(self, old, end):
            feature = self.look(old)
            if feature.lease_token is None:
                return
            with suppress(transitions.StaleFeature):
                if end == "fail":
                    transitions.fail_step(feature=feature, failure=Failure.TIMEOUT, now=self.now)
                elif end == "requeue":
                    wake_at = self.now + timedelta(seconds=20)
                    transitions.requeue_step(feature=feature, now=self.now, wake_at=wake_at, attempts=0)
                elif end == "release":
                    leases.release(feature=feature, now=self.now)
                elif feature.status == Status.REVIEW:
                    no = Outcome(Status.FAILED, failure=Failure.REVIEW_FAILED)
                    transitions.finish_step(feature=feature, outcome=no, now=self.now)

        @rule()
        def sweeper_looks_twice(self):
            recovery.recover_stuck(now=self.now)
            assert recovery.recover_stuck(now=self.now) == {}

        @invariant()
        def history_is_a_walk(self):
            feature = self.fresh()
            walk = list(feature.transitions.values_list("version", "source", "target"))
            assert [version for version, _, _ in walk] == list(range(1, feature.version + 1))
            at = Status.DRAFTING
            for _, source, target in walk:
                assert source == at
                assert target in ALLOWED[source]
                at = target
            assert feature.status == at
            told = list(feature.events.filter(kind="status").values_list("data__status", flat=True))
            assert told == [target for _, _, target in walk]

        @invariant()
        def lease_only_while_working(self):
            feature = self.fresh()
            assert feature.lease_token is None or feature.status in WORKING

        @invariant()
        def code_comes_after_three_approvals_of_what_was_current(self):
            feature = self.fresh()
            if feature.status in {Status.TESTS_APPROVED, Status.IMPLEMENTING, Status.REVIEW, Status.DONE}:
                for kind in ("brief", "spec", "plan", "tests"):
                    document = documents.current(feature, kind)
                    assert document is not None
                    assert document.approved_at is not None

        @invariant()
        def documents_never_change(self):
            for document in self.feature.documents.values("pk", "kind", "revision", "data", "body", "sha256"):
                assert self.contents.setdefault(document["pk"], document) == document

    return Engine


def test_engine_keeps_its_promises_whatever_happens(transactional_db, ada, bob):
    run_state_machine_as_test(
        machine(ada, bob),
        settings=settings(
            max_examples=40,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )

"""Proof by trying: whatever people, workers, crashes and sweeps do to a feature, its rows stay true.

A short run each time; `make proof` runs at least PROOF_STEPS random steps on each database.
"""

import os
import time
from contextlib import suppress
from copy import copy
from datetime import timedelta

from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.actions import save_key
from accounts.models import Membership
from chat import actions as talk
from chat import keeping
from chat.models import Message
from features import actions, documents, leases, recovery, transitions
from features.failures import Failure
from features.models import Document, Event, Feature
from features.statuses import ALLOWED, GATES, REVISABLE, WORKING, Status
from features.steps import Outcome
from tests.factories import BRIEF, NOON, add_document, make_feature, make_user, walk

PROOF_STEPS = int(os.environ.get("PROOF_STEPS", "0"))
ENDS = {
    Status.SPEC_GENERATING: (Status.SPEC_READY, "spec"),
    Status.PLAN_GENERATING: (Status.PLAN_READY, "plan"),
    Status.TESTS_GENERATING: (Status.TESTS_READY, "tests"),
    Status.IMPLEMENTING: (Status.REVIEW, None),
    Status.REVIEW: (Status.DONE, None),
}
BUILDING = {Status.TESTS_APPROVED, Status.IMPLEMENTING, Status.REVIEW, Status.DONE}
BEGINNINGS = [Status.DRAFTING, *GATES, Status.IMPLEMENTING, Status.REVIEW, Status.FAILED]
BY_STRANGERS = (
    *("approve", "revise", "retry", "stop", "brief-confirm", "brief-edit", "brief-discard"),
    *("cap-raise", "rename", "delete"),
)
OLD = st.integers(0, 8)
WORKERS = st.integers(0, 1)


def machine(ada, cleo, bob):
    """ada owns the feature, cleo is a member of her workspace, bob is a stranger."""
    stranger = Client()
    stranger.force_login(bob)
    people = st.sampled_from([ada, cleo])

    class Engine(RuleBasedStateMachine):
        """Two people and two workers on one feature; each may hold an old copy of the row."""

        steps = 0
        statuses = set()

        @initialize(provider=st.sampled_from(Feature.Provider.values), status=st.sampled_from(BEGINNINGS))
        def start(self, provider, status):
            # What the run before left would live in the future of this one.
            Feature.objects.all().delete()
            self.now, self.provider = NOON, provider
            self.begin(status)

        def begin(self, status=Status.DRAFTING):
            self.feature = make_feature(ada, provider=self.provider)
            walk(self.feature, status, actor=ada)
            self.copies = [self.fresh()]  # what tabs and workers believe
            self.workers = [None, None]  # (the claimed feature, its lease), or nothing
            self.seen, self.versions, self.caps = {}, [self.fresh().version], [0]

        def fresh(self):
            return Feature.objects.get(pk=self.feature.pk)

        def look(self, old):
            """Return the row as a caller sees it: fresh, or as it was some time ago."""
            return copy(self.copies[old % len(self.copies)]) if old % 3 == 0 else self.fresh()

        def done(self):
            self.copies = [*self.copies[-4:], self.fresh()]

        # --- the world ---

        @rule(seconds=st.sampled_from([1, 30, 90, 700]))
        def time_passes(self, seconds):
            self.now += timedelta(seconds=seconds)

        @rule()
        def sweeper_looks_twice(self):
            recovery.recover_stuck(now=self.now)
            assert recovery.recover_stuck(now=self.now) == {}
            self.done()

        @rule(moves=st.integers(1, 9), worker=WORKERS, who=people)
        def all_goes_well_for_a_while(self, moves, worker, who):
            """Without it random steps would hardly ever come as far as the code."""
            for _ in range(moves):
                feature = self.fresh()
                if feature.status == Status.DRAFTING and not documents.proposed_brief(feature):
                    add_document(feature, "brief", now=self.now)
                elif feature.status == Status.DRAFTING:
                    self.person_confirms_or_revises(1, who)
                elif feature.status in GATES:
                    self.person_approves(1, feature.status, 0, who)
                elif feature.status == Status.FAILED:
                    self.person_retries_or_stops(1, transitions.retry, who)
                elif feature.lease_token is None:
                    self.now = max(self.now, feature.wake_at or self.now) + timedelta(seconds=1)
                    recovery.recover_stuck(now=self.now)
                    self.worker_claims(worker, 1)
                else:
                    self.worker_finishes(worker)

        # --- what people do ---

        @rule(old=OLD, who=people)
        def person_confirms_or_revises(self, old, who):
            feature = self.look(old)
            document = feature.documents.filter(kind="brief").last()
            if document is None:
                return
            act = transitions.confirm_brief if feature.status == Status.DRAFTING else transitions.revise
            with suppress(transitions.StaleFeature):
                act(feature=feature, document=document, actor=who, now=self.now)
                assert documents.confirmed_brief(self.feature) == document
            self.done()

        @rule(old=OLD, gate=st.sampled_from(list(GATES)), revision=st.integers(0, 2), who=people)
        def person_approves(self, old, gate, revision, who):
            feature, kind = self.look(old), GATES[gate][0]
            looked_at = list(Document.objects.filter(feature=feature, kind=kind).order_by("-revision"))
            if revision >= len(looked_at):
                return
            document = looked_at[revision]
            was_current = document.superseded_at is None and document.approved_at is None
            with suppress(transitions.StaleFeature):
                transitions.APPROVE[gate](feature=feature, document=document, actor=who, now=self.now)
                assert was_current
                document.refresh_from_db()
                assert (document.approved_at, document.approved_by) == (self.now, who)
            self.done()

        @rule(old=OLD, act=st.sampled_from([transitions.retry, transitions.stop]), who=people)
        def person_retries_or_stops(self, old, act, who):
            with suppress(transitions.StaleFeature):
                act(feature=self.look(old), actor=who, now=self.now)
            self.done()

        @rule(old=OLD, who=people)
        def person_raises_the_limit(self, old, who):
            feature = self.look(old)
            limit = feature.cap_microusd
            with suppress(transitions.StaleFeature):
                actions.raise_cap(feature=feature, limit=limit, actor=who, now=self.now)
                assert self.fresh().cap_microusd > limit
            self.done()

        @rule(revision=st.integers(0, 2))
        def person_corrects_the_brief(self, revision):
            looked_at = list(self.feature.documents.filter(kind="brief").order_by("-revision"))
            stands = documents.proposed_brief(self.feature) or documents.confirmed_brief(self.feature)
            if revision < len(looked_at):
                parts = {
                    "title": f"Library {self.versions[-1]}",
                    "purpose": BRIEF["purpose"],
                    "users": BRIEF["users"],
                    "facts": [fact["text"] for fact in BRIEF["facts"]],
                    "out_of_scope": [],
                }
                with suppress(transitions.StaleFeature):
                    actions.save_brief(
                        feature=self.fresh(), document=looked_at[revision], parts=parts, now=self.now
                    )
                    assert looked_at[revision] == stands

        @rule(old=OLD)
        def person_turns_the_brief_down(self, old):
            document = self.feature.documents.filter(kind="brief").last()
            if document is not None:
                with suppress(transitions.StaleFeature):
                    actions.discard_brief(feature=self.look(old), document=document, now=self.now)

        @rule()
        def person_renames(self):
            actions.rename_feature(feature=self.fresh(), title="Mine")

        @precondition(lambda self: len(self.versions) > 8)
        @rule()
        def person_deletes_and_begins_anew(self):
            gone = self.fresh()
            actions.delete_feature(feature=self.fresh())
            for late in (transitions.retry, transitions.stop):
                with suppress(transitions.StaleFeature, Feature.DoesNotExist):
                    late(feature=copy(gone), actor=ada, now=self.now)
            assert not Feature.objects.filter(pk=gone.pk).exists()
            assert not Event.objects.filter(feature_id=gone.pk).exists()
            self.begin()

        @rule(who=people, brief=st.booleans())
        def person_talks(self, who, brief):
            with suppress(talk.Refused):
                if brief:
                    talk.write_brief(feature=self.fresh(), author=who, now=self.now)
                else:
                    talk.send(feature=self.fresh(), author=who, body="I need a list", now=self.now)

        @rule(state=st.sampled_from(["complete", "failed", "interrupted"]), also_brief=st.booleans())
        def answer_ends(self, state, also_brief):
            message = self.feature.messages.streaming().last()
            if message is None:
                return
            if also_brief and self.fresh().status in {Status.DRAFTING, *REVISABLE}:
                add_document(self.fresh(), "brief", now=self.now)
            failure = Failure.OVERLOADED if state == "failed" else ""
            row = keeping.Row(message.pk, message.workspace_id, "Hello", 1, state, "", failure)
            assert not keeping.save(row.workspace_id, [row], set()).lost
            # A save whose commit was not heard of comes again.
            assert not keeping.save(row.workspace_id, [row], set()).lost

        @rule(who=people)
        def person_goes_on_after_a_broken_answer(self, who):
            message = self.feature.messages.last()
            if message is not None:
                with suppress(talk.Refused):
                    talk.go_on(feature=self.fresh(), message=message, author=who, now=self.now)

        @rule(name=st.sampled_from(BY_STRANGERS))
        def stranger_tries(self, name):
            before = self.everything()
            document = self.feature.documents.last()
            form = {"document": document.pk if document else 1, "limit": self.fresh().cap_microusd}
            url = reverse(f"features:{name}", args=[self.feature.public_id])
            assert stranger.post(url, form | {"title": "His"}).status_code == 404
            assert self.everything() == before

        def everything(self):
            kinds = (Document, Event, Message)
            rows = [list(kind.objects.filter(feature=self.feature).order_by("pk").values()) for kind in kinds]
            return [Feature.objects.filter(pk=self.feature.pk).values().get(), *rows]

        # --- what two workers do, one of them perhaps long believed dead ---

        @rule(worker=WORKERS, old=OLD)
        def worker_claims(self, worker, old):
            """A message comes; the worker may have lost what it held before, as a crash does."""
            claimed = leases.claim(self.feature.pk, self.look(old).version, now=self.now)
            if claimed:
                self.workers[worker] = (claimed, leases.Lease(claimed))
                self.done()

        def held_by(self, worker):
            """Return (feature, lease, whether it still stands) of the worker, or Nones."""
            feature, lease = self.workers[worker] or (None, None)
            return feature, lease, lease is not None and self.fresh().lease_token == lease.token

        @rule(worker=WORKERS)
        def worker_beats(self, worker):
            _, lease, stands = self.held_by(worker)
            if lease:
                leases.beat([lease], now=self.now)
                assert lease.lost != stands

        @rule(worker=WORKERS)
        def worker_writes_in_the_middle(self, worker):
            feature, lease, stands = self.held_by(worker)
            if lease is None:
                return
            _, kind = ENDS[feature.status]
            before = self.everything()
            try:
                with lease.checkpoint() as fresh:
                    assert stands
                    if kind and documents.current(fresh, kind) is None:
                        add_document(fresh, kind, now=self.now)
            except leases.LeaseLost:
                assert not stands
                assert self.everything() == before
            except leases.Stopped:
                assert self.everything() == before

        @rule(worker=WORKERS)
        def worker_finishes(self, worker):
            feature, _, stands = self.held_by(worker)
            if feature is None:
                return
            target, kind = ENDS[feature.status]

            def save(feature, now):
                if kind and documents.current(feature, kind) is None:
                    add_document(feature, kind, now=now)

            outcome = Outcome(target, save)
            self.end(
                worker, lambda held: transitions.finish_step(feature=held, outcome=outcome, now=self.now)
            )

        @rule(
            worker=WORKERS,
            how=st.sampled_from(["fail", "requeue", "release", "say no", "over budget", "vanish"]),
        )
        def worker_gives_up(self, worker, how):
            feature, _, _ = self.held_by(worker)
            if feature is None:
                return
            if how == "vanish":
                self.workers[worker] = None
                return
            no = Outcome(Status.FAILED, failure=Failure.REVIEW_FAILED)
            wake_at = self.now + timedelta(seconds=20)
            ways = {
                "fail": lambda held: transitions.fail_step(
                    feature=held, failure=Failure.TIMEOUT, now=self.now
                ),
                "over budget": lambda held: transitions.fail_step(
                    feature=held, failure=Failure.OVER_BUDGET, now=self.now
                ),
                "requeue": lambda held: transitions.requeue_step(
                    feature=held, now=self.now, wake_at=wake_at, attempts=0
                ),
                "release": lambda held: leases.release(feature=held, now=self.now),
                "say no": lambda held: transitions.finish_step(feature=held, outcome=no, now=self.now),
            }
            self.end(worker, ways[how])

        def end(self, worker, act):
            """Let the worker end its step; one whose lease is lost changes nothing."""
            feature, _, stands = self.held_by(worker)
            before = self.everything()
            try:
                act(copy(feature))
                assert stands
            except transitions.StaleFeature:
                assert not stands
                assert self.everything() == before
            self.workers[worker] = None
            self.done()

        # --- what must be true after every step ---

        @invariant()
        def all_is_true(self):
            Engine.steps += 1
            feature = self.fresh()
            self.history_is_a_walk(feature)
            self.version_and_limit_only_grow(feature)
            self.lease_only_while_working_and_of_one_worker(feature)
            self.code_comes_after_three_approvals_of_what_was_current(feature)
            self.documents_never_change(feature)
            self.one_document_of_a_kind_is_current(feature)
            self.conversation_is_whole(feature)
            self.nothing_waits_without_an_end(feature)

        def history_is_a_walk(self, feature):
            moves = list(feature.transitions.values_list("version", "source", "target"))
            assert [version for version, _, _ in moves] == list(range(1, feature.version + 1))
            at = Status.DRAFTING
            for _, source, target in moves:
                Engine.statuses.add(target)
                assert source == at
                assert target in ALLOWED[source]
                at = target
            assert feature.status == at
            told = list(feature.events.filter(kind="status").values_list("data__status", flat=True))
            assert told == [target for _, _, target in moves]
            assert feature.events.count() == feature.event_seq

        def version_and_limit_only_grow(self, feature):
            assert feature.version >= self.versions[-1]
            assert feature.cap_microusd >= self.caps[-1]
            if feature.version > self.versions[-1]:
                self.versions.append(feature.version)
            self.caps = [feature.cap_microusd]

        def lease_only_while_working_and_of_one_worker(self, feature):
            assert feature.lease_token is None or feature.status in WORKING
            tokens = [lease.token for _, lease in filter(None, self.workers)]
            assert tokens.count(feature.lease_token) <= 1

        def code_comes_after_three_approvals_of_what_was_current(self, feature):
            if feature.status not in BUILDING:
                return
            for kind in ("brief", "spec", "plan", "tests"):
                document = documents.current(feature, kind)
                assert document is not None
                assert document.approved_at is not None
                assert document.approved_by_id is not None
            # The same from the history: three people's words since the brief that was confirmed last.
            moves = feature.transitions.order_by("version")
            begun = moves.filter(target=Status.SPEC_GENERATING, source__in=[Status.DRAFTING, *REVISABLE])
            begun = begun.exclude(reason="retry").last()
            said = moves.filter(version__gt=begun.version, source__in=GATES, actor__isnull=False)
            approved = {GATES[gate][1] for gate in GATES}
            assert {move.target for move in said if move.target in approved} == approved

        def documents_never_change(self, feature):
            """Content never; an approval or an end is written once."""
            for row in self.feature.documents.values():
                row.pop("recommendation")
                before = self.seen.setdefault(row["id"], row)
                for name in ("approved_at", "approved_by_id", "superseded_at"):
                    if before[name] is None:
                        before[name] = row[name]
                assert before == row
            assert self.feature.documents.count() == len(self.seen)

        def one_document_of_a_kind_is_current(self, feature):
            current = self.feature.documents.filter(superseded_at=None)
            kinds = [
                (kind, approved is not None if kind == "brief" else None)
                for kind, approved in current.values_list("kind", "approved_at")
            ]
            assert len(kinds) == len(set(kinds))

        def conversation_is_whole(self, feature):
            turns = list(feature.messages.values_list("seq", "state"))
            assert [seq for seq, _ in turns] == list(range(1, feature.message_seq + 1))
            assert [state for _, state in turns].count("streaming") <= 1

        def nothing_waits_without_an_end(self, feature):
            """What runs has a lease that ends, what waits has a time or a message: the sweeper finds both."""
            if feature.status in transitions.ACTIVE:
                later = self.now + timedelta(days=1)
                assert recovery.diagnose(feature, now=later, hint_seconds=60) is not None

    return Engine


def profile(examples, steps):
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )


def people_of(ada, bob):
    cleo = make_user("cleo@example.com")
    Membership.objects.create(workspace=ada.workspace, user=cleo, role=Membership.Role.MEMBER)
    save_key(
        workspace=ada.workspace, actor=ada, text="sk-ant-test-0123456789abcdef", state="checked", now=NOON
    )
    return ada, cleo, bob


def test_engine_keeps_its_promises_whatever_happens(transactional_db, ada, bob, settings, tmp_path, capsys):
    settings.VAULT_RING_DIR = tmp_path / "vault"
    engine = machine(*people_of(ada, bob))
    began = time.monotonic()

    run_state_machine_as_test(engine, settings=profile(25, 25))
    while engine.steps < PROOF_STEPS:
        run_state_machine_as_test(engine, settings=profile(50, 60))

    if PROOF_STEPS:
        assert engine.statuses == set(Status) - {Status.DRAFTING}
        with capsys.disabled():
            print(f"\n{engine.steps} steps in {time.monotonic() - began:.0f} s, no counterexample")  # noqa: T201

"""The registry of events: what our own code may tell, and what it is told as."""

import pytest
from django.db import transaction

from features import activity, events, kinds
from features.models import Event
from features.statuses import Status
from tests.factories import make_feature

# kind → data of its shape, and the words of the log
EXAMPLES = {
    "phase": ({"phase": "code", "state": "start", "attempt": 2}, "Step begun: code, try 2"),
    "feature_start": ({"why": "confirmed", "build": 1}, "Started: the brief is confirmed"),
    "feature_end": ({"result": "stopped", "build": 1}, "Ended: you stopped it"),
    "activity": ({"what": "asking", "agent": "implementer", "turn": 3}, "The code is being written, round 3"),
    "tool_start": ({"tool": "write_file", "path": "src/a.ts"}, "Writing src/a.ts"),
    "tool_end": (
        {"tool": "edit_file", "path": "src/a.ts", "ok": False, "code": "no_match"},
        "Changing src/a.ts: refused (no_match)",
    ),
    "file": ({"id": 1, "path": "src/a.ts", "size_bytes": 9}, "File written: src/a.ts"),
    "test_run": ({"passed": 3, "failed": 1}, "Tests: 3 passed, 1 failed"),
    "review": (
        {"id": 1, "kind": "code_review", "verdict": "FAIL", "findings": 2, "blocking": 1},
        "Quality review: not passed; findings: 2, to be mended: 1",
    ),
    "error": (
        {"severity": "warning", "failure": "empty", "recovery": "retry"},
        "The AI model sent an empty answer. We try again by ourselves.",
    ),
    "progress": ({"files": 1, "of_files": 4, "tasks": 0, "of_tasks": 2}, "1 of 4 files, 0 of 2 tasks"),
    "log": (
        {"what": "answered", "agent": "implementer", "turn": 2, "read": 1234, "written": 5, "calls": 1},
        "implementer 2: answer: 1,234 read, 5 written, tools used: 1",
    ),
    "complete": ({"build": 1}, "Everything is finished"),
    "status": ({"status": "spec_ready"}, "Spec waits for you"),
    "message": ({"new": 3}, "A message in the conversation"),
    "document": ({"id": 1, "kind": "spec", "revision": 2}, "Spec written, version 2"),
    "run": ({"id": 7, "agent": "spec", "state": "finished"}, "AI call 7, spec: finished"),
    "feature": ({"what": "renamed"}, "Renamed"),
}


def test_every_kind_has_an_example():
    assert set(EXAMPLES) == set(kinds.KINDS)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_event_of_its_shape_is_kept_and_told_in_words(kind):
    data, words = EXAMPLES[kind]

    assert kinds.checked(kind, data) == data
    assert activity.describe(Event(kind=kind, data=data), is_demo=False) == words


@pytest.mark.parametrize("kind", EXAMPLES)
def test_event_with_a_word_more_is_refused_and_the_value_is_not_repeated(kind):
    data, _ = EXAMPLES[kind]

    with pytest.raises(ValueError, match="extra_forbidden") as refused:
        kinds.checked(kind, data | {"said": "what a person wrote"})

    assert "what a person wrote" not in str(refused.value)


def test_unknown_kind_of_a_row_is_shown_raw():
    event = Event(kind="later", data={"a": 1})

    assert activity.describe(event, is_demo=False) == 'later {"a": 1}'


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("later", {}),
        ("status", {"status": "gone"}),
        ("activity", {"what": "anything"}),
        ("tool_start", {"tool": "Hello, I am a model"}),
        ("error", {"severity": "warning", "failure": "no such code", "recovery": "retry"}),
        ("file", {"id": 1}),
    ],
)
def test_append_fails_loudly_and_writes_nothing_when_the_shape_is_wrong(ada, kind, data):
    feature = make_feature(ada)

    with pytest.raises(ValueError, match=r"."), transaction.atomic():
        events.append(feature, kind=kind, data=data)

    assert feature.events.count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_append_all_writes_any_number_in_order_with_the_same_queries(ada, count, django_assert_num_queries):
    feature = make_feature(ada)
    told = [("complete", {"build": number}) for number in range(count)]

    with transaction.atomic(), django_assert_num_queries(2):
        events.append_all(feature, told)

    written = feature.events.filter(kind="complete").order_by("seq")
    assert [(event.seq, event.data["build"]) for event in written] == [(n + 2, n) for n in range(count)]
    feature.refresh_from_db()
    assert feature.event_seq == count + 1


def test_walk_to_done_tells_begin_phases_and_end(feature_in):
    feature, _ = feature_in(Status.DONE)

    told = [(event.kind, event.data) for event in feature.events.exclude(kind__in=["status", "document"])]

    phases = [
        [
            ("phase", {"phase": name, "state": "start", "attempt": 1}),
            ("phase", {"phase": name, "state": "end"}),
        ]
        for name in ("spec", "plan", "tests", "code", "review")
    ]
    assert [one for one in told if one[0] not in ("feature", "file")] == [
        ("feature_start", {"why": "confirmed", "build": 1}),
        *(one for pair in phases for one in pair),
        ("feature_end", {"result": "done", "build": 1}),
        ("complete", {"build": 1}),
    ]


def test_failure_tells_the_error_and_that_it_waits_for_the_person(feature_in):
    feature, _ = feature_in(Status.FAILED)

    told = [(event.kind, event.data) for event in feature.events.order_by("-seq")[:2]]

    assert told == [
        ("feature_end", {"result": "failed", "build": 1}),
        ("error", {"severity": "fatal", "failure": "review_failed", "recovery": "person"}),
    ]

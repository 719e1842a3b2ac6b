import pytest

from features import activity, stages
from features.models import Event, Feature
from features.statuses import ACTIVE, GATES, Status


@pytest.mark.parametrize("status", Status)
def test_every_status_has_a_tone_a_turn_and_a_step(status):
    feature = Feature(status=status)

    steps = stages.stepper(feature, failed_from=Status.REVIEW if status == Status.FAILED else "")

    assert stages.tone(status) in {"work", "wait", "good", "bad"}
    assert [step["here"] for step in steps].count(True) == 1
    assert (status in ACTIVE) == ("now" in [step["state"] for step in steps])


def test_stepper_of_a_gate_says_whose_turn_it_is():
    steps = stages.stepper(Feature(status=Status.PLAN_READY))

    assert [(step["name"], step["words"]) for step in steps] == [
        ("Talk", "Done"),
        ("Spec", "Done"),
        ("Plan", "Your turn"),
        ("Tests", "Later"),
        ("Code", "Later"),
        ("Review", "Later"),
    ]


def test_stepper_of_a_failed_feature_marks_the_step_that_failed():
    steps = stages.stepper(Feature(status=Status.FAILED), failed_from=Status.IMPLEMENTING)

    assert [step["state"] for step in steps] == ["done", "done", "done", "done", "problem", "later"]


def test_every_working_status_and_gate_has_words():
    assert set(stages.NOW) == set(ACTIVE)
    assert set(stages.QUESTIONS) == set(GATES)


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        ("status", {"status": "spec_ready"}, "Spec waits for you"),
        ("status", {"status": "gone"}, ""),
        ("document", {"id": 1, "kind": "spec", "revision": 2}, "Spec written, version 2"),
        ("document", {"id": 1, "kind": "brief", "turned_down": True}, "Proposed brief turned down"),
        ("file", {"id": 1, "path": "src/a.ts"}, "File written: src/a.ts"),
        ("file", {}, ""),
        ("activity", {"what": "stopping"}, "Stop was asked for"),
        ("activity", {"what": "no_such_word"}, "No such word"),
        ("activity", {}, ""),
        ("feature", {"what": "renamed"}, "Renamed"),
    ],
)
def test_event_is_told_in_words(kind, data, words):
    assert activity.describe(Event(kind=kind, data=data), is_demo=False) == words


def test_waiting_names_its_reason():
    event = Event(kind="activity", data={"what": "waiting", "failure": "overloaded"})

    words = activity.describe(event, is_demo=False)

    assert words.startswith("Waiting before the next try: Anthropic is very busy")

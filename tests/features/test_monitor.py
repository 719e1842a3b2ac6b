"""What the build monitor says of a build: bar, times, tasks, problems, log."""

from datetime import timedelta

import pytest

from features import estimates, events, monitor, transitions
from features.estimates import Left
from features.failures import Failure
from features.models import Document, Event, Feature, Transition
from features.statuses import Status
from features.steps import Outcome
from tests.factories import NOON, add_document, add_files, claim, make_feature, walk

S = Status
ROAD = [
    *(S.SPEC_GENERATING, S.SPEC_READY, S.SPEC_APPROVED, S.PLAN_GENERATING, S.PLAN_READY, S.PLAN_APPROVED),
    *(S.TESTS_GENERATING, S.TESTS_READY, S.TESTS_APPROVED, S.IMPLEMENTING, S.REVIEW, S.DONE),
]


def build_of(feature, *, now=NOON, view="activity"):
    feature.refresh_from_db()
    return monitor.progress(feature, view=view, now=now)["build"]


# --- the bar --------------------------------------------------------------------------------------------


def test_bar_only_rises_on_the_ordinary_road(feature_in):
    percents = [build_of(feature_in(status)[0])["percent"] for status in ROAD]

    assert percents == sorted(percents)
    assert (percents[0], percents[-1]) == (0, 100)


def test_bar_rises_with_files_and_reviews_and_stays_when_the_step_is_put_back(feature_in):
    feature, _ = feature_in(S.IMPLEMENTING)
    percents = [build_of(feature)["percent"]]
    add_files(feature, {"src/main.ts": ("source", b"x")})
    percents.append(build_of(feature)["percent"])
    transitions.requeue_step(feature=feature, now=NOON, reason="worker lost")
    percents.append(build_of(feature)["percent"])
    claim(feature)
    add_files(feature, {"src/main.ts": ("source", b"again"), "package.json": ("config", b"{}")})
    percents.append(build_of(feature)["percent"])
    finish_claimed(feature, S.REVIEW)
    add_document(feature, "security_review")
    percents.append(build_of(feature)["percent"])

    assert percents == [50, 67, 67, 85, 92]


def finish_claimed(feature, target):
    transitions.finish_step(feature=feature, outcome=Outcome(target=target), now=NOON)


def test_bar_of_a_failed_build_stands_where_it_stopped(feature_in):
    feature, _ = feature_in(S.FAILED)

    assert build_of(feature)["percent"] == 100


# --- times ----------------------------------------------------------------------------------------------


def test_elapsed_time_is_ours_and_not_that_of_the_person(ada):
    feature = make_feature(ada)
    walk(feature, S.SPEC_READY, actor=ada)
    Transition.objects.filter(feature=feature, target=S.SPEC_GENERATING).update(
        at=NOON - timedelta(seconds=75)
    )

    build = build_of(feature, now=NOON + timedelta(days=3))

    assert (build["elapsed_seconds"], build["is_running"], build["left"]) == (75, False, "")


def test_time_left_is_seeded_until_the_workspace_has_steps_of_its_own(feature_in):
    feature, _ = feature_in(S.SPEC_GENERATING)

    assert estimates.ranges(feature, [S.SPEC_GENERATING]) == {
        S.SPEC_GENERATING: estimates.SEEDS["demo"][S.SPEC_GENERATING]
    }


def took(feature, seconds):
    """Make the feature's spec step have taken so long."""
    ended = feature.transitions.get(source=S.SPEC_GENERATING, target=S.SPEC_READY)
    Transition.objects.filter(pk=ended.pk).update(at=NOON + timedelta(seconds=seconds))


def test_time_left_comes_from_the_medians_of_past_steps_of_this_workspace(feature_in, bob):
    for seconds in (60, 120, 180, 600):
        took(feature_in(S.SPEC_READY)[0], seconds)
    stranger = make_feature(bob)
    walk(stranger, S.SPEC_READY, actor=bob)
    feature, _ = feature_in(S.SPEC_GENERATING)

    assert estimates.ranges(feature, [S.SPEC_GENERATING]) == {S.SPEC_GENERATING: (90, 390)}
    assert estimates.left(feature, step_seconds=30) == Left(60, 360)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(390, Left(0, 0)), (391, Left(0, 0, is_late=True)), (780, Left(0, 0, is_late=True)), (781, None)],
)
def test_time_left_is_hidden_once_it_was_wrong_by_more_than_twice(feature_in, seconds, expected):
    for taken in (60, 120, 180, 600):
        took(feature_in(S.SPEC_READY)[0], taken)
    feature, _ = feature_in(S.SPEC_GENERATING)

    assert estimates.left(feature, step_seconds=seconds) == expected


def test_time_left_is_hidden_while_the_step_waits_for_its_next_try(feature_in):
    feature, _ = feature_in(S.SPEC_GENERATING)
    before = estimates.left(feature, step_seconds=1)
    later = NOON + timedelta(minutes=15)
    transitions.requeue_step(feature=feature, now=NOON, wake_at=later, reason=str(Failure.RATE_LIMITED))

    assert (before is None, estimates.left(feature, step_seconds=1)) == (False, None)


@pytest.mark.parametrize("rows", [1, 3])
def test_ranges_are_one_query(feature_in, django_assert_num_queries, rows):
    for _ in range(rows):
        took(feature_in(S.SPEC_READY)[0], 60)
    feature, _ = feature_in(S.IMPLEMENTING)

    with django_assert_num_queries(1):
        estimates.left(feature, step_seconds=0)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (None, ""),
        (Left(0, 59), "Less than a minute left"),
        (Left(0, 0, is_late=True), "This takes longer than usual"),
        (Left(60, 360, is_late=True), "This takes longer than usual"),
        (Left(10, 70), "Up to 1 minute left"),
        (Left(0, 180), "Up to 3 minutes left"),
        (Left(170, 190), "About 3 minutes left"),
        (Left(180, 360), "3 to 6 minutes left"),
    ],
)
def test_time_left_is_a_range_in_words(left, words):
    assert estimates.in_words(left) == words


# --- tasks, problems, now -------------------------------------------------------------------------------


def test_tasks_tell_how_far_they_are_and_what_the_reviews_found(feature_in):
    feature, _ = feature_in(S.IMPLEMENTING)
    said = [build_of(feature)["tasks"]]
    add_files(feature, {"src/main.ts": ("source", b"x"), "package.json": ("config", b"{}")})
    said.append(build_of(feature)["tasks"])
    finish_claimed(feature, S.REVIEW)
    review = add_document(feature, "code_review")
    finding = {"path": "src/main.ts", "blocking": True}
    Document.objects.filter(pk=review.pk).update(data=review.data | {"findings": [finding]})
    said.append(build_of(feature)["tasks"])

    assert [(one["title"], one["state"], one["words"]) for (one,) in said] == [
        ("Keep tools", "now", "0 of 2 files written"),
        ("Keep tools", "done", "Written"),
        ("Keep tools", "problem", "1 finding to mend"),
    ]


def test_problem_says_what_is_done_about_it_and_when_it_is_over(feature_in):
    feature, _ = feature_in(S.IMPLEMENTING)
    later = NOON + timedelta(seconds=20)
    reason = str(Failure.OVERLOADED)
    transitions.requeue_step(feature=feature, now=NOON, wake_at=later, reason=reason, attempts=0)
    waiting = build_of(feature)
    claim(feature, now=later)
    going_on = build_of(feature)

    def told(build):
        return [(one["done"], one["is_over"], one["until"]) for one in build["problems"]]

    assert told(waiting) == [("We try again by ourselves.", False, later)]
    assert waiting["now"]["words"] == "Waiting for the next try"
    assert told(going_on) == [("We try again by ourselves.", True, None)]


def test_now_names_the_work_and_the_newest_file_of_this_step(feature_in):
    feature, _ = feature_in(S.IMPLEMENTING)
    events.append(feature, kind="activity", data={"what": "asking", "agent": "implementer", "turn": 2})
    before = build_of(feature)["now"]
    add_files(feature, {"src/main.ts": ("source", b"x")})

    assert before == {"words": "The code is being written, round 2", "file": ""}
    assert build_of(feature)["now"]["file"] == "src/main.ts"


# --- the log --------------------------------------------------------------------------------------------


def test_log_is_paged_by_number_and_filtered_by_kind(feature_in, monkeypatch):
    monkeypatch.setattr(monitor, "LOG_ROWS", 3)
    feature, _ = feature_in(S.DRAFTING)
    for _ in range(4):
        events.append(feature, kind="complete", data={"build": 1})
    events.append(feature, kind="activity", data={"what": "stopping"})

    def numbers(**bounds):
        rows, is_cut = monitor.log(feature, **bounds)
        return [row["seq"] for row in rows], is_cut

    assert numbers() == ([6, 5, 4], True)
    assert numbers(before=4) == ([3, 2, 1], False)
    assert numbers(after=4) == ([6, 5], False)
    assert numbers(kinds=["complete"]) == ([5, 4, 3], True)
    assert numbers(kinds=["later"]) == ([], False)


@pytest.mark.parametrize("query", ["?view=x&kind=%00", "?view=log&kind=later&before=x", "?view=log&after=-1"])
def test_odd_addresses_show_the_page(ada_client, feature_in, query):
    feature, _ = feature_in(S.SPEC_READY)

    for name in ("", "/monitor", "/progress", "/log"):
        assert ada_client.get(f"/app/features/{feature.public_id}{name}{query}").status_code == 200


def test_unknown_kind_is_shown_raw_and_escaped(ada_client, feature_in):
    feature, _ = feature_in(S.SPEC_READY)
    Event.objects.create(
        workspace=feature.workspace, feature=feature, seq=999, kind="later", data={"a": "<b>"}, at=NOON
    )

    page = ada_client.get(f"/app/features/{feature.public_id}/log").content.decode()
    filtered = ada_client.get(f"/app/features/{feature.public_id}?view=log&kind=later").content.decode()

    assert "later {&quot;a&quot;: &quot;&lt;b&gt;&quot;}" in page
    assert '<option value="later" selected>later</option>' in filtered


@pytest.mark.parametrize("rows", [1, 3])
def test_log_is_one_query(feature_in, django_assert_num_queries, rows):
    feature, _ = feature_in(S.DRAFTING)
    for _ in range(rows):
        events.append(feature, kind="complete", data={"build": 1})

    with django_assert_num_queries(1):
        monitor.log(feature)


def test_answer_that_is_too_far_behind_replaces_the_whole_list(ada_client, feature_in, monkeypatch):
    monkeypatch.setattr(monitor, "LOG_ROWS", 3)
    feature, _ = feature_in(S.SPEC_READY)
    address = f"/app/features/{feature.public_id}/log"

    near = ada_client.get(f"{address}?after={feature.event_seq - 2}")
    far = ada_client.get(f"{address}?after=1")

    assert "HX-Retarget" not in near.headers
    assert near.content.decode().count("data-seq") == 2
    assert (far.headers["HX-Retarget"], far.headers["HX-Reswap"]) == ("#log-rows", "outerHTML")
    assert far.content.decode().count("data-seq") == 3


def test_run_begins_anew_with_a_retry(feature_in, ada):
    feature, _ = feature_in(S.FAILED)
    transitions.retry(feature=feature, actor=ada, now=NOON)

    build = build_of(feature)

    assert build["run"] == 2
    assert build["problems"] == [] or all(one["is_over"] for one in build["problems"])


def test_build_that_has_not_begun_stands_at_nothing(ada_client, feature_in):
    feature, _ = feature_in(S.DRAFTING)

    build = build_of(feature)

    assert (build["percent"], build["elapsed_seconds"], build["left"]) == (0, 0, "")
    assert ada_client.get(f"/app/features/{feature.public_id}/progress").status_code == 200


def test_pages_of_a_draft_show_no_monitor(ada_client, feature_in):
    feature, _ = feature_in(S.DRAFTING)

    page = ada_client.get(f"/app/features/{feature.public_id}").content.decode()

    assert '<section id="monitor" hidden' in page
    assert Feature.objects.get().event_seq == 1

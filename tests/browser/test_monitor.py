"""The build monitor in a real browser: badge, views, bar, live lines, lost connections."""

import re
import time

import pytest
from django.db import transaction
from playwright.sync_api import expect

from buildpractical.lib.clock import utcnow
from features import events, monitor, transitions
from features.failures import Failure
from features.models import Event, Feature
from features.statuses import Status
from features.steps import Outcome
from tests.factories import add_files, claim, make_feature, make_user, walk
from tests.live import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ada():
    return make_user()


@pytest.fixture
def at(ada, open_page, sign_in):
    """Return a function: status → (ada's feature, a window on its page)."""

    def go(status, *, look="1280-light", scripts=True, query=""):
        feature = make_feature(ada)
        walk(feature, status, actor=ada, now=utcnow())
        page = open_page(look, scripts=scripts)
        sign_in(page, ada)
        page.goto(f"/app/features/{feature.public_id}{query}")
        return feature, page

    return go


def tell(feature, count=1, *, kind="activity", data=None):
    with transaction.atomic():
        events.append_all(feature, [(kind, data or {"what": "stopping"})] * count)


def badge(page):
    return page.locator("[data-stream-badge]")


def numbers(page):
    """Return the sequence numbers of the log's lines, as they stand on the page."""
    return page.locator("#log-rows [data-seq]").evaluate_all("all => all.map(one => Number(one.dataset.seq))")


def grow(count, feature):
    """Give the feature a long history."""
    now = utcnow()
    first = feature.event_seq
    Event.objects.bulk_create(
        Event(
            workspace_id=feature.workspace_id,
            feature=feature,
            seq=first + number,
            kind="log",
            data={"what": "kept", "count": number},
            at=now,
        )
        for number in range(1, count + 1)
    )
    Feature.objects.filter(pk=feature.pk).update(event_seq=first + count)


def test_badge_says_live_only_after_history_and_ends_with_the_feature(at):
    feature, page = at(Status.REVIEW)
    expect(badge(page)).to_have_text("Live")

    states = page.evaluate_handle(
        """() => {
          const seen = [document.querySelector("[data-stream-badge]").textContent];
          new MutationObserver(() => {
            const now = document.querySelector("[data-stream-badge]")?.textContent;
            if (now && seen.at(-1) !== now) seen.push(now);
          }).observe(document.body, { subtree: true, childList: true, characterData: true });
          return seen;
        }"""
    )
    claim(feature, now=utcnow())
    transitions.finish_step(feature=feature, outcome=Outcome(target=Status.DONE), now=utcnow())

    expect(badge(page)).to_have_text("Ended")
    assert states.json_value() == ["Live", "Ended"]
    expect(page.locator("progress[data-run]")).to_have_attribute("value", "100")


def test_badge_of_a_finished_feature_is_never_live(ada, open_page, sign_in):
    feature = make_feature(ada)
    walk(feature, Status.DONE, actor=ada, now=utcnow())
    page = open_page()
    page.add_init_script(
        """window.seen = [];
        new MutationObserver(() => {
          const now = document.querySelector("[data-stream-badge]")?.textContent;
          if (now && window.seen.at(-1) !== now) window.seen.push(now);
        }).observe(document, { subtree: true, childList: true, characterData: true });"""
    )
    sign_in(page, ada)

    page.goto(f"/app/features/{feature.public_id}")

    wait_until(lambda: page.evaluate("window.seen.length > 2 && window.seen.at(-1) === 'Ended'"))
    assert page.evaluate("window.seen") == ["Ended", "Historical", "Ended"]


def test_badge_of_a_finished_feature_says_ended_without_scripts_too(at):
    _, page = at(Status.DONE, scripts=False, query="?view=log")

    expect(badge(page)).to_have_text("Ended")


def test_badge_without_scripts_says_that_it_shows_the_past(at):
    _, page = at(Status.IMPLEMENTING, scripts=False)

    expect(badge(page)).to_have_text("Historical")


def test_badge_stays_historical_until_the_stream_has_caught_up(at, site):
    feature, page = at(Status.IMPLEMENTING)
    expect(badge(page)).to_have_text("Live")
    held = []
    page.route("**/events**", lambda route: held.append(route))  # neither answered nor refused

    page.reload()
    page.wait_for_timeout(500)

    expect(badge(page)).to_have_text("Historical")
    assert len(held) == 1
    held[0].continue_()
    expect(badge(page)).to_have_text("Live")


def test_lost_connection_is_told_and_comes_back_with_what_was_missed(at, open_page):
    feature, page = at(Status.IMPLEMENTING, query="?view=log")
    expect(badge(page)).to_have_text("Live")

    page.context.set_offline(True)
    expect(badge(page)).to_have_text("Reconnecting")
    expect(page.locator("#announcer")).to_have_text("Connection lost. Connecting again.")
    tell(feature, 3)
    page.context.set_offline(False)

    expect(badge(page)).to_have_text("Live")
    newest = Event.objects.filter(feature=feature).count()
    expect(page.locator(f"#log-rows [data-seq='{newest}']")).to_be_visible()
    assert numbers(page) == list(range(newest, 0, -1))
    open_page.complaints.clear()  # the console tells of the lost connection


def test_tries_to_reconnect_wait_longer_and_longer(at, open_page):
    _, page = at(Status.IMPLEMENTING)
    expect(badge(page)).to_have_text("Live")
    tries = []

    def refuse(route):
        tries.append(time.monotonic())
        route.abort()

    def waits():
        both = zip(tries, tries[1:], strict=False)
        # The page before tries once more while it leaves.
        return [wait for wait in (later - earlier for earlier, later in both) if wait > 0.5]

    page.route("**/events**", refuse)
    page.reload()
    until = time.monotonic() + 30
    while len(waits()) < 3 and time.monotonic() < until:
        page.wait_for_timeout(100)

    expect(badge(page)).to_have_text("Reconnecting")
    # 1, 2 and 4 seconds, each 20 % to either side; how late a busy browser may be is not measured here.
    assert [wait >= least for wait, least in zip(waits(), [0.8, 1.6, 3.2], strict=False)] == [True] * 3
    page.unroute("**/events**")
    open_page.complaints.clear()


def test_connection_that_died_in_silence_is_not_called_live(at, settings, site):
    settings.STREAM_CHECK_SECONDS = 1
    feature, page = at(Status.IMPLEMENTING)
    expect(badge(page)).to_have_text("Live")
    page.wait_for_timeout(3_000)  # the stream's own signs of life hold the badge
    expect(badge(page)).to_have_text("Live")

    settings.STREAM_CHECK_SECONDS = 600

    expect(badge(page)).to_have_text("Reconnecting")


def test_views_are_switched_in_the_address_without_scripts(at):
    feature, page = at(Status.IMPLEMENTING, scripts=False)
    expect(page.get_by_role("heading", name="Planned tasks")).to_be_visible()

    page.get_by_role("link", name="Log", exact=True).click()

    assert page.url.endswith("?view=log#monitor")
    assert numbers(page) == list(range(feature.events.count(), 0, -1))
    page.get_by_label("Show").select_option("phase")
    page.get_by_role("button", name="Filter").click()
    assert "kind=phase" in page.url
    assert numbers(page) == list(
        feature.events.filter(kind="phase").order_by("-seq").values_list("seq", flat=True)
    )
    page.get_by_role("link", name="Activity", exact=True).click()
    expect(page.get_by_role("heading", name="What happened")).to_be_visible()


def test_older_lines_come_on_demand_and_each_once(at, monkeypatch):
    monkeypatch.setattr(monitor, "LOG_ROWS", 20)
    feature, page = at(Status.IMPLEMENTING)
    grow(60, feature)
    total = Feature.objects.get().event_seq

    page.goto(f"{page.url}?view=log")
    assert len(numbers(page)) == 20
    while page.locator("#log-older a").count():
        before = len(numbers(page))
        page.locator("#log-older a").click()
        expect(page.locator("#log-rows [data-seq]")).not_to_have_count(before)

    assert numbers(page) == list(range(total, 0, -1))


def test_log_follows_live_in_its_filter_and_leaps_when_far_behind(at, monkeypatch):
    monkeypatch.setattr(monitor, "LOG_ROWS", 20)
    feature, page = at(Status.IMPLEMENTING)
    page.goto(f"{page.url}?view=log&kind=activity")
    expect(badge(page)).to_have_text("Live")
    expect(page.get_by_text("Nothing of this kind yet.")).to_be_visible()

    tell(feature)
    expect(page.locator("#log-rows [data-seq]")).to_have_count(1)
    tell(feature, kind="complete", data={"build": 1})
    tell(feature, 30)

    newest = Feature.objects.get().event_seq
    expect(page.locator("#log-rows [data-seq]").first).to_have_attribute("data-seq", str(newest))
    assert numbers(page) == list(range(newest, newest - 20, -1))


def test_bar_files_and_tasks_follow_and_the_bar_never_goes_back(at):
    feature, page = at(Status.IMPLEMENTING)
    bar = page.locator("progress[data-run]")
    expect(badge(page)).to_have_text("Live")
    expect(bar).to_have_attribute("value", "50")
    expect(page.locator(".tasks li").first).to_contain_text("0 of 2 files written")

    add_files(feature, {"src/main.ts": ("source", b"x" * 2048)}, now=utcnow())

    expect(bar).to_have_attribute("value", "67")
    expect(page.locator("#progress").get_by_role("link", name="src/main.ts")).to_be_visible()
    expect(page.locator("#progress")).to_contain_text("2.0 KB")
    expect(page.locator(".tasks li").first).to_contain_text("1 of 2 files written")

    def older(route):
        """Answer as a slow, older answer would."""
        answer = route.fetch()
        route.fulfill(
            response=answer, body=re.sub(r'value="\d+" data-run', 'value="20" data-run', answer.text())
        )

    page.route("**/progress**", older)
    with page.expect_response("**/progress**"):
        tell(feature)
    page.wait_for_timeout(200)
    assert bar.evaluate("bar => bar.value") == 67


def test_clock_goes_on_while_we_work(at):
    _, page = at(Status.IMPLEMENTING)

    def seconds():
        return int(page.locator("[data-elapsed]").inner_text().removesuffix(" s"))

    before, first = time.monotonic(), seconds()
    page.wait_for_timeout(3_500)
    later, after = seconds(), time.monotonic()

    assert 2 <= later - first <= after - before + 1


def test_monitor_appears_when_the_build_begins(at, ada):
    feature, page = at(Status.DRAFTING)
    expect(page.locator("[data-stream-state=live]").first).to_be_visible()
    expect(page.locator("#monitor")).to_be_hidden()

    walk(feature, Status.SPEC_GENERATING, actor=ada, now=utcnow())

    expect(page.locator("#monitor")).to_be_visible()
    expect(badge(page)).to_have_text("Live")


def test_monitor_looks_right(ada, page, sign_in, shoot):
    feature = make_feature(ada)
    walk(feature, Status.IMPLEMENTING, actor=ada, now=utcnow())
    add_files(feature, {"src/main.ts": ("source", b"x" * 2048)}, now=utcnow())
    tell(feature, data={"what": "asking", "agent": "implementer", "turn": 2})
    sign_in(page, ada)

    page.goto(f"/app/features/{feature.public_id}")
    expect(badge(page)).to_have_text("Live")
    shoot(page, "monitor-activity")
    page.get_by_role("link", name="Log", exact=True).click()
    expect(badge(page)).to_have_text("Live")
    shoot(page, "monitor-log")
    transitions.requeue_step(
        feature=feature,
        now=utcnow(),
        wake_at=utcnow(),
        reason=str(Failure.OVERLOADED),
        attempts=0,
        requeues=1,
    )
    page.get_by_role("link", name="Activity", exact=True).click()
    expect(page.locator("#progress").get_by_text("We try again by ourselves at")).to_be_visible()
    shoot(page, "monitor-problem")


def test_dashboard_looks_right(ada, page, sign_in, shoot):
    for status, title in (
        (Status.FAILED, "Bicycle repairs"),
        (Status.SPEC_READY, "Tool library"),
        (Status.IMPLEMENTING, "Plants of the office"),
        (Status.DONE, "Lending of books"),
        (Status.DRAFTING, "A choir's calendar"),
    ):
        walk(make_feature(ada, title=title, now=utcnow()), status, actor=ada, now=utcnow())
    sign_in(page, ada)

    page.goto("/app")

    expect(page.get_by_text("Features done in")).to_be_visible()
    shoot(page, "dashboard-full")

"""The build monitor of a feature with 10,000 events, in a real Chromium."""

import os
import shutil

from playwright.sync_api import sync_playwright

from buildpractical.lib.clock import utcnow
from features.models import Event, Feature
from features.statuses import Status
from tests.bench import processes
from tests.bench.people import make_person
from tests.bench.table import Figure, median
from tests.chromium import FLAGS
from tests.factories import make_feature, walk

EVENTS = 10_000
ROUNDS = 5
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
# Notes when the badge says "Live" for the first time, in milliseconds since the navigation began.
WATCH = """
  window.liveAt = null;
  new MutationObserver(() => {
    if (window.liveAt === null && document.querySelector("[data-stream-badge][data-stream-state=live]"))
      window.liveAt = performance.now();
  }).observe(document, { subtree: true, childList: true, attributes: true });
"""


def measure():
    """Return first paint and caught-up time of both views, and of a page that comes back 10,000 events late."""
    person = make_person("watcher")
    feature = _busy(person)
    with processes.web() as (url, _), sync_playwright() as playwright:
        names = ("chromium", "chromium-browser", "google-chrome")
        path = os.environ.get("CHROMIUM_PATH") or next(filter(None, map(shutil.which, names)))
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        context = browser.new_context(base_url=url)
        context.add_init_script(WATCH)
        context.add_cookies([{"name": n, "value": v, "url": url} for n, v in person.cookies.items()])
        page = context.new_page()
        address = f"/app/features/{feature.public_id}"
        page.goto(
            "/app"
        )  # the style sheet and the scripts are in the cache, as for everybody who comes from there
        figures = []
        for view in ("activity", "log"):
            paints, lives = zip(
                *(_opened(page, f"{address}?view={view}") for _ in range(ROUNDS)), strict=True
            )
            figures += [
                Figure(f"monitor, {EVENTS:,} events, {view}: first paint", median(paints), "ms", hold=1000),
                Figure(f"monitor, {EVENTS:,} events, {view}: caught up", median(lives), "ms", hold=3000),
            ]
        rows = page.locator("#log-rows [data-seq]").count()
        late = [_late(page, f"{address}?view=log") for _ in range(ROUNDS)]
        browser.close()
    figures.append(
        Figure(
            f"monitor, page that is {EVENTS:,} events late: caught up",
            median(late),
            "ms",
            hold=3000,
            note=f"all {EVENTS:,} go through the stream; the log shows {rows} lines and fetches older ones on demand",
        )
    )
    return figures


def _busy(person):
    feature = make_feature(person, now=utcnow())
    walk(feature, Status.IMPLEMENTING, actor=person, now=utcnow())
    now, first = utcnow(), feature.event_seq
    Event.objects.bulk_create(
        Event(
            workspace_id=feature.workspace_id, feature=feature, seq=first + number, at=now,
            kind="tool_end", data={"tool": "write_file", "path": f"src/file{number % 80}.ts", "ok": True},
        )
        for number in range(1, EVENTS + 1)
    )  # fmt: skip
    Feature.objects.filter(pk=feature.pk).update(event_seq=first + EVENTS)
    return feature


def _opened(page, address):
    page.goto(address)
    page.wait_for_selector("[data-stream-badge][data-stream-state=live]")
    return page.evaluate(FIRST_PAINT), page.evaluate("window.liveAt")


def _late(page, address):
    """Return the milliseconds to "Live" of a page that was rendered before the events came."""

    def older(route):
        answer = route.fetch()
        body = answer.text()
        marks = f'data-live-after="{_number_after(body)}"'
        route.fulfill(response=answer, body=body.replace(marks, 'data-live-after="0"', 1))

    page.route(f"**{address}", older)
    page.goto(address)
    page.wait_for_selector("[data-stream-badge][data-stream-state=live]")
    page.unroute_all()
    return page.evaluate("window.liveAt")


def _number_after(body):
    return body.split('data-live-after="', 1)[1].split('"', 1)[0]

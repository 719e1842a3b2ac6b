"""A build is watched in a browser while web and worker stop and start again under it."""

import os
import signal

import pytest
from playwright.sync_api import expect

from tests.chromium import PATIENCE_MS
from tests.journeys import road
from tests.journeys.test_demo_road import PLANTS
from tests.queue.processes import children, family, kill

pytestmark = [pytest.mark.browser, pytest.mark.once]

# Notes the number of every event that the page's streams bring, whichever stream it is.
RECORDER = """
  window.seen = [];
  const Plain = window.EventSource;
  window.EventSource = class extends Plain {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", (event) => window.seen.push(Number(event.lastEventId)));
    }
  };
"""
# A killed worker's lease ends soon.
QUICK = {"LEASE_SECONDS": "4", "SWEEP_SECONDS": "1", "STOP_GRACE_SECONDS": "2"}
# So slow that no step ends while it is watched.
SLOW = QUICK | {"SIMULATOR_CHUNK_DELAY_MS": "2000"}


def test_build_watched_across_restarts_shows_each_event_exactly_once(browser, tmp_path):
    port = road.free_ports()
    context = browser.new_context()
    context.add_init_script(RECORDER)
    page = context.new_page()
    badge = page.locator("[data-stream-badge]")
    data = tmp_path / "data"
    with road.product(data, port=port, **QUICK) as url:
        road.sign_up(page, url, "watcher@example.com")
        road.start_demo(page)
        road.talk(page, PLANTS)
        road.confirm(page)
        road.approve_gates(page, ["spec", "plan"])
        expect(page.locator("#gate")).to_contain_text("Your turn: the tests")

    with road.product(data, port=port, **SLOW):
        product = children(os.getpid())[-1]
        page.reload()
        road.approve_gates(page, ["tests"])
        page.goto(f"{page.url.split('?')[0]}?view=log")
        expect(badge).to_have_text("Live")
        expect(page.locator("#log-rows")).to_contain_text("The code is being written")
        expect(page.locator("#head .badge").first).to_have_text("Writing the code")
        began_at = int(page.locator("main").get_attribute("data-live-after"))
        bar = page.locator("progress[data-run]").evaluate("bar => bar.value")
        kill([product, *family(product)], signal.SIGKILL)
    expect(badge).to_have_text("Reconnecting")

    with road.product(data, port=port, **SLOW):
        expect(badge).to_have_text("Live")
        expect(page.locator("#log-rows")).to_contain_text("The step begins again by itself")
    expect(badge).to_have_text("Reconnecting")

    with road.product(data, port=port, **QUICK):
        expect(badge).to_have_text("Ended", timeout=2 * PATIENCE_MS)
        while page.locator("#log-older a").count():
            before = page.locator("#log-rows [data-seq]").count()
            page.locator("#log-older a").click()
            expect(page.locator("#log-rows [data-seq]")).not_to_have_count(before)
        newest = max(page.evaluate("window.seen"))
        expect(page.locator(f"#log-rows [data-seq='{newest}']")).to_have_count(1)
        lines = page.locator("#log-rows [data-seq]").evaluate_all("all => all.map(one => +one.dataset.seq)")
        words = page.locator("#log-rows").text_content()
        expect(page.locator("progress[data-run]")).to_have_attribute("value", "100")
        seen = page.evaluate("window.seen")
    context.close()

    assert seen == list(range(began_at + 1, newest + 1))
    assert lines == list(range(newest, 0, -1))
    assert 50 <= bar < 100
    assert "Everything is finished" in words

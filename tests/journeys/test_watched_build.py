"""A build is watched in a browser while web and worker stop and start again under it."""

import os
import signal

import pytest
from playwright.sync_api import expect

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
# Slow enough that a step is caught in the middle; a killed worker's lease ends soon.
SLOW = {"SIMULATOR_CHUNK_DELAY_MS": "60", "LEASE_SECONDS": "4", "SWEEP_SECONDS": "1"}
PATIENCE_MS = 120_000


@pytest.mark.parametrize("end", ["stopped", "killed"])
def test_build_watched_across_a_restart_shows_each_event_exactly_once(browser, tmp_path, end):
    port = road.free_ports()
    context = browser.new_context()
    context.add_init_script(RECORDER)
    page = context.new_page()
    badge = page.locator("[data-stream-badge]")
    with road.product(tmp_path / "data", port=port, **SLOW) as url:
        product = children(os.getpid())[-1]
        road.sign_up(page, url, "watcher@example.com")
        road.start_demo(page)
        road.talk(page, PLANTS)
        road.confirm(page)
        road.approve_gates(page)
        page.goto(f"{page.url.split('?')[0]}?view=log")
        expect(badge).to_have_text("Live")
        expect(page.locator("#log-rows")).to_contain_text("The code is being written", timeout=PATIENCE_MS)
        expect(page.locator("#head .badge").first).to_have_text("Writing the code")
        began_at = int(page.locator("main").get_attribute("data-live-after"))
        bar = page.locator("progress[data-run]").evaluate("bar => bar.value")
        if end == "killed":
            kill([product, *family(product)], signal.SIGKILL)
    expect(badge).to_have_text("Reconnecting", timeout=20_000)

    with road.product(tmp_path / "data", port=port, **SLOW):
        expect(badge).to_have_text("Ended", timeout=PATIENCE_MS)
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
    # A stop lets the running step end where it can; a kill cannot.
    assert ("The step begins again by itself" in words) == (end == "killed")
    assert "Everything is finished" in words

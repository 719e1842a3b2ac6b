"""The one Chromium of the test run: sync Playwright can be started once in a process."""

import os
import shutil

import pytest
from playwright.sync_api import expect, sync_playwright

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-prefers-reduced-motion",
]
PATIENCE_MS = 30_000  # as in tests.live
INSTALL = (
    "No Chromium was found: apt-get install chromium-headless-shell (or chromium, or set CHROMIUM_PATH)."
)


@pytest.fixture(scope="session")
def chromium():
    """The path of the system's Chromium; without one the test is skipped, or fails where it must run."""
    # The shell is the same browser without a window's parts: it takes a quarter less processor time.
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("CHROMIUM_PATH") or next(filter(None, map(shutil.which, names)), None)
    if path is None:
        (pytest.fail if os.environ.get("REQUIRE_BROWSER") == "1" else pytest.skip)(INSTALL)
    return path


@pytest.fixture(scope="session")
def browser(chromium):
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()

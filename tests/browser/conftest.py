"""A real Chromium on the real site: wide and narrow, light and dark; no console error passes."""

import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.test import Client

from buildpractical.lib import dbthread
from tests.chromium import PATIENCE_MS
from tests.live import site  # noqa: F401

SIZES = {"1280": {"width": 1280, "height": 900}, "390": {"width": 390, "height": 844}}
SCREENSHOTS = django_settings.BASE_DIR / "var" / "screenshots"
VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`);
});
"""


@pytest.fixture(autouse=True)
def _one_database_thread():
    yield
    dbthread.close()


# Each width and each theme; all four together with ALL_LOOKS=1.
LOOKS = ["1280-light", "390-dark"] + ["1280-dark", "390-light"] * bool(os.environ.get("ALL_LOOKS"))


@pytest.fixture(params=LOOKS)
def look(request):
    """Width and theme of the window, as "390-dark"."""
    return request.param


@pytest.fixture
def open_page(browser, site):  # noqa: F811
    """Return a function: look → a fresh window; what its console complains of fails the test."""
    windows, complaints = [], []

    def make(look="1280-light", *, scripts=True):
        size, theme = look.split("-")
        context = browser.new_context(
            base_url=site.url,
            viewport=SIZES[size],
            color_scheme=theme,
            reduced_motion="reduce",
            java_script_enabled=scripts,
            has_touch=size == "390",
        )
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(VIOLATIONS)
        page = context.new_page()
        page.look = look
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request", lambda call: call.url.startswith(site.url) or complaints.append(f"foreign: {call.url}")
        )
        windows.append(context)
        return page

    make.complaints = complaints
    yield make
    for context in windows:
        context.close()
    assert complaints == []


@pytest.fixture
def page(open_page, look):
    """One window in each look."""
    return open_page(look)


@pytest.fixture
def sign_in(site):  # noqa: F811
    """Return a function: page, user → the window is signed in."""

    def put(page, user):
        client = Client()
        client.force_login(user)
        value = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": value, "url": site.url}])

    return put


def _violations(page):
    """Return what axe-core finds, one line for each element: rule, place, what to mend."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


@pytest.fixture
def shoot():
    """Return a function that keeps a picture of the whole page; nothing may stick out, axe-core finds nothing."""

    def take(page, name):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        size = page.viewport_size
        # A window as high as the page: what sticks to its edges then lies where a reader finds it.
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": size["width"], "height": max(size["height"], height)})
        # Hiding the caret would be an inline style, which the content policy forbids.
        page.screenshot(path=SCREENSHOTS / f"{name}-{page.look}.png", caret="initial")
        page.set_viewport_size(size)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name}: the page is {wide} px wider than the window"
        assert _violations(page) == [], name

    return take

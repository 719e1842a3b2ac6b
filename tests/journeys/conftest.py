"""The same Chromium as the page tests, against real processes."""

from tests.browser.conftest import browser, chromium

__all__ = ["browser", "chromium"]

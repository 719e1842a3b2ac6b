"""The first five minutes as docs/tour.md tells them; the pictures lie in var/tour."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.journeys import road

pytestmark = [pytest.mark.browser, pytest.mark.once]

PICTURES = settings.BASE_DIR / "var" / "tour"
ANSWERS = {
    "What shall we call it?": "Tool library",
    "What shall it help with?": "Our garden club lends tools. We want to know who has which tool, and since when.",
    "Who uses it": "Volunteers at the counter",
    "What will you keep lists of": (
        "Each tool has a name (required), a place and a condition (new, good or worn).\n"
        "Each loan has a borrower (required), the date it was lent (required) and optional notes."
    ),
}


@pytest.fixture
def shoot(tmp_path):
    PICTURES.mkdir(parents=True, exist_ok=True)
    return lambda page, name: page.screenshot(path=PICTURES / f"{name}.png", caret="initial")


def test_tour_goes_from_the_dashboard_over_the_questions_to_a_zip_whose_tests_pass(browser, tmp_path, shoot):
    with road.product(tmp_path / "data") as url:
        context = browser.new_context(
            accept_downloads=True, viewport={"width": 1280, "height": 860}, reduced_motion="reduce"
        )
        page = context.new_page()
        road.sign_up(page, url, "tour@example.com")
        shoot(page, "dashboard")
        _answer_the_questions(page, url, shoot)
        shoot(page, "spec")
        page.get_by_label("The offline demo").check()
        page.get_by_role("button", name="Build this app").click()
        expect(page.get_by_role("heading", name="Did we understand you?")).to_be_visible()
        shoot(page, "brief")
        road.confirm(page)
        expect(page.locator("#gate").filter(has_text="Your turn: the spec")).to_be_visible()
        shoot(page, "gate")
        road.approve_gates(page)
        expect(page.get_by_role("heading", name="We are writing the code")).to_be_visible()
        monitor = page.locator("#monitor")
        expect(monitor.locator(".build-now")).to_contain_text("The code is being written")
        expect(monitor.get_by_role("heading", name="Planned tasks")).to_be_visible()
        monitor.evaluate("part => part.scrollIntoView()")
        shoot(page, "watch")
        app = road.download(page, tmp_path)
        shoot(page, "done")
        page.goto(f"{page.url.partition('?')[0]}?view=log")
        expect(page.get_by_role("heading", name="Your software is ready")).to_be_visible()
        shoot(page, "log")
        context.close()

    assert re.search(r"# fail 0|fail 0", road.npm_test(app))
    schema = (app / "db" / "schema.sql").read_text()
    words = ("tool", "place", "condition", "loan", "borrower")
    assert [name for name in words if name not in schema] == []


def _answer_the_questions(page, url, shoot):
    page.goto(f"{url}/app/specs/questions")
    for number in range(5):
        for label, text in ANSWERS.items():
            field = page.get_by_label(label)
            if field.count():
                field.fill(text)
        if number == 2:
            shoot(page, "questions")
        last = page.get_by_role("button", name="Make the spec")
        (last if last.count() else page.get_by_role("button", name="Next").last).click()
    expect(page.get_by_role("heading", name="Tool library", level=1)).to_be_visible()

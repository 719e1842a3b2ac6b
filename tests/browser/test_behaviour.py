"""What pages do beyond showing: two tabs, no script, keys, lost log-in, trouble on the way."""

import time

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from playwright.sync_api import expect

from buildpractical.lib.clock import utcnow
from features import actions, documents, transitions
from features.models import Feature
from features.statuses import Status
from tests.factories import add_document, make_feature, make_user, walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ada():
    return make_user()


@pytest.fixture
def at(ada, open_page, sign_in):
    """Return a function: status → (ada's feature, a window on its page in which the scripts are at work)."""

    def go(status, *, look="1280-light", scripts=True):
        feature = make_feature(ada)
        walk(feature, status, actor=ada, now=utcnow())
        page = open_page(look, scripts=scripts)
        sign_in(page, ada)
        page.goto(f"/app/features/{feature.public_id}")
        if scripts:
            expect(page.locator("#conversation")).to_be_visible()
        return feature, page

    return go


def test_second_tab_follows_and_a_late_press_is_told(at, ada):
    feature, first = at(Status.SPEC_READY)
    second = first.context.new_page()
    second.goto(first.url)
    second.route("**/events**", lambda route: route.abort())  # this tab hears nothing
    second.reload()
    expect(second.locator("#conversation")).to_be_visible()

    first.get_by_role("button", name="Approve the spec").click()
    expect(first.get_by_role("heading", name="The plan comes next")).to_be_visible()
    second.get_by_role("button", name="Approve the spec").click()

    expect(second.get_by_text("This was already decided.")).to_be_visible()
    expect(second.get_by_text("The state is now: Spec approved")).to_be_visible()
    assert feature.transitions.filter(target=Status.SPEC_APPROVED).count() == 1


def test_other_tab_shows_the_new_state_by_itself(at):
    _, first = at(Status.SPEC_READY)
    second = first.context.new_page()
    second.goto(first.url)
    expect(second.locator("[data-stream-state=live]").first).to_be_visible()

    first.get_by_role("button", name="Approve the spec").click()

    expect(second.get_by_role("heading", name="The plan comes next")).to_be_visible()
    expect(second.locator(".badge").first).to_have_text("Spec approved")


def test_change_during_a_slow_fetch_is_not_lost(at, ada):
    feature, page = at(Status.DRAFTING)

    def late(route):
        """Answer with the state before the next change, after that change was announced."""
        answer = route.fetch()
        with transaction.atomic():
            brief = documents.proposed_brief(feature)
            transitions.confirm_brief(
                feature=Feature.objects.get(pk=feature.pk), document=brief, actor=ada, now=utcnow()
            )
        time.sleep(0.5)
        route.fulfill(response=answer)

    page.route("**/gate", late, times=1)
    with transaction.atomic():
        add_document(feature, "brief")

    expect(page.get_by_role("heading", name="We are writing the spec")).to_be_visible()


def test_whole_gate_works_without_scripts(at, ada):
    feature, page = at(Status.SPEC_READY, scripts=False)

    page.get_by_role("link", name="Open the conversation").click()
    expect(page.get_by_label("Your message")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Approve the spec").click()

    expect(page.get_by_text("Approved.")).to_be_visible()
    expect(page.get_by_role("heading", name="The plan comes next")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("heading", name="You stopped this")).to_be_visible()
    page.get_by_role("button", name="Retry").click()
    expect(page.get_by_text("We go on from the last good point.")).to_be_visible()


def test_brief_is_corrected_without_scripts(at):
    feature, page = at(Status.DRAFTING, scripts=False)
    with transaction.atomic():
        add_document(feature, "brief")

    page.reload()
    page.locator("summary", has_text="Correct something").click()
    page.get_by_label("What it is for").fill("")
    page.locator("form", has_text="Save corrections").evaluate("form => { form.noValidate = true }")
    page.get_by_role("button", name="Save corrections").click()
    expect(page.get_by_text("Please say in one sentence what it is for.")).to_be_visible()
    page.get_by_label("What it is for").fill("Lend tools.")
    page.get_by_role("button", name="Save corrections").click()

    expect(page.locator(".read-back")).to_have_text("Lend tools.")


def test_rename_saves_with_enter_and_forgets_with_escape(at):
    feature, page = at(Status.DRAFTING)
    rename = page.locator("summary", has_text="Rename")

    rename.click()
    expect(page.get_by_label("New title")).to_be_focused()
    page.keyboard.type("Never mind")
    page.keyboard.press("Escape")
    expect(page.get_by_label("New title")).to_be_hidden()
    expect(rename).to_be_focused()
    rename.press("Enter")
    expect(page.get_by_label("New title")).to_be_focused()
    expect(page.get_by_label("New title")).to_have_value("Tool library")
    page.keyboard.type("Garden tools")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Garden tools")).to_be_visible()
    assert Feature.objects.get().title == "Garden tools"


def test_nudge_never_replaces_a_field_in_use(at):
    feature, page = at(Status.DRAFTING)
    page.locator("summary", has_text="Rename").click()
    expect(page.get_by_label("New title")).to_be_focused()
    page.keyboard.type("Half a na")
    expect(page.locator("[data-stream-state=live]").first).to_be_visible()

    with page.expect_response("**/head"):
        actions.rename_feature(feature=Feature.objects.get(), title="From another tab")

    expect(page.get_by_label("New title")).to_have_value("Half a na")


def test_nudge_leaves_the_focus_where_it_was(at):
    feature, page = at(Status.SPEC_READY)
    expect(page.locator("[data-stream-state=live]").first).to_be_visible()
    page.get_by_role("button", name="Approve the spec").focus()

    with page.expect_response("**/gate"), transaction.atomic():
        add_document(feature, "brief")

    expect(page.get_by_role("heading", name="Is this the new brief?")).to_be_visible()
    expect(page.get_by_role("button", name="Approve the spec")).to_be_focused()


def test_failed_request_leaves_a_notice_that_stays(at, open_page):
    _, page = at(Status.SPEC_READY)
    page.route("**/approve", lambda route: route.fulfill(status=500, body="broken"))

    page.get_by_role("button", name="Approve the spec").click()

    notice = page.get_by_text("That did not work. Nothing was lost. Please try again.")
    expect(notice).to_be_visible()
    page.get_by_role("button", name="Close").click()
    expect(notice).to_be_hidden()
    assert page.get_by_role("button", name="Approve the spec").is_enabled()
    open_page.complaints.clear()  # the console tells of the 500


def test_lost_login_leads_to_the_login_page(at):
    _, page = at(Status.SPEC_READY)
    # The late parts are there: one of them without a login would tell the console of it.
    expect(page.locator("#composer-text")).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0)
    expect(page.locator("[data-stream-state=live]").first).to_be_attached()
    Session.objects.all().delete()

    page.get_by_role("button", name="Approve the spec").click()

    page.wait_for_url("**/accounts/login/**")


def test_idea_stands_ready_in_the_message_box(ada, open_page, sign_in):
    page = open_page("390-light")
    sign_in(page, ada)

    page.goto("/app")
    page.get_by_label("Repairs of a bicycle shop").check()
    page.get_by_role("button", name="Start the conversation").click()

    expect(page.get_by_label("Your message")).to_have_value(
        "We repair bicycles. I want to write down each repair with the customer's name, what is broken and "
        "whether it is new, in work or ready."
    )


def test_keyboard_reaches_the_content_first(at):
    _, page = at(Status.SPEC_READY)

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()

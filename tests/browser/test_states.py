"""Lists and parts in every state: coming, empty, failed, full; limits, the tab's title, error pages."""

import pytest
from playwright.sync_api import expect

from accounts import limits
from buildpractical.lib import errors
from buildpractical.lib.clock import utcnow
from chat.models import Message
from features import artifacts, transitions
from features.statuses import Status
from tests.factories import add_document, make_feature, make_project, make_spec, make_user, walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LATE = {"talk": "**/chat", "cost": "**/runs"}


@pytest.fixture
def ada_page(page, sign_in):
    """ada's window in each look, and ada."""
    ada = make_user()
    sign_in(page, ada)
    return page, ada


@pytest.fixture
def one_page(open_page, sign_in):
    """One window of ada's, and ada."""
    ada, page = make_user(), open_page()
    sign_in(page, ada)
    return page, ada


# --- lists ------------------------------------------------------------------------------------------------------


def test_lists_when_there_is_nothing(ada_page, shoot):
    page, ada = ada_page
    page.goto("/app")
    expect(page.get_by_role("heading", name="Start something new")).to_be_visible()
    page.goto("/app/features")
    expect(page.get_by_role("link", name="Start the first one")).to_be_visible()
    shoot(page, "features-empty")

    feature = make_feature(ada)
    page.goto(f"/app/features/{feature.public_id}")
    expect(page.locator("#files")).to_contain_text("None yet.")
    expect(page.locator("#documents")).to_contain_text("None yet")
    expect(page.locator("#runs")).to_contain_text("Nothing yet.")
    expect(page.locator("#chat")).to_contain_text("Hello! What do you need?")


def test_lists_when_they_are_full(one_page):
    page, ada = one_page
    made = [make_feature(ada, title=f"Feature {number}") for number in range(25)]
    walk(made[-1], Status.DONE, actor=ada, now=utcnow())
    page.goto("/app/features")
    expect(page.locator("#rows tbody tr")).to_have_count(20)
    page.get_by_role("link", name="Older").click()
    expect(page.locator("#rows tbody tr")).to_have_count(5)

    for number in range(31):
        make_spec(ada, title=f"Spec {number}")
        make_project(ada, name=f"Project {number}")
    for path, most, name, rest in (("/app/specs", 18, "Older", 13), ("/app/projects", 30, "More", 1)):
        page.goto(path)
        expect(page.locator(".cards > li")).to_have_count(most)
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.locator(".cards > li")).to_have_count(rest)

    page.goto("/app")
    expect(page.locator("#work .rows")).to_have_count(2)
    page.goto(f"/app/features/{made[-1].public_id}")
    expect(page.locator("#files .tree a")).to_have_count(4)
    expect(page.locator("#documents a").first).to_be_visible()


@pytest.mark.parametrize("part", LATE)
def test_late_part_shows_that_it_is_coming(one_page, part):
    page, ada = one_page
    feature, held = make_feature(ada), []
    page.route(LATE[part], lambda route: held.append(route))
    page.goto(f"/app/features/{feature.public_id}")

    skeleton = page.locator(f"#{part} .skeleton")
    expect(skeleton).to_be_visible()
    held[0].continue_()
    expect(skeleton).to_have_count(0)


@pytest.mark.parametrize("part", LATE)
def test_late_part_that_fails_says_so_and_comes_on_the_next_try(one_page, open_page, part, shoot):
    page, ada = one_page
    feature = make_feature(ada)
    page.route(LATE[part], lambda route: route.fulfill(status=500, body="broken"))
    page.goto(f"/app/features/{feature.public_id}")
    place = page.locator(f"#{part}")
    expect(place).to_contain_text("This part could not be loaded. Nothing was lost.")
    shoot(page, f"late-{part}-failed")

    page.unroute(LATE[part])
    place.get_by_role("button", name="Try again").click()

    expect(place.locator("#conversation, #runs")).to_be_visible()
    open_page.complaints.clear()  # the console tells of the 500


def test_list_that_cannot_fetch_itself_stays_as_it_is(one_page, open_page):
    page, ada = one_page
    make_feature(ada, title="Tool library")
    page.goto("/app/features")
    page.route("**/rows*", lambda route: route.abort())
    page.evaluate(
        "htmx.ajax('GET', '/app/features/rows', {target: '#rows', swap: 'outerHTML'}).catch(() => 0)"
    )

    page.wait_for_timeout(300)
    expect(page.locator("#rows")).to_contain_text("Tool library")
    open_page.complaints.clear()


# --- limits -----------------------------------------------------------------------------------------------------


def use_up(user, limit):
    limits.take(limit, user.pk, now=utcnow())


@pytest.mark.parametrize("scripts", [True, False])
def test_message_beyond_the_limit_stays_in_the_box(open_page, sign_in, settings, shoot, scripts):
    ada, page = make_user(), open_page(scripts=scripts)
    settings.MESSAGES_PER_HOUR = 1
    use_up(ada, limits.MESSAGES)
    sign_in(page, ada)
    feature = make_feature(ada)
    page.goto(f"/app/features/{feature.public_id}/conversation")
    box = page.get_by_label("Your message")
    box.fill("We lend tools to members.")
    page.get_by_role("button", name="Send").click()

    expect(page.get_by_role("alert")).to_contain_text("send it again in 60 minutes")
    expect(box).to_have_value("We lend tools to members.")
    assert not Message.objects.exists()
    assert page.locator(".toast").count() == 0
    open_page.complaints.clear()  # the console tells of the 429


def test_limits_in_each_look(ada_page, open_page, settings, shoot):
    page, ada = ada_page
    settings.BUILDS_PER_HOUR = settings.MESSAGES_PER_HOUR = settings.DATA_REQUESTS_PER_MINUTE = 1
    feature = make_feature(ada)
    add_document(feature, "brief")
    for limit in (limits.BUILDS, limits.MESSAGES, limits.DATA):
        use_up(ada, limit)
    page.goto(f"/app/features/{feature.public_id}")
    page.get_by_label("Your message").fill("One more thing")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#chat-refused")).to_contain_text("That was a lot of messages.")
    page.get_by_role("button", name="Confirm").first.click()
    expect(page.locator("#gate-limit")).to_contain_text("You can go on in 60 minutes.")
    shoot(page, "limits")
    page.goto("/app/features/rows")
    expect(page.get_by_role("heading", name="A little too fast")).to_be_visible()
    shoot(page, "error-429")
    open_page.complaints.clear()


def test_builds_at_once_are_told_without_scripts(open_page, sign_in, settings, shoot):
    ada, page = make_user(), open_page(scripts=False)
    sign_in(page, ada)
    walk(make_feature(ada), Status.IMPLEMENTING, actor=ada, now=utcnow())
    feature = make_feature(ada)
    walk(feature, Status.SPEC_READY, actor=ada, now=utcnow())
    settings.BUILDS_AT_ONCE = 1
    page.goto(f"/app/features/{feature.public_id}")

    page.get_by_role("button", name="Approve the spec").click()

    expect(page.get_by_role("alert")).to_contain_text("1 build is being worked on for you")
    expect(page.get_by_role("button", name="Approve the spec")).to_be_visible()
    open_page.complaints.clear()


# --- the tab ----------------------------------------------------------------------------------------------------


def test_tab_tells_when_the_turn_comes(one_page):
    page, ada = one_page
    feature = make_feature(ada)
    walk(feature, Status.SPEC_GENERATING, actor=ada, now=utcnow())
    page.goto(f"/app/features/{feature.public_id}")
    expect(page.locator("#conversation")).to_be_visible()
    icon = page.locator("link[rel=icon]")
    assert page.title() == "Tool library · Build Practical"

    transitions.fail_step(feature=feature, failure="crashed", now=utcnow())

    expect(page).to_have_title("Your turn: Tool library · Build Practical")
    assert icon.get_attribute("href") == "/static/favicon-turn.svg"
    transitions.retry(feature=feature, actor=ada, now=utcnow())
    expect(page).to_have_title("Tool library · Build Practical")
    assert icon.get_attribute("href") == "/static/favicon.svg"


def test_tab_that_was_long_hidden_tells_when_the_turn_comes(one_page):
    page, ada = one_page
    feature = make_feature(ada)
    walk(feature, Status.SPEC_GENERATING, actor=ada, now=utcnow())
    page.clock.install()
    page.goto(f"/app/features/{feature.public_id}")
    expect(page.locator("[data-stream-badge]")).to_have_text("Live")
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.clock.run_for(61_000)
    expect(page.locator("[data-stream-badge]")).to_have_text("Historical")

    transitions.fail_step(feature=feature, failure="crashed", now=utcnow())
    for _ in range(3):  # a look that was on its way already saw the old state
        page.clock.run_for(31_000)
        page.wait_for_timeout(300)

    expect(page).to_have_title("Your turn: Tool library · Build Practical")


# --- pages --------------------------------------------------------------------------------------------------------


def test_settings_switch_for_mails(ada_page, shoot):
    page, ada = ada_page
    page.goto("/app/settings")
    switch = page.get_by_label("Write me a mail when it is my turn")
    expect(switch).to_be_checked()
    switch.uncheck()
    page.get_by_role("button", name="Save profile").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(switch).not_to_be_checked()
    shoot(page, "settings-mails")

    ada.profile.refresh_from_db()
    assert ada.profile.mail_news is False


def test_file_page_with_its_facts(ada_page, shoot):
    page, ada = ada_page
    feature = make_feature(ada)
    walk(feature, Status.DONE, actor=ada, now=utcnow())
    file = artifacts.current(feature).get(path="src/main.ts")
    page.goto(f"/app/features/{feature.public_id}/files/{file.pk}")
    page.get_by_text("About this file").click()
    expect(page.get_by_text(file.sha256)).to_be_visible()
    shoot(page, "file-facts")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download").click()

    assert saved.value.suggested_filename == "main.ts"


@pytest.mark.parametrize("status", [400, 403, 404, 413, 429, 500, 503])
def test_error_pages(page, shoot, status, rf):
    """As they are answered, under their own address."""
    html = errors.page(rf.get("/app"), status).content.decode()
    page.route("**/app/broken", lambda route: route.fulfill(status=200, body=html, content_type="text/html"))
    page.goto("/app/broken")

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    shoot(page, f"error-{status}")


def test_operators_pages_for_an_ordinary_person(ada_page, open_page, shoot):
    page, _ = ada_page
    page.goto("/operator/")

    expect(page.get_by_role("heading", name="This part is for operators")).to_be_visible()
    shoot(page, "error-operator")
    open_page.complaints.clear()  # the console tells of the 403

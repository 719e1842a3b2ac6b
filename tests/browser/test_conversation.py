"""The conversation in a real browser: writing, two tabs, reload, stop, bad input, lost connections."""

import threading

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from chat import actions, replies
from features.models import Feature
from features.statuses import Status
from tests.chat import sources
from tests.factories import NOON, make_feature, make_user, walk
from tests.live import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def scripted(settings):
    settings.CHAT_REPLY_SOURCE, settings.CHAT_AFTER_REPLY = sources.SOURCE, sources.HOOK
    sources.play(("text", "Who will **use** it?"), ("stop", "end_turn"))
    sources.wishes.clear()


@pytest.fixture
def feature(site):
    return make_feature(make_user())


@pytest.fixture
def talk(open_page, sign_in, feature):
    """A signed-in window on the feature's page; the conversation is there."""
    page = open_page()
    sign_in(page, feature.created_by)
    page.goto(address(feature))
    expect(box(page)).to_be_visible()
    return page


def address(feature):
    return f"/app/features/{feature.public_id}"


def box(page):
    return page.get_by_label("Your message")


def say(page, text):
    box(page).fill(text)
    box(page).press("Enter")


def bubble(page, seq):
    return page.locator(f"#message-{seq}")


def state(page):
    return page.locator("[data-stream-state]")


@pytest.mark.parametrize("look", ["1280-light", "1280-dark", "390-light", "390-dark"])
def test_answer_is_written_while_one_looks_and_rendered_at_the_end(open_page, sign_in, feature, shoot, look):
    page = open_page(look)
    sign_in(page, feature.created_by)
    page.goto(address(feature))
    go = threading.Event()
    sources.play(("text", "Who will "), ("text", "**use** it?"), go, ("stop", "end_turn"))

    box(page).fill("I need a list of tools")
    page.get_by_role("button", name="Send").click()

    expect(bubble(page, 1)).to_contain_text("I need a list of tools")
    expect(bubble(page, 2).locator("[data-text]")).to_have_text("Who will **use** it?")
    expect(page.locator("#announcer")).to_have_text("Answer is being written")
    expect(box(page)).to_have_value("")
    shoot(page, "conversation-writing")
    go.set()
    expect(bubble(page, 2).locator("strong")).to_have_text("use")
    expect(page.locator("#announcer")).to_have_text("Answer ready")
    expect(page.get_by_role("button", name="Write the brief")).to_be_visible()
    shoot(page, "conversation-answered")


def test_enter_sends_and_shift_enter_breaks_the_line(talk, feature):
    box(talk).fill("one")
    box(talk).press("Shift+Enter")
    box(talk).press_sequentially("two")
    box(talk).press("Enter")

    expect(bubble(talk, 1).locator(".bubble-text")).to_have_text("one\ntwo")
    assert feature.messages.first().body == "one\ntwo"


def test_two_tabs_show_the_same_and_no_message_twice(talk, sign_in, feature):
    go = threading.Event()
    sources.play(("text", "Who "), go, ("text", "will use it?"), ("stop", "end_turn"))
    other = talk.context.new_page()
    other.goto(address(feature))
    expect(state(other)).to_have_attribute("data-stream-state", "live")

    say(talk, "I need a list")

    for page in (talk, other):
        expect(bubble(page, 2).locator("[data-text]")).to_have_text("Who ")
    other.reload()
    expect(bubble(other, 2).locator("[data-text]")).to_have_text("Who ")
    go.set()
    for page in (talk, other):
        expect(bubble(page, 2).locator(".prose")).to_have_text("Who will use it?")
        assert page.locator("[data-message-id]").count() == 2


def test_stop_and_continue(talk, shoot):
    sources.play(("text", "Half"), threading.Event())
    say(talk, "I need a list")
    expect(bubble(talk, 2).locator("[data-text]")).to_have_text("Half")

    talk.get_by_role("button", name="Stop").click()

    expect(bubble(talk, 2)).to_contain_text("You stopped this answer.")
    shoot(talk, "conversation-stopped")
    sources.play(("text", "the rest"), ("stop", "end_turn"))
    talk.get_by_role("button", name="Continue").click()
    expect(bubble(talk, 3)).to_contain_text("the rest")
    expect(talk.get_by_role("button", name="Continue")).to_have_count(0)
    expect(bubble(talk, 2)).to_contain_text("Half")


def test_failed_answer_says_why_and_can_be_tried_again(talk, shoot):
    sources.play(("text", "Half"), ("failure", "overloaded"))
    say(talk, "I need a list")

    expect(bubble(talk, 2)).to_contain_text("The demo's own small server did not answer.")
    shoot(talk, "conversation-failed")
    sources.play(("text", "Hello"), ("stop", "end_turn"))
    talk.get_by_role("button", name="Try again").click()

    expect(bubble(talk, 3)).to_contain_text("Hello")
    expect(talk.get_by_role("button", name="Try again")).to_have_count(0)


def test_bad_input_is_explained_beside_the_box_and_stays_in_it(talk, feature):
    text = "a" * 20_001
    say(talk, text)

    expect(talk.locator("#chat-refused")).to_contain_text("20,001 characters")
    expect(box(talk)).to_have_value(text)
    say(talk, "shorter")
    expect(bubble(talk, 1)).to_contain_text("shorter")
    expect(talk.locator("#chat-refused")).to_have_text("")
    assert feature.messages.count() == 2


def test_second_message_while_an_answer_is_written_waits_in_the_box(talk, feature):
    go = threading.Event()
    sources.play(("text", "Who"), go, ("stop", "end_turn"))
    say(talk, "I need a list")
    expect(bubble(talk, 2)).to_contain_text("Who")
    # The words may be on the page before the request is answered; until then Enter sends nothing.
    expect(talk.get_by_role("button", name="Send")).to_be_enabled()

    say(talk, "And more")

    expect(talk.locator("#chat-refused")).to_contain_text("An answer is still being written.")
    expect(box(talk)).to_have_value("And more")
    go.set()
    expect(bubble(talk, 2).locator(".prose")).to_be_visible()
    box(talk).press("Enter")
    expect(bubble(talk, 3)).to_contain_text("And more")


def test_unsent_text_survives_a_reload(talk, feature):
    box(talk).press_sequentially("I need a li")
    wait_until(lambda: feature.drafts.filter(body="I need a li").exists())

    talk.reload()

    expect(box(talk)).to_have_value("I need a li")


def test_sent_text_does_not_come_back_as_a_draft(talk, feature):
    say(talk, "I need a list")
    expect(bubble(talk, 2).locator(".prose")).to_be_visible()
    talk.wait_for_timeout(1300)  # the draft is kept one second after the last key

    talk.reload()

    expect(bubble(talk, 1)).to_be_visible()
    expect(box(talk)).to_have_value("")


def test_stream_states_are_told_in_words(talk, site, feature):
    expect(state(talk)).to_have_text("Up to date")

    talk.context.set_offline(True)
    site.loop.call_soon_threadsafe(replies.hub.close)
    expect(state(talk)).to_have_text("Connecting again")
    site.loop.call_soon_threadsafe(replies.hub.open)
    talk.context.set_offline(False)
    expect(state(talk)).to_have_text("Up to date")


def test_finished_feature_tells_so_and_closes_the_conversation(open_page, sign_in, feature, shoot):
    walk(feature, Status.DONE, actor=feature.created_by)
    page = open_page()
    sign_in(page, feature.created_by)
    page.goto(f"{address(feature)}/conversation")

    expect(state(page)).to_have_text("Finished")
    expect(page.locator("#composer")).to_contain_text("This feature is done")
    expect(box(page)).to_have_count(0)


def test_composer_closes_when_the_work_begins(talk, feature):
    walk(feature, Status.SPEC_GENERATING, actor=feature.created_by)

    expect(talk.locator("#composer")).to_contain_text("the conversation is closed while we work")


def test_logged_out_page_goes_to_the_login(open_page, talk, feature, settings):
    settings.STREAM_CHECK_SECONDS = 0.1
    talk.reload()
    expect(state(talk)).to_have_text("Up to date")

    Session.objects.all().delete()

    talk.wait_for_url("**/accounts/login/**")
    # A stream that is answered with a page is an error to the browser.
    open_page.complaints[:] = [words for words in open_page.complaints if "EventSource" not in words]


def test_what_was_missed_while_away_comes_with_the_connection(talk, site, feature):
    expect(state(talk)).to_have_text("Up to date")
    site.loop.call_soon_threadsafe(replies.hub.close)
    expect(state(talk)).to_have_text("Connecting again")
    reply = actions.send(feature=feature, author=feature.created_by, body="From elsewhere", now=NOON)
    replies.keeping.interrupt(reply, reason="lost")

    site.loop.call_soon_threadsafe(replies.hub.open)

    expect(bubble(talk, 1)).to_contain_text("From elsewhere")
    expect(bubble(talk, 2)).to_contain_text("This answer was cut by a restart")


def test_reader_who_looks_at_something_older_is_left_there(talk, feature):
    go, more = threading.Event(), threading.Event()
    sources.play(
        *[("text", f"line {n}\n") for n in range(60)], go, ("text", "more"), more, ("stop", "end_turn")
    )
    say(talk, "I need a list")
    expect(bubble(talk, 2)).to_contain_text("line 59")
    at_end = "document.getElementById('conversation').getBoundingClientRect().bottom < innerHeight + 5"
    assert talk.evaluate(at_end)

    before = talk.evaluate("scrollY")
    assert before > 500
    talk.mouse.wheel(0, -4000)
    wait_until(lambda: talk.evaluate("scrollY") < 50)
    go.set()
    expect(bubble(talk, 2)).to_contain_text("more")

    assert talk.evaluate("scrollY") < 50
    more.set()


def test_forms_work_without_scripts(open_page, sign_in, feature):
    page = open_page(scripts=False)
    sign_in(page, feature.created_by)
    page.goto(address(feature))
    page.get_by_role("link", name="Open the conversation").click()

    box(page).fill("I need a list")
    page.get_by_role("button", name="Send").click()
    expect(bubble(page, 1)).to_contain_text("I need a list")  # the page behind the redirect is there
    wait_until(lambda: feature.messages.filter(role="assistant", state="complete").exists())
    page.reload()

    expect(bubble(page, 2).locator("strong")).to_have_text("use")
    box(page).fill("   ")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#chat-refused")).to_contain_text("Write something first")


def test_text_of_people_and_models_runs_nothing(talk):
    hostile = '<img src=x onerror=alert(1)><script>alert(1)</script> <b hx-get="/app">x</b>'
    sources.play(("text", hostile), ("stop", "end_turn"))

    say(talk, hostile)

    expect(bubble(talk, 2).locator(".prose")).to_be_visible()
    assert talk.locator("#chat script, #chat img, #chat b[hx-get]").count() == 0


def test_brief_button_writes_the_brief(talk, feature):
    say(talk, "I need a list")
    sources.play(("text", "Here is the brief."), ("stop", "end_turn"))

    talk.get_by_role("button", name="Write the brief").click()

    expect(bubble(talk, 3)).to_contain_text("Here is the brief.")
    assert feature.messages.get(seq=3).purpose == "brief"
    assert Feature.objects.get().message_seq == 3

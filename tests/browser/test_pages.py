"""Every page and state once in each look; the pictures lie in var/screenshots."""

import pytest
from django.db import transaction
from playwright.sync_api import expect

from accounts import actions as account_actions
from buildpractical.lib.clock import utcnow
from buildpractical.lib.markdown import render_markdown
from chat.models import Message
from features import artifacts, documents, transitions
from features.models import Feature
from features.statuses import Status
from tests.factories import BRIEF, PASSWORD, add_document, make_feature, make_user, walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SENTENCES = {
    Status.DRAFTING: "Tell us what you need",
    Status.SPEC_GENERATING: "We are writing the spec",
    Status.SPEC_READY: "Is this what you want?",
    Status.PLAN_READY: "Shall we build it this way?",
    Status.IMPLEMENTING: "We are writing the code",
    Status.DONE: "Your software is ready",
    Status.FAILED: "This stopped",
}


def test_landing(page, shoot):
    page.goto("/")

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    shoot(page, "landing")


def test_sign_up_and_the_first_dashboard(page, shoot):
    page.goto("/")
    page.get_by_role("link", name="Start with the free demo").click()
    shoot(page, "sign-up")
    page.get_by_label("E-mail address").fill("new@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main button").first.click()

    expect(page.get_by_role("heading", name="Start something new")).to_be_visible()
    shoot(page, "dashboard-empty")


def test_log_in(page, shoot):
    page.goto("/accounts/login/")
    expect(page.locator("h1")).to_have_text("Log in")
    shoot(page, "log-in")


def test_dashboard_and_list_with_work(page, sign_in, shoot):
    ada = make_user()
    for status, title in (
        (Status.SPEC_READY, "Tool library of the garden club with a rather long name that has to wrap"),
        (Status.FAILED, "Waiting room"),
        (Status.IMPLEMENTING, "Shifts of volunteers"),
        (Status.DRAFTING, "New conversation"),
        (Status.DONE, "Bicycle repairs"),
    ):
        walk(make_feature(ada, title=title), status, actor=ada, now=utcnow())
    sign_in(page, ada)

    page.goto("/app")
    expect(page.locator("h1")).to_have_text("Your work")
    shoot(page, "dashboard")
    page.goto("/app/features")
    expect(page.locator("h1")).to_have_text("Features")
    shoot(page, "feature-list")


@pytest.mark.parametrize("status", SENTENCES)
def test_feature_page(page, sign_in, shoot, status):
    ada = make_user()
    feature = make_feature(ada)
    walk(feature, status, actor=ada, now=utcnow())
    sign_in(page, ada)

    page.goto(f"/app/features/{feature.public_id}")

    expect(page.get_by_text(SENTENCES[status])).to_be_visible()
    expect(page.locator("#conversation")).to_be_visible()
    expect(page.locator("#cost .skeleton")).to_have_count(0)
    shoot(page, f"feature-{status}")


def test_gate_with_advice_to_revise_and_a_proposed_brief(page, sign_in, shoot):
    ada = make_user()
    feature = make_feature(ada)
    spec = walk(feature, Status.SPEC_READY, actor=ada, now=utcnow())
    reasons = [
        {
            "id": "G1",
            "problem": "The brief says that tools can be overdue; no requirement covers it.",
            "fix": "Name after how many days a tool is overdue.",
        }
    ]
    documents.recommend(spec, verdict="REVISE", reasons=reasons)
    sign_in(page, ada)

    page.goto(f"/app/features/{feature.public_id}")
    expect(page.get_by_text("Advice: revise the brief first")).to_be_visible()
    expect(page.locator("#conversation")).to_be_visible()  # the scripts are at work
    shoot(page, "gate-revise")
    with transaction.atomic():
        add_document(
            feature, "brief", data=BRIEF | {"purpose": "Know who has which tool, and what is overdue."}
        )

    expect(
        page.get_by_role("heading", name="Is this the new brief?")
    ).to_be_visible()  # by the live stream alone
    shoot(page, "gate-proposed-brief")
    page.get_by_role("button", name="Confirm the new brief").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    shoot(page, "dialog")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="Confirm the new brief").click()
    page.get_by_role("dialog").get_by_role("button", name="Confirm the new brief").click()

    expect(page.get_by_role("heading", name="We are writing the spec")).to_be_visible()


def test_brief_card_is_corrected_and_confirmed(page, sign_in, shoot):
    ada = make_user()
    feature = make_feature(ada)
    add_document(feature, "brief")
    sign_in(page, ada)

    page.goto(f"/app/features/{feature.public_id}")
    expect(page.locator("#conversation")).to_be_visible()
    page.locator("summary", has_text="Correct something").click()
    shoot(page, "brief-card")
    page.get_by_label("What it is for").fill("Find every tool at once.")
    page.get_by_role("button", name="Save corrections").click()
    expect(page.get_by_text("the brief, version 2")).to_be_visible()
    expect(page.locator(".read-back")).to_have_text("Find every tool at once.")
    page.get_by_role("button", name="Confirm the brief").click()

    expect(page.get_by_role("heading", name="We are writing the spec")).to_be_visible()
    expect(page.locator("[data-focus]")).to_be_focused()


def test_correction_of_an_older_brief_keeps_the_text(page, sign_in, shoot):
    ada = make_user()
    feature = make_feature(ada)
    add_document(feature, "brief")
    sign_in(page, ada)
    page.goto(f"/app/features/{feature.public_id}")
    page.locator("summary", has_text="Correct something").click()
    page.get_by_label("What it is for").fill("Find every tool at once.")
    with transaction.atomic():
        add_document(feature, "brief", data=BRIEF | {"purpose": "Said in another tab."})

    page.get_by_role("button", name="Save corrections").click()

    expect(page.get_by_text("There is a newer brief.")).to_be_visible()
    expect(page.locator(".read-back")).to_have_text("Said in another tab.")
    expect(page.get_by_label("What it is for")).to_have_value("Find every tool at once.")
    shoot(page, "brief-newer")
    page.get_by_role("button", name="Save corrections").click()
    expect(page.locator(".read-back")).to_have_text("Find every tool at once.")


def test_refused_spec_leads_to_the_brief(page, sign_in, shoot):
    ada = make_user()
    feature = make_feature(ada)
    walk(feature, Status.SPEC_GENERATING, actor=ada, now=utcnow())
    transitions.fail_step(feature=feature, failure="refused", now=utcnow())
    sign_in(page, ada)

    page.goto(f"/app/features/{feature.public_id}")
    expect(page.get_by_text("Advice: revise the brief first")).to_be_visible()
    expect(page.locator("#composer-text")).to_be_visible()
    shoot(page, "failed-refused")
    page.locator("summary", has_text="Or correct the brief yourself").click()
    page.get_by_label("What it is for").fill("Find every tool at once.")
    shoot(page, "failed-correct")
    page.get_by_role("button", name="Save corrections").click()

    expect(page.get_by_role("heading", name="Is this the new brief?")).to_be_visible()
    shoot(page, "failed-proposed-brief")
    page.get_by_role("button", name="Confirm the new brief").click()
    page.get_by_role("dialog").get_by_role("button", name="Confirm the new brief").click()
    expect(page.get_by_role("heading", name="We are writing the spec")).to_be_visible()


def test_spending_limit_is_raised_and_the_work_goes_on(page, sign_in, shoot):
    ada = make_user()
    account_actions.save_key(
        workspace=ada.workspace, actor=ada, text="sk-ant-test-0123456789abcdef", state="checked", now=utcnow()
    )
    feature = make_feature(ada, provider="anthropic")
    walk(feature, Status.SPEC_GENERATING, actor=ada, now=utcnow())
    transitions.fail_step(feature=feature, failure="over_budget", now=utcnow())
    sign_in(page, ada)

    page.goto(f"/app/features/{feature.public_id}")
    page.locator("#cost summary").click()
    expect(page.get_by_role("button", name="Raise the limit to $20.00", exact=True)).to_be_visible()
    shoot(page, "failed-limit")
    page.get_by_role("button", name="Raise the limit to $20.00 and go on").click()

    expect(page.get_by_role("heading", name="We are writing the spec")).to_be_visible()
    expect(page.locator("#cost")).to_contain_text("costs more than $20.00")


def test_conversation_in_every_state(page, sign_in, shoot):
    ada = make_user()
    feature = make_feature(ada)
    long = "Which tools do you lend? **If you are not sure**, I would say:\n\n- hand tools\n- garden tools"
    for seq, (role, body, state, more) in enumerate(
        [
            ("user", "We lend tools.\nTo members.", "complete", {}),
            ("assistant", long, "complete", {}),
            ("user", "Garden tools only, and https://example.com/" + "x" * 80, "complete", {}),
            ("assistant", "After how many days is a tool over", "interrupted", {"stop_reason": "stopped"}),
            ("assistant", "After how many days", "failed", {"failure": "overloaded"}),
        ],
        start=1,
    ):
        Message.objects.create(
            workspace=ada.workspace, feature=feature, seq=seq, role=role, body=body, state=state,
            html=render_markdown(body) if role == "assistant" else "", created_at=utcnow(), **more,
        )  # fmt: skip
    Feature.objects.filter(pk=feature.pk).update(message_seq=5)
    sign_in(page, ada)

    page.goto(f"/app/features/{feature.public_id}")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    shoot(page, "conversation")
    page.goto(f"/app/features/{feature.public_id}/conversation")
    shoot(page, "conversation-page")


def test_document_file_rename_and_delete_pages(page, sign_in, shoot):
    ada = make_user()
    feature = make_feature(ada)
    walk(feature, Status.DONE, actor=ada, now=utcnow())
    file = artifacts.current(feature).get(path="src/main.ts")
    sign_in(page, ada)

    for name, path, heading in (
        ("document", "documents/spec/1", "Spec"),
        ("file", f"files/{file.pk}", "src/main.ts"),
        ("rename", "rename", "Rename"),
        ("delete", "delete", "Delete this feature?"),
    ):
        page.goto(f"/app/features/{feature.public_id}/{path}")
        expect(page.locator("h1")).to_have_text(heading)
        shoot(page, name)


def test_settings(page, sign_in, shoot):
    sign_in(page, make_user())

    page.goto("/app/settings")
    expect(page.locator("h1")).to_have_text("Settings")
    shoot(page, "settings")


def test_not_found(page, open_page, shoot):
    page.goto("/no/such/page")

    expect(page.get_by_text("There is nothing at this address")).to_be_visible()
    shoot(page, "not-found")
    assert all("404" in complaint for complaint in open_page.complaints)
    open_page.complaints.clear()

from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.test import AsyncClient
from django.urls import reverse

from accounts.models import AuditEntry
from agents.models import AgentRun
from features import actions, artifacts, documents
from features.failures import Failure
from features.models import Feature, Spec
from features.statuses import Status
from tests.factories import NOON, add_document, add_files, make_feature, make_spec


def url(name, feature, *args):
    return reverse(f"features:{name}", args=[feature.public_id, *args])


def text(response):
    return " ".join(response.content.decode().split())


def queries_of_the_shell(client):
    """Session, user, and membership with profile; on PostgreSQL with what a test makes of the two transactions.

    The first request also writes the row of the session list: it is made here.
    """
    client.get("/")
    return 9 if connection.settings_dict["ATOMIC_REQUESTS"] else 3


# --- landing and dashboard ------------------------------------------------------------------------------


def test_home_says_what_this_is_to_a_visitor(client, db):
    response = client.get("/")

    assert response.status_code == 200
    assert "The code is not run here." in text(response)


def test_home_leads_people_to_their_work(ada_client):
    assert ada_client.get("/").headers["Location"] == "/app"


def test_dashboard_of_a_new_person_offers_the_demo_and_three_ideas(ada_client):
    page = text(ada_client.get("/app"))

    assert "Add your Anthropic key in Settings" in page
    assert 'value="demo" required checked' in page
    assert page.count('name="idea"') == 4


def test_dashboard_without_demo_names_the_key_only(ada_client, settings):
    settings.DEMO_ENABLED = False

    page = text(ada_client.get("/app"))

    assert 'value="demo"' not in page
    assert "Add your Anthropic key in Settings" in page


def test_dashboard_puts_gates_first_and_shows_nothing_of_strangers(ada_client, feature_in, bob):
    feature_in(Status.SPEC_READY, title="Waits")
    feature_in(Status.SPEC_GENERATING, title="Runs")
    make_feature(bob, title="Not hers")

    page = text(ada_client.get("/app"))

    assert (
        page.index("Where you are needed")
        < page.index("Waits")
        < page.index("Running now")
        < page.index("Runs")
    )
    assert "Not hers" not in page


def test_dashboard_names_a_brief_that_waits_once_where_one_is_needed(ada_client, ada):
    add_document(make_feature(ada, title="Brief is there"), "brief")
    make_feature(ada, title="Still talking")

    page = text(ada_client.get("/app"))

    assert page.count("Brief is there") == 1
    assert page.index("Where you are needed") < page.index("Brief is there") < page.index("Still talking")
    assert page.count("Brief waits for you") == 1
    assert "Nothing waits for a decision of yours." not in page


def test_dashboard_shows_the_newest_three_specs_and_builds_the_last(ada_client, ada, bob):
    for number in range(4):
        make_spec(ada, title=f"Spec {number}", now=NOON + timedelta(minutes=number))
    make_spec(bob, title="Not hers")

    page = text(ada_client.get("/app"))

    assert [name in page for name in ("Spec 0", "Spec 1", "Spec 2", "Spec 3", "Not hers")] == [
        *(False, True, True, True),
        False,
    ]
    last = Spec.objects.get(title="Spec 3")
    assert f'href="{reverse("features:spec-detail", args=[last.public_id])}#build"' in page


@pytest.mark.parametrize("name", ["dashboard", "features:work"])
@pytest.mark.parametrize("rows", [1, 3])
def test_dashboard_makes_the_same_queries_for_any_number_of_features(
    ada_client, ada, feature_in, django_assert_num_queries, name, rows
):
    for _ in range(rows):
        feature_in(Status.SPEC_READY)
        feature_in(Status.DONE)
        feature_in(Status.DRAFTING)
        make_spec(ada)

    shell = queries_of_the_shell(ada_client)

    # The four lists and the projects; the page also looks for a key, the part counts for the person's limit.
    with django_assert_num_queries(shell + 5 + 1):
        ada_client.get(reverse(name))


@pytest.mark.parametrize("path", ["/", "/accounts/signup/"])
def test_visitor_hears_of_no_demo_where_it_is_off(client, db, settings, path):
    settings.DEMO_ENABLED = False

    assert "demo" not in text(client.get(path)).lower()


def test_person_hears_of_no_demo_where_it_is_off(ada_client, ada, settings):
    settings.DEMO_ENABLED = False
    feature = make_feature(ada, provider="anthropic", title="Tools")

    chat = reverse("chat:page", args=[feature.public_id])

    for path in ("/app", "/app/settings", url("feature-detail", feature), chat):
        assert "demo" not in text(ada_client.get(path)).lower()


# --- list and start -------------------------------------------------------------------------------------


def test_feature_list_tells_title_state_step_and_turn(ada_client, feature_in):
    feature_in(Status.FAILED, title="Tools")

    page = text(ada_client.get(reverse("features:feature-list")))

    assert "Tools" in page
    assert "Stopped" in page
    assert (
        '<td data-label="Step">Review</td> <td data-label="Whose turn" class="nowrap">Your turn</td>' in page
    )


def test_feature_list_shows_twenty_rows_a_page(ada_client, ada):
    for number in range(21):
        make_feature(ada, title=f"Feature {number:02}")

    first = text(ada_client.get(reverse("features:feature-list")))
    second = text(ada_client.get(reverse("features:feature-list") + "?page=2"))

    assert "Page 1 of 2" in first
    assert "Feature 00" not in first
    assert "Feature 00" in second


@pytest.mark.parametrize("page", ["0", "-1", "x", "999999999999999999999", ""])
def test_feature_list_takes_any_page_number(ada_client, feature_in, page):
    feature_in(Status.DRAFTING)

    assert ada_client.get(reverse("features:feature-list"), {"page": page}).status_code == 200


@pytest.mark.parametrize("name", ["feature-list", "feature-rows"])
@pytest.mark.parametrize("rows", [1, 3])
def test_feature_list_makes_the_same_queries_for_any_number_of_rows(
    ada_client, feature_in, django_assert_num_queries, name, rows
):
    for _ in range(rows):
        feature_in(Status.FAILED)

    shell = queries_of_the_shell(ada_client)

    # Number, rows, projects; the page also looks for a key, the part counts for the person's limit.
    with django_assert_num_queries(shell + 3 + 1):
        ada_client.get(reverse(f"features:{name}"))


def test_feature_create_starts_a_demo(ada_client, ada):
    response = ada_client.post(reverse("features:feature-create"), {"provider": "demo"})

    feature = Feature.objects.get()
    assert response.headers["Location"] == url("feature-detail", feature)
    assert (feature.workspace_id, feature.created_by, feature.provider, feature.status) == (
        ada.workspace.pk,
        ada,
        "demo",
        Status.DRAFTING,
    )


def test_feature_create_takes_an_idea_along(ada_client):
    response = ada_client.post(
        reverse("features:feature-create"), {"provider": "demo", "idea": "repairs"}, follow=True
    )

    assert Feature.objects.get().title == "Repairs of a bicycle shop"
    assert "data-starter=" in text(response)


def test_feature_create_without_key_explains_the_two_ways(ada_client):
    response = ada_client.post(reverse("features:feature-create"), {"provider": "anthropic"})

    assert response.status_code == 422
    assert "There is no AI key to work with." in text(response)
    assert "Choose the offline demo below." in text(response)
    assert not Feature.objects.exists()


@pytest.mark.parametrize("data", [{}, {"provider": "other"}, {"provider": "demo", "idea": "<script>"}])
def test_feature_create_refuses_what_is_not_offered(ada_client, data):
    response = ada_client.post(reverse("features:feature-create"), data)

    assert response.status_code == 422
    assert not Feature.objects.exists()


def test_feature_create_refuses_the_demo_where_it_is_off(ada_client, settings):
    settings.DEMO_ENABLED = False

    assert ada_client.post(reverse("features:feature-create"), {"provider": "demo"}).status_code == 422


# --- the feature page -----------------------------------------------------------------------------------

HEADINGS = {
    Status.DRAFTING: "Tell us what you need",
    Status.SPEC_GENERATING: "We are writing the spec",
    Status.SPEC_READY: "Is this what you want?",
    Status.SPEC_APPROVED: "The plan comes next",
    Status.PLAN_GENERATING: "We are writing the plan",
    Status.PLAN_READY: "Shall we build it this way?",
    Status.PLAN_APPROVED: "The tests come next",
    Status.TESTS_GENERATING: "We are writing the tests",
    Status.TESTS_READY: "Are these the right checks?",
    Status.TESTS_APPROVED: "The code comes next",
    Status.IMPLEMENTING: "We are writing the code",
    Status.REVIEW: "The code is being read",
    Status.DONE: "Your software is ready",
    Status.FAILED: "This stopped",
}


@pytest.mark.parametrize("status", Status)
def test_feature_page_and_its_parts_show_every_status(ada_client, feature_in, status):
    feature, _ = feature_in(status)

    page = text(ada_client.get(url("feature-detail", feature)))

    assert HEADINGS[status] in page
    assert HEADINGS[status] in text(ada_client.get(url("gate", feature)))
    assert "Demo:</strong> fixed rules, no AI model, cost 0." in page
    assert page.count('aria-current="step"') == 2  # the wide steps and the folded ones


@pytest.mark.parametrize("name", ["head", "gate", "documents", "files", "progress"])
def test_part_is_one_element_with_its_own_address(ada_client, feature_in, name):
    feature, _ = feature_in(Status.DONE)

    part = ada_client.get(url(name, feature)).content.decode().strip()

    assert f'id="{name}"' in part.split(">")[0]
    assert f'hx-get="{url(name, feature)}' in part.split(">")[0]


@pytest.mark.parametrize(
    ("name", "queries"),
    [
        *[("feature-detail", 10), ("documents", 2), ("files", 2), ("progress", 6), ("log", 2), ("head", 1)],
        *[("gate", 3), ("monitor", 6)],
    ],
)
@pytest.mark.parametrize("rows", [1, 3])
def test_feature_page_makes_the_same_queries_for_any_number_of_rows(
    ada_client, feature_in, django_assert_num_queries, name, queries, rows
):
    feature, _ = feature_in(Status.DONE)
    for number in range(rows):
        add_files(feature, {f"src/extra{number}.ts": ("source", b"x")})
        actions.rename_feature(feature=feature, title=f"Name {number}")

    shell = queries_of_the_shell(ada_client)

    with django_assert_num_queries(shell + queries):
        ada_client.get(url(name, feature))


def test_gate_shows_summary_advice_limits_assumptions_and_what_follows(ada_client, feature_in):
    feature, spec = feature_in(Status.SPEC_READY)
    reasons = [{"id": "G1", "problem": "Overdue tools are missing.", "fix": "Name the days."}]
    documents.recommend(spec, verdict="REVISE", reasons=reasons)

    page = text(ada_client.get(url("gate", feature)))

    for words in (
        "You get a list of tools.",
        "Advice: revise the brief first",
        "Overdue tools are missing.",
        "What would help: Name the days.",
        "What you will not get",
        "Payments",
        "Everybody may change everything.",
        "Next we plan the build",
        "Approve anyway",
        f'name="document" value="{spec.pk}"',
        "the cost stays 0",
    ):
        assert words in page


def test_gate_without_advice_says_so(ada_client, feature_in):
    feature, spec = feature_in(Status.SPEC_READY)
    documents.recommend(spec, verdict="", reasons=[])

    assert "No opinion." in text(ada_client.get(url("gate", feature)))


def test_gate_with_a_key_names_the_spending_limit(ada_client, feature_in):
    feature, _ = feature_in(Status.SPEC_READY, provider="anthropic")

    page = text(ada_client.get(url("feature-detail", feature)))

    assert "more than $10.00" in page
    assert "Demo:" not in page


def test_gate_of_a_model_without_price_promises_no_limit(ada_client, feature_in, settings):
    settings.MODEL_PRICES = {}
    feature, _ = feature_in(Status.SPEC_READY, provider="anthropic")

    page = text(ada_client.get(url("feature-detail", feature)))

    assert "the spending limit is a rough guess" in page
    assert "We stop before" not in page


def test_working_panel_counts_the_planned_files_of_this_build(ada_client, feature_in):
    feature, _ = feature_in(Status.IMPLEMENTING)
    add_files(feature, {"src/main.ts": ("source", b"x"), "src/not-planned.ts": ("source", b"x")})

    assert "1 of 2 planned files written" in text(ada_client.get(url("gate", feature)))


def test_failed_panel_names_the_findings(ada_client, feature_in):
    feature, _ = feature_in(Status.FAILED)
    review = documents.current(feature, "code_review")
    finding = {
        "severity": "high",
        "path": "src/main.ts",
        "line": 4,
        "scenario": "The name is not checked.",
        "fix": "Check it.",
    }
    documents.Document.objects.filter(pk=review.pk).update(data=review.data | {"findings": [finding]})

    page = text(ada_client.get(url("gate", feature)))

    assert "The reviews found problems" in page
    assert "The name is not checked." in page
    assert "src/main.ts:4" in page


def test_failed_panel_leads_to_the_key_when_the_key_is_the_reason(ada_client, feature_in):
    feature, _ = feature_in(Status.FAILED, provider="anthropic")
    Feature.objects.filter(pk=feature.pk).update(failure=Failure.KEY_REJECTED)

    assert "Look at your AI key in Settings" in text(ada_client.get(url("gate", feature)))


def test_done_panel_does_not_promise_more_than_was_done(ada_client, feature_in):
    feature, _ = feature_in(Status.DONE, provider="anthropic")

    page = text(ada_client.get(url("gate", feature)))

    assert "The code was read by a model against a checklist, not run, not certified." in page
    assert url("download", feature) in page


# --- documents and files --------------------------------------------------------------------------------


def test_document_page_renders_markdown_and_the_other_versions(ada_client, feature_in):
    feature, first = feature_in(Status.SPEC_READY)
    documents.add(feature, kind="spec", data=first.data, body="# New\n\n<script>alert(1)</script>", now=NOON)

    old = text(ada_client.get(url("document-detail", feature, "spec", 1)))
    new = text(ada_client.get(url("document-detail", feature, "spec", 2)))

    assert "This version was replaced." in old
    assert "<h2>New</h2>" in new
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in new


@pytest.mark.parametrize(("kind", "revision"), [("spec", 9), ("nothing", 1), ("spec", 10**15)])
def test_document_page_is_a_404_when_there_is_none(ada_client, feature_in, kind, revision):
    feature, _ = feature_in(Status.SPEC_READY)

    assert ada_client.get(url("document-detail", feature, kind, revision)).status_code == 404


def test_file_page_shows_the_code_and_the_tree(ada_client, feature_in):
    feature, _ = feature_in(Status.DONE)
    file = artifacts.current(feature).get(path="src/main.ts")

    page = text(ada_client.get(url("file-detail", feature, file.pk)))

    assert '<td class="linenos">' in page
    assert "package.json" in page
    assert 'aria-current="page"' in page


def test_file_page_says_when_the_stored_copy_is_gone(ada_client, feature_in):
    feature, _ = feature_in(Status.DONE)
    file = artifacts.current(feature).get(path="src/main.ts")
    artifacts.storage().delete(file.storage_key)

    assert "This file cannot be read" in text(ada_client.get(url("file-detail", feature, file.pk)))


def test_file_page_shows_the_beginning_of_a_long_file(ada_client, feature_in):
    feature, _ = feature_in(Status.DRAFTING)
    add_files(feature, {"long.txt": ("source", b"abc\n" * 60_000)})
    file = artifacts.current(feature).get()

    assert "only its beginning is shown" in text(ada_client.get(url("file-detail", feature, file.pk)))


def test_file_of_another_feature_is_a_404(ada_client, feature_in):
    one, _ = feature_in(Status.DONE)
    other, _ = feature_in(Status.DRAFTING)
    file = artifacts.current(one).first()

    assert ada_client.get(url("file-detail", other, file.pk)).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_download_sends_a_zip_for_the_file_system(ada, feature_in):
    feature, _ = feature_in(Status.DONE, title='Tool library: ä/.."')
    browser = AsyncClient()
    browser.force_login(ada)

    async def fetch():
        response = await browser.get(url("download", feature))
        return response, b"".join([part async for part in response.streaming_content])

    response, content = async_to_sync(fetch)()

    assert response.headers["Content-Disposition"] == 'attachment; filename="tool-library-a-demo.zip"'
    assert response.headers["Content-Type"] == "application/zip"
    assert content[:4] == b"PK\x03\x04"
    assert ada.workspace.pk in AuditEntry.objects.filter(action="feature.downloaded").values_list(
        "workspace", flat=True
    )


@pytest.mark.parametrize("status", [Status.DRAFTING, Status.REVIEW, Status.FAILED])
def test_download_is_a_404_before_the_feature_is_done(ada_client, feature_in, status):
    feature, _ = feature_in(status)

    assert ada_client.get(url("download", feature)).status_code == 404


# --- rename and delete ----------------------------------------------------------------------------------


@pytest.mark.parametrize("title", ["", "   ", "x" * 201, "a\x00b"])
def test_rename_refuses_a_title_and_keeps_the_old_one(ada_client, feature_in, title):
    feature, _ = feature_in(Status.DRAFTING, title="Old")

    part = ada_client.post(url("rename", feature), {"title": title}, headers={"HX-Request": "true"})
    page = ada_client.post(url("rename", feature), {"title": title})

    assert (part.status_code, page.status_code) == (422, 422)
    assert 'role="alert"' in text(part)
    assert 'role="alert"' in text(page)
    assert "<h1>Old</h1>" in text(part)
    feature.refresh_from_db()
    assert feature.title == "Old"


def test_rename_keeps_two_hundred_characters(ada_client, feature_in):
    feature, _ = feature_in(Status.DRAFTING)

    response = ada_client.post(url("rename", feature), {"title": "ü" * 200}, headers={"HX-Request": "true"})

    assert response.status_code == 200
    feature.refresh_from_db()
    assert (feature.title, feature.title_is_mine) == ("ü" * 200, True)


def test_delete_names_what_goes_and_then_deletes_it(
    ada_client, feature_in, django_capture_on_commit_callbacks
):
    feature, _ = feature_in(Status.DONE)
    AgentRun.objects.create(
        workspace=feature.workspace, feature=feature, step="drafting", agent="ba", provider="demo", model="m",
        prompt="ba", prompt_sha256="0" * 64, started_at=NOON,
    )  # fmt: skip
    keys = list(feature.artifacts.values_list("storage_key", flat=True))

    page = text(ada_client.get(url("delete", feature)))
    with django_capture_on_commit_callbacks(execute=True):
        response = ada_client.post(url("delete", feature))

    assert "<li>6 documents</li>" in page
    assert "<li>4 files</li>" in page
    assert "<li>1 record of an AI call</li>" in page
    assert response.headers["Location"] == reverse("features:feature-list")
    assert not Feature.objects.exists()
    assert [key for key in keys if artifacts.storage().exists(key)] == []


def test_a_get_deletes_nothing(ada_client, feature_in):
    feature, _ = feature_in(Status.DRAFTING)

    ada_client.get(url("delete", feature))

    assert Feature.objects.exists()


# --- the dashboard's order and its empty state ----------------------------------------------------------


def test_dashboard_puts_gates_before_failures(ada_client, feature_in):
    feature_in(Status.SPEC_READY, title="A gate")
    feature_in(Status.FAILED, title="A failure")
    Feature.objects.filter(title="A gate").update(progress_at=NOON.replace(year=2020))

    page = text(ada_client.get("/app"))

    assert page.index("A gate") < page.index("A failure")


def test_empty_dashboard_leads_to_the_first_conversation_in_one_press(ada_client):
    page = text(ada_client.get("/app"))

    assert "one button below begins the first conversation" in page
    assert 'value="demo" required checked' in page
    assert "Start the conversation" in page
    assert 'id="month"' not in page

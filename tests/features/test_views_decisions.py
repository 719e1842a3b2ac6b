import pytest
from django.urls import reverse
from django_q.models import OrmQ

from features import documents, transitions
from features.models import Feature
from features.statuses import ACTIVE, GATES, Status
from tests.factories import BRIEF, NOON, add_document, claim

HTMX = {"HX-Request": "true"}
NEXT = {
    Status.SPEC_READY: Status.SPEC_APPROVED,
    Status.PLAN_READY: Status.PLAN_APPROVED,
    Status.TESTS_READY: Status.TESTS_APPROVED,
}


def url(name, feature):
    return reverse(f"features:{name}", args=[feature.public_id])


def text(response):
    return " ".join(response.content.decode().split())


def status_of(feature):
    return Feature.objects.values_list("status", flat=True).get(pk=feature.pk)


@pytest.mark.parametrize("gate", GATES)
def test_approve_moves_on_and_shows_the_new_panel(ada_client, feature_in, gate):
    feature, document = feature_in(gate)

    response = ada_client.post(url("approve", feature), {"document": document.pk}, headers=HTMX)

    assert response.status_code == 200
    assert response.headers["HX-Trigger"] == "feature:changed, live:open"
    assert 'id="gate"' in text(response)
    assert status_of(feature) == NEXT[gate]


def test_approve_without_script_leads_back_to_the_page(ada_client, feature_in):
    feature, document = feature_in(Status.SPEC_READY)

    response = ada_client.post(url("approve", feature), {"document": document.pk}, follow=True)

    assert response.redirect_chain == [(url("feature-detail", feature), 302)]
    assert "Approved." in text(response)


def test_second_approve_says_already_decided_and_changes_nothing(ada_client, feature_in):
    feature, document = feature_in(Status.SPEC_READY)
    ada_client.post(url("approve", feature), {"document": document.pk}, headers=HTMX)
    moves = feature.transitions.count()

    response = ada_client.post(url("approve", feature), {"document": document.pk}, headers=HTMX)

    assert response.status_code == 200
    assert "This was already decided." in text(response)
    assert "You decided" in text(response)
    assert "The state is now: Spec approved" in text(response)
    assert feature.transitions.count() == moves


def test_approve_of_an_old_revision_says_already_decided(ada_client, feature_in):
    feature, old = feature_in(Status.SPEC_READY)
    add_document(feature, "spec")

    response = ada_client.post(url("approve", feature), {"document": old.pk}, headers=HTMX)

    assert response.status_code == 200
    assert "This was already decided." in text(response)
    assert status_of(feature) == Status.SPEC_READY


def test_stale_approve_without_script_shows_the_whole_page(ada_client, feature_in):
    feature, old = feature_in(Status.SPEC_READY)
    add_document(feature, "spec")

    response = ada_client.post(url("approve", feature), {"document": old.pk})

    assert response.status_code == 200
    assert "This was already decided." in text(response)
    assert "<html" in text(response)


@pytest.mark.parametrize("htmx", [{}, HTMX], ids=["page", "part"])
@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("approve", Status.FAILED, "spec2"),
        ("approve", Status.SPEC_GENERATING, "spec2"),
        ("revise", Status.REVIEW, "brief2"),
        ("revise", Status.DRAFTING, "brief2"),
        ("brief-confirm", Status.SPEC_READY, "brief2"),
        ("retry", Status.DRAFTING, None),
        ("retry", Status.DONE, None),
        ("retry", Status.REVIEW, None),
        ("stop", Status.SPEC_READY, None),
        ("stop", Status.DONE, None),
    ],
)
def test_wrong_status_is_a_409_with_the_real_status(ada_client, feature_in, name, status, kind, htmx):
    feature, _ = feature_in(status)
    data = {"document": add_document(feature, kind.removesuffix("2")).pk} if kind else {}

    response = ada_client.post(url(name, feature), data, headers=htmx)

    assert response.status_code == 409
    assert "That is not possible right now." in text(response)
    assert f"The state is: {Status(status).label}." in text(response)
    assert ("<html" in text(response)) == (not htmx)
    assert status_of(feature) == status


@pytest.mark.parametrize("value", ["", "x", "-1", "0", "9" * 30, "1.5"])
@pytest.mark.parametrize("name", ["approve", "revise", "brief-confirm", "brief-discard"])
def test_decision_without_a_revision_is_a_404(ada_client, feature_in, name, value):
    feature, _ = feature_in(Status.SPEC_READY)

    assert ada_client.post(url(name, feature), {"document": value}).status_code == 404


def test_approve_of_another_features_document_is_a_404(ada_client, feature_in):
    feature, _ = feature_in(Status.SPEC_READY)
    _, other = feature_in(Status.SPEC_READY)

    assert ada_client.post(url("approve", feature), {"document": other.pk}).status_code == 404


@pytest.mark.parametrize("kind", ["brief", "code_review"])
def test_approve_of_what_is_no_gate_document_is_a_404(ada_client, feature_in, kind):
    feature, _ = feature_in(Status.SPEC_READY)
    document = add_document(feature, kind)

    assert ada_client.post(url("approve", feature), {"document": document.pk}).status_code == 404


@pytest.mark.parametrize(
    "name",
    ["approve", "revise", "retry", "stop", "cap-raise", "brief-edit", "brief-confirm", "brief-discard"],
)
def test_decisions_are_posts(ada_client, feature_in, name):
    feature, _ = feature_in(Status.SPEC_READY)

    assert ada_client.get(url(name, feature)).status_code == 405


# --- the brief ------------------------------------------------------------------------------------------


def parts(document, **changes):
    values = {
        "title": "Tool library",
        "purpose": "Know who has which tool.",
        "users": "The club's volunteers",
        "facts": "Each tool has a name.\r\n\r\n- A tool is lent to one member.",
        "out_of_scope": "",
    }
    sent = {f"brief-{name}": value for name, value in (values | changes).items()}
    return sent | {"document": document.pk}


def test_brief_card_reads_the_brief_back(ada_client, feature_in):
    feature, _ = feature_in(Status.DRAFTING)
    brief = add_document(feature, "brief")

    page = text(ada_client.get(url("gate", feature)))

    assert "Did we understand you?" in page
    assert "A tool is lent to one member at a time." in page
    assert f'name="document" value="{brief.pk}"' in page


def test_brief_edit_saves_the_next_revision(ada_client, feature_in):
    feature, _ = feature_in(Status.DRAFTING)
    shown = add_document(feature, "brief")

    response = ada_client.post(url("brief-edit", feature), parts(shown), headers=HTMX)

    brief = documents.proposed_brief(feature)
    assert response.status_code == 200
    assert "version 2" in text(response)
    assert brief.revision == 2
    assert [fact["text"] for fact in brief.data["facts"]] == [
        "Each tool has a name.",
        "A tool is lent to one member.",
    ]
    assert brief.data["out_of_scope"] == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": ""}, "Please give it a name."),
        ({"title": "x" * 201}, "at most 200 characters"),
        ({"purpose": " "}, "what it is for"),
        ({"users": "\n\n"}, "Please name at least one group of people."),
        ({"facts": "x" * 2_001}, "A line has at most 2,000 characters"),
        ({"users": "a\n" * 21}, "At most 20 lines, please: there are 21."),
        ({"facts": "a\n" * 101}, "At most 100 lines, please: there are 101."),
        ({"purpose": "a\x00b"}, "Null characters"),
    ],
)
@pytest.mark.parametrize("htmx", [{}, HTMX], ids=["page", "part"])
def test_brief_edit_tells_the_fault_and_keeps_the_text(ada_client, feature_in, changes, words, htmx):
    feature, _ = feature_in(Status.DRAFTING)
    shown = add_document(feature, "brief")

    response = ada_client.post(
        url("brief-edit", feature), parts(shown, **changes, out_of_scope="My own words"), headers=htmx
    )

    assert response.status_code == 200
    assert words in text(response)
    assert "My own words" in text(response)
    assert documents.proposed_brief(feature).revision == 1


def test_brief_edit_after_confirming_says_already_decided_and_shows_the_text(ada_client, feature_in):
    feature, _ = feature_in(Status.SPEC_GENERATING)
    shown = documents.confirmed_brief(feature)

    response = ada_client.post(
        url("brief-edit", feature), parts(shown, purpose="My <own> words"), headers=HTMX
    )

    assert "This was already decided." in text(response)
    assert "What you typed, to copy" in text(response)
    assert "My &lt;own&gt; words" in text(response)
    assert documents.proposed_brief(feature) is None


@pytest.mark.parametrize("htmx", [{}, HTMX], ids=["page", "part"])
def test_brief_edit_of_an_older_brief_saves_nothing_and_keeps_the_text(ada_client, feature_in, htmx):
    feature, _ = feature_in(Status.DRAFTING)
    shown = add_document(feature, "brief")
    newest = add_document(feature, "brief", data=BRIEF | {"purpose": "Said meanwhile."})

    response = ada_client.post(url("brief-edit", feature), parts(shown, purpose="My own words"), headers=htmx)

    assert response.status_code == 200
    assert "There is a newer brief." in text(response)
    assert "Said meanwhile." in text(response)
    assert "My own words" in text(response)
    assert f'name="document" value="{newest.pk}"' in text(response)
    assert documents.proposed_brief(feature) == newest


@pytest.mark.parametrize("purpose", ["My own words", ""])
def test_brief_edit_of_a_proposal_that_was_turned_down_shows_the_text(ada_client, feature_in, purpose):
    feature, _ = feature_in(Status.SPEC_READY)
    shown = add_document(feature, "brief")
    ada_client.post(url("brief-discard", feature), {"document": shown.pk})

    response = ada_client.post(
        url("brief-edit", feature), parts(shown, purpose=purpose, facts="More words"), headers=HTMX
    )

    assert "This was already decided." in text(response)
    assert "What you typed, to copy" in text(response)
    assert "More words" in text(response)
    assert documents.proposed_brief(feature) is None


@pytest.mark.parametrize("document", ["", "x", "0", "999999"])
def test_brief_edit_without_the_brief_that_was_shown_is_a_404(ada_client, feature_in, document):
    feature, _ = feature_in(Status.DRAFTING)
    sent = parts(add_document(feature, "brief")) | {"document": document}

    assert ada_client.post(url("brief-edit", feature), sent).status_code == 404


def test_brief_edit_of_a_spec_is_a_404(ada_client, feature_in):
    feature, spec = feature_in(Status.SPEC_READY)

    assert ada_client.post(url("brief-edit", feature), parts(spec)).status_code == 404


def test_brief_confirm_starts_the_spec(ada_client, feature_in):
    feature, _ = feature_in(Status.DRAFTING)
    brief = add_document(feature, "brief")

    response = ada_client.post(url("brief-confirm", feature), {"document": brief.pk}, headers=HTMX)

    assert "We are writing the spec" in text(response)
    assert status_of(feature) == Status.SPEC_GENERATING


@pytest.mark.parametrize("gate", [*GATES, Status.FAILED])
def test_proposed_brief_at_a_gate_or_after_a_failure_is_confirmed_or_turned_down(
    ada_client, feature_in, gate
):
    feature, _ = feature_in(gate)
    brief = add_document(feature, "brief", data=BRIEF | {"purpose": "Another purpose."})

    card = text(ada_client.get(url("gate", feature)))
    kept = ada_client.post(url("brief-discard", feature), {"document": brief.pk}, headers=HTMX)
    late = ada_client.post(url("revise", feature), {"document": brief.pk}, headers=HTMX)
    again = add_document(feature, "brief")
    ada_client.post(url("revise", feature), {"document": again.pk}, headers=HTMX)

    assert "Is this the new brief?" in card
    assert "Another purpose." in card
    assert "Is this the new brief?" not in text(kept)
    assert "This was already decided." in text(late)
    assert status_of(feature) == Status.SPEC_GENERATING
    assert documents.confirmed_brief(feature) == again


# --- retry, stop, no key ----------------------------------------------------------------------------------


def test_retry_goes_on(ada_client, feature_in):
    feature, _ = feature_in(Status.FAILED)

    response = ada_client.post(url("retry", feature), headers=HTMX)

    assert response.status_code == 200
    assert status_of(feature) == Status.TESTS_APPROVED


def test_stop_of_waiting_work_is_immediate(ada_client, feature_in):
    feature, _ = feature_in(Status.SPEC_APPROVED)

    response = ada_client.post(url("stop", feature), headers=HTMX)

    assert "You stopped this." in text(response)
    assert status_of(feature) == Status.FAILED


def test_second_retry_says_already_decided(ada_client, feature_in):
    feature, _ = feature_in(Status.FAILED)
    ada_client.post(url("retry", feature), headers=HTMX)

    early = ada_client.post(url("retry", feature), headers=HTMX)
    claim(Feature.objects.get(pk=feature.pk))
    late = ada_client.post(url("retry", feature), headers=HTMX)

    assert (early.status_code, late.status_code) == (200, 200)
    assert "This was already decided." in text(early)
    assert "This was already decided." in text(late)


@pytest.mark.parametrize("status", [Status.SPEC_APPROVED, Status.IMPLEMENTING])
def test_second_stop_is_no_error(ada_client, feature_in, status):
    feature, _ = feature_in(status)
    ada_client.post(url("stop", feature), headers=HTMX)

    response = ada_client.post(url("stop", feature), headers=HTMX)

    assert response.status_code == 200
    assert "That is not possible" not in text(response)


def test_retry_after_the_last_retry_failed_again_works(ada_client, feature_in):
    feature, _ = feature_in(Status.FAILED)
    ada_client.post(url("retry", feature), headers=HTMX)
    transitions.fail_step(feature=Feature.objects.get(pk=feature.pk), failure="crashed", now=NOON)

    ada_client.post(url("retry", feature), headers=HTMX)

    assert status_of(feature) == Status.TESTS_APPROVED


@pytest.mark.parametrize(("name", "status"), [("approve", Status.SPEC_READY), ("retry", Status.FAILED)])
def test_second_press_needs_no_key(ada_client, ada, feature_in, name, status):
    feature, document = feature_in(status)
    data = {"document": document.pk} if document else {}
    ada_client.post(url(name, feature), data, headers=HTMX)
    Feature.objects.filter(pk=feature.pk).update(provider="anthropic")

    response = ada_client.post(url(name, feature), data, headers=HTMX)

    assert "This was already decided." in text(response)
    assert "There is no AI key" not in text(response)


def test_wrong_status_is_told_before_the_missing_key(ada_client, feature_in):
    feature, _ = feature_in(Status.DONE, provider="anthropic")

    assert ada_client.post(url("retry", feature), headers=HTMX).status_code == 409


def test_paid_step_without_a_key_queues_nothing(ada_client, feature_in):
    feature, document = feature_in(Status.SPEC_READY, provider="anthropic")
    before = (OrmQ.objects.count(), feature.transitions.count(), Feature.objects.get(pk=feature.pk).event_seq)

    ada_client.post(url("approve", feature), {"document": document.pk}, headers=HTMX)

    after = (OrmQ.objects.count(), feature.transitions.count(), Feature.objects.get(pk=feature.pk).event_seq)
    assert after == before


def test_stop_of_running_work_says_that_it_is_stopping(ada_client, feature_in):
    feature, _ = feature_in(Status.IMPLEMENTING)

    response = ada_client.post(url("stop", feature), headers=HTMX)

    assert "Stopping." in text(response)
    assert 'action="' + url("stop", feature) not in text(response)


@pytest.mark.parametrize(
    ("name", "status"),
    [("approve", Status.SPEC_READY), ("brief-confirm", Status.DRAFTING), ("retry", Status.FAILED)],
)
@pytest.mark.parametrize("htmx", [{}, HTMX], ids=["page", "part"])
def test_paid_step_without_a_key_explains_the_two_ways(ada_client, feature_in, name, status, htmx):
    feature, document = feature_in(status, provider="anthropic")
    document = document or add_document(feature, "brief")

    response = ada_client.post(url(name, feature), {"document": document.pk}, headers=htmx)

    assert response.status_code == 200
    assert "There is no AI key to work with." in text(response)
    assert "Add your Anthropic key in Settings" in text(response)
    assert "offline demo" in text(response)
    assert status_of(feature) == status


@pytest.mark.parametrize("status", sorted(ACTIVE))
def test_stop_needs_no_key(ada_client, feature_in, status):
    feature, _ = feature_in(status, provider="anthropic")

    assert ada_client.post(url("stop", feature), headers=HTMX).status_code == 200


def test_decision_of_a_visitor_leads_to_the_login(client, feature_in):
    feature, document = feature_in(Status.SPEC_READY)

    response = client.post(url("approve", feature), {"document": document.pk})
    part = client.post(url("approve", feature), {"document": document.pk}, headers=HTMX)

    assert response.headers["Location"].startswith(reverse("account_login"))
    assert part.headers["HX-Redirect"] == reverse("account_login")
    assert status_of(feature) == Status.SPEC_READY

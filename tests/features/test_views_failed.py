"""What people can do after a failure: retry, revise, raise the limit; each word must be possible."""

import pytest
from django.urls import reverse
from django.utils.html import escape

from accounts import actions as account_actions
from accounts.models import AuditEntry
from features import documents, events, transitions
from features.failures import DEMO_WORDS, Failure, words
from features.models import Feature
from features.statuses import Status
from tests.factories import BRIEF, NOON, add_document, make_feature

HTMX = {"HX-Request": "true"}
CAP = 10_000_000


def url(name, feature):
    return reverse(f"features:{name}", args=[feature.public_id])


def text(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def key(ada):
    """Ada's workspace has a key."""
    account_actions.save_key(
        workspace=ada.workspace, actor=ada, text="sk-ant-test-0123456789abcdef", state="checked", now=NOON
    )


@pytest.fixture
def failed(feature_in):
    """Return a function: failure → ada's feature that stopped with it while its spec was written."""

    def make(failure, **fields):
        feature, _ = feature_in(Status.SPEC_GENERATING, **fields)
        transitions.fail_step(feature=feature, failure=failure, now=NOON)
        return feature

    return make


def panel(client, feature):
    return text(client.get(url("gate", feature)))


def button(page, words):
    """Return the classes of the button with these words, or None."""
    before, found, _ = page.partition(f"{words}</button>")
    return before.rpartition('<button class="')[2].partition('"')[0] if found else None


@pytest.mark.parametrize("failure", sorted(set(Failure) - {Failure.OVER_BUDGET}))
@pytest.mark.parametrize("provider", ["anthropic", "demo"])
def test_failed_panel_offers_retry_and_revise(ada_client, key, failed, failure, provider):
    page = panel(ada_client, failed(failure, provider=provider))

    advised = failure in {Failure.REFUSED, Failure.TOO_LARGE, Failure.TRUNCATED}
    assert escape(words(failure, is_demo=provider == "demo")) in page
    assert button(page, "Retry") == ("button" if advised else "button button-primary")
    assert button(page, "Revise the brief") == ("button button-primary" if advised else "button")
    assert ("Advice: revise the brief first" in page) == advised
    assert "the next time we ask you" not in page


@pytest.mark.parametrize("failure", Failure)
def test_failed_panel_of_a_demo_speaks_of_no_provider_key_or_model(ada_client, failed, failure):
    page = panel(ada_client, failed(failure, provider="demo"))

    assert "Anthropic" not in page
    assert "AI model" not in page.replace("no AI model", "")
    assert "Settings" not in page


def test_words_of_a_code_that_nobody_knows_are_empty():
    assert (words("", is_demo=False), words("other", is_demo=True), words(None, is_demo=False)) == (
        "",
        "",
        "",
    )


def test_words_of_a_demo_differ_only_where_the_provider_is_named():
    assert words(Failure.CRASHED, is_demo=True) == Failure.CRASHED.label
    assert words(Failure.UNREACHABLE, is_demo=False) == Failure.UNREACHABLE.label
    assert words(Failure.UNREACHABLE, is_demo=True) == DEMO_WORDS[Failure.UNREACHABLE]


def test_activity_of_a_demo_speaks_of_no_provider(ada_client, feature_in):
    feature, _ = feature_in(Status.SPEC_GENERATING)
    problem = {"severity": "warning", "failure": "overloaded", "recovery": "retry"}
    events.append(feature, kind="error", data=problem)

    page = text(ada_client.get(url("progress", feature)))

    assert "The demo&#x27;s own small server did not answer." in page
    assert "We try again by ourselves." in page
    assert "Anthropic" not in page


@pytest.mark.parametrize(("build", "advised"), [(1, False), (2, False), (3, True)])
def test_reviews_that_say_no_again_and_again_lead_to_the_brief(ada_client, feature_in, build, advised):
    feature, _ = feature_in(Status.FAILED)
    Feature.objects.filter(pk=feature.pk).update(build=build)

    page = panel(ada_client, feature)

    assert ("Advice: revise the brief first" in page) == advised
    assert ("This was tried 3 times" in page) == advised


# --- the brief after a failure -----------------------------------------------------------------------------


def test_confirmed_brief_can_be_corrected_after_a_failure(ada_client, failed):
    feature = failed(Failure.REFUSED)
    confirmed = documents.confirmed_brief(feature)

    page = panel(ada_client, feature)
    sent = {
        "document": confirmed.pk,
        "brief-title": "Tool library",
        "brief-purpose": "Know who has which garden tool.",
        "brief-users": "Volunteers",
        "brief-facts": "Each tool has a name.",
    }
    response = ada_client.post(url("brief-edit", feature), sent, headers=HTMX)

    assert "Or correct the brief yourself" in page
    assert f'name="document" value="{confirmed.pk}"' in page
    assert "Is this the new brief?" in text(response)
    assert documents.proposed_brief(feature).data["purpose"] == "Know who has which garden tool."
    assert documents.confirmed_brief(feature) == confirmed


def test_mistake_in_a_correction_after_a_failure_is_told_in_the_open_form(ada_client, failed):
    feature = failed(Failure.REFUSED)
    sent = {"document": documents.confirmed_brief(feature).pk, "brief-facts": "My own words"}

    page = text(ada_client.post(url("brief-edit", feature), sent, headers=HTMX))

    assert "Please give it a name." in page
    assert "My own words" in page
    assert 'id="brief" open' in page


def test_proposed_brief_stands_above_the_failure_and_is_the_next_step(ada_client, failed):
    feature = failed(Failure.CRASHED)
    brief = add_document(feature, "brief", data=BRIEF | {"purpose": "Another purpose."})

    page = panel(ada_client, feature)
    ada_client.post(url("revise", feature), {"document": brief.pk}, headers=HTMX)

    assert page.index("Another purpose.") < page.index("This stopped")
    assert button(page, "Confirm the new brief") == "button button-primary"
    assert button(page, "Retry") == "button"
    assert button(page, "Revise the brief") is None
    assert Feature.objects.get(pk=feature.pk).status == Status.SPEC_GENERATING


# --- the spending limit ------------------------------------------------------------------------------------


def raise_cap(client, feature, *, limit=CAP, **extra):
    return client.post(url("cap-raise", feature), {"limit": limit}, **extra)


def test_limit_is_raised_and_the_work_goes_on(ada_client, ada, key, failed):
    feature = failed(Failure.OVER_BUDGET, provider="anthropic")

    page = panel(ada_client, feature)
    response = raise_cap(ada_client, feature, headers=HTMX)

    feature.refresh_from_db()
    assert button(page, "Raise the limit to $20.00 and go on") == "button button-primary"
    assert button(page, "Retry") is None
    assert "We are writing the spec" in text(response)
    assert (feature.spend_cap_microusd, feature.status) == (2 * CAP, Status.SPEC_GENERATING)
    assert feature.events.filter(
        kind="feature", data={"what": "limit_raised", "limit_microusd": 2 * CAP}
    ).exists()
    entry = AuditEntry.objects.get(action="feature.limit_raised")
    assert (entry.actor, entry.workspace, entry.data) == (
        ada,
        ada.workspace,
        {"feature": feature.public_id, "limit_microusd": 2 * CAP},
    )


def test_limit_is_raised_once_however_often_the_button_is_pressed(ada_client, key, failed):
    feature = failed(Failure.OVER_BUDGET, provider="anthropic")
    raise_cap(ada_client, feature)

    again = raise_cap(ada_client, feature, headers=HTMX)

    assert again.status_code == 200
    assert "This was already decided." in text(again)
    assert Feature.objects.get(pk=feature.pk).spend_cap_microusd == 2 * CAP


def test_limit_is_raised_in_a_conversation_that_reached_it(ada_client, ada, key):
    feature = make_feature(ada, provider="anthropic")

    cost = text(ada_client.get(reverse("agents:runs", args=[feature.public_id])))
    page = text(raise_cap(ada_client, feature, follow=True))

    assert button(cost, "Raise the limit to $20.00") == "button button-small"
    assert "The spending limit is raised." in page
    assert Feature.objects.get(pk=feature.pk).status == Status.DRAFTING
    assert Feature.objects.get(pk=feature.pk).cap_microusd == 2 * CAP


@pytest.mark.parametrize(("status", "provider"), [(Status.DONE, "anthropic"), (Status.FAILED, "demo")])
def test_limit_of_what_costs_nothing_more_is_a_409(ada_client, key, feature_in, status, provider):
    feature, _ = feature_in(status, provider=provider)

    assert raise_cap(ada_client, feature).status_code == 409
    assert Feature.objects.get(pk=feature.pk).spend_cap_microusd is None


@pytest.mark.parametrize("limit", ["", "x", "-1", "9" * 30])
def test_limit_that_was_not_shown_is_a_404(ada_client, key, failed, limit):
    assert (
        raise_cap(ada_client, failed(Failure.OVER_BUDGET, provider="anthropic"), limit=limit).status_code
        == 404
    )


def test_limit_is_not_raised_without_a_key(ada_client, failed):
    feature = failed(Failure.OVER_BUDGET, provider="anthropic")

    page = text(raise_cap(ada_client, feature, headers=HTMX))

    assert "There is no AI key to work with." in page
    assert Feature.objects.get(pk=feature.pk).spend_cap_microusd is None
    assert not AuditEntry.objects.filter(action="feature.limit_raised").exists()

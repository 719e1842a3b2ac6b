"""The settings page, with and without script, against a provider on a real socket."""

import pytest
from django.db import connection
from django.db.backends.signals import connection_created
from django.test import Client

from accounts import actions, sessions
from accounts.models import AuditEntry, Profile, SealedValue, Secret
from tests.factories import NOON, PASSWORD

GOOD = "sk-ant-sim-good-key-of-ada-0001"
HTMX = {"HX-Request": "true"}
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def signed_in(client, ada):
    """A browser in which ada logged in with her password just now."""
    client.post("/accounts/login/", {"login": ada.email, "password": PASSWORD})
    return client


def stored(ada, text=GOOD, state=Secret.State.CHECKED):
    return actions.save_key(workspace=ada.workspace, actor=ada, text=text, state=state, now=NOON)


def grow_old(client, seconds=301):
    """Let the sign-in be some time ago."""
    session = client.session
    session[sessions.STARTED] -= seconds
    for record in session.get("account_authentication_methods", []):
        record["at"] -= seconds
    session.save()


def test_settings_needs_a_login(client):
    response = client.get("/app/settings")

    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/app/settings")


def test_settings_without_key_explains_key_and_demo(signed_in):
    page = signed_in.get("/app/settings").content.decode()

    assert "You pay Anthropic directly" in page
    assert "Check and store" in page
    assert "Delete this key" not in page


@pytest.mark.parametrize("rows", [1, 3])
def test_settings_costs_the_same_queries_whatever_the_history(
    signed_in, ada, django_assert_num_queries, rows
):
    for number in range(rows):
        stored(ada, f"{GOOD}{number}")
    signed_in.get("/app/settings")

    # Session, user, membership and profile, key; the rest are PostgreSQL's borders of transactions.
    with django_assert_num_queries({"sqlite": 4, "postgresql": 14}[connection.vendor]):
        signed_in.get("/app/settings")


def test_key_save_keeps_a_good_key_and_shows_its_end_only(signed_in, ada, provider, posted):
    page = signed_in.post("/app/settings/key", {"key": f"  {GOOD}\n"}, headers=HTMX)

    text = page.content.decode()
    secret = Secret.objects.get()
    assert page.status_code == 200
    assert (secret.state, secret.hint, secret.created_by) == ("checked", "0001", ada)
    assert text.startswith('<section class="card" id="key"')
    assert "0001" in text
    assert "Your key is stored. Anthropic accepted it." in text
    assert GOOD not in text
    assert GOOD not in SealedValue.objects.get().blob
    assert [mail.to for mail in posted()] == [[ada.email]]
    assert "added" in posted()[0].body
    asked = provider.requests[-1]
    assert (asked["method"], asked["path"], asked["headers"]["x-api-key"]) == ("GET", "/v1/models", GOOD)
    assert {request["path"] for request in provider.requests} == {"/v1/models"}


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("", "Paste your key here first."),
        ("   ", "Paste your key here first."),
        ("sk-ant-short", "does not look like a whole Anthropic key"),
        ("sk-proj-0123456789abcdef", "does not look like a whole Anthropic key"),
        ("sk-ant-0123 456789abcdef", "does not look like a whole Anthropic key"),
        ("sk-ant-0123456789abcdéf", "does not look like a whole Anthropic key"),
        ("sk-ant-" + "x" * 201, "does not look like a whole Anthropic key"),
        ("sk-ant-" + "x" * 500, "too long for a key"),
        ("sk-ant-0123\x00456789abcdef", "does not look like a whole Anthropic key"),
        ("sk-ant-sim-401-99-refused", "Anthropic did not accept this key"),
        ("sk-ant-sim-403-99-noright", "may not use its models"),
        ("sk-ant-sim-forbidden-99", "may not use its models"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_key_save_refuses_with_the_reason_and_stores_nothing(signed_in, provider, key, words, headers):
    page = signed_in.post("/app/settings/key", {"key": key}, headers=headers)

    text = page.content.decode()
    assert page.status_code == 422
    assert words in text
    assert 'role="alert"' in text
    assert ("<html" in text) == (not headers)
    assert not Secret.objects.exists()
    assert not SealedValue.objects.exists()
    if len(key.strip()) > 8:
        assert key.strip() not in text


@pytest.mark.parametrize(
    "fault", ["400", "402", "429", "500", "529", "html", "redirect", "reset", "badjson", "badutf8", "huge"]
)
def test_key_save_keeps_a_key_that_nobody_could_check(signed_in, provider, fault):
    page = signed_in.post("/app/settings/key", {"key": f"sk-ant-sim-{fault}-99"}, headers=HTMX)

    assert page.status_code == 200
    assert "not yet checked" in page.content.decode()
    assert "Check again" in page.content.decode()
    assert Secret.objects.get().state == "unchecked"


def test_key_save_keeps_the_key_when_the_provider_is_away(signed_in, settings):
    settings.ANTHROPIC_BASE_URL = "http://127.0.0.1:9"

    signed_in.post("/app/settings/key", {"key": GOOD}, headers=HTMX)

    assert Secret.objects.get().state == "unchecked"


def test_key_save_without_script_goes_back_to_the_page_with_the_words(signed_in, provider):
    response = signed_in.post("/app/settings/key", {"key": GOOD})

    assert (response.status_code, response["Location"]) == (302, "/app/settings")
    assert "Anthropic accepted it." in signed_in.get("/app/settings").content.decode()
    assert "Anthropic accepted it." not in signed_in.get("/app/settings").content.decode()


def test_key_save_replaces_the_key(signed_in, ada, provider, posted):
    old = stored(ada)

    signed_in.post("/app/settings/key", {"key": GOOD + "-two2"}, headers=HTMX)

    assert Secret.objects.live_key(ada.workspace.pk).hint == "two2"
    assert not SealedValue.objects.filter(pk=old.pk).exists()
    assert "replaced" in posted()[0].body


def test_a_refused_key_leaves_the_old_one(signed_in, ada, provider):
    old = stored(ada)

    signed_in.post("/app/settings/key", {"key": "sk-ant-sim-401-99-bad"}, headers=HTMX)

    assert Secret.objects.live_key(ada.workspace.pk) == old


def test_first_key_needs_no_second_proof(signed_in, provider):
    grow_old(signed_in)

    assert signed_in.post("/app/settings/key", {"key": GOOD}, headers=HTMX).status_code == 200
    assert Secret.objects.exists()


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("path", ["/app/settings/key", "/app/settings/key/delete"])
def test_changes_need_the_password_when_the_login_is_old(signed_in, ada, provider, path, headers):
    old = stored(ada)
    grow_old(signed_in)

    page = signed_in.post(path, {"key": GOOD + "9"}, headers=headers)

    text = page.content.decode()
    assert page.status_code == 422
    assert "Nothing was changed" in text
    assert "/accounts/reauthenticate/?next=/app/settings" in text
    assert Secret.objects.live_key(ada.workspace.pk) == old
    # allauth would keep a suspended request, the key with it, in the session's row.
    assert GOOD not in str(dict(signed_in.session))


def test_a_repeated_password_opens_the_way(signed_in, ada, provider):
    stored(ada)
    grow_old(signed_in)
    assert "Replace this key" not in signed_in.get("/app/settings").content.decode()

    response = signed_in.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/app/settings"})

    assert (response.status_code, response["Location"]) == (302, "/app/settings")
    assert "Replace this key" in signed_in.get("/app/settings").content.decode()
    assert signed_in.post("/app/settings/key/delete", headers=HTMX).status_code == 200


def test_key_delete_asks_then_deletes_and_tells_by_mail(signed_in, ada, posted):
    stored(ada)

    question = signed_in.get("/app/settings/key/delete").content.decode()
    page = signed_in.post("/app/settings/key/delete", headers=HTMX)

    assert "Delete your key?" in question
    assert "Your key is deleted." in page.content.decode()
    assert not SealedValue.objects.exists()
    assert Secret.objects.live_key(ada.workspace.pk) is None
    assert "deleted" in posted()[0].body
    assert AuditEntry.objects.filter(action="secret.revoked", actor=ada).count() == 1


def test_key_delete_twice_says_so(signed_in, ada):
    stored(ada)
    signed_in.post("/app/settings/key/delete", headers=HTMX)

    page = signed_in.post("/app/settings/key/delete", headers=HTMX)

    assert page.status_code == 200
    assert "already deleted" in page.content.decode()


@pytest.mark.parametrize(
    ("key", "state", "words"),
    [
        (GOOD, "checked", "Anthropic accepted your key."),
        ("sk-ant-sim-500-99", "unchecked", "still not checked"),
        ("sk-ant-sim-401-99", "rejected", "did not accept your key"),
        ("sk-ant-sim-403-99", "rejected", "may not use the models"),
    ],
)
def test_key_check_again_notes_the_answer(signed_in, ada, provider, key, state, words):
    secret = stored(ada, key, Secret.State.UNCHECKED)

    page = signed_in.post("/app/settings/key/check", headers=HTMX)

    secret.refresh_from_db()
    assert (page.status_code, secret.state) == (200, state)
    assert words in page.content.decode()
    assert AuditEntry.objects.filter(action="secret.opened", data__reason="key_check").count() == 1


def test_key_check_says_when_the_ring_is_another(signed_in, ada, provider):
    secret = stored(ada)
    SealedValue.objects.filter(pk=secret.pk).update(blob="v1.dev1.AAAA")

    assert "enter it again" in signed_in.post("/app/settings/key/check", headers=HTMX).content.decode()


def test_the_provider_is_asked_twenty_times_a_minute_at_most(signed_in, ada, provider):
    stored(ada)
    for _ in range(20):
        signed_in.post("/app/settings/key/check", headers=HTMX)

    again = signed_in.post("/app/settings/key/check", headers=HTMX)
    save = signed_in.post("/app/settings/key", {"key": GOOD}, headers=HTMX)

    assert len(provider.requests) == 20
    assert "Please wait a minute" in again.content.decode()
    assert (save.status_code, "Please wait a minute" in save.content.decode()) == (422, True)


def test_key_check_without_key_is_404(signed_in):
    assert signed_in.post("/app/settings/key/check", headers=HTMX).status_code == 404


def test_a_stranger_sees_and_deletes_the_own_key_only(ada, bob_client, bob):
    mine = stored(ada)

    page = bob_client.get("/app/settings").content.decode()
    bob_client.post("/app/settings/key/delete", headers=HTMX)

    assert "0001" not in page
    assert Secret.objects.live_key(ada.workspace.pk) == mine


@pytest.mark.parametrize("path", ["key", "key/check", "profile"])
def test_changes_need_post_and_a_csrf_value(ada, path):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)

    assert strict.get(f"/app/settings/{path}").status_code == 405
    assert strict.post(f"/app/settings/{path}", {"key": GOOD, "display_name": "x"}).status_code == 403
    assert not Secret.objects.exists()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_profile_saves_name_and_colours(signed_in, ada, headers):
    response = signed_in.post(
        "/app/settings/profile", {"display_name": " Ada ", "theme": "dark"}, headers=headers
    )

    assert list(Profile.objects.values_list("display_name", "theme")) == [("Ada", "dark")]
    assert response.status_code == (200 if headers else 302)
    assert response.headers.get("HX-Refresh") == ("true" if headers else None)
    assert 'data-theme="dark"' in signed_in.get("/app/settings").content.decode()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_profile_refuses_a_name_that_is_too_long_and_an_unknown_theme(signed_in, headers):
    response = signed_in.post(
        "/app/settings/profile", {"display_name": "x" * 201, "theme": "neon"}, headers=headers
    )

    text = response.content.decode()
    assert response.status_code == 422
    assert "at most 200 characters" in text
    assert "x" * 201 in text
    assert list(Profile.objects.values_list("display_name", "theme")) == [("", "system")]


def test_profile_takes_no_other_field(signed_in, ada, bob):
    signed_in.post(
        "/app/settings/profile",
        {"display_name": "x", "theme": "dark", "user": bob.pk, "user_id": bob.pk, "locale": "xx", "id": 99},
    )

    assert Profile.objects.get(user=ada).locale == "en"
    assert Profile.objects.get(user=bob).display_name == ""


@pytest.mark.parametrize("path", ["/app/settings/key", "/app/settings/key/check"])
def test_key_is_asked_for_while_no_connection_is_held(signed_in, ada, provider, path):
    stored(ada)
    opened = []

    def note(sender, connection, **kwargs):
        opened.append(connection.alias)

    with Watch(connection_created, note):
        assert signed_in.post(path, {"key": GOOD + "2"}, headers=HTMX).status_code == 200

    # Given back before the provider was asked, and fetched again for its answer; SQLite's holds nothing up.
    assert opened == ([] if connection.vendor == "sqlite" else ["default"])
    assert provider.requests[-1]["path"] == "/v1/models"


class Watch:
    """Listen to a signal for the block."""

    def __init__(self, signal, receiver):
        self.signal, self.receiver = signal, receiver

    def __enter__(self):
        self.signal.connect(self.receiver)

    def __exit__(self, *error):
        self.signal.disconnect(self.receiver)


def test_mail_server_that_is_down_breaks_nothing(signed_in, provider, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    assert signed_in.post("/app/settings/key", {"key": GOOD}, headers=HTMX).status_code == 200


def test_settings_page_works_under_row_level_security(as_app_role, ada, client, provider):
    client.post("/accounts/login/", {"login": ada.email, "password": PASSWORD})
    as_app_role()

    assert client.get("/app/settings").status_code == 200
    saved = client.post("/app/settings/key", {"key": GOOD}, headers=HTMX)
    assert saved.status_code == 200
    assert "0001" in saved.content.decode()
    assert client.post("/app/settings/profile", {"display_name": "Ada", "theme": "dark"}).status_code == 302
    # The vault's own connection is bp_ops; as bp_app the sealed value cannot even be read.
    assert client.post("/app/settings/key/delete", headers=HTMX).status_code == 200


def test_expired_login_inside_a_panel_leads_the_whole_page_to_log_in(client):
    response = client.post("/app/settings/profile", {"display_name": "x"}, headers=HTMX)

    assert (response.status_code, response["HX-Redirect"]) == (200, "/accounts/login/")

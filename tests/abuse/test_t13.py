"""T13: a canary key and password go through success and every failure; afterwards they are nowhere."""

import base64
import io
import logging
import sys

import pytest
from django.contrib import admin
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.test import Client, RequestFactory
from django_q.models import OrmQ

from accounts import actions, keycheck
from accounts.models import Profile, SealedValue, Secret, User
from agents.simulator import faults
from agents.simulator.brains.scripted import Scripted
from agents.simulator.server import running
from buildpractical.lib.logs import JsonFormatter, MaskFilter
from buildpractical.lib.reports import QuietFilter, QuietReporter
from features import tasks
from features.statuses import Status
from tests.agents.answers import SCRIPT
from tests.factories import NOON, PASSWORD, make_feature, make_user, walk

CANARY = "kanarie7f3a09bc51d2"
KEY = f"sk-ant-{CANARY}-0001"
CANARY_PASSWORD = f"a quiet {CANARY} at dawn"
HTMX = {"HX-Request": "true"}
# Those that wait for a clock or send many MB are left to the gateway's own tests.
SLOW = {"hang", "hangmid", "slow", "pings", "huge", "drip", "flood"}
FAULTS = sorted(faults.NAMES - SLOW)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def provider(settings):
    with running(Scripted(SCRIPT), faults=True) as server:
        settings.ANTHROPIC_BASE_URL = settings.SIMULATOR_URL = server.base_url
        yield server


@pytest.fixture
def seen(caplog, posted):
    """Collects all that left the application: log lines, mails and the pages that a test adds."""
    caplog.set_level(logging.DEBUG)
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.addFilter(MaskFilter())
    handler.setFormatter(JsonFormatter())
    logging.getLogger().addHandler(handler)
    pages = []

    def everything():
        return {
            "raw log records": caplog.text + "".join(repr(vars(record)) for record in caplog.records),
            "log lines": lines.getvalue(),
            "mails": "".join(str(mail.message()) for mail in posted()),
            "pages": "".join(pages),
        }

    everything.pages = pages
    yield everything
    logging.getLogger().removeHandler(handler)


def database():
    """Return every value of every table as text, sessions, jobs and cache decoded."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found[table] = " ".join(
                bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)
                for row in cursor.fetchall()
                for value in row
            )
        if "django_cache" in found:
            cursor.execute("SELECT value FROM django_cache")
            values = [base64.b64decode(value) for (value,) in cursor.fetchall()]
            found["cache, decoded"] = repr(values)
    found["sessions, decoded"] = repr([session.get_decoded() for session in Session.objects.all()])
    found["jobs, decoded"] = repr([job.task for job in OrmQ.objects.all()])
    return found


def admin_pages():
    """Return what a superuser sees: each list, and the first rows of each."""
    client, pages = Client(), []
    client.force_login(User.objects.create_superuser("root@example.com", PASSWORD))
    for model in admin.site._registry:
        base = f"/operator/{model._meta.app_label}/{model._meta.model_name}/"
        pages.append(client.get(base).content.decode())
        for row in model._default_manager.all()[:3]:
            pages.append(client.get(f"{base}{row.pk}/change/").content.decode())
    return "".join(pages)


def dumped():
    out = io.StringIO()
    call_command("dumpdata", stdout=out)
    return out.getvalue()


def places_with(canary, seen, folder):
    """Return the names of the places where the canary is found."""
    places = seen() | database() | {"admin": admin_pages(), "dumpdata": dumped()}
    for path in folder.rglob("*"):
        if path.is_file():
            places[str(path)] = path.read_bytes().decode("latin-1")
    return [name for name, text in places.items() if canary in text or canary in text.lower()]


def test_the_search_finds_what_is_planted(seen, ada, tmp_path):
    """Without this the other tests could pass because they look nowhere."""
    logging.getLogger("planted").debug(CANARY)
    Profile.objects.update(display_name=CANARY)
    (tmp_path / "file").write_text(CANARY)

    places = places_with(CANARY, seen, tmp_path)

    expected = {"raw log records", "log lines", "accounts_profile", "admin", "dumpdata"}
    assert set(places) == expected | {str(tmp_path / "file")}


def test_key_and_password_through_the_account_pages_are_found_nowhere(
    client, seen, provider, settings, tmp_path, monkeypatch
):
    def visit(method, path, *args, **options):
        response = getattr(client, method)(path, *args, **options)
        seen.pages.append(response.content.decode())
        return response

    client.raise_request_exception = False
    settings.ACCOUNT_RATE_LIMITS = False
    visit("post", "/accounts/signup/", {"email": "new@example.com", "password1": CANARY_PASSWORD})
    visit("post", "/accounts/logout/")
    visit("post", "/accounts/login/", {"login": "new@example.com", "password": CANARY_PASSWORD + "x"})
    assert visit("post", "/accounts/login/", {"login": "new@example.com", "password": CANARY_PASSWORD})

    for headers in ({}, HTMX):
        assert visit("post", "/app/settings/key", {"key": KEY}, headers=headers).status_code in (200, 302)
        visit("post", "/app/settings/key/check", headers=headers)
        for bad in (
            f"sk-{CANARY}-wrong",
            f"sk-ant-{CANARY} x",
            f"sk-ant-{CANARY}\x00",
            f"sk-ant-{CANARY * 30}",
        ):
            assert visit("post", "/app/settings/key", {"key": bad}, headers=headers).status_code == 422
        # The value in the wrong place.
        visit("post", "/app/settings/nowhere", {"key": KEY}, headers=headers)
        visit("post", "/app/settings/profile", {"key": KEY, "theme": KEY}, headers=headers)
    for fault in ["400", "401", "402", "403", "429", "500", "529", "html", "redirect", "reset", "badjson"]:
        visit("post", "/app/settings/key", {"key": f"sk-ant-sim-{fault}-99-{CANARY}"}, headers=HTMX)
        visit("post", "/app/settings/key/check", headers=HTMX)
    settings.ANTHROPIC_BASE_URL = "http://127.0.0.1:9"
    visit("post", "/app/settings/key", {"key": KEY}, headers=HTMX)
    visit("get", "/app/settings/key/delete")
    visit("get", "/app/settings")
    visit("get", "/app")
    for debug in (False, True):
        settings.DEBUG = debug
        with monkeypatch.context() as broken:
            broken.setattr(actions, "save_key", _broken)
            assert visit("post", "/app/settings/key", {"key": KEY}).status_code == 500
        with monkeypatch.context() as broken:
            broken.setattr(keycheck, "_lists_models", _broken)
            settings.ANTHROPIC_BASE_URL = provider.base_url
            assert visit("post", "/app/settings/key", {"key": KEY}).status_code == 500
    assert Secret.objects.live_key(User.objects.get().memberships.get().workspace_id).hint == "0001"

    assert places_with(CANARY, seen, tmp_path) == []


def _broken(*args, **kwargs):
    raise RuntimeError("planted")


def test_key_through_every_kind_of_model_call_is_found_nowhere(client, seen, provider, ada, tmp_path):
    keys = [KEY, *(f"sk-ant-sim-{fault}-99-{CANARY}" for fault in FAULTS)]
    for key in keys:
        actions.save_key(workspace=ada.workspace, actor=ada, text=key, state="checked", now=NOON)
        feature = make_feature(ada, provider="anthropic")
        walk(feature, Status.SPEC_GENERATING, actor=ada)
        tasks.advance(feature.pk, feature.version)

    assert set(keys) <= provider.keys_seen
    client.force_login(ada)
    for path in ("/app", "/app/features", "/app/settings"):
        seen.pages.append(client.get(path).content.decode())
    for feature in ada.workspace.features.all()[:3]:
        seen.pages.append(client.get(f"/app/features/{feature.public_id}").content.decode())
    assert places_with(CANARY, seen, tmp_path) == []


def test_error_reports_hold_no_key_whatever_the_frames_hold():
    request = RequestFactory().post("/app/settings/key", {"key": KEY})
    try:
        local = {"headers": {"x-api-key": KEY}}
        raise ValueError(f"cannot send {local}")
    except ValueError:
        reporter = QuietReporter(request, *sys.exc_info())
    reporter.filter = QuietFilter()

    for text in (reporter.get_traceback_html(), reporter.get_traceback_text()):
        assert "cannot send" in text
        assert CANARY not in text


def test_dumpdata_leaves_keys_out_altogether():
    user = make_user()
    actions.save_key(workspace=user.workspace, actor=user, text=KEY, state=Secret.State.CHECKED, now=NOON)

    text = dumped()

    assert SealedValue.objects.get().blob not in text
    assert "accounts.secret" not in text
    assert "accounts.workspace" in text

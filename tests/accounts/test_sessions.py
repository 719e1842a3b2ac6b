"""How long a sign-in lasts, and what every request costs for it."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from asgiref.sync import sync_to_async
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, connections
from django.http import HttpResponse
from django.test import Client, RequestFactory

from accounts import sessions
from accounts.middleware import LoginRedirectMiddleware, TenancyMiddleware
from accounts.models import User
from buildpractical.lib.clock import utcnow
from buildpractical.lib.tenancy import current_user, current_workspace
from features.statuses import Status
from tests.factories import NOON, PASSWORD, make_user

DAY = timedelta(days=1)


def request_of(user, **session):
    request = RequestFactory().get("/app")
    request.session, request.user = SessionStore(), user
    request.session[SESSION_KEY] = str(user.pk)
    request.session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    request.session.update(session)
    return request


@pytest.mark.parametrize(
    ("staff", "step", "lasts"),
    [
        (False, timedelta(hours=23), timedelta(days=14)),
        (False, timedelta(hours=25), timedelta(0)),
        (True, timedelta(minutes=29), timedelta(hours=12)),
        (True, timedelta(minutes=31), timedelta(0)),
    ],
)
def test_keep_ends_idle_and_old_sessions(ada, staff, step, lasts):
    ada.is_staff = staff
    request, now, last = request_of(ada), NOON, NOON

    for _ in range(400):
        sessions.keep(request, now=now)
        if not request.user.is_authenticated:
            break
        last, now = now, now + step

    assert isinstance(request.user, AnonymousUser)
    assert lasts - step <= last - NOON <= lasts


def test_keep_writes_once_a_minute(ada):
    request = request_of(ada)
    sessions.keep(request, now=NOON)
    request.session.modified = False

    sessions.keep(request, now=NOON + timedelta(seconds=59))
    assert not request.session.modified

    sessions.keep(request, now=NOON + timedelta(seconds=60))
    assert request.session.modified


@pytest.mark.django_db
def test_sessions_list_shows_and_ends_the_others(client, ada):
    other = Client()
    for browser in (client, other):
        browser.post("/accounts/login/", {"login": ada.email, "password": PASSWORD})
    assert UserSession.objects.count() == 2

    page = client.get("/accounts/sessions/").content.decode()
    client.post("/accounts/sessions/")

    assert "This one" in page
    assert client.get("/app/settings").status_code == 200
    assert other.get("/app/settings").status_code == 302


@pytest.mark.django_db
def test_old_cookie_fails_after_logout_password_change_and_deactivation(client, ada):
    def log_in(password=PASSWORD):
        client.post("/accounts/login/", {"login": ada.email, "password": password})
        assert client.get("/app/settings").status_code == 200
        return client.cookies["sessionid"].value

    def refused(cookie):
        client.cookies["sessionid"] = cookie
        return client.get("/app/settings").status_code == 302

    cookie = log_in()
    client.post("/accounts/logout/")
    assert refused(cookie)

    cookie = log_in()
    new = "a new quiet harbour at noon"
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert refused(cookie)

    cookie = log_in(new)
    User.objects.update(is_active=False)
    assert refused(cookie)


@pytest.mark.django_db
def test_an_inactive_person_cannot_log_in(client, ada):
    User.objects.update(is_active=False)

    response = client.post("/accounts/login/", {"login": ada.email, "password": PASSWORD}, follow=True)

    assert not response.context["user"].is_authenticated


@pytest.mark.django_db
def test_tenancy_middleware_needs_one_query_and_sets_the_ids(ada, django_assert_num_queries):
    now = int(utcnow().timestamp())
    request = request_of(ada, **{sessions.STARTED: now, sessions.SEEN: now})
    seen = []

    def view(request):
        seen.append((current_user(), current_workspace(), request.workspace, request.profile))
        return HttpResponse()

    # The one; PostgreSQL needs the borders of a transaction and the ids, set and put back.
    with django_assert_num_queries({"sqlite": 1, "postgresql": 5}[connection.vendor]):
        TenancyMiddleware(view)(request)

    assert seen == [(ada.pk, ada.workspace.pk, ada.workspace, ada.profile)]
    assert (current_user(), current_workspace()) == (None, None)


@pytest.mark.django_db
def test_tenancy_middleware_asks_nothing_for_visitors(django_assert_num_queries):
    request = RequestFactory().get("/")
    request.session, request.user = SessionStore(), AnonymousUser()

    with django_assert_num_queries(0):
        TenancyMiddleware(lambda request: HttpResponse())(request)

    assert (request.workspace, request.profile) == (None, None)


@pytest.mark.django_db(transaction=True)
def test_pages_of_a_signed_in_person_need_no_write_lock(ada_client, feature_in):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no such lock")
    feature, _ = feature_in(Status.DONE)
    at = f"/app/features/{feature.public_id}"
    file = feature.artifacts.first()
    paths = [
        "/app",
        "/app/features",
        "/app/settings",
        at,
        f"{at}/chat",
        f"{at}/files/{file.pk}",
        f"{at}/gate",
    ]
    ada_client.get("/app")  # the first request notes the session
    connection.cursor().execute("PRAGMA busy_timeout = 0")

    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        found = {path: ada_client.get(path).status_code for path in paths}

    connection.close()
    assert found == dict.fromkeys(paths, 200)


@pytest.mark.django_db
def test_logout_empties_the_browser_of_what_it_keeps(ada_client):
    page, answer = ada_client.get("/app/settings"), ada_client.post("/accounts/logout/")

    assert "Clear-Site-Data" not in page.headers
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in ada_client.get("/accounts/login/").headers


@pytest.mark.django_db(transaction=True)
def test_tenancy_middleware_keeps_parallel_async_requests_apart():
    people = [make_user(f"p{number}@example.com") for number in range(5)]

    async def view(request):
        seen = []
        for _ in range(5):
            await asyncio.sleep(0.001)
            seen.append((current_user(), current_workspace()))
        request.seen = set(seen)
        return HttpResponse()

    async def serve():
        requests = [request_of(person) for person in people]
        await asyncio.gather(*(TenancyMiddleware(view)(request) for request in requests))
        await sync_to_async(connections.close_all)()
        return [request.seen for request in requests]

    assert asyncio.run(serve()) == [{(person.pk, person.workspace.pk)} for person in people]


def answer(status=302, location="/accounts/login/?next=/app", **headers):
    request = RequestFactory().get("/app/features", headers=headers)
    middleware = LoginRedirectMiddleware(
        lambda request: HttpResponse(status=status, headers={"Location": location})
    )
    response = middleware(request)
    return response.status_code, response.headers.get("HX-Redirect"), response.headers.get("Location")


def test_login_redirect_becomes_hx_redirect_for_panels_only():
    htmx = {"HX-Request": "true"}

    assert answer(**htmx) == (200, "/accounts/login/", None)
    assert answer() == (302, None, "/accounts/login/?next=/app")
    assert answer(location="/app", **htmx) == (302, None, "/app")
    assert answer(location="/accounts/login/evil", **htmx) == (302, None, "/accounts/login/evil")

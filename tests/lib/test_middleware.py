"""Headers on every answer, also while the database is away."""

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError
from django.test import Client


def test_error_page_has_our_headers_while_the_database_is_away(monkeypatch):
    def away(self):
        raise OperationalError("away")

    monkeypatch.setattr(SessionStore, "load", away)
    browser = Client(raise_request_exception=False)
    browser.cookies["sessionid"] = "x" * 32

    response = browser.get("/app")

    assert response.status_code == 503
    assert (response.headers["X-Frame-Options"], response.headers["Cross-Origin-Resource-Policy"]) == (
        "DENY", "same-origin",
    )  # fmt: skip
    assert "camera=()" in response.headers["Permissions-Policy"]


@pytest.mark.django_db
def test_pages_of_a_person_are_never_stored(ada_client):
    answers = [ada_client.get("/app"), ada_client.post("/accounts/logout/"), ada_client.get("/")]

    assert [answer.headers.get("Cache-Control") for answer in answers][0] == "no-store"
    assert [answer.headers.get("Cache-Control") == "no-store" for answer in answers[2:]] == [False]

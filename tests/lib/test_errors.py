import socket
from contextlib import closing
from urllib.parse import urlsplit

import httpx2
import pytest
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import connection
from django.test import Client, RequestFactory

from buildpractical.lib import errors
from chat.models import Draft
from tests.chat.test_process import server  # noqa: F401
from tests.factories import make_feature
from tests.live import CSRF, site  # noqa: F401


@pytest.mark.parametrize("status", [400, 403, 404, 413, 429, 500, 503])
def test_error_page_needs_no_database_and_names_the_request(status):
    request = RequestFactory().get("/")
    request.id = "a1b2c3"

    response = errors.page(request, status)

    assert response.status_code == status
    assert "a1b2c3" in response.content.decode()


@pytest.mark.parametrize(("error", "status"), [(RequestDataTooBig(), 413), (SuspiciousOperation(), 400)])
def test_bad_request_tells_too_much_from_unreadable(error, status):
    assert errors.bad_request(RequestFactory().get("/"), error).status_code == status


def test_body_beyond_the_limit_is_a_413(ada_client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    response = ada_client.post("/app/features/new", {"provider": "demo", "idea": "x" * 200})

    assert response.status_code == 413
    assert "too much at once" in response.content.decode()


def test_unknown_address_is_a_404_page(client, db):
    response = client.get("/no/such/page")

    assert response.status_code == 404
    assert "There is nothing at this address" in response.content.decode()


# --- over real sockets: bodies, and a database that is away ---------------------------------------------------

FORM = {"Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true", "X-CSRFToken": CSRF}


def pieces(count):
    """A body that does not say how long it is."""
    yield b"provider=demo&idea="
    for _ in range(count):
        yield b"x" * 65_536


@pytest.mark.parametrize(
    "body", [b"provider=demo&idea=" + b"x" * 5_000_000, pieces(80)], ids=["announced", "in pieces"]
)
def test_large_body_is_a_413_in_words_and_is_dropped_before_django(site, ada, body, caplog):  # noqa: F811
    response = site.person(ada).http.post("/app/features/new", content=body, headers=FORM)

    assert response.status_code == 413
    assert "Make it shorter" in response.text
    assert response.headers["X-Request-Id"] in response.text
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "Traceback" not in caplog.text


def test_body_up_to_the_limit_arrives_whole(site, ada):  # noqa: F811
    feature = make_feature(ada)
    text = "ä" * 20_000

    response = site.person(ada).post(f"/app/features/{feature.public_id}/draft", {"body": text})

    assert response.status_code == 204
    assert Draft.objects.get().body == text


@pytest.mark.parametrize(
    ("kind", "body"),
    [("multipart/form-data", b"--x\r\n"), ("multipart/form-data; boundary=x", b"--x\r\nContent-Disp")],
)
def test_upload_that_cannot_be_read_is_told_in_words(site, ada, kind, body):  # noqa: F811
    response = site.person(ada).http.post(
        "/app/features/new", content=body, headers=FORM | {"Content-Type": kind}
    )

    assert response.status_code in {400, 422}
    assert "<h1" in response.text


def test_client_that_leaves_in_the_middle_of_an_upload_breaks_nothing(site, ada):  # noqa: F811
    where = urlsplit(site.url)
    with closing(socket.create_connection((where.hostname, where.port))) as client:
        client.sendall(
            b"POST /app/features/new HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\nprov"
        )

    assert site.person(ada).get("/app").status_code == 200


def test_database_that_is_away_is_a_503_in_words(server, tmp_path):  # noqa: F811
    nowhere = "bp_nowhere" if connection.vendor == "postgresql" else str(tmp_path / "nowhere" / "db")
    _, url = server(LIVE_DATABASE_NAME=nowhere, LIVE_POOL_SECONDS="1")
    cookies = {"sessionid": "a" * 32}

    page = httpx2.get(f"{url}/app", cookies=cookies, trust_env=False, timeout=30)
    unknown = httpx2.get(f"{url}/no/such/page", trust_env=False, timeout=30)

    assert (page.status_code, unknown.status_code) == (503, 404)
    assert page.headers["Retry-After"] == "30"
    assert "We will be right back" in page.text
    assert 'href="/app">Load this page again' in page.text
    assert page.headers["X-Request-Id"] in page.text


# --- whose fault it is not -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/operator/", "/operator/features/feature/"])
def test_operators_pages_tell_an_ordinary_person_so(ada_client, path, caplog):
    response = ada_client.get(path, follow=True)

    assert response.status_code == 403
    assert "This part is for operators" in response.content.decode()
    assert [record for record in caplog.records if record.exc_info] == []


def test_form_without_its_check_value_is_told_what_to_do(ada):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)

    response = client.post("/app/features/new", {"provider": "demo"})

    assert response.status_code == 403
    assert "This page was open for too long" in response.content.decode()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_passes_offers_the_same_page_again(status):
    get, post = RequestFactory().get("/app?page=2"), RequestFactory().post("/app")

    assert 'href="/app?page=2">Load this page again' in errors.page(get, status).content.decode()
    assert "Load this page again" not in errors.page(post, status).content.decode()

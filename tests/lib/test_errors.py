import pytest
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.test import RequestFactory

from buildpractical.lib import errors


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

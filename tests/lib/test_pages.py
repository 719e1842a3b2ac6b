"""Pages over a real server: their threads, and what goes past them."""

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from buildpractical.lib.pages import MOST_IDLE
from tests.live import site  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)


def page_threads():
    return {thread.name for thread in threading.enumerate() if thread.name.startswith("page")}


def get(site, path):  # noqa: F811
    return httpx2.get(f"{site.url}{path}", trust_env=False)


def test_pages_one_after_the_other_share_one_thread(site):  # noqa: F811
    get(site, "/")
    before = page_threads()

    answers = [get(site, "/") for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200] * 5
    assert page_threads() == before


def test_pages_at_once_keep_no_more_threads_than_may_lie_idle(site):  # noqa: F811
    with ThreadPoolExecutor(3 * MOST_IDLE) as readers:
        answers = list(readers.map(lambda _: get(site, "/"), range(6 * MOST_IDLE)))

    assert {answer.status_code for answer in answers} == {200}
    get(site, "/")  # its thread is taken from those that lie idle
    assert len(page_threads()) <= MOST_IDLE + 1


def test_static_file_comes_with_the_security_headers(site):  # noqa: F811
    answer = get(site, "/static/css/app.css")

    assert answer.status_code == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"

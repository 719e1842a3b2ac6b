"""Signed-in people for the benches."""

from django.test import Client

from tests.factories import make_user

CSRF = "c" * 32
POST_HEADERS = {"X-CSRFToken": CSRF, "HX-Request": "true"}


def make_person(name):
    """Return a user with a workspace and `cookies`, as of a browser that is signed in."""
    user = make_user(f"{name}@example.com")
    browser = Client()
    browser.force_login(user)
    user.cookies = {"sessionid": browser.cookies["sessionid"].value, "csrftoken": CSRF}
    return user

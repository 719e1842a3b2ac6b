"""Signed-in people for the benches."""

from django.db import transaction
from django.test import Client

from accounts.models import User
from tests.factories import make_user

CSRF = "c" * 32
POST_HEADERS = {"X-CSRFToken": CSRF, "HX-Request": "true"}


def make_person(name):
    """Return a user with a workspace and `cookies`, as of a browser that is signed in."""
    return _signed_in(make_user(f"{name}@example.com"))


def make_people(name, count):
    """Return so many people, without passwords: making one of those is slow by design."""
    with transaction.atomic():
        people = [User.objects.create_user(f"{name}{number}@example.com") for number in range(count)]
        for person in people:
            person.workspace = person.memberships.get().workspace
        return [_signed_in(person) for person in people]


def _signed_in(user):
    browser = Client()
    browser.force_login(user)
    user.cookies = {"sessionid": browser.cookies["sessionid"].value, "csrftoken": CSRF}
    return user

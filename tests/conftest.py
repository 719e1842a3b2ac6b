"""Fixtures that every test may use."""

import uuid

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.test import Client, TransactionTestCase

from accounts import letters, mail
from buildpractical.lib.clock import utcnow
from tests.chromium import browser, chromium  # noqa: F401
from tests.factories import make_feature, make_user, walk


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark `once` what no database can change, before -m selects; then run browser tests last of all.

    Sync Playwright leaves a loop running in this thread for the whole session. The order is set last, after
    pytest-django has set its own.
    """
    for item in items:
        asks = {"db", "transactional_db"}.intersection(item.fixturenames)
        if not asks and item.get_closest_marker("django_db") is None:
            item.add_marker("once")
    yield
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


# What migrations and the signals after them write: no test changes it.
FILLED_ONCE = {"django_content_type", "auth_permission", "django_migrations"}


@pytest.fixture(scope="session", autouse=True)
def _emptied_quickly():
    """After a test that commits, empty the tables; Django's own way takes 120 ms on PostgreSQL, this 5.

    Django fills content types and permissions anew each time. Constraints are deferred: any order will do.
    """

    def empty(case):
        with transaction.atomic(), connection.cursor() as cursor:
            for table in set(connection.introspection.table_names(cursor)) - FILLED_ONCE:
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty)
        yield


@pytest.fixture(autouse=True)
def _private_files(settings, tmp_path):
    """Each test keeps generated files in a folder of its own."""
    settings.ARTIFACTS_DIR = tmp_path / "artifacts"
    storages = {name: dict(value) for name, value in django_settings.STORAGES.items()}
    storages["artifacts"]["OPTIONS"] = storages["artifacts"]["OPTIONS"] | {"location": tmp_path / "artifacts"}
    settings.STORAGES = storages


@pytest.fixture(autouse=True)
def _private_cache(settings):
    """Each test counts sign-in tries for itself; rows of the database cache would outlive it."""
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": uuid.uuid4().hex}
    settings.CACHES = settings.CACHES | {"default": memory}


@pytest.fixture(autouse=True)
def _own_mail():
    """Mail leaves on a thread of its own: none may arrive in the next test."""
    yield
    mail.wait()


@pytest.fixture
def posted(mailoutbox):
    """Return a function that gives all mails, those on their way too; needs real commits."""

    def all_mails():
        mail.wait()
        letters.send_due(now=utcnow())
        return mailoutbox

    return all_mails


@pytest.fixture
def ada(db):
    """A person with a workspace (`ada.workspace`)."""
    return make_user("ada@example.com")


@pytest.fixture
def bob(db):
    """A stranger to ada, with a workspace of his own."""
    return make_user("bob@example.com")


@pytest.fixture
def ada_client(client, ada):
    """A browser in which ada is signed in."""
    client.force_login(ada)
    return client


@pytest.fixture
def bob_client(bob):
    """A browser in which bob is signed in."""
    client = Client()
    client.force_login(bob)
    return client


@pytest.fixture
def feature_in(ada):
    """Return a function: status → (ada's feature in that status, the document on the table or None)."""

    def make(status, **fields):
        feature = make_feature(ada, **fields)
        return feature, walk(feature, status, actor=ada)

    return make


@pytest.fixture
def as_app_role(transactional_db):
    """Make the test's connections those of bp_app, under row-level security; PostgreSQL only."""
    if connection.vendor != "postgresql":
        pytest.skip("row-level security is PostgreSQL's")
    options = connection.settings_dict["OPTIONS"]

    def switch():
        options["assume_role"] = "bp_app"
        connection.close()

    yield switch
    options.pop("assume_role", None)
    connection.close()

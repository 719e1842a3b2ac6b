"""Every address of the site is known here; one with an id is a 404 to a stranger."""

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from chat import actions as chat_actions
from chat.models import Message
from features import artifacts, projects
from features.statuses import Status
from tests.factories import NOON, make_project, make_spec

# Names of addresses without an id of a tenant's row.
FREE = {
    "home",
    "dashboard",
    "health",
    "features:work",
    "agents:month",
    "agents:project-costs",
    "features:feature-list",
    "features:feature-rows",
    "features:feature-create",
    "accounts:settings",
    "accounts:key-save",
    "accounts:key-check",
    "accounts:key-delete",
    "accounts:profile-save",
    *(f"features:spec-{name}" for name in ("list", "create", "import", "wizard")),
    *("features:project-list", "features:project-create"),
}
# Whole parts of the site whose own tests stand elsewhere: sign-in, and the operators' pages (staff only).
FOREIGN = ("account_", "usersessions_", "mfa_", "admin:")

POST = {
    *("features:approve", "features:revise", "features:retry", "features:stop"),
    *("features:brief-edit", "features:brief-confirm", "features:brief-discard", "features:cap-raise"),
    *("chat:message-send", "chat:message-stop", "chat:message-continue", "chat:message-retry"),
    *("chat:brief-write", "chat:draft-save", "chat:spec-build"),
    *("features:spec-duplicate", "features:brief-keep"),
    *("features:project-archive", "features:project-restore"),
}
BOTH = {
    *("features:rename", "features:delete", "features:feature-move"),
    *("features:spec-edit", "features:spec-delete", "features:spec-move"),
    *("features:project-rename", "features:project-delete"),
}


def own(feature):
    return {"public_id": feature.public_id}


def one_message(feature):
    reply = chat_actions.send(feature=feature, author=feature.created_by, body="Hello", now=NOON)
    Message.objects.filter(pk=reply.pk).update(state="interrupted", lease_until=None)
    return own(feature) | {"seq": reply.seq}


def one_spec(feature):
    return {"public_id": make_spec(feature.created_by).public_id}


def one_project(feature):
    return {"public_id": make_project(feature.created_by).public_id}


def archived_project(feature):
    project = make_project(feature.created_by)
    projects.archive_project(project=project, now=NOON)
    return {"public_id": project.public_id}


# name → what its address needs, made for a feature at the spec's gate
SCOPED = {
    **dict.fromkeys(
        [
            *(
                f"features:{name}"
                for name in ("feature-detail", "events", "head", "gate", "documents", "files")
            ),
            *(
                f"features:{name}"
                for name in ("monitor", "progress", "log", "approve", "revise", "retry", "stop", "rename")
            ),
            *(
                f"features:{name}"
                for name in ("brief-edit", "brief-confirm", "brief-discard", "delete", "cap-raise")
            ),
            *(
                f"chat:{name}"
                for name in ("page", "conversation", "composer", "message-send", "message-newer")
            ),
            *("chat:brief-write", "chat:draft-save", "agents:runs"),
        ],
        own,
    ),
    "features:download": own,
    "features:feature-move": own,
    "features:brief-keep": lambda feature: own(feature) | {"revision": 1},
    **dict.fromkeys(
        [
            *(f"features:spec-{name}" for name in ("detail", "edit", "diff", "download")),
            *(f"features:spec-{name}" for name in ("duplicate", "delete", "move")),
            "chat:spec-build",
        ],
        one_spec,
    ),
    **dict.fromkeys(
        [
            *(f"features:project-{name}" for name in ("detail", "rename", "archive", "restore")),
            "agents:project-runs",
        ],
        one_project,
    ),
    "features:project-delete": archived_project,
    "features:document-detail": lambda feature: own(feature) | {"kind": "spec", "revision": 1},
    **dict.fromkeys(
        ["features:file-detail", "features:file-info", "features:file-download"],
        lambda feature: own(feature) | {"pk": artifacts.current(feature).first().pk},
    ),
    **dict.fromkeys(
        ["chat:message-detail", "chat:message-stop", "chat:message-continue", "chat:message-retry"],
        one_message,
    ),
}
STATUS = dict.fromkeys([name for name in SCOPED if "file-" in name or "download" in name], Status.DONE)
# Whose signed address is itself the permission (tests/features/test_storage.py).
SIGNED = {"features:file-content"}
# Served by async views, whose threads see only what is committed.
ASYNC = {
    *("features:events", "chat:message-send", "chat:message-stop", "chat:message-continue"),
    *("chat:message-retry", "chat:brief-write", "chat:spec-build"),
}
# Fails for its owner too in this state, or never ends: only the stranger is asked.
NOT_FOR_THE_OWNER = {"features:events", "features:download", "features:file-download"}


def each(names):
    """Return the names as parameters; only those of async views pay for a real transaction."""
    return [
        pytest.param(name, marks=pytest.mark.django_db(transaction=name in ASYNC)) for name in sorted(names)
    ]


def walk_names(patterns, space=""):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from walk_names(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name or pattern.pattern}"


def unknown_names(patterns):
    known = FREE | SIGNED | set(SCOPED)
    return sorted(
        {name for name in walk_names(patterns) if name not in known and not name.startswith(FOREIGN)}
    )


def test_every_address_is_known():
    assert unknown_names(get_resolver().url_patterns) == []


def test_every_known_name_exists():
    names = set(walk_names(get_resolver().url_patterns))

    assert sorted((FREE | set(SCOPED)) - names) == []


def test_an_address_that_nobody_entered_is_found():
    planted = URLPattern(get_resolver().url_patterns[0].pattern, lambda request: None, name="planted")

    assert unknown_names([*get_resolver().url_patterns, planted]) == ["planted"]


def ask(client, name, kwargs):
    """Return the statuses of the calls that the address takes."""
    url = reverse(name, kwargs=kwargs)
    calls = ["post"] if name in POST else ["get", "post"] if name in BOTH else ["get"]
    return [getattr(client, call)(url, {}).status_code for call in calls]


@pytest.mark.parametrize("name", each(SCOPED))
def test_address_with_an_id_is_a_404_to_a_stranger(name, feature_in, bob_client):
    feature, document = feature_in(STATUS.get(name, Status.SPEC_READY))
    kwargs = SCOPED[name](feature)
    before = feature.transitions.count()

    assert set(ask(bob_client, name, kwargs)) == {404}
    assert set(ask(bob_client, name, kwargs | {"public_id": "nobodyhasthisid2"})) == {404}
    feature.refresh_from_db()
    assert feature.transitions.count() == before


@pytest.mark.parametrize("name", each(set(SCOPED) - POST - NOT_FOR_THE_OWNER))
def test_the_same_address_is_no_404_to_its_owner(name, feature_in, ada_client):
    feature, _ = feature_in(STATUS.get(name, Status.SPEC_READY))

    assert ada_client.get(reverse(name, kwargs=SCOPED[name](feature))).status_code == 200


@pytest.mark.parametrize("name", each(SCOPED))
def test_a_visitor_is_led_to_the_login(name, feature_in):
    feature, _ = feature_in(STATUS.get(name, Status.SPEC_READY))

    assert set(ask(Client(), name, SCOPED[name](feature))) == {302}


@pytest.mark.parametrize("name", sorted(FREE - {"home", "health"}))
def test_address_behind_the_login_leads_a_visitor_there(name, db):
    url = reverse(name)

    response = Client().get(url)

    assert response.status_code in {302, 405}
    if response.status_code == 405:
        response = Client().post(url)
    assert response.headers["Location"].startswith(reverse("account_login"))

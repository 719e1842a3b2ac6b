"""A new person gets profile and personal workspace, whatever the road."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import get_hasher
from django.core.management import call_command
from django.db import IntegrityError, transaction

from accounts import actions
from accounts.models import AuditEntry, Membership, Profile, User, Workspace
from buildpractical.lib.tenancy import acting
from tests.factories import PASSWORD

FORM = {"email": "New@Example.com", "password1": "a quiet harbour at dawn"}


def home_of(user):
    membership = Membership.objects.select_related("workspace").get(user=user)
    return membership.role, membership.workspace.is_personal, Profile.objects.filter(user=user).count()


HOME = ("owner", True, 1)


@pytest.mark.django_db
def test_signup_makes_a_home_and_leads_into_the_app(client):
    response = client.post("/accounts/signup/", FORM)

    user = User.objects.get()
    assert (response.status_code, response["Location"]) == (302, "/app")
    assert (user.email, home_of(user)) == ("new@example.com", HOME)
    assert EmailAddress.objects.get().email == "new@example.com"
    assert client.get("/app/settings").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_signup_leaves_nothing_when_the_home_cannot_be_made(client, monkeypatch):
    def broken(**kwargs):
        raise IntegrityError("planted")

    monkeypatch.setattr(actions, "create_home", broken)

    with pytest.raises(IntegrityError):
        client.post("/accounts/signup/", FORM)

    assert not User.objects.exists()
    assert not EmailAddress.objects.exists()


@pytest.mark.django_db
def test_signup_shows_what_is_wrong_and_keeps_the_address(client):
    response = client.post("/accounts/signup/", FORM | {"password1": "short"})

    page = response.content.decode()
    assert response.status_code == 200
    assert "at least 15 characters" in page
    assert "At least 15 characters. A short sentence works well." in page
    assert 'value="New@Example.com"' in page
    assert "short</" not in page
    assert 'aria-describedby="id_password1_helptext id_password1_error"' in page
    assert not User.objects.exists()


@pytest.mark.django_db
def test_createsuperuser_makes_a_home(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)

    call_command("createsuperuser", interactive=False, email="root@example.com", verbosity=0)

    assert home_of(User.objects.get()) == HOME


@pytest.mark.django_db
def test_admin_makes_a_home(client):
    client.force_login(User.objects.create_superuser("root@example.com", PASSWORD))

    response = client.post(
        "/operator/accounts/user/add/",
        {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD},
    )

    assert response.status_code == 302
    assert home_of(User.objects.get(email="new@example.com")) == HOME


@pytest.mark.django_db
def test_saving_a_person_again_makes_no_second_home(ada):
    ada.is_active = False
    ada.save()

    assert (Workspace.objects.count(), Profile.objects.count()) == (1, 1)


def test_signup_works_under_row_level_security(as_app_role, client):
    as_app_role()

    response = client.post("/accounts/signup/", FORM)

    assert (response.status_code, response["Location"]) == (302, "/app")
    page = client.get("/app/settings")
    assert page.status_code == 200
    assert "new@example.com" in page.content.decode()
    assert not Workspace.objects.exists()  # nobody acts: nothing is seen


def test_two_signups_under_row_level_security_see_their_own_home_only(as_app_role, client):
    as_app_role()
    for number in range(2):
        client.post("/accounts/signup/", FORM | {"email": f"p{number}@example.com"})
        client.post("/accounts/logout/")

    for user in User.objects.all():
        with acting(user_id=user.pk), transaction.atomic():
            assert Workspace.objects.count() == 1
            assert Membership.objects.count() == 1
            assert Membership.objects.get().user_id == user.pk


@pytest.fixture
def hashes(monkeypatch):
    """Counts password hashes: what an address costs must not depend on whether we know it."""
    counted = []
    kind = type(get_hasher())
    encode = kind.encode

    def count(self, password, salt):
        counted.append(1)
        return encode(self, password, salt)

    monkeypatch.setattr(kind, "encode", count)
    return counted


@pytest.mark.django_db(transaction=True)
def test_signup_and_login_cost_the_same_hashes_for_known_and_unknown_addresses(
    client, settings, hashes, posted
):
    settings.ACCOUNT_EMAIL_VERIFICATION, settings.ACCOUNT_PREVENT_ENUMERATION = "mandatory", "strict"
    User.objects.create_user("known@example.com", PASSWORD)
    costs = {}
    for email in ("known@example.com", "unknown@example.com"):
        for path, form in (
            ("/accounts/login/", {"login": email, "password": "wrong but long enough"}),
            ("/accounts/signup/", {"email": email, "password1": PASSWORD + "!"}),
        ):
            hashes.clear()
            response = client.post(path, form)
            costs.setdefault(path, set()).add((len(hashes), response.status_code, response.get("Location")))
            client.logout()

    assert [len(found) for found in costs.values()] == [1, 1], costs
    assert len(posted()) == 2


@pytest.mark.django_db
def test_password_is_hashed_with_argon2_outside_tests(settings):
    settings.PASSWORD_HASHERS = [
        hasher for hasher in settings.PASSWORD_HASHERS if not hasher.endswith("MD5PasswordHasher")
    ]

    assert User.objects.create_user("ada@example.com", PASSWORD).password.startswith("argon2$argon2id$")


@pytest.mark.django_db
def test_login_logout_and_failure_are_audited_without_typed_text(client, ada):
    client.post("/accounts/login/", {"login": "ada@example.com", "password": "wrong but long enough"})
    client.post("/accounts/login/", {"login": "ada@example.com", "password": PASSWORD})
    client.post("/accounts/logout/")

    entries = AuditEntry.objects.order_by("at").values_list("action", "actor_id", "data")
    assert list(entries) == [("login.failed", None, {}), ("login", ada.pk, {}), ("logout", ada.pk, {})]


@pytest.mark.django_db
def test_login_answers_429_after_too_many_failures(client, ada):
    for _ in range(6):
        response = client.post("/accounts/login/", {"login": ada.email, "password": "wrong wrong"})

    assert "Too many tries" in response.content.decode()


@pytest.mark.django_db
def test_rate_limit_page_says_what_to_do(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    client.post("/accounts/login/", {})

    response = client.post("/accounts/login/", {})

    assert response.status_code == 429
    assert "A little too fast" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    ["login/", "signup/", "password/reset/", "password/reset/done/", "password/reset/key/1-x/", "inactive/",
     "password/reset/key/done/", "confirm-email/", "confirm-email/nokey/"],
)  # fmt: skip
def test_account_pages_look_like_the_site(client, path):
    page = client.get(f"/accounts/{path}", follow=True)

    text = page.content.decode()
    assert page.status_code == 200
    assert '<main id="main"' in text
    assert text.count("<h1") == 1
    assert "style=" not in text
    assert "placeholder=" not in text


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["logout/", "password/change/", "reauthenticate/", "sessions/", "email/"])
def test_signed_in_account_pages_look_like_the_site(client, ada, path):
    client.force_login(ada)

    text = client.get(f"/accounts/{path}").content.decode()

    assert '<main id="main"' in text
    assert text.count("<h1") == 1


@pytest.mark.django_db(transaction=True)
def test_password_reset_by_mail_sets_a_new_password(client, ada, posted):
    client.post("/accounts/password/reset/", {"email": "ada@example.com"})
    link = next(line for line in posted()[0].body.splitlines() if line.startswith("http"))
    path = "/" + link.split("/", 3)[3]
    form_page = client.get(path, follow=True)
    new = "a new quiet harbour at noon"

    client.post(form_page.request["PATH_INFO"], {"password1": new, "password2": new})

    ada.refresh_from_db()
    assert ada.check_password(new)
    assert posted()[0].subject == "Set a new password for Build Practical"


@pytest.mark.django_db(transaction=True)
def test_signup_with_mandatory_verification_leads_in_by_the_mailed_code(client, settings, posted):
    """The production setting."""
    settings.ACCOUNT_EMAIL_VERIFICATION, settings.ACCOUNT_PREVENT_ENUMERATION = "mandatory", "strict"
    settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True

    page = client.post("/accounts/signup/", FORM, follow=True)
    code = posted()[0].body.split("Your code is:")[1].split()[0]
    text = page.content.decode()

    assert "new@example.com" in text
    assert (text.count("<h1"), "Confirm" in text, code in text) == (1, True, False)
    assert client.get("/app/settings").status_code == 302
    wrong = client.post("/accounts/confirm-email/", {"code": "WRONG1"})
    assert 'class="error"' in wrong.content.decode()
    right = client.post("/accounts/confirm-email/", {"code": code})
    assert (right.status_code, right["Location"]) == (302, "/app")
    assert client.get("/app/settings").status_code == 200
    assert EmailAddress.objects.get().verified


@pytest.mark.django_db(transaction=True)
def test_signup_with_a_known_address_says_and_shows_the_same(client, ada, settings, posted):
    settings.ACCOUNT_EMAIL_VERIFICATION, settings.ACCOUNT_PREVENT_ENUMERATION = "mandatory", "strict"
    settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
    pages = []
    for email in (ada.email, "new@example.com"):
        page = client.post("/accounts/signup/", FORM | {"email": email}, follow=True)
        text = re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")\w+', "", page.content.decode())
        pages.append((page.redirect_chain, text.replace(email, "EMAIL")))
        client.cookies.clear()

    assert pages[0] == pages[1]
    assert [mail.to for mail in posted()] == [[ada.email], ["new@example.com"]]
    assert "already" in posted()[0].body

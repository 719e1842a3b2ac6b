from allauth.account.models import EmailAddress


def test_email_page_shows_the_address_in_our_own_words(ada_client, ada):
    EmailAddress.objects.create(user=ada, email=ada.email, primary=True, verified=False)

    page = ada_client.get("/accounts/email/").content.decode()

    assert "Your e-mail address" in page
    assert "you log in with this one" in page
    assert "not yet confirmed" in page

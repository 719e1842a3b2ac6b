"""T12: a stored key goes only to the host that it was entered for."""

import pytest

from accounts import actions, keycheck, vault
from accounts.models import Secret
from buildpractical.lib.tenancy import as_workspace
from tests.factories import NOON

KEY = "sk-ant-test-0123456789abcdef"


@pytest.mark.django_db
def test_an_old_key_is_neither_found_nor_opened_for_a_new_host(ada, settings):
    settings.ANTHROPIC_BASE_URL = "https://api.anthropic.com"
    old = actions.save_key(workspace=ada.workspace, actor=ada, text=KEY, state=Secret.State.CHECKED, now=NOON)
    settings.ANTHROPIC_BASE_URL = "https://collector.example"

    with as_workspace(ada.workspace.pk):
        assert Secret.objects.live_key(ada.workspace.pk) is None

    # Whoever may write the table and points the row to the new host gets nothing either.
    Secret.objects.filter(pk=old.pk).update(purpose="anthropic:collector.example")
    with as_workspace(ada.workspace.pk), pytest.raises(vault.SecretError):
        keycheck.check_again(Secret.objects.live_key(ada.workspace.pk))

"""Asks the provider whether it accepts a key. Costs nothing: the list of models is free.

Anthropic's API reference, "List Models": GET /v1/models with x-api-key and anthropic-version.
"""

import enum
import json
import re

from django.conf import settings

from accounts import actions, vault
from accounts.models import Secret
from buildpractical.lib import http, redact
from buildpractical.lib.connections import release_connection

SHAPE = re.compile(r"sk-ant-[A-Za-z0-9_-]{8,200}")
API_VERSION = "2023-06-01"


class Result(enum.StrEnum):
    OK = "ok"
    WRONG_SHAPE = "wrong_shape"
    REFUSED = "refused"
    NO_PERMISSION = "no_permission"
    UNREACHABLE = "unreachable"


STATES = {
    Result.OK: Secret.State.CHECKED,
    Result.UNREACHABLE: Secret.State.UNCHECKED,
    Result.REFUSED: Secret.State.REJECTED,
    Result.NO_PERMISSION: Secret.State.REJECTED,
}


def check(text):
    """Return what the provider says about the key.

    text: without white space around it. UNREACHABLE: nobody said yes or no (network, busy, odd answer).
    Makes one request; call it outside any transaction.
    """
    if not SHAPE.fullmatch(text):
        return Result.WRONG_SHAPE
    with redact.live(text):
        try:
            answer = http.get(
                f"{settings.ANTHROPIC_BASE_URL}/v1/models?limit=1",
                headers={"x-api-key": text, "anthropic-version": API_VERSION},
                base_url=settings.ANTHROPIC_BASE_URL,
            )
        except http.OutboundError:
            return Result.UNREACHABLE
    if answer.status == 401:
        return Result.REFUSED
    if answer.status == 403:
        return Result.NO_PERMISSION
    # A hotel's sign-in page has status 200 too.
    return Result.OK if answer.status == 200 and _lists_models(answer.body) else Result.UNREACHABLE


def check_again(secret):
    """Check a stored key of the acting workspace and note the result. Raises vault.SecretError."""
    with vault.opened(secret.pk, "key_check") as box:
        release_connection()
        result = check(box.reveal())
    if result is not Result.UNREACHABLE:
        actions.mark_key(secret=secret, state=STATES[result])
    return result


def _lists_models(body):
    try:
        return isinstance(json.loads(body)["data"], list)
    except (ValueError, KeyError, TypeError):
        return False

"""Saves answers while they are written, and settles those whose process is gone. On the database thread."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from django.conf import settings
from django.db import transaction

from buildpractical.lib.clock import utcnow
from buildpractical.lib.markdown import render_markdown
from buildpractical.lib.returning import update_returning
from buildpractical.lib.tenancy import as_workspace, reading
from chat.models import Message
from features import events

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Row:
    """An answer as it is to be saved."""

    pk: int
    workspace_id: int
    body: str
    chunks: int
    state: str
    stop_reason: str = ""
    failure: str = ""


@dataclass
class Saved:
    """What a save found: pks that are written, that are deleted or settled by others, that shall stop."""

    written: set
    lost: set
    stops: set


def save(workspace_id, rows, running):
    """Write the workspace's rows, renew their leases, and look which of its running answers shall stop.

    running: pks. One transaction; without rows, one read.
    """
    rows = [(row, _html(row)) for row in rows]
    with as_workspace(workspace_id) if rows else reading(workspace_id):
        stored = {row.pk: _write(row, html) for row, html in rows}
        others = running - stored.keys()
        still = dict(_wishes(others)) if others else {}
    written = {pk: message for pk, message in stored.items() if message is not None}
    stops = {pk for pk, message in written.items() if message.state == "streaming" and message.stop_requested}
    return Saved(
        written=set(written),
        lost=(stored.keys() - written.keys()) | (others - still.keys()),
        stops=stops | {pk for pk, stop_requested in still.items() if stop_requested},
    )


def _wishes(pks):
    return Message.objects.streaming().filter(pk__in=pks).values_list("pk", "stop_requested")


def sweep(own):
    """Settle answers whose lease has run out as interrupted; return how many.

    own: pks that this process still writes: while the database was away their leases could not be renewed.
    """
    now, count = utcnow(), 0
    expired = [pair for pair in Message.objects.expired(now=now) if pair[0] not in own]
    for workspace_id, pairs in groupby(sorted(expired, key=lambda pair: pair[1]), key=lambda pair: pair[1]):
        with as_workspace(workspace_id):
            for message in Message.objects.filter(pk__in=[pk for pk, _ in pairs], lease_until__lt=now):
                count += interrupt(message, reason="lost")
    return count


def interrupt(message, *, reason):
    """Settle a streaming answer with the text that was saved; tell whether it was still open."""
    row = Row(message.pk, message.workspace_id, message.body, message.chunks, "interrupted", reason)
    with transaction.atomic():
        return _write(row, _html(row), only_open=True) is not None


def _write(row, html, *, only_open=False):
    """Save the row and return it as it is then; the end and its event stand in one transaction.

    None: another process was faster.
    """
    streaming = row.state == "streaming"
    message = Message.objects.filter(pk=row.pk)
    lease_until = utcnow() + timedelta(seconds=settings.REPLY_LEASE_SECONDS) if streaming else None
    written = update_returning(
        message.streaming(),
        body=row.body,
        chunks=row.chunks,
        state=row.state,
        html=html,
        stop_reason=row.stop_reason,
        failure=row.failure,
        lease_until=lease_until,
    )
    if not written:
        # A save whose commit was not heard of is done again: then the row is as we want it.
        return None if only_open else message.filter(state=row.state).first()
    if not streaming:
        events.append(written[0].feature, kind="message", data={"id": written[0].seq, "state": row.state})
    return written[0]


def _html(row):
    return "" if row.state == "streaming" else render_markdown(row.body)

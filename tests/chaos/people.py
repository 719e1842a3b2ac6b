"""People who build: they talk, confirm, approve each gate and press Retry, in browsers over HTTP.

What they see they read from the database, so that a dead web process hides nothing from the run.
"""

import random
import time
from contextlib import suppress

import httpx2
from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from django.test import Client

from agents import render
from agents.simulator.demo import briefs
from buildpractical.lib.clock import utcnow
from features import documents
from features.models import Feature
from features.statuses import GATES, Status
from tests.chaos.poison import NAME
from tests.factories import make_feature, make_user

CSRF = "c" * 32
WISH = (
    "Our club lends tools. We keep a list of tools and a list of members. "
    "Each tool has a name (required), a category (hand, power, garden), a date of purchase and notes. "
    "Each member has a name (required), an email and a phone number."
)
AGAIN_SECONDS = 0.5  # between two tries of the same thing


class Builders:
    """One person and what they build. open: pks of features that are not at their end; all: every one begun."""

    def __init__(self, url, name):
        self.user = make_user(f"{name}@example.com")
        browser = Client()
        browser.force_login(self.user)
        cookies = {"sessionid": browser.cookies["sessionid"].value, "csrftoken": CSRF}
        self.http = httpx2.Client(base_url=url, cookies=cookies, timeout=3, trust_env=False)
        self.open, self.all, self.poisoned, self.talking = set(), [], set(), set()
        self.failures, self.answers, self._tried = [], {}, {}

    def begin(self, *, by_talking=False, poisoned=False):
        """Start a feature: from a conversation, or with a brief that waits for its confirmation."""
        with transaction.atomic():
            feature = make_feature(self.user, now=utcnow())
            if poisoned:
                Feature.objects.filter(pk=feature.pk).update(title=f"{NAME} {feature.pk}", title_is_mine=True)
                self.poisoned.add(feature.pk)
            if by_talking:
                self.talking.add(feature.pk)
            else:
                data = briefs.brief([("user", WISH)])
                documents.add(feature, kind="brief", data=data, body=render.brief(data), now=utcnow())
        self.open.add(feature.pk)
        self.all.append(feature.pk)
        return feature

    def look(self):
        """Do for each open feature what its page asks for; True when the database answered."""
        try:
            for feature in Feature.objects.filter(pk__in=self.open):
                self._tend(feature)
        except (OperationalError, InterfaceError):
            close_old_connections()
            return False
        return True

    def until(self, done, *, seconds, every=0.05, meanwhile=lambda: None):
        """Tend until done() or the time is up; tell which."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            meanwhile()
            if self.look():
                with suppress(OperationalError, InterfaceError):
                    if done():
                        return True
            time.sleep(every)
        return False

    def _tend(self, feature):
        if feature.status == Status.DONE or (feature.status == Status.FAILED and feature.pk in self.poisoned):
            self.open.discard(feature.pk)
        elif feature.status == Status.FAILED:
            if self._act(feature, "retry"):
                self.failures.append((feature.pk, feature.failure))
        elif feature.status in GATES:
            document = documents.current(feature, GATES[feature.status][0])
            self._act(feature, "approve", document=document.pk)
        elif feature.status == Status.DRAFTING:
            self._talk(feature)

    def _talk(self, feature):
        if brief := documents.proposed_brief(feature):
            self._act(feature, "brief/confirm", document=brief.pk)
            return
        last = feature.messages.order_by("-seq").first()
        if last is None:
            self._act(feature, "messages", body=WISH)
        elif last.state in {"interrupted", "failed"}:
            self._act(feature, f"messages/{last.seq}/continue")
        elif last.state == "complete":
            self._act(feature, "brief/write")

    def _act(self, feature, what, **data):
        """Press a button; not again at once, whatever came of it. Tell whether the site took it."""
        key = feature.pk, what, feature.version
        if time.monotonic() < self._tried.get(key, 0):
            return False
        self._tried[key] = time.monotonic() + AGAIN_SECONDS * random.uniform(0.7, 1.3)
        try:
            response = self.http.post(
                f"/app/features/{feature.public_id}/{what}",
                data=data,
                headers={"X-CSRFToken": CSRF, "HX-Request": "true"},
            )
        except httpx2.TransportError:
            self.answers["no answer"] = self.answers.get("no answer", 0) + 1
            return False
        status = str(response.status_code)
        self.answers[status] = self.answers.get(status, 0) + 1
        return response.status_code == 200

"""One run on one database: an undisturbed round, kills, scenarios, the end, the account."""

import json
import random
import sys
import time
from collections import Counter

from django.conf import settings
from django.db import close_old_connections

from features.models import Feature
from tests.chaos import accountant, scenarios
from tests.chaos.killer import Imp, Killer
from tests.chaos.people import Builders


class Run:
    """site, builders, killer, imp, disk, postgres (or None). options: those of the command."""

    def __init__(self, site, disk, postgres, options):
        self.site, self.disk, self.postgres, self.options = site, disk, postgres, options
        self.killer = Killer(site, seed=options.seed, pause_seconds=options.pause_seconds)
        self.imp = Imp(seed=options.seed, pause_seconds=0.5)
        self.random = random.Random(options.seed)
        self.told = {}
        self.began = time.monotonic()

    def carry_out(self):
        """Return the report; raises AssertionError only when the site cannot be brought to work at all."""
        self.site.start()
        self.builders = Builders(settings.SITE_URL, "builder")
        self.baseline = self._undisturbed()
        self.builders.begin(poisoned=True)
        self._kill()
        for name, act in self._scenarios():
            self._scene(name, act)
        self.say("waiting for the last ones")
        self.builders.until(
            lambda: not self.builders.open, seconds=self.options.drain_seconds, meanwhile=self.site.keep
        )
        self._wait_for_runs()
        self._scene("poison", lambda: scenarios.poison_ended(self))
        self._scene("end", self._stop)
        account = accountant.settle(self.builders, baseline=self.baseline, requests=self.site.requests)
        return self._report(account)

    def fill_up(self):
        """Begin features until as many are on their way as the run wants."""
        while len(self.builders.open) < self.options.flight:
            self.builders.begin(by_talking=self.random.random() < self.options.talking)

    def works(self):
        """Whether a step is running."""
        return Feature.objects.filter(lease_token__isnull=False).exists()

    def say(self, text):
        seconds = time.monotonic() - self.began
        sys.stderr.write(f"[{seconds:6.1f} s] {text}\n")
        sys.stderr.flush()

    def _undisturbed(self):
        self.say("an undisturbed round")
        features = [self.builders.begin()]
        if self.options.long:
            features.append(self.builders.begin(by_talking=True))
        assert self.builders.until(lambda: not self.builders.open, seconds=60), "the site does not work"
        return [feature.pk for feature in features]

    def _kill(self):
        self.say("kills")
        end = time.monotonic() + self.options.kill_seconds
        told = 0

        def meanwhile():
            nonlocal told
            self.fill_up()
            self.imp.strike()
            self.site.keep()
            if (count := self.killer.kills.total()) >= told + 50:
                told = count
                self.say(f"{count} kills, {len(self.builders.all) - len(self.builders.open)} features ended")

        with self.killer.at_work():
            self.builders.until(
                lambda: self.killer.kills.total() >= self.options.kills,
                seconds=self.options.kill_seconds,
                meanwhile=meanwhile,
            )
        if time.monotonic() > end:
            self.say("out of time for kills")

    def _scenarios(self):
        long = self.options.long
        kinds = ("worker", "pusher", "monitor", "sentinel", "main", "web") if long else ("worker",)
        yield "stopped", lambda: scenarios.stopped_longer_than_the_lease(self, kinds=kinds)
        yield "database restarted", lambda: scenarios.database_restarted(self, times=6 if long else 1)
        yield "disk full", lambda: scenarios.disk_full(self, seconds=10 if long else 1)
        yield "clock jumps", lambda: scenarios.clock_jumps(self)
        if long:
            yield "orderly restart", lambda: scenarios.orderly_restart(self)

    def _scene(self, name, act):
        self.say(name)
        try:
            self.told[name] = act()
        except AssertionError as error:
            self.told[name] = f"FAILED: {error}"
        close_old_connections()

    def _wait_for_runs(self):
        """Calls of web processes that died are settled once they cannot be running any more."""
        from agents.models import AgentRun

        running = AgentRun.objects.filter(state=AgentRun.State.RUNNING)
        seconds = settings.AGENT_DEADLINE_SECONDS + settings.CHAT_RUN_GRACE_SECONDS + 5
        self.builders.until(lambda: not running.exists(), seconds=seconds, meanwhile=self.site.keep)

    def _stop(self):
        code, seconds, left = self.site.stop()
        assert code == 0, f"ended with {code}"
        assert not left, f"left behind: {left}"
        return f"ended in {seconds:.1f} s"

    def _report(self, account):
        failed = [f"{name}: {told}" for name, told in self.told.items() if told.startswith("FAILED")]
        return {
            "database": settings.DATABASE_ENGINE,
            "seed": self.options.seed,
            "seconds": round(time.monotonic() - self.began, 1),
            "kills": self.killer.kills.total(),
            "kills by process": dict(self.killer.kills),
            "supervisor started again": self.site.restarts,
            "foreign messages": dict(self.imp.sent),
            "model calls repeated per kill": round(
                account.figures["model calls repeated"] / max(self.killer.kills.total(), 1), 2
            ),
            "scenarios": self.told,
            "harm": dict(account.counts),
            "figures": account.figures,
            "log": _kinds_of_log(self.site.log),
            "problems": [*failed, *account.problems],
        }


def _kinds_of_log(log):
    """Return how often each line came, by its message."""
    counts = Counter()
    for line in log.read_text(errors="replace").splitlines():
        try:
            counts[json.loads(line)["event"][:80]] += 1
        except (ValueError, KeyError, TypeError):
            continue
    return dict(counts.most_common(20))

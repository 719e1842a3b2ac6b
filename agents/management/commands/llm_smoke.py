"""`manage.py llm_smoke`: try the configured models with an owner's own key. Costs about $0.10."""

import os
from getpass import getpass

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from agents import smoke


class Command(BaseCommand):
    help = (
        "Try each configured model, a cached pair, two schemas on one prefix, a verdict and a tool call, with the "
        "key in LLM_SMOKE_KEY or typed in. The key is kept nowhere. Prints what it cost."
    )

    def add_arguments(self, parser):
        parser.add_argument("--base-url", default=settings.ANTHROPIC_BASE_URL)

    def handle(self, *args, base_url, **options):
        key = os.environ.get("LLM_SMOKE_KEY") or getpass("Anthropic key (not shown, not kept): ")
        if not key.strip():
            raise CommandError("No key was given.")
        lines = smoke.collect(key=key.strip(), base_url=base_url, tell=self._tell)
        costs = [line.cost for line in lines]
        known = sum(cost for cost in costs if cost is not None)
        at_least = "at least " if None in costs else ""
        self.stdout.write(
            f"Cost: {at_least}${known / 1_000_000:.4f} (prices of {settings.MODEL_PRICES_DATE})"
        )
        if failed := [line.name for line in lines if not line.ok]:
            raise CommandError(f"Not as expected: {', '.join(failed)}")

    def _tell(self, line):
        usage = line.usage
        self.stdout.write(
            f"{'ok  ' if line.ok else 'FAIL'} {line.name:14} {line.model:20} in {usage.input}, "
            f"read {usage.cache_read}, written {usage.cache_write_5m}, out {usage.output}: {line.words}"
        )

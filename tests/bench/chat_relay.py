"""What the app adds to the wait for an answer's first text, beside the SDK called directly.

People talk at once, each on a page with its live stream, so that 20 answers are being written at any moment;
their beginnings are spread evenly. Then 20 people send at the same instant. Both again without the app, with
the same requests at the same simulator.
"""

import asyncio
import json
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx2
from anthropic import AsyncAnthropic
from django.test import override_settings

from accounts.actions import save_key
from accounts.models import Secret
from agents.simulator import DEMO_KEY
from buildpractical.lib.clock import utcnow
from tests.bench import processes, quick_model
from tests.bench.people import POST_HEADERS, make_person
from tests.bench.table import Figure, median, percentile
from tests.factories import make_feature

AIR_SECONDS = 0.45
PATIENCE_SECONDS = 15 * processes.PATIENCE
LIMITS = httpx2.Limits(max_connections=None)


@dataclass(frozen=True)
class Plan:
    """How many answers are written at any moment, of how many pieces, and how often each person asks."""

    streams: int
    pieces: int
    piece_seconds: float
    rounds: int
    bursts: int

    @property
    def answer_seconds(self):
        return self.pieces * self.piece_seconds

    @property
    def period_seconds(self):
        """A person sends again this long after the message before: the answer, its way to the page, a little air."""
        return self.answer_seconds + AIR_SECONDS

    @property
    def people(self):
        return round(self.streams * self.period_seconds / self.answer_seconds)

    @property
    def patience_seconds(self):
        return self.answer_seconds + PATIENCE_SECONDS


PLAN = Plan(
    streams=20, pieces=quick_model.PIECES, piece_seconds=quick_model.PIECE_SECONDS, rounds=4, bursts=2
)


@dataclass
class Times:
    """Seconds to the first text: spread over time, and all at one instant."""

    spread: list = field(default_factory=list)
    burst: list = field(default_factory=list)


def measure():
    """Return what the app adds with an own key from the vault, and as the demo, which has none."""
    own_key, demo, sdk = compare(PLAN, with_demo=True)
    name = f"first text of an answer, {PLAN.streams} streams"
    return [
        _figure(f"{name}, own key", own_key.spread, sdk.spread, hold=30),
        _figure(f"{name}, demo", demo.spread, sdk.spread, hold=30),
        _figure(f"the same, own key, {PLAN.streams} sent at one instant", own_key.burst, sdk.burst),
    ]


def compare(plan, *, with_demo=False):
    """Return the Times of the app with an own key, as the demo (empty if not asked for), and of the SDK alone."""
    with tempfile.TemporaryDirectory() as folder:
        seen = Path(folder) / "request.json"
        command = quick_model.command(pieces=plan.pieces, piece_seconds=plan.piece_seconds, keep=seen)
        with processes.model_server(command) as model_url:
            people = [_person_with_key(number, model_url) for number in range(plan.people)]
            with processes.web(SIMULATOR_URL=model_url, ANTHROPIC_BASE_URL=model_url) as (url, _):
                own_key = asyncio.run(_talk_to_app(url, _pages(people, "anthropic"), plan))
                demo = Times()
                if with_demo:
                    demo = asyncio.run(_talk_to_app(url, _pages(people, "demo"), replace(plan, bursts=0)))
            sdk = asyncio.run(_ask_directly(model_url, json.loads(seen.read_text()), plan))
    return own_key, demo, sdk


def _person_with_key(number, model_url):
    person = make_person(f"chat{number}")
    with override_settings(ANTHROPIC_BASE_URL=model_url):  # a key belongs to the host it was entered for
        save_key(
            workspace=person.workspace, actor=person, text=DEMO_KEY, state=Secret.State.CHECKED, now=utcnow()
        )
    return person


def _pages(people, provider):
    return [
        (make_feature(person, provider=provider, now=utcnow()).public_id, person.cookies) for person in people
    ]


def _figure(name, app, sdk, **hold):
    app, sdk = ([seconds * 1000 for seconds in times] for times in (app, sdk))
    note = f"app p50 {median(app):.0f}, p95 {percentile(app, 95):.0f} ms; "
    note += f"SDK p50 {median(sdk):.0f}, p95 {percentile(sdk, 95):.0f} ms; {len(app)} answers each"
    added = median(app) - median(sdk)
    return Figure(
        f"{name}: app minus SDK, p50", added, "ms", ratio=median(app) / median(sdk), note=note, **hold
    )


async def _talk_to_app(url, pages, plan):
    async with (
        httpx2.AsyncClient(
            base_url=url, trust_env=False, timeout=plan.patience_seconds, limits=LIMITS
        ) as http,
        asyncio.TaskGroup() as group,
    ):
        open_pages = [_Page(http, public_id, cookies, group, plan) for public_id, cookies in pages]
        for page in open_pages:
            await page.caught_up.wait()
        times = await _measure([page.say for page in open_pages], plan)
        for page in open_pages:
            page.reader.cancel()
    return times


async def _ask_directly(url, request, plan):
    http = httpx2.AsyncClient(trust_env=False, timeout=plan.patience_seconds, limits=LIMITS)
    async with AsyncAnthropic(api_key=DEMO_KEY, base_url=url, max_retries=0, http_client=http) as client:

        async def ask():
            first, start = None, time.perf_counter()
            async with await client.messages.create(**request) as events:
                async for event in events:
                    if first is None and event.type == "content_block_delta":
                        first = time.perf_counter() - start
            return first

        return await _measure([ask] * plan.people, plan)


async def _measure(asks, plan):
    """Return the Times. Each ask makes one question, waits for its end and gives its seconds to first text."""
    times = Times()

    await asks[0]()
    begin = time.perf_counter()

    async def go_on_asking(number, ask):
        for turn in range(1 + plan.rounds):
            at = begin + (turn + number / len(asks)) * plan.period_seconds
            await asyncio.sleep(max(at - time.perf_counter(), 0))
            seconds = await ask()
            if turn:  # the first use of everything is not counted
                times.spread.append(seconds)

    await asyncio.gather(*(go_on_asking(number, ask) for number, ask in enumerate(asks)))
    for _ in range(plan.bursts):
        await asyncio.sleep(0.5)
        times.burst += await asyncio.gather(*(ask() for ask in asks[: plan.streams]))
    return times


class _Page:
    """A person's open page: its live stream, read all the time, and the box to write into."""

    def __init__(self, http, public_id, cookies, group, plan):
        self.http, self.path = http, f"/app/features/{public_id}"
        self.headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        self.caught_up, self.ended = asyncio.Event(), asyncio.Event()
        self.patience_seconds = plan.patience_seconds
        self.first_at = None
        self.said = 0
        self.reader = group.create_task(self._read())

    async def say(self):
        """Send a message, wait until its answer has ended, and return the seconds to its first text."""
        self.first_at, self.said = None, self.said + 1
        self.ended.clear()
        start = time.perf_counter()
        response = await self.http.post(
            f"{self.path}/messages",
            headers=self.headers | POST_HEADERS,
            data={"body": f"We lend tools to our members, part {self.said}."},
        )
        assert response.status_code == 200, response.text[:500]
        async with asyncio.timeout(self.patience_seconds):
            await self.ended.wait()
        return self.first_at - start

    async def _read(self):
        events = self.http.stream("GET", f"{self.path}/events", headers=self.headers, timeout=None)
        async with events as response:
            assert response.status_code == 200, response.status_code
            name = ""
            async for line in response.aiter_lines():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    self._note(name, line.removeprefix("data: "))
                elif not line:
                    name = ""

    def _note(self, name, data):
        if name == "caught_up":
            self.caught_up.set()
        elif name == "text" and self.first_at is None:
            self.first_at = time.perf_counter()
        elif not name and data.startswith("message ") and self.first_at is not None:
            self.ended.set()

"""Many people who read the answer to their one message, each on a live page. Knows no Django: it may be a process."""

import asyncio
import json
import time
from dataclasses import dataclass

from tests.bench.wire import Site, frames

OPEN_AT_ONCE = 20


@dataclass
class Visit:
    """One person's page. first_seconds: from sending to the first text. chars: of the answer, as shown."""

    cookies: dict
    path: str
    first_seconds: float | None = None
    chars: int = 0
    ended: bool = False


async def talk(url, visits, *, spread_seconds, patience_seconds, running=None):
    """Open all pages, send all messages spread over so many seconds, read all answers; return the visits.

    running: called when the last answer has begun. Answers that have not ended in time count as lost.
    """
    door = asyncio.Semaphore(OPEN_AT_ONCE)
    pages = [_Page(Site(url, visit.cookies), visit) for visit in visits]
    await asyncio.gather(*(page.open(door) for page in pages))
    begin = time.perf_counter()
    says = [
        asyncio.create_task(page.say_at(begin + spread_seconds * number / len(pages)))
        for number, page in enumerate(pages)
    ]
    await asyncio.gather(*says)
    if running:
        running()
    await asyncio.wait([page.reading for page in pages], timeout=patience_seconds)
    for page in pages:
        page.reading.cancel()
        page.writer.close()
    return visits


def talk_apart(url, visits, spread_seconds, patience_seconds, begun, ended):
    """As talk, in a process of its own: set the event once all are written, put how many have ended."""
    asyncio.run(
        talk(
            url,
            visits,
            spread_seconds=spread_seconds,
            patience_seconds=patience_seconds,
            running=begun.set,
        )
    )
    ended.put(sum(visit.ended for visit in visits))


class _Page:
    def __init__(self, site, visit):
        self.site, self.visit = site, visit
        self.caught_up, self.begun = asyncio.Event(), asyncio.Event()
        self.sent_at = None

    async def open(self, door):
        async with door:
            self.reader, self.writer = await self.site.open_stream(f"{self.visit.path}/events")
            self.reading = asyncio.create_task(self._read())
            await self.caught_up.wait()

    async def say_at(self, moment):
        await asyncio.sleep(max(moment - time.perf_counter(), 0))
        self.sent_at = time.perf_counter()
        status = await self.site.post(
            f"{self.visit.path}/messages", {"body": "We lend tools to our members."}
        )
        assert status == 200, status
        await self.begun.wait()

    async def _read(self):
        async for name, _, data in frames(self.reader):
            if name == "caught_up":
                self.caught_up.set()
            elif name == "text":
                if not self.visit.chars:
                    self.visit.first_seconds = time.perf_counter() - self.sent_at
                    self.begun.set()
                self.visit.chars += len(json.loads(data)["text"])
            elif not name and data.startswith("message ") and self.visit.chars:
                self.visit.ended = True
                return

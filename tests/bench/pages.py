"""An ordinary page while 500 answers are written by the same web process."""

import multiprocessing
import time

import httpx2

from tests.bench import crowd, processes, quick_model
from tests.bench.chat_streams import visits_of
from tests.bench.people import make_people
from tests.bench.table import Figure, median, percentile

STREAMS = 500
PIECES, PIECE_SECONDS = 30, 1.0  # twenty-five real answers' worth of pieces; see chat_streams
SPREAD_SECONDS = 12
PAGE = "/app"
VISITS, WARM_UPS = 100, 10
PAUSE_SECONDS = 0.1
PATIENCE_SECONDS = 60 * processes.PATIENCE


def measure():
    """Return the page's p95 beside that of the same page before, of the same process."""
    reader, *people = make_people("crowd", STREAMS + 1)
    visits = visits_of(people)
    command = quick_model.command(pieces=PIECES, piece_seconds=PIECE_SECONDS)
    with (
        processes.model_server(command) as model_url,
        processes.web(SIMULATOR_URL=model_url) as (url, process),
    ):
        processes.settled(process.pid)
        idle = _times(url, reader)
        # The readers in a process of their own: their work must not make the page look slow.
        context = multiprocessing.get_context("spawn")
        begun, ended = context.Event(), context.Queue()
        crowded = context.Process(
            target=crowd.talk_apart, args=(url, visits, SPREAD_SECONDS, PATIENCE_SECONDS, begun, ended)
        )
        crowded.start()
        assert begun.wait(PATIENCE_SECONDS), "not all answers began"
        busy = _times(url, reader)
        whole = ended.get(timeout=PATIENCE_SECONDS)
        crowded.join()
    return [
        Figure(
            f"page while {STREAMS} answers are written: p95",
            percentile(busy, 95),
            "ms",
            hold=3 * percentile(idle, 95),
            ratio=percentile(busy, 95) / percentile(idle, 95),
            note=f"p50 {median(busy):.0f} ms; idle p50 {median(idle):.0f}, p95 {percentile(idle, 95):.0f} ms, three "
            f"times of which is to hold; {whole} of {STREAMS} answers whole",
        )
    ]


def _times(url, person):
    times = []
    with httpx2.Client(base_url=url, cookies=person.cookies, trust_env=False, timeout=20) as http:
        for turn in range(WARM_UPS + VISITS):
            start = time.perf_counter()
            assert http.get(PAGE).status_code == 200
            if turn >= WARM_UPS:
                times.append(1000 * (time.perf_counter() - start))
            time.sleep(PAUSE_SECONDS)
    return times

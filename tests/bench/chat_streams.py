"""How many answers one web process holds at once, each with its live page: memory, threads, nothing lost."""

import asyncio

from django.db import transaction

from buildpractical.lib.clock import utcnow
from chat.models import Message
from tests.bench import crowd, processes, quick_model
from tests.bench.people import make_people
from tests.bench.table import Figure, median, percentile
from tests.factories import make_feature

STREAMS = 1_000
# All have begun before the first one ends. A thousand answers at a real model's pace would be 20,000 pieces a
# second, more than two cores carry for server, model and readers: here they are slow, as many as 50 real ones.
PIECES, PIECE_SECONDS = 45, 1.0
SPREAD_SECONDS = 36
MODEL_SECONDS = 3 * PIECE_SECONDS  # it opens the message and its block, and pings, at the same pace
PATIENCE_SECONDS = 75 * processes.PATIENCE


def measure():
    """Return how many of STREAMS answers came whole, and what they took from the web process."""
    people = make_people("crowd", STREAMS + 1)
    first, *visits = visits_of(people)
    command = quick_model.command(pieces=PIECES, piece_seconds=PIECE_SECONDS)
    with (
        processes.model_server(command) as model_url,
        processes.web(SIMULATOR_URL=model_url) as (url, process),
    ):
        # What the process loads for its first page and answer is no stream's memory.
        asyncio.run(crowd.talk(url, [first], spread_seconds=0, patience_seconds=PATIENCE_SECONDS))
        processes.settled(process.pid)
        with processes.Memory(process.pid) as memory:
            together = {}

            def look():
                together["threads"] = processes.threads(process.pid)
                together["answers"] = sum(not visit.ended for visit in visits)

            asyncio.run(
                crowd.talk(
                    url,
                    visits,
                    spread_seconds=SPREAD_SECONDS,
                    patience_seconds=PATIENCE_SECONDS,
                    running=look,
                )
            )
    answer = quick_model.answer_of(PIECES)
    whole = sum(visit.ended and visit.chars == len(answer) for visit in visits)
    saved = Message.objects.filter(role=Message.Role.ASSISTANT, state="complete", body=answer).count() - 1
    first_ms = [1000 * visit.first_seconds for visit in visits if visit.first_seconds]
    return [
        Figure(
            "chat streams of one web process, complete",
            min(whole, saved, together["answers"]),
            "streams",
            at_least=STREAMS,
            note=f"{whole} read whole, {saved} saved whole, {together['answers']} written at once, "
            f"{1 / PIECE_SECONDS:.0f} piece a second each; first text p50 {median(first_ms):.0f}, "
            f"p95 {percentile(first_ms, 95):.0f} ms, of which {1000 * MODEL_SECONDS:.0f} are the model's",
        ),
        Figure(
            "chat streams: memory of each",
            memory.growth / STREAMS / 1000,
            "kB",
            hold=100,
            ratio=memory.most / memory.before,
            note=f"web process, from {memory.before / 1e6:.0f} to {memory.most / 1e6:.0f} MB at most",
        ),
        Figure("chat streams: threads in all", together["threads"], "threads", hold=30),
    ]


def visits_of(people):
    """Return a page for each of the people, on a feature of theirs."""
    with transaction.atomic():
        features = [make_feature(person, now=utcnow()) for person in people]
    return [
        crowd.Visit(person.cookies, f"/app/features/{feature.public_id}")
        for person, feature in zip(people, features, strict=True)
    ]

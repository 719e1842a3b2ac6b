"""`python -m tests.bench.quick_model --port 8001`: a simulator whose BA answers in so many pieces, one each moment.

--keep FILE: the body of the last such request goes there, so that the same question can be asked without the app.
"""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from agents.simulator import DEMO_KEY
from agents.simulator.reading import role_of
from agents.simulator.server import serve

PIECES, PIECE_CHARS, PIECE_SECONDS = 60, 24, 0.05
# Nothing is settled, so the talk goes on.
COVERAGE = {
    "covered": dict.fromkeys(
        ("purpose", "users", "data", "rules", "screens", "edge", "nonfunctional", "out_of_scope"), False
    ),
    "facts": [],
    "open_questions": ["Who uses it?"],
    "ready": False,
    "injection_notes": [],
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--pieces", type=int, default=PIECES)
    parser.add_argument("--piece-seconds", type=float, default=PIECE_SECONDS)
    asyncio.run(_run(parser.parse_args()))


def command(*, pieces=PIECES, piece_seconds=PIECE_SECONDS, keep=None):
    """Return the command line of such a model, without the port."""
    kept = ["--keep", str(keep)] if keep else []
    about = ["--pieces", str(pieces), "--piece-seconds", str(piece_seconds)]
    return [sys.executable, "-m", "tests.bench.quick_model", *about, *kept]


def answer_of(pieces):
    """Return the text of an answer of so many pieces."""
    return "".join(f"piece {number:<{PIECE_CHARS - 6}}" for number in range(pieces))


def _brain(options):
    text = answer_of(options.pieces)

    def answer(request):
        if role_of(request) == "coverage":
            return [{"type": "text", "text": json.dumps(COVERAGE)}], "end_turn"
        if options.keep:
            options.keep.write_text(json.dumps(request))
        return [{"type": "text", "text": text}], "end_turn"

    return answer


async def _run(options):
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = await serve(
        _brain(options),
        port=options.port,
        chunk_chars=PIECE_CHARS,
        chunk_delay_seconds=options.piece_seconds,
        keys={DEMO_KEY},
    )
    await stop.wait()
    await server.close()


if __name__ == "__main__":
    main()

"""`python -m tests.bench.quick_model --port 8001 --keep FILE`: a simulator whose BA answers for about three seconds.

It keeps the body of the last such request in FILE, so that the same question can be asked without the app.
"""

import argparse
import asyncio
import json
import signal
from pathlib import Path

from agents.simulator import DEMO_KEY
from agents.simulator.reading import role_of
from agents.simulator.server import serve

PIECES, PIECE_CHARS, PIECE_SECONDS = 60, 24, 0.05
ANSWER = "".join(f"piece {number:<{PIECE_CHARS - 6}}" for number in range(PIECES))
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
    parser.add_argument("--keep", type=Path, required=True)
    options = parser.parse_args()
    asyncio.run(_run(options.port, options.keep))


def _brain(keep):
    def answer(request):
        if role_of(request) == "coverage":
            return [{"type": "text", "text": json.dumps(COVERAGE)}], "end_turn"
        keep.write_text(json.dumps(request))
        return [{"type": "text", "text": ANSWER}], "end_turn"

    return answer


async def _run(port, keep):
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = await serve(
        _brain(keep), port=port, chunk_chars=PIECE_CHARS, chunk_delay_seconds=PIECE_SECONDS, keys={DEMO_KEY}
    )
    await stop.wait()
    await server.close()


if __name__ == "__main__":
    main()

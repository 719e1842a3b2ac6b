"""`python -m tests.bench.slow_model --port 8001 --notes FILE`: the demo's model, which writes a spec for 20 seconds.

FILE gets a line, the moment by the machine's clock, for each spec that it is asked for.
"""

import argparse
import asyncio
import signal
import time
from pathlib import Path

from agents.simulator import DEMO_KEY
from agents.simulator.demo import brain
from agents.simulator.reading import role_of
from agents.simulator.server import serve

# A spec of the demo has about 5,000 characters.
CHUNK_CHARS, CHUNK_SECONDS = 48, 0.25


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--notes", type=Path, required=True)
    options = parser.parse_args()
    asyncio.run(_run(options.port, options.notes))


async def _run(port, notes):
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with notes.open("a", buffering=1) as lines:

        def respond(request):
            if role_of(request) == "spec":
                lines.write(f"{time.time()}\n")
            return brain.respond(request)

        server = await serve(
            respond,
            port=port,
            chunk_chars=CHUNK_CHARS,
            chunk_delay_seconds=CHUNK_SECONDS,
            keys={DEMO_KEY},
        )
        await stop.wait()
        await server.close()


if __name__ == "__main__":
    main()

"""`python -m tests.chaos.model --port 8001 --log FILE --delay-ms 2`: the demo's simulator, which notes each request.

A line of the log: the moment, the agent, and the suffix of the feature's tags (agents/layout.py).
"""

import argparse
import asyncio
import json
import re
import signal
import time
from pathlib import Path

from agents.simulator import DEMO_KEY
from agents.simulator.demo.brain import respond
from agents.simulator.reading import role_of
from agents.simulator.server import serve

TAG = re.compile(r"<[a-z_]+_([0-9a-f]{8})>")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--delay-ms", type=float, required=True)
    asyncio.run(_run(parser.parse_args()))


def _noting(log):
    def answer(request):
        found = TAG.search(json.dumps(request["messages"]))
        note = {"at": time.time(), "agent": role_of(request) or "ba", "feature": found and found[1]}
        log.write(json.dumps(note) + "\n")
        log.flush()
        return respond(request)

    return answer


async def _run(options):
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with options.log.open("a") as log:
        server = await serve(
            _noting(log), port=options.port, chunk_delay_seconds=options.delay_ms / 1000, keys={DEMO_KEY}
        )
        await stop.wait()
        await server.close()


if __name__ == "__main__":
    main()

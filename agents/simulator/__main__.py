"""`python -m agents.simulator --port 8001 --brain demo`: run until SIGTERM or SIGINT."""

import argparse
import asyncio
import importlib
import os
import signal
import sys
from pathlib import Path

from agents.simulator import DEMO_KEY
from agents.simulator.server import serve

DEMO_CHUNK_DELAY_MS = 15


def main(arguments=None):
    options = _parse(arguments)
    asyncio.run(_run(options))


def _parse(arguments):
    parser = argparse.ArgumentParser(prog="python -m agents.simulator")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free port")
    parser.add_argument("--brain", choices=["demo", "scripted"], default="demo")
    parser.add_argument("--script", type=Path, help="JSON file for the brain 'scripted'")
    parser.add_argument("--faults", action="store_true", help="obey keys sk-ant-sim-<fault>-<n>")
    parser.add_argument(
        "--chunk-delay-ms",
        type=float,
        default=float(os.environ.get("SIMULATOR_CHUNK_DELAY_MS", DEMO_CHUNK_DELAY_MS)),
    )
    options = parser.parse_args(arguments)
    testing = os.environ.get("BP_TESTING") == "1"
    if not testing and (options.brain == "scripted" or options.faults):
        parser.error("the brain 'scripted' and faults are for tests only")
    if (options.brain == "scripted") != (options.script is not None):
        parser.error("the brain 'scripted' needs --script, no other takes it")
    return options


def _brain(options):
    if options.brain == "scripted":
        scripted = importlib.import_module("agents.simulator.brains.scripted")
        return scripted.from_file(options.script)
    return importlib.import_module("agents.simulator.demo.brain").respond


async def _run(options):
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = await serve(
        _brain(options),
        port=options.port,
        faults=options.faults,
        chunk_delay_seconds=options.chunk_delay_ms / 1000,
        keys=None if options.faults or options.brain == "scripted" else {DEMO_KEY},
    )
    sys.stdout.write(f"Simulator with the brain '{options.brain}' at {server.base_url}\n")
    sys.stdout.flush()
    await stop.wait()
    await server.close()


if __name__ == "__main__":
    main()

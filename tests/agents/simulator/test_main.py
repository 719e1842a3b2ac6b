import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from agents.simulator import DEMO_KEY
from agents.simulator.validate import NEW_VERSION
from tests.agents.simulator.conftest import KEY, ask

ROOT = Path(__file__).resolve().parents[3]


def start(*arguments, **env):
    return subprocess.Popen(
        [sys.executable, "-m", "agents.simulator", *arguments],
        cwd=ROOT,
        env={**os.environ, "BP_TESTING": "", **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def address_of(process):
    return re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())[0]


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "script.json"
    path.write_text(json.dumps([[{"type": "text", "text": "word " * 2_000}]]))
    return str(path)


def test_simulator_needs_no_django():
    code = "import sys, agents.simulator.__main__, agents.simulator.brains.scripted; "
    code += "print([name for name in ('django', 'anthropic') if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    assert done.stdout == "[]\n"


@pytest.mark.parametrize("arguments", [["--brain", "scripted", "--script", "x.json"], ["--faults"]])
def test_test_features_refuse_to_start_outside_tests(arguments):
    process = start(*arguments)

    _output, errors = process.communicate(timeout=10)

    assert process.returncode == 2
    assert "for tests only" in errors


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_the_process_within_a_second_even_with_an_open_stream(script, number):
    process = start("--brain", "scripted", "--script", script, BP_TESTING="1", SIMULATOR_CHUNK_DELAY_MS="50")
    headers = {"x-api-key": KEY, "anthropic-version": NEW_VERSION}

    with (
        process,
        httpx2.Client(trust_env=False) as http,
        http.stream(
            "POST", f"{address_of(process)}/v1/messages", json=ask(stream=True), headers=headers
        ) as answer,
    ):
        next(answer.iter_bytes())
        process.send_signal(number)
        started = time.monotonic()
        returncode = process.wait(timeout=5)
        took = time.monotonic() - started
        errors = process.stderr.read()

    assert took < 1
    assert (returncode, errors) == (0, "")


def test_demo_runs_without_test_mode_and_takes_only_its_own_key():
    pytest.importorskip("agents.simulator.demo.brain")
    process = start("--brain", "demo")
    try:
        url = f"{address_of(process)}/v1/models"
        versions = {"anthropic-version": NEW_VERSION}
        statuses = [
            httpx2.get(url, headers=versions | {"x-api-key": key}, trust_env=False).status_code
            for key in (DEMO_KEY, KEY)
        ]
    finally:
        process.terminate()
        process.communicate(timeout=5)

    assert statuses == [200, 401]

"""The npm SDK, written by other hands than the Python one, works against the simulator."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from agents.simulator.brains.scripted import json_text, text, tool
from agents.simulator.server import running

SDK_VERSION = "1.11.0"
SCRIPT = Path(__file__).with_name("npm_sdk.mjs")
LONG = "Grüße 🌱 " * 20


def brain(request):
    last = request["messages"][-1]["content"]
    if not isinstance(last, str):
        return [text(f"Result: {last[0]['content']}")], "end_turn"
    if "tools" in request:
        return [text("I write."), tool("write_file", {"path": "ä" * 500})], "tool_use"
    if "output_config" in request:
        return [json_text({"verdict": "PASS"})], "end_turn"
    return [text(LONG)], "end_turn"


def missing(reason):
    """Skip, unless this run must not skip anything."""
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def installed_sdk():
    """Return a folder with the SDK in node_modules; installed once per machine, outside the repository."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        missing("npm or node is not installed")
    folder = Path(tempfile.gettempdir()) / f"bp-npm-sdk-{SDK_VERSION}"
    if folder.exists():
        return folder
    fresh = Path(tempfile.mkdtemp(prefix="bp-npm-sdk-"))
    (fresh / "package.json").write_text("{}")
    install = subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", f"@anthropic-ai/sdk@{SDK_VERSION}"],
        cwd=fresh,
        capture_output=True,
        text=True,
        timeout=120,
    )
    if install.returncode:
        shutil.rmtree(fresh)
        missing(f"npm install failed: {install.stderr[-500:]}")
    try:
        fresh.rename(folder)
    except OSError:
        # Another run was first.
        shutil.rmtree(fresh)
    return folder


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    # The script finds the SDK only through a node_modules beside it.
    folder = tmp_path_factory.mktemp("npm")
    (folder / "node_modules").symlink_to(installed_sdk() / "node_modules")
    script = shutil.copy(SCRIPT, folder)
    bare = {name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC_")}
    with running(brain, faults=True) as sim:
        done = subprocess.run(
            ["node", "--preserve-symlinks", script, sim.base_url],
            env=bare,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        assert sim.brain_errors == []
        return json.loads(done.stdout) | {"requests": sim.requests}


def test_create_returns_the_message(seen):
    assert seen["create"] == [LONG, "end_turn", 2]


def test_sdk_sends_the_new_version_with_a_bearer_key(seen):
    headers = seen["requests"][0]["headers"]

    assert headers["anthropic-version"] == "2026-10-21"
    assert headers["authorization"] == "Bearer sk-ant-test"


def test_stream_ends_with_the_message_of_its_text(seen):
    assert seen["stream"] == [LONG, LONG, "end_turn"]


def test_raw_events_come_in_order(seen):
    assert list(dict.fromkeys(seen["raw_events"])) == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


def test_tool_loop_of_two_turns_comes_to_its_end(seen):
    assert seen["tools"] == [{"path": "ä" * 500}, "tool_use", "Result: saved"]


def test_structured_output_is_json(seen):
    assert seen["structured"] == {"verdict": "PASS"}


def test_tokens_are_counted(seen):
    assert seen["counting"] == 2


def test_models_are_listed_over_pages_and_fetched(seen):
    assert seen["models"] == [7, 200_000, "active"]


def test_second_call_reads_the_cache(seen):
    assert seen["cache"] == [2_000, 2_000]


def test_errors_carry_status_type_and_request_id(seen):
    assert seen["errors"] == {
        "400": [400, "invalid_request_error", "req_01"],
        "401": [401, "authentication_error", "req_01"],
        "403": [403, "permission_error", "req_01"],
        "404": [404, "not_found_error", "req_01"],
        "429": [429, "rate_limit_error", "req_01"],
        "500": [500, "api_error", "req_01"],
        "529": [529, "overloaded_error", "req_01"],
    }


def test_overload_in_the_stream_is_an_error(seen):
    assert seen["overload_in_stream"] == "overloaded_error"

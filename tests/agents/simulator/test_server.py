import asyncio
import threading
import time

import httpx2
import pytest

from agents.simulator import DEMO_KEY
from agents.simulator.brains.scripted import text, tool
from agents.simulator.server import running, serve
from agents.simulator.validate import NEW_VERSION, OLD_VERSION
from tests.agents.simulator.conftest import KEY, ask


def post(sim, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.post(f"{sim.base_url}/v1/messages", json=ask(), headers=named, trust_env=False)


@pytest.mark.parametrize("version", [OLD_VERSION, NEW_VERSION])
@pytest.mark.parametrize("auth", [{"x_api_key": KEY}, {"authorization": f"Bearer {KEY}"}])
def test_both_versions_take_both_ways_to_send_the_key(sim, version, auth):
    assert post(sim, anthropic_version=version, **auth).status_code == 200


@pytest.mark.parametrize(
    "auth",
    [{}, {"x_api_key": "wrong"}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {KEY}"}],
)
def test_missing_or_wrong_key_is_an_authentication_error(sim, auth):
    answer = post(sim, anthropic_version=NEW_VERSION, **auth)

    assert (answer.status_code, answer.json()["error"]["type"]) == (401, "authentication_error")


def test_demo_takes_its_one_key_and_keeps_no_request():
    with running(lambda request: ([text("Hi")], "end_turn"), keys={DEMO_KEY}) as sim:
        right = post(sim, anthropic_version=NEW_VERSION, x_api_key=DEMO_KEY)
        wrong = post(sim, anthropic_version=NEW_VERSION, x_api_key=KEY)

        assert (right.status_code, wrong.status_code) == (200, 401)
        assert (sim.requests, sim.keys_seen) == ([], set())


def test_requests_and_keys_are_recorded(raw):
    raw.post(ask(), key="sk-ant-one")
    raw.get("/v1/models?limit=5", key="wrong")
    raw.post(b"no json")

    seen = [(each["method"], each["path"], each["body"]) for each in raw.sim.requests]
    assert seen == [
        ("POST", "/v1/messages", ask()),
        ("GET", "/v1/models", None),
        ("POST", "/v1/messages", b"no json"),
    ]
    assert raw.sim.requests[0]["headers"]["authorization"] == "Bearer sk-ant-one"
    assert raw.sim.keys_seen == {"sk-ant-one", "wrong", KEY}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("POST", "/v1/complete", 404),
        ("GET", "/v1/models/", 404),
        ("GET", "/v1/messages", 405),
        ("DELETE", "/v1/models/claude-sonnet-4-6", 405),
        ("GET", "/v1/models/claude-none-1", 404),
        ("GET", "/v1/models?limit=0", 400),
    ],
)
def test_path_or_method_that_does_not_exist_is_refused(raw, method, path, status):
    headers = {"x-api-key": KEY, "anthropic-version": NEW_VERSION}

    answer = raw.http.request(method, raw.sim.base_url + path, headers=headers)

    assert (answer.status_code, answer.json()["type"]) == (status, "error")


@pytest.mark.parametrize("host", ["0.0.0.0", "", "192.0.2.1", "localhost"])
def test_serve_refuses_any_host_but_loopback(host):
    with pytest.raises(ValueError, match="loopback only"):
        asyncio.run(serve(lambda request: ([], "end_turn"), host=host))


def test_brain_replaced_at_runtime_answers_the_next_request(raw):
    before = raw.post(ask()).json()["content"]

    raw.sim.brain = lambda request: ([text(request["messages"][0]["content"])], "end_turn")

    assert (before, raw.post(ask()).json()["content"]) == ([text("Hi")], [text("Hello")])


def test_brain_that_raises_gives_a_500_and_is_remembered(raw):
    def broken(request):
        raise LookupError("no idea")

    raw.sim.brain = broken

    answer = raw.post(ask())

    assert (answer.status_code, answer.json()["error"]["type"]) == (500, "api_error")
    assert [repr(error) for error in raw.sim.brain_errors] == ["LookupError('no idea')"]


def test_tool_call_gets_an_id_unless_the_brain_gave_one(raw):
    raw.sim.brain = lambda request: ([tool("a", {}), tool("b", {}, id="toolu_mine")], "tool_use")

    first, second = raw.post(ask()).json()["content"]

    assert first["id"].startswith("toolu_01")
    assert second["id"] == "toolu_mine"


def test_brain_that_waits_does_not_hold_up_other_requests(raw):
    gate = threading.Event()

    def brain(request):
        if request["messages"][0]["content"] == "Wait":
            gate.wait(5)
        return [text("Hi")], "end_turn"

    raw.sim.brain = brain
    waiting = threading.Thread(target=raw.post, args=(ask(messages=[{"role": "user", "content": "Wait"}]),))
    waiting.start()

    quick = raw.post(ask())
    gate.set()
    waiting.join()

    assert quick.status_code == 200


def test_max_tokens_zero_only_warms_the_cache(raw):
    raw.sim.brain = None

    message = raw.post(ask(max_tokens=0)).json()

    assert (message["content"], message["stop_reason"]) == ([], "max_tokens")


def test_answer_that_outgrows_the_window_stops_there(raw):
    raw.sim.brain = lambda request: ([text("y" * 4_000)], "end_turn")
    words = "x" * (4 * 199_990)

    message = raw.post(ask(model="claude-haiku-4-5", messages=[{"role": "user", "content": words}])).json()

    assert message["content"] == [text("y" * 40)]
    assert message["stop_reason"] == "model_context_window_exceeded"


def test_chunks_come_one_by_one_with_the_delay_between():
    with running(
        lambda request: ([text("a" * 50)], "end_turn"), chunk_chars=10, chunk_delay_seconds=0.02
    ) as sim:
        started = time.monotonic()
        answer = httpx2.post(
            f"{sim.base_url}/v1/messages",
            json=ask(stream=True),
            headers={"x-api-key": KEY, "anthropic-version": NEW_VERSION},
            trust_env=False,
        )

    assert answer.text.count("text_delta") == 5
    assert time.monotonic() - started > 11 * 0.02


def test_close_drops_open_streams_at_once():
    async def open_then_close():
        server = await serve(lambda r: ([text("a" * 2_000)], "end_turn"), chunk_delay_seconds=0.05)
        async with httpx2.AsyncClient(trust_env=False) as http:
            headers = {"x-api-key": KEY, "anthropic-version": NEW_VERSION}
            async with http.stream(
                "POST", f"{server.base_url}/v1/messages", json=ask(stream=True), headers=headers
            ) as answer:
                async for _part in answer.aiter_bytes():
                    break
                started = time.monotonic()
                await server.close()
                return time.monotonic() - started

    assert asyncio.run(open_then_close()) < 0.5


def test_port_is_free_again_after_close():
    with running(lambda request: ([], "end_turn")) as sim:
        port = sim.port

    with running(lambda request: ([], "end_turn"), port=port) as again:
        assert again.port == port

import json
import time

import httpx2
import pytest

from agents.simulator.brains.scripted import text
from agents.simulator.faults import HUGE_BYTES, NAMES
from agents.simulator.server import running
from agents.simulator.validate import NEW_VERSION
from tests.agents.simulator.conftest import LONG, ask


def read_stream(raw, fault, *, path="/v1/messages", timeout=5):
    """Return (bytes read, exception that ended the reading or None)."""
    headers = {"authorization": f"Bearer sk-ant-sim-{fault}-1", "anthropic-version": NEW_VERSION}
    body = ask(stream=True) if path == "/v1/messages" else None
    got = b""
    try:
        with raw.http.stream(
            "POST" if body else "GET",
            raw.sim.base_url + path,
            json=body,
            headers=headers,
            timeout=timeout,
        ) as answer:
            for part in answer.iter_bytes():
                got += part
    except httpx2.HTTPError as error:
        return got, type(error)
    return got, None


def test_cut_ends_cleanly_without_stop_reason(long_raw):
    got, error = read_stream(long_raw, "cut")

    assert error is None
    assert b"text_delta" in got
    assert b"message_delta" not in got


def test_cutend_lacks_only_the_last_event(long_raw):
    got, error = read_stream(long_raw, "cutend")

    assert error is None
    assert b"event: message_delta" in got
    assert b"message_stop" not in got


@pytest.mark.parametrize(
    ("fault", "error"),
    [("cutchunk", httpx2.RemoteProtocolError), ("resetmid", httpx2.ReadError)],
)
def test_broken_connection_after_some_text_is_seen_as_an_error(long_raw, fault, error):
    got, seen = read_stream(long_raw, fault)

    assert seen is error
    assert b"text_delta" in got


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/models"])
def test_reset_comes_before_any_byte(raw, path):
    assert read_stream(raw, "reset", path=path) == (b"", httpx2.ReadError)


def test_resethead_comes_after_the_head_and_nohttp_has_none(raw):
    assert read_stream(raw, "resethead") == (b"", httpx2.ReadError)
    assert read_stream(raw, "nohttp") == (b"", httpx2.RemoteProtocolError)


def test_flood_is_ten_megabytes_in_many_events(long_raw):
    frames = long_raw.events(ask(), key="sk-ant-sim-flood-1")

    sizes = [len(data) for _event, data in frames]
    assert sum(sizes) > 10_000_000
    assert max(sizes) < 20_000


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/models"])
def test_hang_sends_nothing_and_ends_when_the_client_leaves(raw, path):
    assert read_stream(raw, "hang", path=path, timeout=0.2) == (b"", httpx2.ReadTimeout)


def test_hangmid_sends_some_text_then_nothing(long_raw):
    got, error = read_stream(long_raw, "hangmid", timeout=0.2)

    assert error is httpx2.ReadTimeout
    assert b"text_delta" in got


def test_slow_sends_one_byte_a_second(raw):
    got, error = read_stream(raw, "slow", timeout=0.5)

    assert (got, error) == (b"e", httpx2.ReadTimeout)


def test_pings_are_all_that_comes(raw):
    headers = {"authorization": "Bearer sk-ant-sim-pings-1", "anthropic-version": NEW_VERSION}
    frame = b'event: ping\ndata: {"type": "ping"}\n\n'
    got = b""

    with raw.http.stream(
        "POST", f"{raw.sim.base_url}/v1/messages", json=ask(stream=True), headers=headers
    ) as answer:
        for part in answer.iter_bytes():
            got += part
            if len(got) >= 5 * len(frame):
                break

    assert got == frame * (len(got) // len(frame))


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/models"])
def test_html_is_a_page_with_status_200(raw, path):
    key = "sk-ant-sim-html-1"

    answer = raw.get(path, key=key) if path == "/v1/models" else raw.post(ask(), key=key)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.text.startswith("<!doctype html>")


def test_redirect_points_to_another_host_that_sees_a_client_that_follows(raw):
    key = "sk-ant-sim-redirect-2"

    stays = raw.post(ask(), key=key)
    raw.post(ask(), key=key, follow_redirects=True)

    assert stays.status_code == 307
    assert stays.headers["location"] == f"http://localhost:{raw.sim.port}/redirected/v1/messages"
    assert [seen["path"] for seen in raw.sim.requests] == [
        "/v1/messages",
        "/v1/messages",
        "/redirected/v1/messages",
    ]


@pytest.mark.parametrize("stream", [True, False])
def test_huge_is_twenty_megabytes_in_one_line(raw, stream):
    answer = raw.post(ask(stream=stream), key="sk-ant-sim-huge-1")

    assert max(map(len, answer.content.split(b"\n"))) > HUGE_BYTES


def test_badjson_is_an_event_with_broken_json(long_raw):
    _event, data = long_raw.events(ask(), key="sk-ant-sim-badjson-1")[-1]

    with pytest.raises(json.JSONDecodeError):
        json.loads(data)


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/models"])
def test_badjson_without_stream_is_a_broken_body(raw, path):
    key = "sk-ant-sim-badjson-1"

    answer = raw.get(path, key=key) if path == "/v1/models" else raw.post(ask(), key=key)

    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_badutf8_is_no_utf8(long_raw):
    got, _error = read_stream(long_raw, "badutf8")

    with pytest.raises(UnicodeDecodeError):
        got.decode()


def test_badsse_ends_in_lines_that_are_no_events(long_raw):
    got, error = read_stream(long_raw, "badsse")

    assert error is None
    assert got.endswith(b"%%% not an event stream %%%\n\n\x01\x02 garbage\n\n")


def test_every_fault_that_ends_leaves_the_server_well(raw):
    endless = {"hang", "hangmid", "drip", "pings", "slow", "huge"}

    for name in sorted(NAMES - endless):
        read_stream(raw, name)

    assert raw.post(ask()).status_code == 200
    assert raw.sim.brain_errors == []


def test_client_that_leaves_an_endless_answer_does_not_hold_up_the_close():
    with running(lambda request: ([text(LONG)], "end_turn"), faults=True) as sim:
        for name in ("hang", "hangmid", "drip", "pings", "slow"):
            headers = {"x-api-key": f"sk-ant-sim-{name}-1", "anthropic-version": NEW_VERSION}
            with pytest.raises(httpx2.ReadTimeout):
                httpx2.post(
                    f"{sim.base_url}/v1/messages",
                    json=ask(),
                    headers=headers,
                    timeout=httpx2.Timeout(0.2, read=0.04),
                    trust_env=False,
                )
        started = time.monotonic()

    assert time.monotonic() - started < 1

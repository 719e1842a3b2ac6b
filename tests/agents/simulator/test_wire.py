"""Every byte the simulator sends has the form the SDK's types describe.

The SDK parses leniently, so pydantic checks the raw bodies: strict types, no unknown field.
"""

import json
import re
import time

import pydantic
import pytest
from anthropic.types import Message, MessageTokensCount, ModelInfo, RawMessageStreamEvent
from anthropic.types.shared import ErrorDetails, ErrorResponse

from agents.simulator.brains.scripted import json_text, text, thinking, tool
from tests.agents.simulator.conftest import ask

ANSWERS = {
    "text": ([text("Grüße 🌱 " * 20)], "end_turn"),
    "tool": ([text("I write."), tool("write_file", {"path": "a.ts", "n": [1, None]})], "tool_use"),
    "thinking": ([thinking("Hm. " * 20), text("Yes")], "end_turn"),
    "structured": ([json_text({"verdict": "PASS"})], "end_turn"),
    "nothing": ([], "end_turn"),
}
HEADERS = {
    "request-id": r"req_01[A-Za-z0-9]{22}",
    "anthropic-organization-id": r"[0-9a-f-]{36}",
    **{
        f"anthropic-ratelimit-{name}-{part}": pattern
        for name in ("requests", "tokens", "input-tokens", "output-tokens")
        for part, pattern in {
            "limit": r"\d+",
            "remaining": r"\d+",
            "reset": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
        }.items()
    },
}


def check(shape, data):
    """Return the value when the data has exactly the fields of the SDK's type; else raise."""
    return pydantic.TypeAdapter(shape).validate_json(data, strict=True, extra="forbid")


def assembled(events):
    """Return the Message that a stream's events add up to."""
    message, halves = None, []
    for event in events:
        match event["type"]:
            case "message_start":
                message = event["message"]
            case "content_block_start":
                message["content"].append(event["content_block"])
                halves.append("")
            case "content_block_delta":
                block, delta = message["content"][event["index"]], event["delta"]
                match delta["type"]:
                    case "text_delta":
                        block["text"] += delta["text"]
                    case "thinking_delta":
                        block["thinking"] += delta["thinking"]
                    case "signature_delta":
                        block["signature"] = delta["signature"]
                    case "input_json_delta":
                        halves[event["index"]] += delta["partial_json"]
            case "content_block_stop":
                if halves[event["index"]]:
                    message["content"][event["index"]]["input"] = json.loads(halves[event["index"]])
            case "message_delta":
                message |= event["delta"]
                message["usage"] |= event["usage"]
    return message


def without_ids(message):
    blocks = [{k: v for k, v in block.items() if k != "id"} for block in message["content"]]
    return message | {"id": None, "content": blocks}


@pytest.mark.parametrize("name", ANSWERS)
def test_message_body_has_exactly_the_fields_of_the_sdk_type(raw, name):
    raw.sim.brain = lambda request: ANSWERS[name]

    answer = raw.post(ask())

    assert check(Message, answer.content)
    assert answer.status_code == 200


@pytest.mark.parametrize("name", ANSWERS)
def test_stream_events_but_ping_have_exactly_the_fields_of_the_sdk_types(raw, name):
    raw.sim.brain = lambda request: ANSWERS[name]

    events = raw.events(ask())

    for event, data in events:
        assert event == json.loads(data)["type"]
        if event == "ping":
            assert data == '{"type": "ping"}'
        else:
            check(RawMessageStreamEvent, data)


def test_check_refuses_a_field_the_sdk_type_lacks(raw):
    body = raw.post(ask()).json()
    body["usage"]["cache_creation"]["ephemeral_2h_input_tokens"] = 0

    with pytest.raises(pydantic.ValidationError):
        check(Message, json.dumps(body))


@pytest.mark.parametrize("name", ANSWERS)
def test_stream_adds_up_to_the_message_sent_without_stream(raw, name):
    raw.sim.brain = lambda request: ANSWERS[name]

    streamed = assembled([json.loads(data) for _event, data in raw.events(ask())])

    assert without_ids(streamed) == without_ids(raw.post(ask()).json())


def test_stream_of_text_and_tool_has_its_events_in_order(raw):
    raw.sim.brain = lambda request: (
        [text("x" * 30), tool("write_file", {"content": "y" * 500}, id="toolu_1")],
        "tool_use",
    )

    events = [json.loads(data) for _event, data in raw.events(ask())]

    start, *rest = events
    assert (start["message"]["content"], start["message"]["stop_reason"]) == ([], None)
    assert start["message"]["usage"]["output_tokens"] == 1
    call = {"type": "tool_use", "id": "toolu_1", "name": "write_file", "input": {}}
    sent = '{"content": "' + "y" * 500 + '"}'
    assert rest == [
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "ping"},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "x" * 24}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "x" * 6}},
        {"type": "content_block_stop", "index": 0},
        {
            "type": "content_block_start",
            "index": 1,
            "content_block": call | {"caller": {"type": "direct"}},
        },
        *(
            {
                "type": "content_block_delta",
                "index": 1,
                "delta": {"type": "input_json_delta", "partial_json": part},
            }
            for part in ("", sent[:400], sent[400:])
        ),
        {"type": "content_block_stop", "index": 1},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "tool_use", "stop_sequence": None, "stop_details": None},
            "usage": {
                "input_tokens": 2,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 0,
                "output_tokens": 137,
            },
        },
        {"type": "message_stop"},
    ]


def test_model_bodies_have_exactly_the_fields_of_the_sdk_type(raw):
    page = raw.get("/v1/models").json()

    for model in page["data"]:
        check(ModelInfo, json.dumps(model))
        assert raw.get(f"/v1/models/{model['id']}").json() == model
    assert set(page) == {"data", "has_more", "first_id", "last_id"}


def test_model_list_in_pages_of_three_holds_every_model_once(raw):
    whole = raw.get("/v1/models").json()["data"]

    first = raw.get("/v1/models?limit=3").json()
    second = raw.get(f"/v1/models?limit=3&after_id={first['last_id']}").json()
    third = raw.get(f"/v1/models?limit=3&after_id={second['last_id']}").json()

    assert first["data"] + second["data"] + third["data"] == whole
    assert [first["has_more"], second["has_more"], third["has_more"]] == [True, True, False]
    assert raw.get(f"/v1/models?limit=3&before_id={second['first_id']}").json() == first | {"has_more": False}


def test_model_list_filtered_by_lifecycle_shows_the_dated_model(raw):
    models = raw.get("/v1/models?lifecycle[]=deprecated").json()["data"]

    assert [(model["id"], model["retires_at"]) for model in models] == [
        ("claude-sonnet-4-5", "2026-11-30T00:00:00Z")
    ]


def test_token_count_equals_the_input_tokens_of_the_message(raw):
    body = ask(system="Be brief.", tools=[{"name": "look", "input_schema": {"type": "object"}}])
    question = {name: body[name] for name in ("model", "messages", "system", "tools")}

    counted = raw.post(question, path="/v1/messages/count_tokens")

    assert check(MessageTokensCount, counted.content)
    assert counted.json() == {"input_tokens": raw.post(body).json()["usage"]["input_tokens"]}


@pytest.mark.parametrize(
    "fault", ["400", "401", "402", "403", "404", "429", "500", "503", "504", "529", "toolong"]
)
def test_error_body_has_exactly_the_fields_of_the_sdk_type(raw, fault):
    answer = raw.post(ask(), key=f"sk-ant-sim-{fault}-1")

    assert check(ErrorResponse, answer.content)
    assert answer.json()["request_id"] == answer.headers["request-id"]


@pytest.mark.parametrize("fault", ["onhold", "spendlimit", "contractlimit"])
def test_error_details_have_exactly_the_fields_of_the_sdk_type(raw, fault):
    body = raw.post(ask(), key=f"sk-ant-sim-{fault}-1").json()

    details = body["error"].pop("details")

    # The SDK types the details apart from the error that carries them.
    assert check(ErrorDetails, json.dumps(details))
    assert check(ErrorResponse, json.dumps(body))


def test_headers_are_on_every_kind_of_answer(raw):
    answers = [
        raw.post(ask()),
        raw.post(ask(stream=True)),
        raw.post(ask(), key="sk-ant-sim-529-1"),
        raw.post(ask(), key="wrong"),
        raw.get("/v1/models"),
    ]

    for answer in answers:
        for name, pattern in HEADERS.items():
            assert re.fullmatch(pattern, answer.headers[name]), name


def test_requests_on_one_connection_wait_for_no_delayed_acknowledgement(raw):
    raw.post(ask())
    started = time.monotonic()

    for _ in range(25):
        raw.post(ask(stream=True))

    # 40 ms each without TCP_NODELAY.
    assert time.monotonic() - started < 25 * 0.04

"""The Python SDK works against the simulator as it would against the API."""

import anthropic
import httpx2
import pydantic
import pytest

from agents.simulator.brains.scripted import json_text, text, thinking, tool
from tests.agents.simulator.conftest import KEY, ask

WRITE = {
    "name": "write_file",
    "description": "Write one whole file.",
    "input_schema": {
        "type": "object",
        "properties": {"path": {"type": "string"}, "content": {"type": "string"}},
        "required": ["path", "content"],
    },
}
ERRORS = {
    "400": anthropic.BadRequestError,
    "401": anthropic.AuthenticationError,
    "402": anthropic.PaymentRequiredError,
    "403": anthropic.PermissionDeniedError,
    "404": anthropic.NotFoundError,
    "408": anthropic.RequestTimeoutError,
    "409": anthropic.ConflictError,
    "413": anthropic.ContentTooLargeError,
    "422": anthropic.UnprocessableEntityError,
    "429": anthropic.RateLimitError,
    "500": anthropic.InternalServerError,
    "503": anthropic.ServiceUnavailableError,
    "504": anthropic.GatewayTimeoutError,
    "529": anthropic.OverloadedError,
}


class Verdict(pydantic.BaseModel):
    verdict: str
    gaps: list[str]


@pytest.fixture
def client_for(sim):
    http = httpx2.Client(trust_env=False, timeout=10)

    def client_for(key):
        return anthropic.Anthropic(api_key=key, base_url=sim.base_url, max_retries=0, http_client=http)

    yield client_for
    http.close()


@pytest.fixture
def client(client_for):
    return client_for(KEY)


def test_create_returns_the_message(client):
    message = client.messages.create(**ask())

    assert [(block.type, block.text) for block in message.content] == [("text", "Hi")]
    assert (message.stop_reason, message.usage.input_tokens, message.usage.output_tokens) == (
        "end_turn",
        2,
        1,
    )
    assert message._request_id.startswith("req_01")


def test_sdk_sends_the_new_version_with_a_bearer_key(sim, client):
    client.messages.create(**ask())

    (seen,) = sim.requests
    assert seen["headers"]["anthropic-version"] == "2026-10-21"
    assert seen["headers"]["authorization"] == f"Bearer {KEY}"
    assert seen["body"] == ask()


def test_stream_helper_ends_with_the_same_message_as_its_text(sim, client):
    sim.brain = lambda request: ([thinking("Hm."), text("Grüße 🌱 " * 30)], "end_turn")

    with client.messages.stream(**ask()) as stream:
        words = "".join(stream.text_stream)
        final = stream.get_final_message()

    assert words == "Grüße 🌱 " * 30
    assert [block.type for block in final.content] == ["thinking", "text"]
    assert (final.content[1].text, final.stop_reason) == (words, "end_turn")


def test_tool_loop_of_two_turns_comes_to_its_end(sim, client):
    def brain(request):
        last = request["messages"][-1]["content"]
        if isinstance(last, str):
            return [thinking("A file."), tool("write_file", {"path": "a", "content": "é" * 900})], "tool_use"
        return [text(f"Result: {last[0]['content']}")], "end_turn"

    sim.brain = brain
    turns = [{"role": "user", "content": "Write"}]
    with client.messages.stream(**ask(tools=[WRITE], messages=turns)) as stream:
        first = stream.get_final_message()
    call = first.content[1]
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "saved"}

    # The SDK sends its own response objects back, thinking and caller included.
    turns += [first.to_param(), {"role": "user", "content": [result]}]
    second = client.messages.create(**ask(tools=[WRITE], messages=turns))

    assert (call.name, call.input) == ("write_file", {"path": "a", "content": "é" * 900})
    assert (first.stop_reason, second.content[0].text) == ("tool_use", "Result: saved")


def test_structured_output_is_parsed_into_the_model(sim, client):
    sim.brain = lambda request: ([json_text({"verdict": "REVISE", "gaps": ["R1"]})], "end_turn")

    message = client.messages.parse(**ask(), output_format=Verdict)

    assert message.parsed_output == Verdict(verdict="REVISE", gaps=["R1"])
    assert sim.requests[0]["body"]["output_config"]["format"]["type"] == "json_schema"


def test_tokens_are_counted(client):
    counted = client.messages.count_tokens(model="claude-sonnet-4-6", messages=ask()["messages"])

    assert counted.input_tokens == 2


def test_models_are_listed_over_pages_and_fetched(client):
    listed = list(client.models.list(limit=2))

    assert [model.id for model in listed] == [
        "claude-haiku-5-5",
        "claude-sonnet-5-5",
        "claude-opus-5-5",
        "claude-sonnet-4-6",
        "claude-opus-4-6",
        "claude-haiku-4-5",
        "claude-sonnet-4-5",
    ]
    assert client.models.retrieve("claude-haiku-4-5") == listed[5]
    assert (listed[5].max_input_tokens, listed[5].max_tokens) == (200_000, 64_000)


def test_second_call_reads_the_cache(client):
    system = [{"type": "text", "text": "x" * 8_000, "cache_control": {"type": "ephemeral"}}]

    first, second = (client.messages.create(**ask(system=system)).usage for _ in range(2))

    assert (first.cache_creation.ephemeral_5m_input_tokens, first.cache_read_input_tokens) == (2_000, 0)
    assert (second.cache_creation_input_tokens, second.cache_read_input_tokens) == (0, 2_000)


@pytest.mark.parametrize("status", ERRORS)
@pytest.mark.parametrize("stream", [False, True])
def test_status_raises_the_sdk_error_with_the_request_id(client_for, status, stream):
    client = client_for(f"sk-ant-sim-{status}-1")

    with pytest.raises(ERRORS[status]) as caught:
        client.messages.create(**ask(stream=stream))

    assert (caught.value.status_code, caught.value.request_id[:6]) == (int(status), "req_01")


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        ("onhold", anthropic.BadRequestError, "organization_on_hold"),
        ("spendlimit", anthropic.RateLimitError, "enforced_spend_limit_reached"),
        ("contractlimit", anthropic.RateLimitError, "contract_spend_limit_reached"),
    ],
)
def test_error_code_reaches_the_caller(client_for, fault, error, code):
    with pytest.raises(error) as caught:
        client_for(f"sk-ant-sim-{fault}-1").messages.create(**ask())

    assert caught.value.error_code == code


def test_overload_in_the_stream_is_a_status_error_with_status_200(client_for):
    stream = client_for("sk-ant-sim-overloadmid-1").messages.create(**ask(stream=True))

    with pytest.raises(anthropic.APIStatusError) as caught:
        list(stream)

    assert (caught.value.status_code, caught.value.type) == (200, "overloaded_error")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("reset", anthropic.APIConnectionError),
        ("cutchunk", httpx2.RemoteProtocolError),
        ("resetmid", httpx2.ReadError),
        ("badjson", ValueError),
        ("badutf8", UnicodeDecodeError),
    ],
)
def test_broken_stream_raises_what_the_gateway_expects(client_for, fault, error):
    with pytest.raises(error):
        list(client_for(f"sk-ant-sim-{fault}-1").messages.create(**ask(stream=True)))


@pytest.mark.parametrize("fault", ["cut", "cutend", "badsse", "html"])
def test_quietly_broken_stream_raises_nothing_but_lacks_its_end(client_for, fault):
    events = list(client_for(f"sk-ant-sim-{fault}-1").messages.create(**ask(stream=True)))

    assert "message_stop" not in [event.type for event in events]


def test_unknown_events_and_blocks_do_not_stop_the_sdk(client_for):
    for fault in ("unknownevent", "unknownblock"):
        events = list(client_for(f"sk-ant-sim-{fault}-1").messages.create(**ask(stream=True)))
        assert events[-1].type == "message_stop"


def test_retrying_client_gets_over_a_fault(sim):
    with httpx2.Client(trust_env=False) as http:
        client = anthropic.Anthropic(
            api_key="sk-ant-sim-529-1", base_url=sim.base_url, max_retries=1, http_client=http
        )
        message = client.messages.create(**ask())

    assert (message.content[0].text, len(sim.requests)) == ("Hi", 2)

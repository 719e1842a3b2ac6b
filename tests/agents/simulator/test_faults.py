import json

import httpx2
import pytest

from agents.simulator.brains.scripted import text, tool
from agents.simulator.faults import NAMES
from agents.simulator.server import running
from agents.simulator.validate import NEW_VERSION
from tests.agents.simulator.conftest import LONG, ask

STATUSES = {
    "400": (400, "invalid_request_error", None, None),
    "401": (401, "authentication_error", None, None),
    "402": (402, "billing_error", None, None),
    "403": (403, "permission_error", None, None),
    "404": (404, "not_found_error", None, None),
    "408": (408, "timeout_error", None, None),
    "409": (409, "conflict_error", None, None),
    "413": (413, "request_too_large", None, None),
    "422": (422, "invalid_request_error", None, None),
    "429": (429, "rate_limit_error", None, "1"),
    "429bare": (429, "rate_limit_error", None, None),
    "429hours": (429, "rate_limit_error", None, "7200"),
    "429in45": (429, "rate_limit_error", None, "45"),
    "500": (500, "api_error", None, None),
    "503": (503, "api_error", None, None),
    "504": (504, "timeout_error", None, None),
    "529": (529, "overloaded_error", None, None),
    "onhold": (400, "invalid_request_error", "organization_on_hold", None),
    "spendlimit": (429, "rate_limit_error", "enforced_spend_limit_reached", None),
    "contractlimit": (429, "rate_limit_error", "contract_spend_limit_reached", None),
    "toolong": (400, "invalid_request_error", None, None),
}


@pytest.mark.parametrize("fault", STATUSES)
def test_status_fault_answers_with_type_code_and_wait(raw, fault):
    answer = raw.post(ask(), key=f"sk-ant-sim-{fault}-1")

    error = answer.json()["error"]
    code = error.get("details", {}).get("error_code")
    assert (answer.status_code, error["type"], code, answer.headers.get("retry-after")) == STATUSES[fault]


def test_fault_fails_n_times_by_key_and_path_then_works(raw):
    key = "sk-ant-sim-500-2"

    messages = [raw.post(ask(), key=key).status_code for _ in range(3)]
    models = [raw.get("/v1/models", key=key).status_code for _ in range(3)]
    another = raw.post(ask(), key="sk-ant-sim-500-1-b").status_code

    assert (messages, models, another) == ([500, 500, 200], [500, 500, 200], 500)


@pytest.mark.parametrize("fault", ["401", "403", "429", "500", "529", "forbidden"])
def test_status_fault_also_meets_the_key_check(raw, fault):
    answer = raw.get("/v1/models", key=f"sk-ant-sim-{fault}-1")

    assert answer.status_code == (403 if fault == "forbidden" else int(fault))


def test_forbidden_fault_leaves_messages_alone(raw):
    assert raw.post(ask(), key="sk-ant-sim-forbidden-1").status_code == 200


def test_fault_key_is_rejected_when_faults_are_off():
    with running(lambda request: ([text("Hi")], "end_turn")) as sim:
        headers = {"x-api-key": "sk-ant-sim-529-1", "anthropic-version": NEW_VERSION}
        answer = httpx2.post(f"{sim.base_url}/v1/messages", json=ask(), headers=headers, trust_env=False)

    assert answer.status_code == 401


def test_unknown_fault_is_rejected_loudly(raw):
    assert raw.post(ask(), key="sk-ant-sim-nosuch-1").status_code == 401


def test_fault_keys_are_too_short_to_look_like_real_keys():
    assert max(len(f"sim-{name}-1") for name in NAMES) < 20


def test_overloadmid_sends_an_error_event_after_some_text(long_raw):
    *before, (event, data) = long_raw.events(ask(), key="sk-ant-sim-overloadmid-1")

    assert [name for name, _data in before][:4] == [
        "message_start",
        "content_block_start",
        "ping",
        "content_block_delta",
    ]
    assert "message_stop" not in [name for name, _data in before]
    assert (event, json.loads(data)["error"]["type"]) == ("error", "overloaded_error")


@pytest.mark.parametrize(("fault", "character"), [("nul", "\x00"), ("surrogate", "\ud800")])
def test_character_fault_puts_it_into_the_text(raw, fault, character):
    whole = raw.post(ask(), key=f"sk-ant-sim-{fault}-2").json()
    events = raw.events(ask(), key=f"sk-ant-sim-{fault}-2")

    deltas = [json.loads(data).get("delta", {}).get("text", "") for _event, data in events]
    assert whole["content"] == [text(f"before{character}after"), text("Hi")]
    assert "".join(deltas) == f"before{character}afterHi"


def test_refusal_names_its_category(raw):
    message = raw.post(ask(), key="sk-ant-sim-refusal-1").json()

    assert message["stop_details"] == {
        "type": "refusal",
        "category": "cyber",
        "explanation": "Simulated refusal.",
    }


def test_unknownevent_is_one_event_more(long_raw):
    usual = [event for event, _data in long_raw.events(ask())]

    odd = [event for event, _data in long_raw.events(ask(), key="sk-ant-sim-unknownevent-1")]

    assert odd.count("future_event") == 1
    assert [event for event in odd if event != "future_event"] == usual


def test_unknownblock_comes_first_and_moves_the_others(long_raw):
    events = [json.loads(data) for _e, data in long_raw.events(ask(), key="sk-ant-sim-unknownblock-1")]

    starts = [(e["index"], e["content_block"]["type"]) for e in events if "content_block" in e]
    assert starts == [(0, "future_block"), (1, "text")]


def test_odd_events_are_good_json_of_another_form(long_raw):
    odd = [json.loads(data) for _e, data in long_raw.events(ask(), key="sk-ant-sim-oddjson-1")]
    start = json.loads(long_raw.events(ask(), key="sk-ant-sim-oddstart-1")[0][1])["message"]
    error = json.loads(long_raw.events(ask(), key="sk-ant-sim-unknownerror-1")[-1][1])

    assert {"type": "content_block_delta", "delta": [1, 2]} in odd
    assert (start["usage"]["output_tokens"], start["model"]) == ("many", "claude\x00\ud800")
    assert error["error"]["type"] == "future_error"


def test_redirect_leads_where_the_test_wants(raw):
    raw.sim.redirect_to = "http://127.0.0.1:9"

    answer = raw.post(ask(), key="sk-ant-sim-redirect-1")

    assert answer.headers["location"] == "http://127.0.0.1:9/redirected/v1/messages"


def test_maxtokens_cuts_inside_the_json_of_a_tool(raw):
    raw.sim.brain = lambda request: (
        [tool("write_file", {"path": "src/a.ts", "content": LONG})],
        "tool_use",
    )

    events = [json.loads(data) for _e, data in raw.events(ask(), key="sk-ant-sim-maxtokens-1")]

    parts = [event["delta"].get("partial_json", "") for event in events if "delta" in event]
    with pytest.raises(json.JSONDecodeError):
        json.loads("".join(parts))
    assert events[-2]["delta"]["stop_reason"] == "max_tokens"


@pytest.mark.parametrize(
    ("fault", "content", "stop_reason"),
    [
        ("empty", [], "end_turn"),
        ("refusal", [], "refusal"),
        ("maxtokens", [text(LONG[:480])], "max_tokens"),
        ("context", [text(LONG[:480])], "model_context_window_exceeded"),
        ("unknownstop", [text(LONG)], "future_reason"),
    ],
)
def test_content_fault_changes_content_and_stop_reason(long_raw, fault, content, stop_reason):
    message = long_raw.post(ask(), key=f"sk-ant-sim-{fault}-1").json()

    assert (message["content"], message["stop_reason"]) == (content, stop_reason)

import json

import pytest

from agents.simulator.known_models import MODELS
from agents.simulator.output import sign
from agents.simulator.validate import NEW_VERSION, OLD_VERSION
from tests.agents.simulator.conftest import ask

LOOK = {"name": "look", "input_schema": {"type": "object"}}
CALL = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "seen"}
MARK = {"cache_control": {"type": "ephemeral"}}
HOUR = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
WORDS = {"type": "text", "text": "Hello"}


def user(*blocks):
    return {"role": "user", "content": list(blocks)}


def assistant(*blocks):
    return {"role": "assistant", "content": list(blocks)}


def answer_format(**schema):
    return {"format": {"type": "json_schema", "schema": {"type": "object"} | schema}}


CLOSED = {"additionalProperties": False}
UNION = {"anyOf": [{"type": "string"}, {"type": "null"}]}
RECURSIVE = {
    "$defs": {"tree": {"type": "object", "properties": {"kids": {"$ref": "#/$defs/tree"}}} | CLOSED},
    "properties": {"root": {"$ref": "#/$defs/tree"}},
} | CLOSED

REFUSED = {
    "model is missing": (ask(model=None), "model: Field required"),
    "messages are missing": (ask(messages=None), "messages: Field required"),
    "messages are empty": (ask(messages=[]), "messages: List should have at least 1 item"),
    "max_tokens is missing": (ask(max_tokens=None), "max_tokens: Field required"),
    "max_tokens is a string": (ask(max_tokens="9"), "max_tokens: Input should be a valid integer"),
    "max_tokens is above the model": (ask(max_tokens=128_001), "max_tokens: 128001 > 128000, which is"),
    "a field is unknown": (ask(colour="red"), "colour: Extra inputs are not permitted"),
    "a field is not modelled": (ask(stop_sequences=["x"]), "stop_sequences: Extra inputs are not"),
    "an image is sent": (ask(messages=[user({"type": "image"})]), "messages.0.content"),
    "temperature in the new version": (ask(temperature=0.5), "temperature: sampling parameters"),
    "top_p in the new version": (ask(top_p=0.5), "top_p: sampling parameters"),
    "top_k in the new version": (ask(top_k=5), "top_k: sampling parameters"),
    "forced tool on 5.5": (
        ask(model="claude-opus-5-5", tools=[LOOK], tool_choice={"type": "any"}),
        "tool_choice: forced tool use is not supported on claude-opus-5-5",
    ),
    "named tool on 5.5": (
        ask(model="claude-haiku-5-5", tools=[LOOK], tool_choice={"type": "tool", "name": "look"}),
        "tool_choice: forced tool use is not supported on claude-haiku-5-5",
    ),
    "thinking budget on 5.5": (
        ask(
            model="claude-sonnet-5-5",
            max_tokens=9_000,
            thinking={"type": "enabled", "budget_tokens": 2_000},
        ),
        "thinking.type: 'enabled' is not supported on claude-sonnet-5-5",
    ),
    "thinking disabled on 5.5": (
        ask(model="claude-sonnet-5-5", thinking={"type": "disabled"}),
        "thinking.type: 'disabled' is not supported on claude-sonnet-5-5",
    ),
    "thinking budget above max_tokens": (
        ask(thinking={"type": "enabled", "budget_tokens": 2_000}),
        "`max_tokens` must be greater than",
    ),
    "effort on haiku-4-5": (
        ask(model="claude-haiku-4-5", output_config={"effort": "low"}),
        "output_config.effort: 'low' is not supported",
    ),
    "forced tool with thinking": (
        ask(tools=[LOOK], tool_choice={"type": "any"}, thinking={"type": "adaptive"}),
        "Thinking may not be enabled",
    ),
    "tool_choice without tools": (ask(tool_choice={"type": "auto"}), "tool_choice may only be"),
    "prefill on 4.6": (ask(messages=[user(WORDS), assistant(WORDS)]), "This model does not support"),
    "first role is assistant": (ask(messages=[assistant(WORDS), user(WORDS)]), "messages: first message"),
    "tool_use without result": (
        ask(tools=[LOOK], messages=[user(WORDS), assistant(CALL), user(WORDS)]),
        "messages.2: `tool_use` ids and the `tool_result` blocks",
    ),
    "tool_use at the end": (
        ask(model="claude-haiku-4-5", tools=[LOOK], messages=[user(WORDS), assistant(CALL)]),
        "messages: `tool_use` ids were found without",
    ),
    "result without tool_use": (
        ask(tools=[LOOK], messages=[user(WORDS), assistant(WORDS), user(RESULT)]),
        "messages.2: `tool_use` ids and the `tool_result` blocks",
    ),
    "result in the first turn": (
        ask(messages=[user(RESULT)]),
        "messages.0: `tool_use` ids and the `tool_result` blocks",
    ),
    "result not first": (
        ask(tools=[LOOK], messages=[user(WORDS), assistant(CALL), user(WORDS, RESULT)]),
        "messages.2: `tool_result` blocks must come first",
    ),
    "result twice": (
        ask(tools=[LOOK], messages=[user(WORDS), assistant(CALL), user(RESULT, RESULT)]),
        "messages.2: `tool_use` ids and the `tool_result` blocks",
    ),
    "tool_use id twice": (
        ask(
            tools=[LOOK],
            messages=[user(WORDS), assistant(CALL), user(RESULT), assistant(CALL), user(RESULT)],
        ),
        "messages.3: `tool_use` ids must be unique",
    ),
    "tool_use in a user turn": (ask(messages=[user(CALL)]), "messages.0: `tool_use` blocks are not"),
    "empty string": (ask(messages=[{"role": "user", "content": ""}]), "messages.0: must have non-empty"),
    "no blocks": (ask(messages=[user()]), "messages.0: must have non-empty content"),
    "empty text block": (
        ask(messages=[user({"type": "text", "text": ""})]),
        "messages.0: text content blocks must contain non-whitespace text",
    ),
    "blank system block": (
        ask(system=[{"type": "text", "text": " \n"}]),
        "system: text content blocks must contain non-whitespace text",
    ),
    "changed thinking": (
        ask(
            messages=[
                user(WORDS),
                assistant({"type": "thinking", "thinking": "Hm!", "signature": sign("Hm.")}, WORDS),
                user(WORDS),
            ]
        ),
        "messages.1: Invalid `signature` in `thinking` block",
    ),
    "duplicate tools": (ask(tools=[LOOK, LOOK]), "tools: Tool names must be unique"),
    "tool name with a space": (ask(tools=[LOOK | {"name": "look at"}]), "tools.0.name: String should"),
    "tool schema of no object": (
        ask(tools=[LOOK | {"input_schema": {"type": "string"}}]),
        "tools.0.input_schema.type",
    ),
    "server tool": (
        ask(tools=[{"type": "web_search_20250305", "name": "web_search"}]),
        "tools.0.",
    ),
    "five breakpoints": (
        ask(messages=[user(*[WORDS | MARK] * 4)], **MARK),
        "A maximum of 4 blocks with cache_control may be provided. Found 5.",
    ),
    "1h after 5m": (
        ask(system=[WORDS | MARK], messages=[user(WORDS | HOUR)]),
        "cache_control: a ttl='1h' block must not come after",
    ),
    "unknown ttl": (
        ask(cache_control={"type": "ephemeral", "ttl": "2h"}),
        "cache_control.ttl: Input should be '5m' or '1h'",
    ),
    "prompt over the window": (
        ask(model="claude-haiku-4-5", system="x" * 800_001, max_tokens=10),
        "prompt is too long: 200003 tokens > 200000 maximum",
    ),
    "open schema": (ask(output_config=answer_format()), "output_config.format.schema: 'additionalProp"),
    "25 optional fields": (
        ask(output_config=answer_format(properties={f"f{n}": {} for n in range(25)}, **CLOSED)),
        "output_config.format.schema: 25 optional parameters > 24",
    ),
    "17 unions": (
        ask(
            output_config=answer_format(
                properties={f"f{n}": UNION for n in range(17)},
                required=[f"f{n}" for n in range(17)],
                **CLOSED,
            )
        ),
        "output_config.format.schema: 17 unions > 16",
    ),
    "schema that contains itself": (
        ask(output_config=answer_format(properties={"kid": {"$ref": "#"}}, required=["kid"], **CLOSED)),
        "output_config.format.schema: recursive definition #",
    ),
    "recursive schema": (
        ask(output_config=answer_format(**RECURSIVE)),
        "output_config.format.schema: recursive definition",
    ),
}

ACCEPTED = {
    "system of blocks": ask(system=[WORDS | HOUR], messages=[user(WORDS | MARK)]),
    "four breakpoints": ask(messages=[user(*[WORDS | MARK] * 3)], **MARK),
    "a tool loop": ask(
        tools=[LOOK],
        messages=[
            user(WORDS),
            assistant(
                {"type": "thinking", "thinking": "Hm.", "signature": sign("Hm.")},
                WORDS,
                CALL | {"caller": {"type": "direct"}},
            ),
            user(RESULT, WORDS),
        ],
    ),
    "result with an empty text": ask(
        tools=[LOOK],
        messages=[user(WORDS), assistant(CALL), user(RESULT | {"content": "", "is_error": True})],
    ),
    "result and note in two user messages": ask(
        tools=[LOOK], messages=[user(WORDS), assistant(CALL), user(RESULT), user(WORDS)]
    ),
    "forced tool on 4.6": ask(tools=[LOOK], tool_choice={"type": "tool", "name": "look"}),
    "prefill on haiku-4-5": ask(model="claude-haiku-4-5", messages=[user(WORDS), assistant(WORDS)]),
    "thinking budget on 4.6": ask(max_tokens=9_000, thinking={"type": "enabled", "budget_tokens": 2_000}),
    "effort low on 5.5": ask(model="claude-haiku-5-5", output_config={"effort": "low"}),
    "closed schema": ask(output_config=answer_format(properties={"a": UNION}, required=["a"], **CLOSED)),
    "metadata": ask(metadata={"user_id": "u1"}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_request_against_a_rule_is_refused_with_the_field_named(raw, case):
    body, message = REFUSED[case]

    answer = raw.post(body)

    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (400, "invalid_request_error")
    assert error["message"].startswith(message)
    assert raw.sim.brain_errors == []


@pytest.mark.parametrize("case", ACCEPTED)
def test_request_within_the_rules_is_answered(raw, case):
    answer = raw.post(ACCEPTED[case])

    assert (answer.status_code, answer.json().get("error")) == (200, None)


@pytest.mark.parametrize("model", MODELS)
def test_every_known_model_answers_under_its_own_name(raw, model):
    answer = raw.post(ask(model=model))

    assert answer.json()["model"] == model


def test_unknown_model_is_not_found(raw):
    answer = raw.post(ask(model="claude-none-1"))

    assert answer.status_code == 404
    assert answer.json()["error"] == {"type": "not_found_error", "message": "model: claude-none-1"}


def test_sampling_parameters_pass_in_the_old_version_except_on_the_newest_models(raw):
    old = raw.post(ask(temperature=0.5), version=OLD_VERSION)
    newest = raw.post(ask(temperature=0.5, model="claude-opus-5-5"), version=OLD_VERSION)

    assert (old.status_code, newest.status_code) == (200, 400)


@pytest.mark.parametrize(
    "raw_body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"a":' * 100_000,
        json.dumps(ask(system="half \ud800 pair")).encode(),
    ],
)
def test_body_that_is_no_json_object_in_valid_unicode_is_refused(raw, raw_body):
    answer = raw.post(raw_body)

    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")


def test_body_over_32_megabytes_is_too_large(raw):
    answer = raw.post(b" " * (32 * 1024 * 1024 + 1))

    assert (answer.status_code, answer.json()["error"]["type"]) == (413, "request_too_large")


@pytest.mark.parametrize("version", ["", "2024-01-01"])
def test_missing_or_unknown_version_is_refused(raw, version):
    answer = raw.post(ask(), version=version)

    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")


def test_count_tokens_takes_no_max_tokens(raw):
    answer = raw.post(ask(), path="/v1/messages/count_tokens", version=NEW_VERSION)

    assert answer.json()["error"]["message"] == "max_tokens: Extra inputs are not permitted"

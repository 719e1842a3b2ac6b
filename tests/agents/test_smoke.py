import pytest
from django.core.management import CommandError, call_command

from agents.simulator.brains.scripted import Scripted, json_text, text, tool
from agents.simulator.server import running
from tests.agents.answers import ALIGNED


def brain(request):
    if request.get("tools"):
        return tool("write_file", {"path": "hello.txt", "content": "hello"})
    schema = (request.get("output_config") or {}).get("format", {}).get("schema", {})
    if "title" in schema.get("properties", {}):
        return json_text({"title": "ok", "injection_notes": []})
    return json_text(ALIGNED) if schema else text("ok")


def test_llm_smoke_tries_every_model_and_prints_the_cost(monkeypatch, capsys):
    monkeypatch.setenv("LLM_SMOKE_KEY", "sk-ant-smoke-canary")
    with running(Scripted({None: brain})) as model:
        call_command("llm_smoke", "--base-url", model.base_url)

    out = capsys.readouterr().out
    assert [line.split()[:3] for line in out.splitlines()[:-1]] == [
        ["ok", "answers", "claude-sonnet-4-6"],
        ["ok", "answers", "claude-haiku-4-5"],
        ["ok", "answers", "claude-opus-4-6"],
        ["ok", "cache", "written"],
        ["ok", "cache", "read"],
        ["ok", "verdict", "claude-sonnet-4-6"],
        ["ok", "other", "schema"],
        ["ok", "tool", "call"],
    ]
    assert "Cost: $0.0" in out
    assert "sk-ant-smoke-canary" not in out
    assert model.keys_seen == {"sk-ant-smoke-canary"}


def test_llm_smoke_fails_with_what_was_not_as_expected(monkeypatch, capsys):
    monkeypatch.setenv("LLM_SMOKE_KEY", "sk-ant-sim-404-1")

    with (
        running(Scripted({None: text("words")}), faults=True) as model,
        pytest.raises(CommandError) as raised,
    ):
        call_command("llm_smoke", "--base-url", model.base_url)

    assert str(raised.value) == "Not as expected: answers, verdict, other schema, tool call"
    assert "model_gone (not_found_error)" in capsys.readouterr().out


def test_llm_smoke_wants_a_key(monkeypatch):
    monkeypatch.setenv("LLM_SMOKE_KEY", " ")

    with pytest.raises(CommandError, match="No key"):
        call_command("llm_smoke")

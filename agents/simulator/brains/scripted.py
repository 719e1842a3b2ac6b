"""A brain for tests: it says what the test wrote down.

    Scripted([text("Hello"), [text("I write"), tool("write_file", {"path": "a", "content": "b"})]])
    Scripted({"spec": json_text(SPEC), "implement": in_order(tool(...), text("Done")), None: text("?")})

A response is a block, a list of blocks, a pair (blocks, stop reason), or a function of the
request that returns one of these. Without a stop reason it is "tool_use" after a tool, else
"end_turn".
"""

import json
from pathlib import Path
from threading import Lock

from agents.simulator.reading import role_of


class ScriptError(AssertionError):
    """The script has no answer for a request."""


def text(words):
    return {"type": "text", "text": words}


def json_text(document):
    return text(json.dumps(document, ensure_ascii=False))


def thinking(words):
    return {"type": "thinking", "thinking": words}


def tool(name, fields, *, id=None):
    call = {"type": "tool_use", "name": name, "input": fields}
    return call | {"id": id} if id else call


def in_order(*responses):
    """Return a response that is the first at its first use, then the second, …"""
    waiting, lock = list(responses), Lock()

    def next_response(request):
        with lock:
            if not waiting:
                raise ScriptError(f"the script ends after {len(responses)} responses")
            return waiting.pop(0)

    return next_response


class Scripted:
    """rules: a list of responses to give in order, or a dict role → response.

    The role None answers every role that is not named.
    """

    def __init__(self, rules):
        self._rules = rules if isinstance(rules, dict) else {None: in_order(*rules)}

    def __call__(self, request):
        role = role_of(request)
        if role not in self._rules and None not in self._rules:
            raise ScriptError(f"the script has no response for the role {role!r}")
        return _answer(self._rules.get(role, self._rules.get(None)), request)


def from_file(path):
    """Return the Scripted brain of a JSON file: a list, or an object with lists by role ("*": any)."""
    rules = json.loads(Path(path).read_text(encoding="utf-8"))
    if isinstance(rules, list):
        return Scripted(rules)
    return Scripted({None if role == "*" else role: in_order(*given) for role, given in rules.items()})


def _answer(response, request):
    while callable(response):
        response = response(request)
    if isinstance(response, tuple):
        return response
    blocks = response if isinstance(response, list) else [response]
    used_tool = any(block["type"] == "tool_use" for block in blocks)
    return blocks, "tool_use" if used_tool else "end_turn"

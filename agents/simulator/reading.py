"""Read a Messages API request: its blocks, its role and its tagged inputs."""

import json
import re

_ROLE = re.compile(r'<role name="([a-z_]+)">')
# The closing tag stands in a lookahead, so tags inside tags are found too.
_INPUT = re.compile(r"<([a-z_]+)_([0-9a-f]{8})>(?=(.*?)</\1_\2>)", re.DOTALL)


def as_blocks(content):
    """Return message or system content as a list of blocks; a string is one text block."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return list(content or [])


def role_of(request):
    """Return the agent's name from the last `<role name="…">`, or None.

    Only system and user text counts: what a model said earlier must not change the role.
    """
    found = _ROLE.findall("\n".join(_texts(request)))
    return found[-1] if found else None


def inputs_of(request):
    """Return the tagged inputs by name: {"brief": "…", "spec": {…}}.

    `<name_suffix>…</name_suffix>`, suffix 8 hex characters, in system and user text; the last
    of a name wins. The value is unescaped and parsed when it is JSON, else the text without
    the newlines next to the tags.
    """
    inputs = {}
    for text in _texts(request):
        for name, _suffix, inner in _INPUT.findall(text):
            inputs[name] = _value(inner)
    return inputs


def _texts(request):
    contents = [request.get("system")]
    contents += [turn["content"] for turn in request["messages"] if turn["role"] == "user"]
    return [b["text"] for content in contents for b in as_blocks(content) if b["type"] == "text"]


def _value(inner):
    text = inner.replace("&lt;", "<").replace("&amp;", "&").strip("\n")
    try:
        return json.loads(text)
    except ValueError:
        return text

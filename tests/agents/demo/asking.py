"""Requests as the platform sends them, and a whole feature held against the demo's brain."""

import json

from agents.simulator.demo import brain

SUFFIX = "0123abcd"
TOOLS = [
    {"name": name, "description": name, "input_schema": {"type": "object"}}
    for name in ("write_file", "edit_file", "read_file", "list_files")
]
WRITTEN = (
    "I have written down what we agreed. Please read it through, correct what is not right, and confirm it."
)


def tagged(**values):
    """Return the values between tags, escaped as agents/layout.py does it."""
    parts = []
    for name, value in values.items():
        text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
        text = text.replace("&", "&amp;").replace("<", "&lt;")
        parts.append(f"<{name}_{SUFFIX}>\n{text}\n</{name}_{SUFFIX}>")
    return "\n\n".join(parts)


def request(role, *, tools=False, more=(), **values):
    """Return the request of an agent other than the BA. more: the later turns of a tool loop."""
    blocks = [
        {"type": "text", "text": tagged(**values)},
        {"type": "text", "text": f'<role name="{role}">\nDo it.\n</role>'},
    ]
    made = {
        "model": "claude-sonnet-4-6",
        "max_tokens": 8_000,
        "messages": [{"role": "user", "content": blocks}, *more],
    }
    return made | {"tools": TOOLS} if tools else made


def talk_request(turns, **facts):
    """Return a BA request. turns: (role, text) pairs, the last one of the person. facts: gate, document."""
    messages = [
        {
            "role": role,
            "content": text if role == "assistant" else [{"type": "text", "text": tagged(message=text)}],
        }
        for role, text in turns
    ]
    facts = {"coverage": None, "turns": {"asked": 0, "most": 12}} | facts
    messages[-1]["content"].append({"type": "text", "text": tagged(**facts)})
    return {
        "model": "claude-sonnet-4-6",
        "max_tokens": 2_000,
        "system": [{"type": "text", "text": '<role name="ba">\nTalk.\n</role>'}],
        "messages": messages,
    }


def said(made):
    """Return the text of the answer to a request."""
    blocks, stop_reason = brain.respond(made)
    assert stop_reason == "end_turn"
    assert [block["type"] for block in blocks] == ["text"]
    return blocks[0]["text"]


def document(role, **values):
    """Return the document that an agent answers with."""
    return json.loads(said(request(role, **values)))


def held(messages, turns=(), **facts):
    """Return the turns of a conversation in which the person says these messages."""
    turns = list(turns)
    for message in messages:
        turns.append(("user", message))
        turns.append(("assistant", said(talk_request(turns, **facts))))
    return turns


def as_input(turns):
    return [{"role": role, "text": text} for role, text in turns]


def brief_of(turns, previous=None, gate=None):
    return document("brief", conversation=as_input(turns), previous_brief=previous, gate=gate)


def documents_of(messages):
    """Return (brief, spec, plan, tests index) for a conversation."""
    brief = brief_of(held(messages))
    spec = document("spec", brief=brief, previous_spec=None)
    plan = document("planner", brief=brief, spec=spec, previous_plan=None)
    index = document("contract_test", spec=spec, plan=plan, previous_tests=None)
    return brief, spec, plan, index


def written(role, planned, nudge="This is not finished.", **values):
    """Run a tool loop as the platform does; return (files, texts of the demo, number of requests)."""
    files, texts, more, count = {}, [], [], 0
    while True:
        count += 1
        assert count <= 20, "the loop does not end"
        blocks, stop_reason = brain.respond(request(role, tools=True, more=more, **values))
        calls = [
            block | {"id": f"toolu_{count}_{index}"}
            for index, block in enumerate(blocks)
            if block["type"] == "tool_use"
        ]
        assert stop_reason == ("tool_use" if calls else "end_turn")
        texts += [block["text"] for block in blocks if block["type"] == "text"]
        for call in calls:
            assert call["name"] == "write_file"
            files[call["input"]["path"]] = call["input"]["content"]
        missing = [path for path in planned if path not in files]
        if not calls and not missing:
            return files, texts, count
        spoken = [block for block in blocks if block["type"] == "text"]
        results = [{"type": "tool_result", "tool_use_id": call["id"], "content": "Saved."} for call in calls]
        note = [] if calls else [{"type": "text", "text": f"{nudge} {', '.join(missing)} is missing."}]
        more += [
            {"role": "assistant", "content": [*spoken, *calls]},
            {"role": "user", "content": results + note},
        ]


def all_files(spec, plan, index):
    """Return every file of the app, written by the two writers."""
    paths = list(dict.fromkeys(test["path"] for test in index["tests"]))
    tests, _, _ = written("contract_test", paths, spec=spec, plan=plan, tests_index=index, test_files={})
    planned = [file["path"] for file in plan["files"]]
    files, _, _ = written(
        "implementer",
        planned,
        spec=spec,
        plan=plan,
        tests_index=index,
        test_files=tests,
        files={},
        findings=[],
    )
    return files | tests


def in_words(entities):
    """Return the lists as CASES writes them: {"tool": "name*; notes:text"}. entities: Entity or spec data."""
    return {
        _get(entity, "label", "name"): "; ".join(map(_field, _get(entity, "fields"))) for entity in entities
    }


def _field(field):
    name, kind, values = _get(field, "label", "name"), _get(field, "type"), _get(field, "values")
    mark = "*" if _get(field, "required") else ""
    if kind == "enum":
        return f"{name}{mark}[{'|'.join(values)}]"
    return f"{name}{'' if kind == 'string' else f':{kind}'}{mark}"


def _get(thing, *names):
    if isinstance(thing, dict):
        return thing[names[-1]]
    return getattr(thing, names[0])


def is_ready(turns, previous=None, gate=None):
    answer = document("coverage", conversation=as_input(turns), gate=gate, previous_brief=previous)
    return answer["ready"]

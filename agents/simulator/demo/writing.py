"""The demo as a writer of files: a few turns of tool calls, one file left out on purpose, then the repair."""

from agents.simulator.demo import plans, specs
from agents.simulator.demo.app import app, tests_file

FILES_A_TURN = 7
MAX_TRIES = 2
LEFT_OUT = "db/schema.sql"
LEFT_OUT_NOTE = "Demo: I leave out one file on purpose, so that you see how a gap is found."


def write_code(request, inputs):
    """Return the next turn of the implementer."""
    spec, plan, index = inputs["spec"], inputs["plan"], inputs["tests_index"]
    wanted = [file["path"] for file in plan["files"]]
    accepted = _dict(inputs.get("files"))
    findings = [each for each in inputs.get("findings") or [] if isinstance(each, dict)]
    tried = _tried(request)
    again = _to_repair(findings, wanted)
    left = [path for path in wanted if path not in accepted and not _is_done(tried, path)]
    left += [path for path in again if path not in left and not _is_done(tried, path)]
    said = _said(request)
    # Only a first build shows the gap: a repair or a restart has accepted files already.
    shows_gap = not accepted and not findings and LEFT_OUT in left and LEFT_OUT_NOTE not in said
    if shows_gap and left == [LEFT_OUT]:
        return [_text(f"{LEFT_OUT_NOTE} It is {LEFT_OUT}.")], "end_turn"
    if shows_gap:
        left.remove(LEFT_OUT)

    def content(path):
        return file_text(path, spec, plan, index)

    if not tried and not said:
        note = (
            "I write the files again that the findings name."
            if findings
            else "I write the files of the plan."
        )
    else:
        note = "The missing file." if LEFT_OUT_NOTE in said else "More files."
    return _turn(left, content, f"Demo: {note}")


def write_tests(request, inputs):
    """Return the next turn of the test writer."""
    spec, index = inputs["spec"], inputs["tests_index"]
    have = _dict(inputs.get("test_files"))
    tried = _tried(request)
    paths = list(dict.fromkeys(test["path"] for test in index["tests"]))
    left = [
        path for path in paths if not _is_done(tried, path) and not _is_whole(have.get(path), path, index)
    ]
    return _turn(left, lambda path: test_text(path, spec, index), "Demo: I write the tests of the list.")


def file_text(path, spec, plan, index):
    """Return the content of one planned file."""
    promises = specs.outline(spec)
    served = plans.served_by(path, promises)
    planned = next((file["requirements"] for file in plan["files"] if file["path"] == path), [])
    requirements = [*dict.fromkeys([*planned, *(p.requirement for p in served)])]
    trace = " ".join([*requirements, *(p.criterion for p in served)])
    return app.render(
        path,
        entities=specs.entities_of(spec),
        trace=trace,
        outside=[each["text"] for each in spec["out_of_scope"]],
        test_paths=list(dict.fromkeys(test["path"] for test in index["tests"])),
    )


def test_text(path, spec, index):
    """Return the content of one test file of the index."""
    tests = [test for test in index["tests"] if test["path"] == path]
    promises = {promise.criterion: promise for promise in specs.outline(spec)}
    requirements = dict.fromkeys(p.requirement for p in promises.values())
    return tests_file.render(
        tests,
        promises=promises,
        entities=specs.entities_of(spec),
        trace=" ".join([*requirements, *promises]),
    )


def _turn(left, content, note):
    if not left:
        return [_text("Demo: everything is written.")], "end_turn"
    calls = [
        {"type": "tool_use", "name": "write_file", "input": {"path": path, "content": content(path)}}
        for path in left[:FILES_A_TURN]
    ]
    return [_text(note), *calls], "tool_use"


def _to_repair(findings, wanted):
    """Return the planned files that findings name; a repair writes at least one."""
    if not findings:
        return []
    named = [path for path in dict.fromkeys(each.get("path") for each in findings) if path in wanted]
    return named or wanted[:1]


def _tried(request):
    """Return {path: [whether each write was taken]} of this loop."""
    refused = {
        block.get("tool_use_id")
        for block in _blocks(request, "user")
        if block.get("type") == "tool_result" and block.get("is_error")
    }
    tried = {}
    for block in _blocks(request, "assistant"):
        if block.get("type") == "tool_use" and block.get("name") == "write_file":
            path = (block.get("input") or {}).get("path")
            tried.setdefault(path, []).append(block.get("id") not in refused)
    return tried


def _is_done(tried, path):
    """A refused file is tried once more; the same bytes would be refused for ever."""
    results = tried.get(path, [])
    return any(results) or len(results) >= MAX_TRIES


def _is_whole(text, path, index):
    return bool(text) and all(test["id"] in text for test in index["tests"] if test["path"] == path)


def _said(request):
    return "\n".join(block.get("text", "") for block in _blocks(request, "assistant"))


def _blocks(request, role):
    for turn in request["messages"]:
        if turn["role"] == role and isinstance(turn["content"], list):
            yield from turn["content"]


def _dict(value):
    return value if isinstance(value, dict) else {}


def _text(words):
    return {"type": "text", "text": words}

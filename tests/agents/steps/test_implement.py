import json
from itertools import pairwise

import pytest

from agents import layout
from agents.simulator.brains.scripted import in_order, text, tool
from agents.simulator.reading import inputs_of
from features import artifacts, transitions
from features.failures import Failure
from features.models import Document
from features.statuses import Status
from tests.agents.answers import CODE, FINDING, REVIEW
from tests.factories import NOON, PLAN, TEST_FILES, add_document, finish

pytestmark = pytest.mark.django_db


def write(path, content="// R1 AC1.1 AC1.2\nexport {};\n", **fields):
    return tool("write_file", {"path": path, "content": content}, **fields)


def files_of(feature):
    return {row.path: artifacts.read(row).decode() for row in artifacts.current(feature)}


def last_notes(model):
    """Return the last request's final user turn as (results, text)."""
    content = model.requests[-1]["body"]["messages"][-1]["content"]
    results = [block["content"] for block in content if block["type"] == "tool_result"]
    return results, " ".join(block["text"] for block in content if block["type"] == "text")


@pytest.fixture
def approved(feature_in):
    feature, _ = feature_in(Status.TESTS_APPROVED)
    return feature


def test_files_are_stored_and_the_tests_stay(model, approved, advance):
    assert advance(approved).status == Status.REVIEW

    tests = {path: content.decode() for path, (_, content) in TEST_FILES.items()}
    assert files_of(approved) == CODE | tests
    assert [(row.path, row.kind) for row in artifacts.current(approved)] == [
        ("package.json", "config"),
        ("src/main.ts", "source"),
        ("test/app.test.ts", "test"),
    ]


def marks_of(body):
    """Return where the request's breakpoints stand: "system", the numbers of turns, "end"."""
    places = ["tools" for tool in body["tools"] if "cache_control" in tool]
    places += ["system" for block in body["system"] if "cache_control" in block]
    for number, turn in enumerate(body["messages"]):
        places += [number for block in turn["content"] if "cache_control" in block]
    return places + (["end"] if "cache_control" in body else [])


def test_loop_marks_system_first_turn_last_turn_and_end(model, approved, advance, settings):
    # Its smallest cacheable prefix is shorter than this little project.
    line = settings.AGENT_CATALOG["implementer"] | {"model": "claude-sonnet-4-6"}
    settings.AGENT_CATALOG = settings.AGENT_CATALOG | {"implementer": line}

    advance(approved)

    first, second = (request["body"] for request in model.requests)
    assert [tool["name"] for tool in first["tools"]] == ["write_file", "edit_file", "read_file", "list_files"]
    assert [marks_of(first), marks_of(second)] == [["system", 0, "end"], ["system", 0, "end"]]
    assert second["messages"][: len(first["messages"])] == first["messages"]
    kinds = [block["type"] for block in second["messages"][-1]["content"]]
    assert kinds == ["tool_result", "tool_result"]
    first_run, second_run = approved.runs.all()
    assert second_run.cache_read_tokens >= first_run.cache_write_5m_tokens > 0


def test_implementer_sees_spec_plan_tests_and_files_as_data(model, approved, advance):
    advance(approved)

    inputs = inputs_of(model.requests[0]["body"])
    assert set(inputs) == {"spec", "plan", "tests_index", "test_files", "files", "findings"}
    assert (inputs["files"], inputs["findings"]) == ({}, [])


def test_refused_paths_are_told_and_recorded_and_the_loop_goes_on(model, script, approved, advance):
    bad = [
        "/etc/passwd",
        "../x.ts",
        "src/../x",
        "C:\\x",
        "test/app.test.ts",
        "SRC/main.ts",
        "src/other.ts",
        "nul.ts",
    ]
    good = [write(path, content) for path, content in CODE.items()]
    script(implementer=in_order([write(path) for path in bad], good, text("Done.")))

    assert advance(approved).status == Status.REVIEW

    refused = [event.data for event in approved.events.filter(kind="activity").exclude(data__what="asking")]
    assert [data["path"] for data in refused] == bad
    assert {data["code"] for data in refused} == {"path", "test_path", "not_planned"}
    results, _ = last_notes(model)
    assert set(CODE) | {"test/app.test.ts"} == set(files_of(approved))
    second = model.requests[1]["body"]["messages"][-1]["content"]
    assert all(block["is_error"] and "Not saved" in block["content"] for block in second)
    assert len(results) == 2


def test_odd_calls_are_answered_and_never_break_the_step(model, script, approved, advance):
    odd = [
        tool("rm", {"path": "package.json"}),
        tool("write_file", {"path": "package.json"}),
        tool("write_file", {"path": 3, "content": "x"}),
        tool("write_file", {"path": "package.json", "content": "x", "mode": "777"}),
        tool("edit_file", {"path": "package.json", "old_str": "a", "new_str": "b"}),
        tool("read_file", {"path": "/etc/passwd"}),
        tool("read_file", {"path": "test/app.test.ts"}),
        tool("list_files", {}),
    ]
    good = [write(path, content) for path, content in CODE.items()]
    script(implementer=in_order(odd, good, text("Done.")))

    assert advance(approved).status == Status.REVIEW

    results = [block["content"] for block in model.requests[1]["body"]["messages"][-1]["content"]]
    assert results[0].startswith("There is no tool of this name.")
    assert results[1] == results[3] == "write_file takes exactly these fields: path, content."
    assert results[2] == "The fields of write_file are texts."
    assert results[4].startswith("package.json does not exist yet.")
    assert results[5] == "Not read: the path is absolute."
    assert results[6] == "// CT1 AC1.1\n"
    assert results[7] == "test/app.test.ts (read only)\npackage.json MISSING\nsrc/main.ts MISSING"


def test_cut_turn_keeps_whole_calls_and_drops_the_last(model, script, approved, advance, settings):
    line = settings.AGENT_CATALOG["implementer"]
    settings.AGENT_CATALOG = settings.AGENT_CATALOG | {"implementer": line | {"max_tokens": 200}}
    long = write("src/main.ts", "// R1 AC1.1 AC1.2\n" + "x" * 2_000)
    script(
        implementer=in_order(
            [write("package.json", CODE["package.json"]), long],
            write("src/main.ts", CODE["src/main.ts"]),
            text("Done."),
        )
    )

    assert advance(approved).status == Status.REVIEW

    assert files_of(approved)["src/main.ts"] == CODE["src/main.ts"]
    second = model.requests[1]["body"]["messages"]
    assert [block["type"] for block in second[-2]["content"]] == ["tool_use"]
    assert [block["type"] for block in second[-1]["content"]] == ["tool_result", "text"]
    assert "src/main.ts was NOT saved" in second[-1]["content"][-1]["text"]
    assert approved.runs.first().failure == Failure.TRUNCATED


def test_cut_turn_without_any_whole_call_is_told_in_the_next_user_turn(
    model, script, approved, advance, settings
):
    line = settings.AGENT_CATALOG["implementer"]
    settings.AGENT_CATALOG = settings.AGENT_CATALOG | {"implementer": line | {"max_tokens": 100}}
    script(
        implementer=in_order(
            write("src/main.ts", "x" * 2_000),
            *[write(path, text) for path, text in CODE.items()],
            text("Done."),
        )
    )

    assert advance(approved).status == Status.REVIEW

    messages = model.requests[1]["body"]["messages"]
    assert [turn["role"] for turn in messages] == ["user", "user"]
    assert "src/main.ts was NOT saved" in messages[-1]["content"][0]["text"]


def test_early_end_is_nudged_with_what_is_missing(model, script, approved, advance):
    package, main = (write(path, content) for path, content in CODE.items())
    script(implementer=in_order(package, text("Done."), main, text("Done.")))

    assert advance(approved).status == Status.REVIEW

    assert "src/main.ts is missing." in json.dumps(model.requests[2]["body"]["messages"][-1])


def test_imports_that_lead_nowhere_are_nudged(model, script, approved, advance):
    broken = "// R1 AC1.1 AC1.2\nimport { x } from './lost.js';\n"
    script(
        implementer=in_order(
            [write("package.json", CODE["package.json"]), write("src/main.ts", broken)],
            text("Done."),
            tool(
                "edit_file",
                {"path": "src/main.ts", "old_str": "import { x } from './lost.js';\n", "new_str": ""},
            ),
            text("Done."),
        )
    )

    assert advance(approved).status == Status.REVIEW

    assert "the import ./lost.js leads nowhere" in json.dumps(model.requests[2]["body"]["messages"][-1])
    assert files_of(approved)["src/main.ts"] == "// R1 AC1.1 AC1.2\n"


@pytest.mark.parametrize(
    ("path", "content", "words"),
    [
        ("src/main.ts", "// AC1.1 AC1.2\n// ... rest of the code\n", "It holds a placeholder in line 2"),
        ("src/main.ts", f"// AC1.1 AC1.2\n// sk-ant-{'a' * 24}\n", "it holds what looks like a secret key"),
        ("package.json", "{", "It is not valid JSON"),
        ("package.json", '{"devDependencies": {"left-pad": "1"}}', "the package left-pad is not allowed"),
        ("package.json", '{"scripts": {"postinstall": "x"}}', "the script postinstall runs"),
    ],
)
def test_what_the_checks_would_block_is_nudged(model, script, approved, advance, path, content, words):
    script(
        implementer=in_order(
            [write(name, text) for name, text in (CODE | {path: content}).items()],
            text("Done."),
            write(path, CODE[path]),
            text("Done."),
        )
    )

    assert advance(approved).status == Status.REVIEW

    assert words in json.dumps(model.requests[2]["body"]["messages"][-1])
    assert files_of(approved)[path] == CODE[path]


def test_complete_code_goes_to_the_review_although_checks_fail_at_the_bound(model, script, approved, advance):
    bad = CODE | {"package.json": "{"}
    script(implementer=in_order([write(*each) for each in bad.items()], *[text("Done.")] * 4))

    assert advance(approved).status == Status.REVIEW
    assert advance(approved).failure == Failure.REVIEW_FAILED


def test_every_turn_reads_what_the_one_before_has_written(model, script, feature_in, advance, ada):
    files = [PLAN["files"][1] | {"id": f"F{n + 2}", "path": f"src/f{n}.ts"} for n in range(36)]
    plan = PLAN | {"files": [PLAN["files"][0], *files]}
    long = "// R1 AC1.1 AC1.2\n" + "export const a = 1; // some words to fill the file\n" * 60
    waiting = [write("package.json", CODE["package.json"]), *(write(f["path"], long) for f in files)]
    # More calls in a turn than the prompt allows: the blocks of a turn are more than the cache looks back.
    turns = [waiting[n : n + 12] for n in range(0, len(waiting), 12)]
    script(implementer=in_order(*turns, text("Done.")))
    feature, document = feature_in(Status.TESTS_READY)
    Document.objects.filter(feature=feature, kind="plan").update(data=plan)
    transitions.approve_tests(feature=feature, document=document, actor=ada, now=NOON)

    assert advance(feature).status == Status.REVIEW

    runs = list(feature.runs.filter(agent="implementer"))
    assert len(runs) == 5
    for before, run in pairwise(runs):
        assert run.cache_read_tokens == before.cache_read_tokens + before.cache_write_5m_tokens > 0
    for request in model.requests:
        marks = marks_of(request["body"])
        assert len(marks) <= 4
        users = [n for n, turn in enumerate(request["body"]["messages"]) if turn["role"] == "user"]
        assert marks == list(dict.fromkeys(["system", 0, *users[-2:-1], "end"]))


def test_call_with_broken_json_is_sent_back_as_an_empty_one():
    turn = layout.assistant([{"type": "tool_use", "id": "t1", "name": "write_file", "input": None}])

    assert turn["content"] == [{"type": "tool_use", "id": "t1", "name": "write_file", "input": {}}]


def test_step_fails_after_three_nudges_and_keeps_the_files(model, script, approved, advance):
    script(implementer=in_order(write("package.json", CODE["package.json"]), *[text("Done.")] * 4))

    advance(approved)

    assert (approved.status, approved.failure) == (Status.FAILED, Failure.INCOMPLETE_CODE)
    assert approved.failure_detail == "src/main.ts is missing."
    assert "package.json" in files_of(approved)


def test_loop_ends_after_its_turns_and_output(model, script, approved, advance, settings):
    settings.IMPLEMENT_MAX_TURNS = 3
    script(implementer=tool("list_files", {}))
    assert advance(approved).failure == Failure.INCOMPLETE_CODE
    assert approved.runs.count() == 3


def test_loop_ends_when_its_output_is_used_up(model, script, approved, advance, settings):
    settings.IMPLEMENT_MAX_OUTPUT_TOKENS = 10
    script(implementer=write("package.json", CODE["package.json"]))

    assert advance(approved).failure == Failure.INCOMPLETE_CODE
    assert approved.runs.count() == 1


def test_retry_goes_on_with_the_files_that_were_finished(model, script, approved, advance, ada):
    script(implementer=in_order(write("package.json", CODE["package.json"]), *[text("Done.")] * 4))
    advance(approved)
    transitions.retry(feature=approved, actor=ada, now=NOON)
    script(implementer=in_order(write("src/main.ts", CODE["src/main.ts"]), text("Done.")))

    assert advance(approved).status == Status.REVIEW

    inputs = inputs_of(model.requests[-2]["body"])
    assert inputs["files"] == {"package.json": CODE["package.json"]}
    assert files_of(approved)["package.json"] == CODE["package.json"]


def test_complete_files_need_no_call(model, approved, advance):
    from tests.factories import add_files

    add_files(approved, {path: ("source", content.encode()) for path, content in CODE.items()})

    assert advance(approved).status == Status.REVIEW
    assert model.requests == []


def test_repair_gets_the_findings_and_must_touch_the_code(model, script, feature_in, advance, ada):
    feature, _ = feature_in(Status.REVIEW)
    finding = FINDING | {"id": "C1", "blocking": True, "place_found": True}
    add_document(feature, "security_review", data=REVIEW)
    add_document(feature, "code_review", data=REVIEW | {"findings": [finding], "verdict": "FAIL"})
    finish(feature, Status.FAILED, failure=Failure.REVIEW_FAILED)
    transitions.retry(feature=feature, actor=ada, now=NOON)
    mended = CODE["src/main.ts"] + "export const mended = true;\n"
    script(implementer=in_order(text("All is well."), write("src/main.ts", mended), text("Done.")))

    assert advance(feature).status == Status.REVIEW

    inputs = inputs_of(model.requests[0]["body"])
    assert {
        name: next(f for f in inputs["findings"] if f["id"] == "C1")[name]
        for name in ("id", "blocking", "path", "line")
    } == {"id": "C1", "blocking": True, "path": "src/main.ts", "line": 2}
    assert "None of the findings has been worked on." in json.dumps(model.requests[1]["body"]["messages"][-1])
    assert artifacts.current(feature).get(path="src/main.ts").build == 2
    assert not Document.objects.filter(kind="code_review", superseded_at=None).exists()

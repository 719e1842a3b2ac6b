"""The demo's tool loops: how many turns, the gap shown on purpose, a restart, a repair, a refusal."""

import pytest

from agents.simulator.demo import brain, writing
from tests.agents.demo import asking
from tests.agents.demo.conversations import CASES


@pytest.fixture(scope="module")
def inputs():
    _, spec, plan, index = asking.documents_of(CASES["rooms"][0])
    return {"spec": spec, "plan": plan, "tests_index": index}


@pytest.fixture(scope="module")
def planned(inputs):
    return [file["path"] for file in inputs["plan"]["files"]]


def test_first_build_leaves_out_one_file_says_so_and_writes_it_when_told(inputs, planned):
    files, texts, count = asking.written(
        "implementer", planned, **inputs, test_files={}, files={}, findings=[]
    )

    assert list(files) == [*(path for path in planned if path != writing.LEFT_OUT), writing.LEFT_OUT]
    assert f"{writing.LEFT_OUT_NOTE} It is {writing.LEFT_OUT}." in texts
    assert count <= 6


def test_restart_writes_what_is_missing_without_the_show(inputs, planned):
    have = {path: "x" for path in planned if path not in {"README.md", writing.LEFT_OUT}}

    files, texts, _ = asking.written(
        "implementer",
        ["README.md", writing.LEFT_OUT],
        **inputs,
        test_files={},
        files=have,
        findings=[],
    )

    assert sorted(files) == ["README.md", writing.LEFT_OUT]
    assert writing.LEFT_OUT_NOTE not in "\n".join(texts)


@pytest.mark.parametrize(
    ("path", "written"), [("src/html.ts", "src/html.ts"), ("nowhere.ts", "package.json")]
)
def test_repair_writes_the_files_of_the_findings_again(inputs, planned, path, written):
    finding = {"id": "S1", "blocking": True, "path": path, "line": 3, "scenario": "Bad.", "fix": ""}

    files, _, count = asking.written(
        "implementer",
        [written],
        **inputs,
        test_files={},
        files=dict.fromkeys(planned, "x"),
        findings=[finding],
    )

    assert (list(files), count) == ([written], 2)


def test_refused_file_is_tried_twice_and_no_more(inputs, planned):
    more = []
    for count in range(1, 9):
        blocks, stop_reason = brain.respond(
            asking.request(
                "implementer",
                tools=True,
                more=more,
                **inputs,
                test_files={},
                files=dict.fromkeys(planned[1:], "x"),
                findings=[],
            )
        )
        if stop_reason == "end_turn":
            break
        calls = [block | {"id": f"toolu_{count}"} for block in blocks if block["type"] == "tool_use"]
        results = [
            {"type": "tool_result", "tool_use_id": call["id"], "content": "No.", "is_error": True}
            for call in calls
        ]
        more += [{"role": "assistant", "content": calls}, {"role": "user", "content": results}]

    assert count == 3


def test_tests_are_written_in_one_turn_and_only_there(inputs):
    files, _, count = asking.written("contract_test", ["test/app.test.ts"], **inputs, test_files={})

    assert (list(files), count) == (["test/app.test.ts"], 2)


def test_tests_that_exist_are_not_written_again(inputs):
    files, _, _ = asking.written("contract_test", ["test/app.test.ts"], **inputs, test_files={})

    blocks, stop_reason = brain.respond(
        asking.request("contract_test", tools=True, **inputs, test_files=files)
    )

    assert ([block["type"] for block in blocks], stop_reason) == (["text"], "end_turn")


def test_every_file_is_short_and_names_its_promises(inputs):
    files = asking.all_files(inputs["spec"], inputs["plan"], inputs["tests_index"])

    assert len(files) == 14
    assert [path for path, text in files.items() if text.count("\n") > 300] == []
    assert [path for path, text in files.items() if "AC1.1" not in text] == [
        "package.json",
        "tsconfig.json",
    ] or [path for path in files if path.startswith("src/") and " AC" not in files[path].split("\n")[0]] == []

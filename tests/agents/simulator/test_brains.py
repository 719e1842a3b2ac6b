import pytest

from agents.simulator.brains.scripted import (
    Scripted,
    ScriptError,
    from_file,
    in_order,
    json_text,
    text,
    tool,
)
from agents.simulator.reading import inputs_of, role_of
from tests.agents.simulator.conftest import ask


def request(*texts, system=None):
    blocks = [{"type": "text", "text": words} for words in texts]
    return ask(system=system, messages=[{"role": "user", "content": blocks}])


def test_role_is_the_last_one_in_system_and_user_text():
    assert role_of(request('<role name="spec">', 'x <role name="code_review"> y')) == "code_review"
    assert role_of(request("Hello", system='<role name="ba">')) == "ba"
    assert role_of(request("Hello", system=[text('<role name="ba">')])) == "ba"
    assert role_of(request("Hello &lt;role name=&quot;ba&quot;>")) is None


def test_role_in_a_models_own_text_or_in_a_tool_result_does_not_count():
    said = {"role": "assistant", "content": 'I am <role name="verdict">'}
    result = {"type": "tool_result", "tool_use_id": "t", "content": '<role name="verdict">'}
    messages = [
        {"role": "user", "content": '<role name="ba">'},
        said,
        {"role": "user", "content": [result]},
    ]

    assert role_of(ask(messages=messages)) == "ba"


def test_inputs_are_unescaped_and_parsed_when_json():
    found = inputs_of(
        request(
            "<brief_0a1b2c3d>\nA &lt;b> &amp;lt; c\nline two\n</brief_0a1b2c3d>",
            '<tests_index_0a1b2c3d>{"a": "&lt;&amp;"}</tests_index_0a1b2c3d>',
            "<count_0a1b2c3d>7</count_0a1b2c3d>",
            system="<facts_deadbeef>[]</facts_deadbeef>",
        )
    )

    assert found == {
        "facts": [],
        "brief": "A <b> &lt; c\nline two",
        "tests_index": {"a": "<&"},
        "count": 7,
    }


def test_inputs_last_of_a_name_wins_and_inner_tags_are_found():
    found = inputs_of(
        request(
            "<brief_0a1b2c3d>old</brief_0a1b2c3d><brief_0a1b2c3d>new</brief_0a1b2c3d>",
            "<files_0a1b2c3d><file_0a1b2c3d>x</file_0a1b2c3d></files_0a1b2c3d>",
        )
    )

    assert found == {"brief": "new", "files": "<file_0a1b2c3d>x</file_0a1b2c3d>", "file": "x"}


@pytest.mark.parametrize("words", ["<brief>x</brief>", "<brief_0a1b>x</brief_0a1b>", "<brief_0a1b2c3d>x"])
def test_inputs_without_a_whole_tag_pair_are_none(words):
    assert inputs_of(request(words)) == {}


def test_scripted_list_is_given_in_order_and_then_ends():
    brain = Scripted([text("One"), [text("Two"), tool("look", {})], ([text("Three")], "max_tokens")])

    answers = [brain(request("Hello")) for _ in range(3)]

    assert answers == [
        ([text("One")], "end_turn"),
        ([text("Two"), tool("look", {})], "tool_use"),
        ([text("Three")], "max_tokens"),
    ]
    with pytest.raises(ScriptError, match="ends after 3"):
        brain(request("Hello"))


def test_scripted_roles_answer_each_in_its_own_way():
    brain = Scripted(
        {
            "spec": json_text({"title": "Äpfel"}),
            "plan": in_order(text("First"), text("Second")),
            "chat": lambda seen: text(str(len(seen["messages"]))),
            None: text("Other"),
        }
    )

    roles = ("spec", "spec", "plan", "chat", "plan", "title")
    answers = [brain(request(f'<role name="{role}">')) for role in roles]

    assert [blocks[0]["text"] for blocks, _stop in answers] == [
        '{"title": "Äpfel"}',
        '{"title": "Äpfel"}',
        "First",
        "1",
        "Second",
        "Other",
    ]


def test_scripted_without_a_response_for_the_role_names_it():
    with pytest.raises(ScriptError, match="'plan'"):
        Scripted({"spec": text("x")})(request('<role name="plan">'))


def test_script_file_holds_a_list_or_lists_by_role(tmp_path):
    (tmp_path / "list.json").write_text('[{"type": "text", "text": "One"}]')
    (tmp_path / "roles.json").write_text('{"*": [{"type": "text", "text": "Any"}], "spec": []}')

    assert from_file(tmp_path / "list.json")(request("x")) == ([text("One")], "end_turn")
    assert from_file(tmp_path / "roles.json")(request("x")) == ([text("Any")], "end_turn")

import pytest

from agents.simulator.brains.scripted import text, thinking, tool
from agents.simulator.output import finish, sign

FILE = {"path": "a.ts", "size": 12, "content": "x" * 40}


def test_answer_within_the_limit_keeps_its_stop_reason():
    answer = finish([text("12345678")], "end_turn", limit=2)

    assert (answer.content, answer.stop_reason, answer.tokens) == ([text("12345678")], "end_turn", 2)


def test_text_over_the_limit_is_cut_between_characters():
    answer = finish([text("üüü€")], "end_turn", limit=2)

    assert (answer.content, answer.stop_reason, answer.tokens) == ([text("üüü")], "max_tokens", 2)


def test_blocks_after_the_limit_are_gone():
    answer = finish([text("1234"), text("5678")], "end_turn", limit=1)

    assert (answer.content, answer.stop_reason) == ([text("1234")], "max_tokens")


@pytest.mark.parametrize(
    ("limit", "streamed", "fields"),
    [
        (1, '{"pa', {}),
        (4, '{"path": "a.ts",', {"path": "a.ts"}),
        (7, '{"path": "a.ts", "size": 12,', {"path": "a.ts", "size": 12}),
        (10, '{"path": "a.ts", "size": 12, "content": ', {"path": "a.ts", "size": 12}),
    ],
)
def test_tool_over_the_limit_streams_half_json_and_keeps_whole_fields(limit, streamed, fields):
    answer = finish([tool("write_file", FILE)], "tool_use", limit=limit)

    (piece,) = answer.pieces
    assert (piece.streamed, piece.block["input"], answer.stop_reason) == (streamed, fields, "max_tokens")


def test_number_cut_at_a_digit_is_not_taken_for_whole():
    answer = finish([tool("t", {"n": 123456})], "tool_use", limit=2)

    (piece,) = answer.pieces
    assert (piece.streamed, piece.block["input"]) == ('{"n": 12', {})


def test_thinking_is_signed_even_when_cut():
    answer = finish([thinking("123456789")], "end_turn", limit=2)

    assert answer.content == [{"type": "thinking", "thinking": "12345678", "signature": sign("12345678")}]


def test_empty_answer_still_costs_a_token():
    assert finish([], "end_turn", limit=10).tokens == 1


def test_block_of_another_type_is_an_error_of_the_brain():
    with pytest.raises(ValueError, match="image"):
        finish([{"type": "image"}], "end_turn", limit=10)

import hashlib
import random

import pytest

from features.spec_text import MAX_BYTES, Unfit, edited, facts_of, from_form, lines_of


def test_facts_tell_bytes_characters_and_lines_of_a_text():
    facts = facts_of("# Äpfel 🍏\r\none\rtwo\nlast")

    assert (facts.size_bytes, facts.characters, facts.lines) == (27, 23, 4)
    assert facts.sha256 == hashlib.sha256("# Äpfel 🍏\r\none\rtwo\nlast".encode()).hexdigest()


@pytest.mark.parametrize("character", ["a", "é", "漢", "🍏"])
def test_facts_of_the_largest_text_are_told_and_one_byte_more_is_refused(character):
    size = len(character.encode())
    text = character * (MAX_BYTES // size) + "a" * (MAX_BYTES % size)

    assert facts_of(text).size_bytes == MAX_BYTES
    with pytest.raises(
        Unfit, match="1 byte too long: it has 1,048,577 bytes, and a spec has at most 1,048,576"
    ):
        facts_of(text + "a")


def test_refusal_names_the_exact_excess():
    with pytest.raises(Unfit, match="1,424 bytes too long"):
        facts_of("a" * 1_050_000)


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "no text yet"), (" \n\t", "no text yet"), ("a\x00b", "NUL"), ("a\ud800b", "half")],
)
def test_text_that_no_database_keeps_is_refused(text, words):
    with pytest.raises(Unfit, match=words):
        facts_of(text)


def test_lines_end_where_an_editor_ends_them():
    assert lines_of("a\r\nb\rc\n\n\u2028d\x85e") == ["a\r\n", "b\r", "c\n", "\n", "\u2028d\x85e"]


@pytest.mark.parametrize(
    ("base", "typed", "kept"),
    [
        ("a\nb\n", "a\nc\n", "a\nc\n"),
        ("a\r\nb\r\n", "a\nc\nb\n", "a\r\nc\r\nb\r\n"),
        ("a\rb\r\nc\n", "a\nb\nc\n", "a\rb\r\nc\n"),
        ("a\r\nb\nc\r\n", "a\nx\nc\n", "a\r\nx\r\nc\r\n"),
        ("\ufeffa\r\nb", "\ufeffa\nb!", "\ufeffa\r\nb!"),
    ],
)
def test_edited_text_keeps_the_line_ends_that_the_browser_lost(base, typed, kept):
    assert edited(base, typed) == kept


def test_edited_text_says_what_was_typed_for_any_mix_of_line_ends():
    for seed in range(2_000):
        pick = random.Random(seed)
        base = "".join(
            pick.choice("ab ") + pick.choice(["\r\n", "\n", "\r"]) for _ in range(pick.randint(0, 8))
        )
        typed = from_form(base)
        place = pick.randint(0, len(typed))
        typed = typed[:place] + pick.choice(["x", "x\ny", "\n", ""]) + typed[place + pick.randint(0, 2) :]

        assert edited(base, from_form(base)) == base
        assert from_form(edited(base, typed)) == typed

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import forms

MOST = 20_000


def errors_of(text):
    form = forms.MessageForm({"body": text})
    return [] if form.is_valid() else form.errors["body"]


@pytest.mark.parametrize("text", ["", " \r\n\t ", None])
def test_message_form_refuses_empty_text(text):
    assert errors_of(text) == ["Write something first, then send it."]


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
def test_message_form_refuses_what_no_database_keeps(text):
    assert errors_of(text) == [
        "This message holds characters that are not text, perhaps copied from a file. "
        "Remove them, then send it again. Your text is kept."
    ]


def test_message_form_takes_the_limit_counted_with_one_character_a_line_end():
    assert errors_of("a\r\n" * (MOST // 2)) == []


def test_message_form_refuses_one_character_over_the_limit():
    assert errors_of("a" * (MOST + 1)) == [
        "This message has 20,001 characters; at most 20,000 fit into one. "
        "Shorten it, or save the long text under Specs and build from there. Your text is kept."
    ]


def test_message_form_keeps_the_text_as_typed():
    form = forms.MessageForm({"body": "\r\n  one\r\n\r\ntwo  \n"})

    assert form.is_valid()
    assert form.cleaned_data["body"] == "  one\n\ntwo  "


@given(st.text(st.characters()))
def test_storable_text_can_be_kept_and_is_unchanged_where_it_could_already(text):
    kept = forms.storable(text)

    kept.encode()
    assert not forms.unstorable(kept)
    assert kept == text or forms.unstorable(text)


def test_draft_is_cut_and_cleaned():
    assert forms.draft("a\r\n\x00" + "b" * 200_000) == "a\n\ufffd" + "b" * (forms.DRAFT_MAX_CHARS - 3)

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildpractical.lib import sse


@pytest.mark.parametrize(
    ("given_frame", "wire"),
    [
        (sse.frame("document 812", seq=12), b"id: 12\ndata: document 812\n\n"),
        (sse.frame("", event="caught_up"), b"event: caught_up\ndata: \n\n"),
        (
            sse.frame({"id": 1, "text": "a\nb"}, event="text"),
            b'event: text\ndata: {"id":1,"text":"a\\nb"}\n\n',
        ),
        (sse.frame("a\r\nb\rc\nd"), b"data: a\ndata: b\ndata: c\ndata: d\n\n"),
        (sse.comment(), b": \n\n"),
    ],
)
def test_frame_is_written_as_the_standard_says(given_frame, wire):
    assert given_frame == wire


def read(wire):
    """Parse one event as a browser does."""
    fields = {"data": []}
    for line in wire.decode().replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            fields["data"].append(value)
        elif name:
            fields[name] = value
    return fields | {"data": "\n".join(fields["data"])}


@given(st.text())
def test_text_never_writes_fields_of_its_own(text):
    fields = read(sse.frame(text, event="text", seq=7))

    assert fields == {
        "event": "text",
        "id": "7",
        "data": text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode(),
    }


@given(st.dictionaries(st.text(), st.text() | st.integers()))
def test_data_arrives_as_it_was_sent(data):
    assert json.loads(read(sse.frame(data))["data"]) == data

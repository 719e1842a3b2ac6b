"""Log lines: one a record, JSON, without secrets."""

import json
import logging
import sys

import pytest

from buildpractical.lib import logs, redact

KEY = "sk-ant-test-0123456789abcdef"


def line(message, *args, **extra):
    """Return what our handler writes for one record."""
    record = logging.getLogger("x").makeRecord(
        "x", logging.INFO, __file__, 1, message, args, None, extra=extra
    )
    logs.MaskFilter().filter(record)
    return logs.JsonFormatter().format(record)


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        f"key={KEY}",
        f"'{KEY}'",
        f"https://x.example/?key={KEY}",
        "sk-proj-0123456789abcdef",
        "Authorization: Bearer abcdef0123",
        "authorization=Basic abcdef0123",
        "{'x-api-key': 'abcdef0123'}",
        '{"x-api-key": "abcdef0123"}',
        "[(b'x-api-key', b'abcdef0123')]",
        "X-Api-Key: abcdef0123",
        "api_key='abcdef0123'",
        "Cookie: sessionid=abcdef0123; csrftoken=0123abcdef",
        "Set-Cookie: sessionid=abcdef0123; HttpOnly",
    ],
)
def test_mask_hides_known_shapes(text):
    masked = redact.mask(f"before {text} after")

    assert "0123" not in masked
    assert masked.startswith("before ")
    assert redact.MASK in masked


@pytest.mark.parametrize(
    "text",
    [
        "task-management-list",
        "desk-0123456789",
        "GET /app/features/abc",
        "a cookie recipe",
        "sk-",
        "risk-free",
    ],
)
def test_mask_leaves_ordinary_words(text):
    assert redact.mask(text) == text


def test_live_masks_any_value_while_it_is_open_also_twice():
    with redact.live("geheim"):
        with redact.live("geheim"), redact.live("geheim-lang"):
            assert redact.mask("a geheim-lang b geheim") == "a *** b ***"
        assert redact.mask("geheim") == "***"
    assert redact.mask("geheim") == "geheim"


def test_live_with_an_empty_value_changes_nothing():
    with redact.live(""):
        assert redact.mask("abc") == "abc"


@pytest.mark.parametrize("bad", ["a\r\nb", "a\x1b[31mb", "a\u2028b", "a\u202eb", "a\x00b", "a\u0085b"])
def test_a_record_is_one_plain_line(bad):
    text = line("user said %s", bad, note=bad)

    assert text.isascii()
    assert text.isprintable()
    assert json.loads(text)["event"] == f"user said {bad}"


def test_a_line_holds_no_key_in_message_arguments_extras_or_traceback():
    try:
        raise ValueError(f"bad {KEY}")
    except ValueError:
        record = logging.getLogger("x").makeRecord(
            "x",
            logging.ERROR,
            __file__,
            1,
            "said %s",
            (KEY,),
            sys.exc_info(),
            extra={"note": KEY, "box": [KEY]},
        )
    logs.MaskFilter().filter(record)
    text = logs.JsonFormatter().format(record)

    assert KEY not in text
    assert "box" not in json.loads(text)
    assert "ValueError" in json.loads(text)["error"]


def test_a_record_that_cannot_be_formatted_does_not_reach_the_caller():
    text = line("one %s two %s", KEY)

    assert "cannot be formatted" in text
    assert KEY not in text


def test_a_formatter_without_the_filter_masks_too():
    record = logging.getLogger("x").makeRecord("x", logging.INFO, __file__, 1, KEY, (), None)

    assert KEY not in logs.JsonFormatter().format(record)

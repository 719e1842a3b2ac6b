"""What a spec's text may be, and its line ends: the same rules on every road into the library."""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass

MAX_BYTES = 1_048_576
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


class Unfit(ValueError):
    """The text cannot be a spec. Its message is for the person."""


@dataclass(frozen=True)
class Facts:
    """What the library tells of a text. lines: as an editor counts them."""

    sha256: str
    size_bytes: int
    characters: int
    lines: int


def facts_of(text):
    """Return the Facts of the text; raise Unfit when it cannot be a spec. Nothing of it is changed."""
    if "\x00" in text:
        raise Unfit(
            "This holds characters that are not text (NUL), perhaps copied from another kind of file. "
            "Remove them, then try again."
        )
    try:
        raw = text.encode()
    except UnicodeEncodeError:
        raise Unfit(
            "This holds half characters that are not text, perhaps cut out of an emoji. Remove them, then "
            "try again."
        ) from None
    if not text.strip():
        raise Unfit("There is no text yet. Write something first.")
    if len(raw) > MAX_BYTES:
        raise Unfit(too_long(len(raw)))
    return Facts(hashlib.sha256(raw).hexdigest(), len(raw), len(text), len(lines_of(text)))


def too_long(size_bytes):
    """Return the words for a text of so many bytes."""
    excess = size_bytes - MAX_BYTES
    more = "1 byte" if excess == 1 else f"{excess:,} bytes"
    return (
        f"This is {more} too long: it has {size_bytes:,} bytes, and a spec has at most {MAX_BYTES:,}. "
        "A plain letter is one byte; letters with accents, other scripts and emoji are two to four."
    )


def lines_of(text):
    """Return the lines, each with its end; only CR LF, LF and CR end a line."""
    return _LINE.findall(text)


def from_form(text):
    """Return what the person typed: a browser sends every line end as CR LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def edited(base, typed):
    """Return the typed text with the line ends of the text it was made from.

    typed: from_form() of the whole. A browser keeps no line ends: lines before the first change and after the
    last one get theirs back, those between get the kind that the base has most.
    """
    if "\r" not in base:
        return typed
    old, new = lines_of(base), lines_of(typed)
    bare = [_bare(line) for line in old]
    start = _same(bare, new)
    end = _same(bare[start:][::-1], new[start:][::-1])
    usual = Counter(_end(line) for line in old if _end(line)).most_common(1)[0][0]
    between = [line.replace("\n", usual) for line in new[start : len(new) - end]]
    text = "".join(old[:start] + between + old[len(old) - end :])
    # A lone CR that comes to stand before an LF would make one end of two.
    return text if from_form(text) == typed else typed.replace("\n", usual)


def _bare(line):
    return line[: len(line) - len(_end(line))] + ("\n" if _end(line) else "")


def _end(line):
    return line[len(line.rstrip("\r\n")) :]


def _same(one, other):
    """Return how many first items are equal."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((number for number, (left, right) in pairs if left != right), min(len(one), len(other)))

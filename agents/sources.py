"""A spec of the library as an agent reads it: whole or, when no window holds it, in parts by heading.

No part is ever cut: joined they are the text, and for each the record says what stood in the request.
"""

import hashlib
import re
from dataclasses import dataclass

from agents import catalog, layout
from agents.gateway import CallFailed
from features.failures import Failure

TAG = "spec_text"
# Fewer bytes a token than any text we know of has: a part that is too small only costs a call.
BYTES_PER_TOKEN = 2
# The shared rules, the role, the schema and the brief so far.
OTHER_TOKENS = 40_000
UNKNOWN_WINDOW = 100_000
LEAST_BYTES = 16_000
# In the talk the text goes along with each turn; a longer one is there as brief and headings.
MOST_TALK_BYTES = 200_000

_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t].*$")
_WORD = re.compile(r"\w+")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")


@dataclass(frozen=True)
class Part:
    """text[start:end] of the whole, in characters."""

    start: int
    end: int
    text: str


def parts_of(text, *, max_bytes):
    """Return the Parts of the text in order; each takes at most max_bytes in a request.

    They begin at headings; a section that is too long by itself at blank lines, then lines, then anywhere.
    """
    parts, start = [], 0
    for piece in _packed(_pieces(text, max_bytes, _CUTS), max_bytes):
        parts.append(Part(start, start + len(piece), piece))
        start += len(piece)
    return parts


def part_bytes(agent, *others):
    """Return how many bytes of a text fit into one request of the agent, next to the others (texts)."""
    line = catalog.agent(agent)
    window = catalog.profile(line.model).get("window", UNKNOWN_WINDOW)
    most_output, _ = catalog.second_try(agent)
    taken = sum(_size(layout.as_text(other)) for other in others if other)
    return max((window - most_output - OTHER_TOKENS) * BYTES_PER_TOKEN - taken, LEAST_BYTES)


def record_of(version, parts, blocks):
    """Return what was read of the version, for Document.read, from the blocks that were sent.

    Raises CallFailed when they are not the whole text, byte for byte.
    """
    whole, record = hashlib.sha256(), []
    for part, block in zip(parts, blocks, strict=True):
        raw = layout.untagged(block, TAG).encode()
        whole.update(raw)
        record.append({"start": part.start, "end": part.end, "sha256": hashlib.sha256(raw).hexdigest()})
    if whole.hexdigest() != version.sha256:
        raise CallFailed(Failure.CRASHED, permanent=True)
    return {
        "spec": version.spec.public_id,
        "version": version.number,
        "sha256": version.sha256,
        "parts": record,
    }


def is_read(brief, version):
    """Return whether the brief was written from the whole of this version."""
    return brief is not None and brief.read.get("sha256") == version.sha256


def headings_of(text):
    """Return the lines of the text that are headings, those in code left out."""
    return [line.strip() for line, is_heading in _lines(text) if is_heading]


def with_earlier(brief, before):
    """Return the brief with every line that one from the parts before has and this one lost.

    A line with an earlier one's id that says something else is a new one, and gets a number of its own: models
    begin to count anew.
    """
    if before is None:
        return brief
    kept = dict(brief)
    for group, letters in (("facts", "B"), ("out_of_scope", "OUT")):
        kept[group] = _joined(before[group], brief[group], letters)
    for group in ("users", "open_questions"):
        kept[group] = [line for line in before[group] if line not in brief[group]] + brief[group]
    return kept


def for_talk(feature, version, brief_data):
    """Return the block that tells the analyst of the text."""
    if _size(version.body) <= MOST_TALK_BYTES:
        return layout.data_block(feature, **{TAG: version.body})
    return layout.data_block(
        feature, spec_headings=headings_of(version.body), brief=brief_data or "Not written yet."
    )


def _joined(before, now, letters):
    """Return the items of both, those of before first; an id stands once."""
    texts, by_id = {item["text"] for item in now}, {item["id"]: item["text"] for item in now}
    lost = [
        item
        for item in before
        if item["text"] not in texts and not _says(by_id.get(item["id"], ""), item["text"])
    ]
    taken = {item["id"] for item in lost}
    newest = max((int(item["id"].removeprefix(letters)) for item in [*lost, *now]), default=0)
    joined = list(lost)
    for item in now:
        if item["id"] in taken:
            newest += 1
            item = item | {"id": f"{letters}{newest}"}
        joined.append(item)
    return joined


def _says(text, earlier):
    """Return whether the text holds every word of the earlier one."""
    return set(_WORD.findall(earlier.casefold())) <= set(_WORD.findall(text.casefold()))


def _size(text):
    """Return the bytes that the text takes between tags."""
    return len(layout.escaped(text).encode())


def _packed(pieces, max_bytes):
    """Yield runs of pieces, each as long as may be."""
    held, size = [], 0
    for piece in pieces:
        more = _size(piece)
        if held and size + more > max_bytes:
            yield "".join(held)
            held, size = [], 0
        held.append(piece)
        size += more
    if held:
        yield "".join(held)


def _pieces(text, max_bytes, cuts):
    if _size(text) <= max_bytes:
        yield text
        return
    cut, *finer = cuts
    for piece in cut(text, max_bytes):
        if finer:
            yield from _pieces(piece, max_bytes, finer)
        else:
            yield piece


def _lines(text):
    """Yield (line with its end, whether it is a heading)."""
    fence = ""
    for line in text.splitlines(keepends=True):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
            fence = ""
        yield line, not fence and bool(_HEADING.match(line))


def _sections(text, _max_bytes):
    return _cut(_lines(text))


def _paragraphs(text, _max_bytes):
    blank = False
    marked = []
    for line in text.splitlines(keepends=True):
        marked.append((line, blank and bool(line.strip())))
        blank = not line.strip()
    return _cut(marked)


def _single_lines(text, _max_bytes):
    return text.splitlines(keepends=True)


def _slices(text, max_bytes):
    # "&" becomes five bytes between tags; any other character has at most four.
    step = max(1, max_bytes // 5)
    return [text[start : start + step] for start in range(0, len(text), step)]


_CUTS = (_sections, _paragraphs, _single_lines, _slices)


def _cut(marked):
    """Return the lines joined, a new piece at each that is marked."""
    pieces = [[]]
    for line, begins in marked:
        if begins and pieces[-1]:
            pieces.append([])
        pieces[-1].append(line)
    return ["".join(piece) for piece in pieces if piece]

"""The difference between two texts, line by line, with bounds on time and size."""

from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice

from features.spec_text import lines_of

CONTEXT = 3
# The comparison looks at each line of one changed stretch for each match in the worst case; above this the stretch
# is shown as replaced in one piece.
MOST_PAIRS = 2_000_000
# And at each pair of equal lines for each match (measured: 15 ns each, so 10 s for 700 paragraphs that all changed,
# because of the blank lines between them); lines that make more are compared only next to others that match.
MOST_LOOKS = 20_000_000
MOST_ROWS = 2_000
MOST_CHARS = 2_000


@dataclass(frozen=True)
class Row:
    """kind: same, removed, added, or gap (text: how many lines are left out). old, new: line numbers."""

    kind: str
    text: str = ""
    old: int | None = None
    new: int | None = None
    more: int = 0


@dataclass(frozen=True)
class Diff:
    """left_out: changed and neighbouring lines beyond MOST_ROWS."""

    rows: list[Row]
    removed: int
    added: int
    left_out: int


def compare(before, after):
    """Return the Diff from one text to the other; lines that differ in their ends alone differ."""
    old, new = lines_of(before), lines_of(after)
    groups = _groups(_opcodes(old, new))
    changes = [code for group in groups for code in group if code[0] != "equal"]
    # Lazily: of texts of a million lines only the rows that are shown are made.
    rows = list(islice(_rows(groups, old, new), MOST_ROWS))
    shown = sum(row.kind != "gap" for row in rows)
    told = sum(
        i2 - i1 + (j2 - j1 if tag != "equal" else 0) for group in groups for tag, i1, i2, j1, j2 in group
    )
    return Diff(
        rows,
        removed=sum(i2 - i1 for _, i1, i2, _, _ in changes),
        added=sum(j2 - j1 for _, _, _, j1, j2 in changes),
        left_out=told - shown,
    )


def _rows(groups, old, new):
    last = 0
    for group in groups:
        if group[0][1] > last:
            yield Row("gap", more=group[0][1] - last)
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                yield from (_row("same", old[i], i + 1, j1 + i - i1 + 1) for i in range(i1, i2))
            else:
                yield from (_row("removed", old[i], i + 1, None) for i in range(i1, i2))
                yield from (_row("added", new[j], None, j + 1) for j in range(j1, j2))
        last = group[-1][2]
    if groups and last < len(old):
        yield Row("gap", more=len(old) - last)


def _row(kind, line, old, new):
    text = line.rstrip("\r\n")
    return Row(kind, text[:MOST_CHARS], old, new, more=max(0, len(text) - MOST_CHARS))


def _opcodes(old, new):
    """Return difflib's opcodes; what is equal at both ends is found first and costs nothing."""
    least = min(len(old), len(new))
    start = next((n for n in range(least) if old[n] != new[n]), least)
    end = next((n for n in range(least - start) if old[-1 - n] != new[-1 - n]), least - start)
    old_end, new_end = len(old) - end, len(new) - end
    middle = old[start:old_end], new[start:new_end]
    codes = [("equal", 0, start, 0, start)] if start else []
    if len(middle[0]) * len(middle[1]) > MOST_PAIRS:
        codes.append(("replace", start, old_end, start, new_end))
    elif middle[0] or middle[1]:
        found = SequenceMatcher(_crowd(*middle).__contains__, *middle, autojunk=False).get_opcodes()
        codes += [(tag, i1 + start, i2 + start, j1 + start, j2 + start) for tag, i1, i2, j1, j2 in found]
    if end:
        codes.append(("equal", old_end, len(old), new_end, len(new)))
    return codes


def _crowd(old, new):
    """Return the lines that stand too often on both sides to begin a match."""
    ours, theirs = Counter(old), Counter(new)
    matches = min(len(old), len(new))
    looks = {line: ours[line] * theirs[line] * matches for line in ours.keys() & theirs.keys()}
    crowd, left = set(), sum(looks.values())
    for line in sorted(looks, key=looks.get, reverse=True):
        if left <= MOST_LOOKS:
            break
        crowd.add(line)
        left -= looks[line]
    return crowd


def _groups(codes):
    """Return runs of opcodes with CONTEXT equal lines around each change."""
    groups, group = [], []
    for place, (tag, i1, i2, j1, j2) in enumerate(codes):
        if tag != "equal":
            group.append((tag, i1, i2, j1, j2))
            continue
        first, last = place == 0, place == len(codes) - 1
        size = i2 - i1
        if group and (last or size > 2 * CONTEXT):
            keep = min(size, CONTEXT)
            group.append((tag, i1, i1 + keep, j1, j1 + keep))
            groups.append(group)
            group = []
        if not last:
            keep = min(size, CONTEXT) if first or not group else size
            group.append((tag, i2 - keep, i2, j2 - keep, j2))
    if any(tag != "equal" for tag, *_ in group):
        groups.append(group)
    return groups

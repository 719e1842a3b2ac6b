"""Figures, and how they are told. Knows no Django."""

import math
from dataclasses import asdict, dataclass

OK, MISSED, NOT_MEASURED, NO_LIMIT = "ok", "MISSED", "NOT MEASURED", "-"
HEADINGS = ("figure", "measured", "to hold", "ratio", "")


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    measured: None when it could not be measured; note then says why. hold: the most it may be; at_least: the
    least; both None where it is told for information. ratio: to its baseline in the same run, which note names.
    """

    name: str
    measured: float | None
    unit: str
    hold: float | None = None
    at_least: float | None = None
    ratio: float | None = None
    note: str = ""

    @property
    def verdict(self):
        if self.measured is None:
            return NOT_MEASURED
        if self.hold is None and self.at_least is None:
            return NO_LIMIT
        too_much = self.hold is not None and self.measured > self.hold
        too_little = self.at_least is not None and self.measured < self.at_least
        return MISSED if too_much or too_little else OK


def percentile(values, percent):
    """Return the smallest of the values that at least so many percent do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(math.ceil(len(ordered) * percent / 100), 1) - 1]


def median(values):
    return percentile(values, 50)


def as_rows(figures):
    """Return what the JSON file keeps of the figures."""
    return [asdict(figure) | {"verdict": figure.verdict} for figure in figures]


def as_text(figures):
    """Return the table, its notes and one sentence that says how it stands."""
    cells = [HEADINGS, *(_cells(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEADINGS))]
    lines = [_line(row, widths) for row in cells]
    lines.insert(1, "-" * max(map(len, lines)))
    notes = [f"  {figure.name}: {figure.note}" for figure in figures if figure.note]
    return "\n".join([*lines, "", *notes, "", summary(figures)])


def summary(figures):
    """Return how many figures are held, and the names of those that are not."""
    held = [figure for figure in figures if figure.verdict == OK]
    limited = [figure for figure in figures if figure.verdict != NO_LIMIT]
    text = f"{len(held)} of {len(limited)} figures are held."
    for verdict in (MISSED, NOT_MEASURED):
        if names := [figure.name for figure in figures if figure.verdict == verdict]:
            text += f" {verdict}: {'; '.join(names)}."
    return text


def _cells(figure):
    return (
        figure.name,
        _amount(figure.measured, figure.unit),
        _limit(figure),
        "" if figure.ratio is None else f"{figure.ratio:.2f}×",
        figure.verdict,
    )


def _limit(figure):
    if figure.at_least is not None:
        return f"≥ {_amount(figure.at_least, figure.unit)}"
    return "" if figure.hold is None else f"≤ {_amount(figure.hold, figure.unit)}"


def _line(row, widths):
    # Names to the left, numbers to the right.
    name, *numbers, verdict = row
    middle = [text.rjust(width) for text, width in zip(numbers, widths[1:-1], strict=True)]
    return "  ".join([name.ljust(widths[0]), *middle, verdict]).rstrip()


def _amount(value, unit):
    if value is None:
        return "?"
    digits = 0 if value == int(value) or abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:.{digits}f} {unit}"

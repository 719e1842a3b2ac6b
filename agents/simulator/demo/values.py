"""Choices in words: "ordered, baking or ready"."""

import re

from agents.simulator.demo.fields import MAX_LABEL_CHARS, is_fieldish

MAX_VALUES = 12


def values_of(text):
    """Return (choices, what follows them) of a text such as "A, B or C, and a price"."""
    text = re.sub(r"^(?:from|either|one of|(?:the )?following|these)\s*:?\s+", "", text.strip(), flags=re.I)
    going = re.search(r"\s+to\s+", text) and not re.search(r",|\sor\s", text)
    splitter = (
        r"\s*(,\s*(?:and|or)\s+|\s+(?:or|and|then)\s+|\s+to\s+|[,;/|])\s*"
        if going
        else (
            r"\s*(,\s*(?:and\s+|or\s+)?(?:then|finally|later)\s+|,\s*(?:and|or)\s+|\s+(?:or|and|then)\s+|"
            r"[,;/|])\s*"
        )
    )
    parts = re.split(splitter, text)
    values, first = [], parts[0]
    for index in range(0, len(parts), 2):
        separator = parts[index - 1] if index else ""
        # "new / ready / sold, and a price": what stands behind the comma is no choice any more.
        slashed = index > 2 and parts[1].strip() in {"/", "|"} and separator.strip()[:1] in {",", ";"}
        if index and (slashed or _ends_values(parts[index], separator, first)):
            return _clean_values(values), "".join(parts[index:])
        values.append(parts[index])
        if re.fullmatch(r",?\s*(?:or|and)", separator.strip(), re.I) and index + 2 < len(parts):
            return _clean_values(values), "".join(parts[index + 2 :])
    return _clean_values(values), ""


def _ends_values(part, separator, first):
    article = re.compile(
        r"^(?:an?|the|its|their|optional(?:ly)?|required|whether|when|how|who|where|also|plus|"
        r"(?:is|are|was|has) (?:it|they))(?=\s)",
        re.I,
    )
    if article.match(part) and not article.match(first):
        return True
    return "and" in separator.lower() and is_fieldish(part) and not is_fieldish(first)


def _clean_values(parts):
    values = []
    for part in parts:
        part = _DROPPED_IN_VALUE.sub(" ", part)
        part = re.sub(
            r"^(?:an?|the|maybe|either|both|just|is|are|already)\s+(?=\S)", "", part.strip(), flags=re.I
        )
        value = " ".join(part.split()).strip(" .!?:;,\"'-").strip()
        if value and len(value) <= MAX_LABEL_CHARS and value.lower() not in {v.lower() for v in values}:
            values.append(value)
    # Only the first is written large: it stood at the start of a sentence.
    if values and values[0][:1].isupper() and len(values) > 1 and not any(v != v.lower() for v in values[1:]):
        values[0] = values[0][:1].lower() + values[0][1:]
    return tuple(values[:MAX_VALUES])


_DROPPED_IN_VALUE = re.compile(r"[()\[\]{}\"]|[.!?;:](?=\s|$)")

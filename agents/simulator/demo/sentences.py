"""The sentence for a list in a brief, "For each tool: name (required) and notes (optional).", and its reading."""

import re

from agents.simulator.demo import wording
from agents.simulator.demo.fields import TYPE_NAMES, Field, type_of

_SENTENCE = re.compile(r"^For each ([^().,;:]{1,80}?): ([^()]{1,60} \(.+\))\.?$")
_PART = re.compile(r"([^(),;]{1,60}) \(([^()]*)\)(?:, | and |$)")
# Words that `fact_of` does not write: the general rules know what to do with them.
_BY_HAND = re.compile(r"^(?:an?|the|and|its|their|optional|required|whether|when)\s", re.I)
_TYPES = {name: kind for kind, name in TYPE_NAMES.items()}


def fact_of(entity):
    """Return the sentence for a list."""
    parts = [_words_of(field) for field in entity.fields]
    return f"For each {entity.label}: {wording.joined(parts)}."


def read_fact(text):
    """Return (label, fields) of a sentence that `fact_of` wrote, perhaps with a changed mark; else None."""
    sentence = _SENTENCE.match(text)
    if not sentence:
        return None
    fields, position = [], 0
    for part in _PART.finditer(sentence.group(2)):
        field = _field_of(part.group(1), part.group(2))
        if part.start() != position or field is None:
            return None
        fields.append(field)
        position = part.end()
    return (sentence.group(1), fields) if position == len(sentence.group(2)) else None


def _words_of(field):
    said = []
    if field.type == "enum":
        said.append(f"choices: {', '.join(field.values)}")
    elif field.type == "boolean" or field.type != type_of(field.label):
        said.append(TYPE_NAMES[field.type])
    if field.type != "boolean":
        said.append("required" if field.required else "optional")
    return f"{field.label} ({'; '.join(said)})"


def _field_of(label, inside):
    said = inside.split("; ")
    if said == [TYPE_NAMES["boolean"]]:
        return Field(label, "boolean", False)
    if _BY_HAND.match(label) or said[-1] not in {"required", "optional"} or len(said) > 2:
        return None
    required = said[-1] == "required"
    if len(said) == 1:
        return Field(label, type_of(label), required)
    if said[0].startswith("choices: "):
        values = tuple(dict.fromkeys(said[0].removeprefix("choices: ").split(", ")))
        # "a and b" as one choice is how people write two: the general rules read that.
        sound = all(values) and not any(re.search(r"\b(?:and|or)\b|[,;/|]", value) for value in values)
        return Field(label, "enum", required, values) if sound else None
    return Field(label, _TYPES[said[0]], required) if said[0] in _TYPES else None

"""The person's corrections to a brief (settings.BRIEF_EDITOR)."""

from pydantic import ValidationError

from agents import render
from agents.contracts import Brief

LINES = {"users": 20, "facts": 100, "out_of_scope": 50}


def edited(previous, parts):
    """Return (data, body) of the brief with the person's corrections.

    previous: the data of the brief that was corrected. parts: title, purpose (text); users, facts,
    out_of_scope (lists of lines). A line that stays keeps its id; a new one gets the next free id.
    Raises ValueError with words for the person.
    """
    for name, most in LINES.items():
        if len(parts[name]) > most:
            raise ValueError(f"That is more than {most} lines. Please join or leave out some.")
    data = previous | {
        "title": parts["title"],
        "purpose": parts["purpose"],
        "users": parts["users"],
        "facts": _with_ids(parts["facts"], previous["facts"], "B", {"topic": "data"}),
        "out_of_scope": _with_ids(parts["out_of_scope"], previous["out_of_scope"], "OUT", {}),
    }
    try:
        brief = Brief.model_validate(data).model_dump()
    except ValidationError as error:
        raise ValueError(_words(error)) from None
    return brief, render.brief(brief)


def _with_ids(lines, before, letters, extra):
    known = {item["text"]: item for item in before}
    # A corrected line keeps the id of the line it replaces when all others stand where they stood.
    same_length = len(lines) == len(before)
    newest = max((int(item["id"].removeprefix(letters)) for item in before), default=0)
    items, used = [], set()
    for index, line in enumerate(lines):
        item = known.get(line)
        if item is None and same_length and before[index]["text"] not in lines:
            item = before[index] | {"text": line}
        if item is None or item["id"] in used:
            newest += 1
            item = extra | {"id": f"{letters}{newest}", "text": line}
        used.add(item["id"])
        items.append(item)
    return items


def _words(error):
    first = error.errors()[0]
    field = str(first["loc"][0]).replace("_", " ")
    if first["type"] == "string_too_short":
        return f"Please fill in: {field}."
    if first["type"] == "string_too_long":
        return f"One line under “{field}” is too long: at most {first['ctx']['max_length']:,} characters."
    return f"Please check: {field}."

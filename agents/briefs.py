"""The person's corrections to a brief (settings.BRIEF_EDITOR)."""

import re

from pydantic import ValidationError

from agents import render
from agents.contracts import Brief


def edited(previous, parts, *, used_ids=frozenset()):
    """Return (data, body) of the brief with the person's corrections.

    previous: the data of the brief that was corrected. parts: title, purpose (text); users, facts,
    out_of_scope, perhaps open_questions (lists of lines). used_ids: of all earlier revisions. A line that
    stays keeps its id; a new one gets the next number that was never used.
    Raises ValueError with words for the person.
    """
    data = previous | {
        "title": parts["title"],
        "purpose": parts["purpose"],
        "users": parts["users"],
        "facts": _with_ids(parts["facts"], previous["facts"], "B", {"topic": "data"}, used_ids),
        "out_of_scope": _with_ids(parts["out_of_scope"], previous["out_of_scope"], "OUT", {}, used_ids),
        "open_questions": parts.get("open_questions", previous["open_questions"]),
    }
    try:
        brief = Brief.model_validate(data).model_dump()
    except ValidationError as error:
        raise ValueError(_words(error)) from None
    return brief, render.brief(brief)


def _with_ids(lines, before, letters, extra, used_ids):
    known = {item["text"]: item for item in before}
    # A corrected line keeps the id of the line it replaces when all others stand where they stood.
    same_length = len(lines) == len(before)
    ids = {item["id"] for item in before} | set(used_ids)
    numbers = [int(found[1]) for each in ids if (found := re.fullmatch(rf"{letters}(\d+)", each))]
    newest = max(numbers, default=0)
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

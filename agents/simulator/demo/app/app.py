"""The files of the generated app, for any lists: fixed templates, and what follows from the lists."""

import json
import re
from pathlib import Path

from agents.simulator.demo import wording
from agents.simulator.demo.app import names
from agents.simulator.demo.draft import heading_index
from agents.simulator.demo.fields import numbers_of

_TEMPLATE = Path(__file__).parent / "template"
_SQL_TYPES = {
    "string": "VARCHAR(200)",
    "text": "VARCHAR(5000)",
    "number": "DOUBLE PRECISION",
    "date": "DATE",
    "boolean": "BOOLEAN",
    "email": "VARCHAR(200)",
    "enum": "VARCHAR(200)",
}
_KIND_WORDS = {
    "string": "a short text",
    "text": "a longer text",
    "number": "a number",
    "date": "a date",
    "boolean": "yes or no",
    "email": "an e-mail address",
}
TEMPLATES = (
    "package.json",
    "tsconfig.json",
    "src/types.ts",
    "src/validate.ts",
    "src/store.ts",
    "src/html.ts",
    "src/server.ts",
    "src/main.ts",
    "README.md",
    "docs/using-the-app.md",
    "docs/data.md",
    "docs/limits.md",
)


def title_of(entities):
    """Return "Tools and members"."""
    return wording.capital(wording.joined(wording.plural(entity.label) for entity in entities))


def render(path, *, entities, trace, outside, test_paths):
    """Return the content of one file.

    trace: the ids that the file serves, "R1 AC1.1 …". outside: sentences on what the app does not do.
    test_paths: the test files. A path that the demo does not know gets a file that says so.
    """
    if path == "db/schema.sql":
        return _schema(entities, trace)
    if path not in TEMPLATES:
        return _unknown(path, trace)
    text = (_TEMPLATE / path).read_text(encoding="utf-8")
    values = dict(_values(path, entities, trace, outside, test_paths))
    # In one pass: what a person typed is never searched for places to fill.
    return re.sub(r"@@([a-z_]+)@@", lambda place: values[place.group(1)], text)


def tables(entities):
    """Return one CREATE TABLE statement for each list."""
    _, table_names, _ = names.of_lists(entities)
    return [_table(entity, table) for entity, table in zip(entities, table_names, strict=True)]


def _values(path, entities, trace, outside, test_paths):
    title = title_of(entities)
    slugs, _, _ = names.of_lists(entities)
    yield "trace", f"// {trace}" if path.endswith(".ts") else f"<!-- {trace} -->"
    yield "test_files", " ".join(f"dist/{path.removesuffix('.ts')}.js" for path in test_paths)
    yield "package_name", f"demo-{slugs[0]}"
    yield "first_slug", slugs[0]
    yield "app_title", json.dumps(title, ensure_ascii=False)
    yield (
        "lists",
        "\n".join(
            _list(entity, slug, [e.label for e in entities])
            for entity, slug in zip(entities, slugs, strict=True)
        ),
    )
    yield "title", markdown(title)
    yield "data", "\n\n".join(map(_data, entities))
    yield "pages", "\n".join(_page_words(entity) for entity in entities)
    yield "outside", "\n".join(f"- {markdown(each)}" for each in outside)


def _list(entity, slug, labels):
    keys = names.of_fields(entity.fields)
    heading = keys[heading_index(entity.fields, labels) or 0].key
    lines = []
    for name, field in zip(keys, entity.fields, strict=True):
        parts = {
            "key": name.key,
            "label": wording.capital(field.label),
            "kind": field.type,
            "required": field.required,
            "choices": list(field.values),
            "numbers": numbers_of(field),
        }
        said = ", ".join(f"{part}: {json.dumps(value, ensure_ascii=False)}" for part, value in parts.items())
        lines.append(f"      {{ {said} }},")
    many = wording.capital(wording.plural(entity.label))
    top = {"slug": slug, "one": entity.label, "many": many, "heading": heading}
    said = ", ".join(f"{part}: {json.dumps(value, ensure_ascii=False)}" for part, value in top.items())
    return "\n".join(["  {", f"    {said},", "    fields: [", *lines, "    ],", "  },"])


def _schema(entities, trace):
    return "\n".join(
        [
            f"-- {trace}",
            "-- Demo: the app itself keeps its data in one file. These tables hold the same, for the day "
            "when",
            "-- the data moves to a database.",
            "",
            "\n\n".join(tables(entities)),
            "",
        ]
    )


def _table(entity, table):
    lines = ["  id CHAR(36) PRIMARY KEY"]
    for name, field in zip(names.of_fields(entity.fields), entity.fields, strict=True):
        line = f"  {name.column} {_SQL_TYPES[field.type]}"
        if field.required or field.type == "boolean":
            line += " NOT NULL"
        if field.type == "enum":
            choices = ", ".join(_quoted(value) for value in field.values)
            line += f" CHECK ({name.column} IN ({choices}))"
        lines.append(line)
    return f"CREATE TABLE {table} (\n" + ",\n".join(lines) + "\n);"


def _quoted(value):
    return "'" + value.replace("'", "''") + "'"


def markdown(text):
    """Return the text so that Markdown shows it as it is."""
    line = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")
    for mark in "\\`*_[]#|":
        line = line.replace(mark, f"\\{mark}")
    return line


def _data(entity):
    rows = [
        f"| {markdown(field.label)} | {markdown(_kind(field))} | {_must(field)} |" for field in entity.fields
    ]
    head = ["| Detail | What it holds | Must be filled in |", "| --- | --- | --- |"]
    return "\n".join([f"## {markdown(wording.capital(wording.plural(entity.label)))}", "", *head, *rows])


def _kind(field):
    return f"one of: {', '.join(field.values)}" if field.type == "enum" else _KIND_WORDS[field.type]


def _must(field):
    return "yes" if field.required and field.type != "boolean" else "no"


def _page_words(entity):
    must = [field.label for field in entity.fields if _must(field) == "yes"]
    said = f"must have: {wording.joined(must)}" if must else "needs nothing in particular"
    many, one = wording.capital(wording.plural(entity.label)), entity.label
    return markdown(f"{many}: one page with all of them. Each {one} {said}.").join(["- ", ""])


def _unknown(path, trace):
    note = "The demo has no rule for this file."
    if path.endswith(".json"):
        return "{}\n"
    if path.endswith((".ts", ".js", ".mts")):
        return f"// {trace}\n// {note}\nexport {{}};\n"
    if path.endswith(".sql"):
        return f"-- {trace}\n-- {note}\n"
    return f"{note} ({trace})\n"

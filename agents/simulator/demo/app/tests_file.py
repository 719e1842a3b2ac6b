"""The test file of the generated app: one test for each entry of the index that names it."""

import json
import re
from pathlib import Path

from agents.simulator.demo.app import names
from agents.simulator.demo.app.app import heading_index
from agents.simulator.demo.fields import numbers_of

_TEMPLATE = Path(__file__).parent / "template" / "app.test.ts"

# {list} is the list's address, {row} the name of its example in the test file, {other} a second example.
_BODIES = {
    ("show", "positive"): ["await save(app, {list}, {row});", "await shows(app, `/${{{list}}}`, {row});"],
    ("add", "positive"): [
        "await save(app, {list}, {other});",
        "await shows(app, `/${{{list}}}`, {other});",
    ],
    ("refuse", "positive"): ["await save(app, {list}, {row}Least);"],
    ("refuse", "negative"): [
        "await refuses(app, {list}, {{}}, {row}Must);",
        "await refuses(app, {list}, {row}Wrong, Object.keys({row}Wrong));",
    ],
    ("change", "positive"): [
        "await save(app, {list}, {row});",
        "const address = await rowAddress(app, {list});",
        "assert.equal((await app.post(address, {other})).status, 303);",
        "await shows(app, `/${{{list}}}`, {other});",
        "await shows(app, `/${{{list}}}`, {{ heading: {row}.{heading} }}, false);",
    ],
    ("delete", "positive"): [
        "await save(app, {list}, {row});",
        "const address = await rowAddress(app, {list});",
        "assert.ok((await app.get(`${{address}}/delete`)).text.includes(asHtml({row}.{heading})));",
        "await shows(app, `/${{{list}}}`, {row});",
        "assert.equal((await app.post(`${{address}}/delete`, {{}})).status, 303);",
        "await shows(app, `/${{{list}}}`, {{ heading: {row}.{heading} }}, false);",
        "assert.equal((await app.get(address)).status, 404);",
    ],
    ("search", "positive"): [
        "await save(app, {list}, {row});",
        "await save(app, {list}, {other});",
        "await shows(app, `/${{{list}}}?q=SECOND`, {{ heading: {other}.{heading} }});",
        "await shows(app, `/${{{list}}}?q=SECOND`, {{ heading: {row}.{heading} }}, false);",
        'assert.ok((await app.get(`/${{{list}}}?q=zzzz`)).text.includes("Nothing found."));',
    ],
    ("foreign", "positive"): ["await save(app, {list}, {row});"],
    ("foreign", "negative"): [
        'const answer = await app.post(`/${{{list}}}`, {row}, {{ origin: "http://example.org" }});',
        "assert.equal(answer.status, 403);",
        "await shows(app, `/${{{list}}}`, {row}, false);",
    ],
    ("typed", "positive"): [
        "const typed = {{ ...{row}, {heading}: '<b>A&B</b> \"C\"' }};",
        "await save(app, {list}, typed);",
        'assert.ok((await app.get(`/${{{list}}}`)).text.includes("&lt;b&gt;A&amp;B&lt;/b&gt; &quot;C&quot;"));',
    ],
    ("unknown", "positive"): ['assert.equal((await app.get("/")).location, `/${{{list}}}`);'],
    ("unknown", "negative"): [
        'const answer = await app.get("/there-is-no-such-page");',
        "assert.equal(answer.status, 404);",
        'assert.ok(answer.text.includes("There is nothing at this address."));',
        "assert.equal((await app.get(`/${{{list}}}/no-such-row`)).status, 404);",
    ],
    ("restart", "positive"): [
        "await save(app, {list}, {row});",
        "await running(app.file, (again) => shows(again, `/${{{list}}}`, {row}));",
    ],
    ("other", "positive"): ["assert.equal((await app.get(`/${{{list}}}`)).status, 200);"],
    ("other", "negative"): ['assert.equal((await app.get("/there-is-no-such-page")).status, 404);'],
}
_NUMBERS = {"count": ("12", "7"), "money": ("12.50", "7.00")}
_BODIES["damaged", "positive"] = _BODIES["restart", "positive"]
_DAMAGED = [
    "test({title}, async () => {{",
    '  const broken = "{{ broken";',
    "  await assert.rejects(withApp(async () => {{}}, broken), /is damaged/);",
    '  const folder = mkdtempSync(join(tmpdir(), "app-test-"));',
    '  const file = join(folder, "app.json");',
    "  writeFileSync(file, broken);",
    "  assert.throws(() => new Store(file), /is damaged/);",
    '  assert.equal(readFileSync(file, "utf8"), broken);',
    "  rmSync(folder, {{ recursive: true }});",
    "}});",
]


def render(tests, *, promises, entities, trace):
    """Return the text of one test file.

    tests: entries of the tests index, all with the same path. promises: specs.Promise by criterion.
    """
    slugs, _, variables = names.of_lists(entities)
    # Names that the test file uses itself must stay free.
    variables = [f"{variable}Row" for variable in variables]
    rows, bodies = [], []
    labels = [entity.label for entity in entities]
    for entity, slug, variable in zip(entities, slugs, variables, strict=True):
        rows.append(_examples(entity, slug, variable, labels))
    places = {entity.label: index for index, entity in enumerate(entities)}
    for test in tests:
        promise = next((promises[name] for name in test["criteria"] if name in promises), None)
        kind = promise.kind if promise else "other"
        index = places.get(promise.entity.label, 0) if promise and promise.entity else 0
        bodies.append(_test(test, kind, entities[index], variables[index], labels))
    text = _TEMPLATE.read_text(encoding="utf-8")
    values = {"trace": trace, "rows": "\n\n".join(rows), "tests": "\n\n".join(bodies)}
    text = re.sub(r"@@([a-z_]+)@@", lambda place: values[place.group(1)], text)
    return _without_unused(text)


def _test(test, kind, entity, variable, labels):
    title = json.dumps(test["title"], ensure_ascii=False)
    if (kind, test["kind"]) == ("damaged", "negative"):
        return "\n".join(line.format(title=title) for line in _DAMAGED)
    keys = names.of_fields(entity.fields)
    lines = _BODIES.get((kind, test["kind"])) or _BODIES["other", test["kind"]]
    told = {
        "list": f"{variable}List",
        "row": variable,
        "other": f"{variable}Second",
        "heading": keys[heading_index(entity.fields, labels) or 0].key,
    }
    body = "\n".join(f"  {line.format(**told)}" for line in lines)
    return f"test({title}, () => withApp(async (app) => {{\n{body}\n}}));"


def _examples(entity, slug, variable, labels):
    keys = [name.key for name in names.of_fields(entity.fields)]
    heading = heading_index(entity.fields, labels) or 0
    both = list(zip(keys, entity.fields, strict=True))
    first = {key: _example(field, 0) for key, field in both}
    second = {key: _example(field, 1) for key, field in both}
    first[keys[heading]], second[keys[heading]] = "First & best", "Second <one>"
    must = [key for key, field in both if field.required and field.type != "boolean"]
    wrong = {key: value for key, field in both if (value := _wrong(field))}
    constants = {
        f"{variable}List": slug,
        variable: first,
        f"{variable}Second": second,
        f"{variable}Least": {key: first[key] for key in must},
        f"{variable}Must": must,
        f"{variable}Wrong": wrong,
    }
    return "\n".join(f"const {name} = {_literal(value)};" for name, value in constants.items())


def _example(field, which):
    return {
        "string": f"{field.label} {'one' if which == 0 else 'two'}",
        "text": "A longer text & more" if which == 0 else "Another text",
        "number": _NUMBERS.get(numbers_of(field), ("12.5", "7"))[which],
        "date": ("2026-01-31", "2027-02-28")[which],
        "boolean": ("yes", "no")[which],
        "email": ("ann@example.org", "bo@example.org")[which],
        "enum": (*field.values, field.values[0])[min(which, len(field.values))] if field.values else "",
    }[field.type]


def _wrong(field):
    return {
        "string": "x" * 201,
        "text": "x" * 5001,
        "number": "a dozen" if numbers_of(field) == "any" else "-1",
        "date": "2026-02-30",
        "boolean": "",
        "email": "nobody",
        "enum": "no such choice",
    }[field.type]


def _literal(value):
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key}: {_literal(each)}' for key, each in value.items())} }}"
    if isinstance(value, str) and len(value) > 200:
        return f'"x".repeat({len(value)})'
    return json.dumps(value, ensure_ascii=False)


def _without_unused(text):
    """Leave out the examples that no test uses: the strict checker refuses them."""
    lines = text.split("\n")
    kept = []
    for line in lines:
        name = re.match(r"^const (\w+) = ", line)
        if name and not line.startswith("const HTML") and len(re.findall(rf"\b{name.group(1)}\b", text)) < 2:
            continue
        kept.append(line)
    return "\n".join(kept)

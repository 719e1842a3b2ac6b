"""Documents as Markdown: plain words first, ids visible. Text of people and models cannot become markup."""

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]#])")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "~": "&#126;"})
_BLOCK_START = re.compile(r"^(\d+)([.)])|^([-+])")

PRIORITIES = {"must": "must have", "should": "should have", "could": "could have"}
KINDS = {
    "string": "short text",
    "text": "long text",
    "number": "number",
    "date": "date",
    "boolean": "yes or no",
    "email": "e-mail address",
    "enum": "one of",
}


def text(value):
    """Return the value as one line of Markdown that reads exactly as it is written."""
    line = " ".join(str(value).split()).translate(_ENTITIES)
    line = _SPECIAL.sub(r"\\\1", line)
    return _BLOCK_START.sub(lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", line)


def brief(data):
    parts = [f"# {text(data['title'])}", text(data["purpose"])]
    parts += _section("Who uses it", _lines(data["users"]))
    parts += _section("What we agreed", [f"- {text(f['text'])} ({f['id']})" for f in data["facts"]])
    parts += _section("Not part of it", _with_ids(data["out_of_scope"]))
    parts += _section("Still open", _lines(data["open_questions"]))
    return _document(parts, data)


def spec(data):
    parts = ["# What will be built", *_summary(data)]
    for requirement in data["requirements"]:
        title = f"{text(requirement['title'])} ({requirement['id']}, {PRIORITIES[requirement['priority']]})"
        lines = []
        for criterion in requirement["criteria"]:
            lines.append(f"- {text(criterion['ears'])} ({criterion['id']})")
            lines.append(f"    - How it is checked: {text(criterion['verify'])}")
        parts += [f"## {title}", text(requirement["story"]), "\n".join(lines)]
    for entity in data["entities"]:
        parts += [f"## What is kept: {text(entity['name'])}", _fields(entity)]
    parts += _section("Who uses it", _lines(data["roles"]))
    parts += _section("How well it must work", _with_ids(data["nonfunctional"]))
    parts += _section(
        "What we assumed",
        [f"- {text(a['text'])} ({a['id']}; {text(a['source'])})" for a in data["assumptions"]],
    )
    parts += _section("Not part of it", _with_ids(data["out_of_scope"]))
    parts += _section("Still open", _lines(data["open_questions"]))
    return _document(parts, data)


def plan(data):
    parts = ["# How it will be built", *_summary(data)]
    parts += _section("Built with", _lines(data["stack"]))
    parts += _section(
        "Packages",
        [
            f"- {text(d['name'])} {text(d['range'])}, licence {text(d['licence'])}: {text(d['why'])}"
            for d in data["dependencies"]
        ]
        or ["None."],
    )
    rows = [
        f"| {f['id']} | {text(f['path'])} | {text(f['purpose'])} | {text(', '.join(f['requirements']))} |"
        for f in data["files"]
    ]
    parts += ["## Files", _table("| | File | What it is for | For |", rows)]
    rows = [
        f"| {t['id']} | {text(t['title'])} | {', '.join(t['files'])} | {', '.join(t['criteria'])} "
        f"| {', '.join(t['depends_on'])} |"
        for t in data["tasks"]
    ]
    parts += ["## Tasks", _table("| | Task | Files | For | After |", rows)]
    parts += _section("How data is kept", [code(statement) for statement in data["sql"]], between="\n\n")
    parts += _section("What could go wrong", _lines(data["risks"]))
    return _document(parts, data)


def tests(data):
    parts = ["# How it will be checked", *_summary(data)]
    for path in dict.fromkeys(test["path"] for test in data["tests"]):
        lines = [
            f"- {text(test['title'])} ({test['id']}; {', '.join(test['criteria'])}; {test['kind']})"
            for test in data["tests"]
            if test["path"] == path
        ]
        parts += [f"## {text(path)}", "\n".join(lines)]
    return _document(parts, data)


def review(data, *, title, demo=False):
    """data: contracts.Review with what agents.steps.verdict added to it. demo: no model was asked."""
    parts = [f"# {title}", f"**{'Passed' if data['verdict'] == 'PASS' else 'Not passed'}.**", *_summary(data)]
    who = "Looked through by fixed rules, no AI model" if demo else "Reviewed by a model"
    parts.append(f"{who}; the code was read, not run. This is no certificate.")
    for finding in data["findings"]:
        parts += [_finding_title(finding), *_finding_body(finding)]
    rows = [
        f"| {text(c['control'])} | {c['status'].replace('_', ' ').replace('na', 'does not apply')} "
        f"| {text(c['evidence'])} |"
        for c in data["checked"]
    ]
    if rows:
        parts += ["## Rules that were checked", _table("| Rule | Result | Where |", rows)]
    rows = [
        f"| {c['criterion']} | {c['status'].replace('_', ' ')} | {', '.join(map(text, c['files']))} "
        f"| {', '.join(map(text, c['tests']))} |"
        for c in data["coverage"]
    ]
    if rows:
        parts += ["## What was promised", _table("| Promise | Result | Files | Tests |", rows)]
    parts += _section("Found by fixed checks", _lines(data.get("fixed_checks", [])))
    parts += _section("Promises that the reviewer left out", _lines(data.get("not_assessed", [])))
    parts += _section("Rules that the reviewer left out", _lines(data.get("not_checked", [])))
    return _document(parts, data)


def _finding_title(finding):
    weight = f"{finding['severity']}{', must be mended' if finding.get('blocking') else ''}"
    return f"## {finding.get('id', '')} {text(finding['path'])}, line {finding['line']} ({weight})".replace(
        "  ", " "
    )


def _finding_body(finding):
    body = [text(finding["scenario"]), f"How to mend it: {text(finding['fix'])}"]
    about = ", ".join(map(text, filter(None, [finding["control"], *finding["criteria"]])))
    if about:
        body.append(f"About: {about}.")
    if not finding.get("place_found", True):
        body.append("This place does not exist in the code, so the finding does not count.")
    return body


def code(value):
    """Return a fenced block; a fence inside the text cannot close it."""
    longest = max((len(run) for run in re.findall(r"`+", value)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{value.strip()}\n{fence}"


def _document(parts, data):
    notes = [f"- {text(note)}" for note in data["injection_notes"]]
    parts += _section("Orders found in the text, and not followed", notes)
    if gone := data.get("withdrawn"):
        parts.append(f"No longer used: {', '.join(map(text, gone))}.")
    return "\n\n".join(part for part in parts if part) + "\n"


def _summary(data):
    return [text(line) for line in data["summary"]]


def _section(title, lines, *, between="\n"):
    return [f"## {title}", between.join(lines)] if lines else []


def _lines(values):
    return [f"- {text(value)}" for value in values]


def _with_ids(items):
    return [f"- {text(item['text'])} ({item['id']})" for item in items]


def _fields(entity):
    rows = []
    for field in entity["fields"]:
        kind = KINDS[field["type"]]
        if field["values"]:
            kind = f"{kind}: {', '.join(map(text, field['values']))}"
        rows.append(f"| {text(field['name'])} | {kind} | {'yes' if field['required'] else 'no'} |")
    return _table("| Field | Kind | Required |", rows)


def _table(head, rows):
    rule = "|" + " --- |" * (head.count("|") - 1)
    return "\n".join([head, rule, *rows])

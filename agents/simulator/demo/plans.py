"""The plan and the list of tests of the demo, for any spec."""

from agents.simulator.demo import specs, wishes, wording
from agents.simulator.demo.app import app
from agents.simulator.demo.numbering import numbered

TEST_PATH = "test/app.test.ts"
MAX_FILE_LINES = 300

_FILES = {
    "package.json": ("Name, commands and the two packages that check the code.", [], []),
    "tsconfig.json": ("Strict settings of the type checker.", [], []),
    "src/types.ts": ("The lists, their details and choices.", ["LISTS", "List", "Field", "Row"], []),
    "src/validate.ts": ("Checks a form and names what is wrong.", ["check", "Checked"], ["src/types.ts"]),
    "src/store.ts": ("Keeps the data in one file, written as a whole.", ["Store"], ["src/types.ts"]),
    "src/html.ts": (
        "The pages, with every typed text made harmless.",
        ["escape", "shown", "listPage", "formPage", "deletePage", "messagePage", "typedValues", "CSS"],
        ["src/types.ts"],
    ),
    "src/server.ts": (
        "Answers the browser and refuses what is not allowed.",
        ["createApp"],
        ["src/html.ts", "src/store.ts", "src/types.ts", "src/validate.ts"],
    ),
    "src/main.ts": ("Starts the app.", [], ["src/server.ts", "src/store.ts"]),
    "db/schema.sql": ("The same lists as tables, should the data move to a database.", [], []),
    "README.md": ("How to start it, step by step.", [], []),
    "docs/using-the-app.md": ("How to use each page, in plain words.", [], []),
    "docs/data.md": ("Every list with its details, and where the data is.", [], []),
    "docs/limits.md": ("What the app does not do.", [], []),
}
# Which kinds of promises a file serves; None: all of them.
_SERVES = {
    "package.json": ("restart",),
    "tsconfig.json": ("restart",),
    "src/validate.ts": ("add", "refuse", "change"),
    "src/store.ts": ("show", "add", "change", "delete", "search", "restart", "damaged"),
    "src/html.ts": ("show", "add", "refuse", "change", "delete", "search", "typed", "unknown"),
    "src/server.ts": ("show", "add", "refuse", "change", "delete", "search", "foreign", "unknown"),
    "src/main.ts": ("restart", "damaged"),
    "db/schema.sql": ("show", "restart"),
}
_TASKS = [
    ("Set up the project", ["package.json", "tsconfig.json"], ("restart",), []),
    ("Describe the lists", ["src/types.ts", "db/schema.sql"], ("show",), [1]),
    ("Check what is typed", ["src/validate.ts"], ("add", "refuse", "change"), [2]),
    ("Keep the data", ["src/store.ts"], ("show", "delete", "search", "restart", "damaged"), [2]),
    ("Make the pages", ["src/html.ts"], ("show", "typed", "unknown"), [2]),
    ("Answer the browser", ["src/server.ts", "src/main.ts"], None, [3, 4, 5]),
    (
        "Explain it",
        ["README.md", "docs/using-the-app.md", "docs/data.md", "docs/limits.md"],
        ("show", "search"),
        [6],
    ),
]


def served_by(path, promises):
    """Return the promises that a file serves, at least one."""
    kinds = _SERVES.get(path)
    found = [p for p in promises if kinds is None or p.kind in kinds or p.kind == "other"]
    return found or promises[:1]


def plan(spec, previous=None):
    """Return a contracts.Plan as a dict."""
    previous = previous if isinstance(previous, dict) else None
    promises = specs.outline(spec)
    entities = specs.entities_of(spec)
    ids = {path: name for name, path in _stable("F", list(_FILES), previous, "files", "path")}
    task_ids = _stable("T", [task[0] for task in _TASKS], previous, "tasks", "title")
    tasks = {title: name for name, title in task_ids}
    many = wording.joined(wording.plural(entity.label) for entity in entities)
    return {
        "injection_notes": [],
        "summary": [
            wishes.NOTICE,
            f"The app is a small web page program for one computer, with a page for each list: {many}.",
            "All data is kept in one file on the computer where the app runs.",
            f"There are {len(_FILES)} files to write and {len(_TASKS)} tasks; the tests come before the "
            f"code.",
        ],
        "stack": [
            "TypeScript with strict checks, Node 20 or newer, no packages at run time.",
            "One JSON file for the data.",
        ],
        "dependencies": [
            {
                "name": "typescript",
                "range": ">=5.9 <8",
                "licence": "Apache-2.0",
                "why": "Checks and translates the code. Not needed by the running app.",
            },
            {
                "name": "@types/node",
                "range": "^20.17.0",
                "licence": "MIT",
                "why": "Tells the checker what Node offers. Not needed by the running app.",
            },
        ],
        "files": [_planned(path, ids[path], promises) for path in _FILES],
        "tasks": [
            {
                "id": tasks[title],
                "title": title,
                "files": [ids[path] for path in paths],
                "criteria": [
                    p.criterion for p in promises if kinds is None or p.kind in kinds or p.kind == "other"
                ],
                "depends_on": [tasks[_TASKS[number - 1][0]] for number in needs],
            }
            for title, paths, kinds, needs in _TASKS
        ],
        "sql": app.tables(entities),
        "risks": [
            "One file on one computer: people on other computers do not share the data.",
            "There is no log-in: whoever can use the computer can change the lists.",
        ],
        "withdrawn": [],
    }


def _planned(path, name, promises):
    purpose, exports, imports = _FILES[path]
    return {
        "id": name,
        "path": path,
        "purpose": purpose,
        "max_lines": MAX_FILE_LINES,
        "exports": exports,
        "imports": imports,
        "requirements": list(dict.fromkeys(p.requirement for p in served_by(path, promises))),
    }


# --- tests -----------------------------------------------------------------------------------------------

_TITLES = {
    ("show", "positive"): "the page of the {many} shows every detail of each {word}",
    ("add", "positive"): "{one} that is filled in right is saved",
    ("refuse", "positive"): "{one} with only what must be there is saved",
    ("refuse", "negative"): "missing and wrong details of {one} are named and nothing is saved",
    ("change", "positive"): "a changed {word} shows its new details",
    ("delete", "positive"): "{one} is asked about and then deleted",
    ("search", "positive"): "a search finds the right {word} and no other",
    ("foreign", "positive"): "a form from the app's own page is taken",
    ("foreign", "negative"): "a form from another website is refused",
    ("typed", "positive"): "special characters are shown as typed",
    ("unknown", "positive"): "the start page leads to the first list",
    ("unknown", "negative"): "an unknown address says so",
    ("restart", "positive"): "what was saved is there after a new start",
    ("damaged", "positive"): "a whole data file is read",
    ("damaged", "negative"): "a damaged data file stops the start and stays as it is",
    ("other", "positive"): "the pages answer; the demo has no rule that checks more of this promise",
    (
        "other",
        "negative",
    ): "an unknown address is refused; the demo has no rule that checks more of this promise",
}


def index_of_tests(spec, previous=None):
    """Return a contracts.TestsIndex as a dict."""
    previous = previous if isinstance(previous, dict) else None
    wanted = []
    for promise in specs.outline(spec):
        one = promise.entity.label if promise.entity else ""
        many = wording.plural(one) if one else ""
        with_article = wording.with_article(one) if one else ""
        for (kind, sign), title in _TITLES.items():
            if kind == promise.kind and (sign == "positive" or kind != "other" or _says_if(spec, promise)):
                wanted.append((promise.criterion, sign, title.format(one=with_article, word=one, many=many)))
    found = numbered(
        "CT",
        wanted,
        previous["tests"] if previous else [],
        withdrawn=previous["withdrawn"] if previous else (),
        key=lambda item: item[:2],
        of=lambda test: ((test["criteria"] or [""])[0], test["kind"]),
    )
    tests = [
        {
            "id": name,
            "path": TEST_PATH,
            "title": f"{name} {criterion} {title}",
            "criteria": [criterion],
            "kind": sign,
        }
        for name, (criterion, sign, title) in found
    ]
    count = len({test["criteria"][0] for test in tests})
    return {
        "injection_notes": [],
        "summary": [
            wishes.NOTICE,
            f"There are {len(tests)} tests for {count} promises of the spec; each promise has at least one.",
            "The tests start the app and use it from outside, like a browser. They need no internet.",
        ],
        "tests": tests,
        "withdrawn": [],
    }


def _says_if(spec, promise):
    return any(
        criterion["id"] == promise.criterion and criterion["ears"].lower().startswith("if")
        for requirement in spec["requirements"]
        for criterion in requirement["criteria"]
    )


def _stable(letters, texts, previous, group, name):
    return numbered(
        letters,
        texts,
        previous[group] if previous else [],
        withdrawn=previous["withdrawn"] if previous else (),
        of=lambda item: item[name],
    )

"""The house's floors hold: imports and foreign keys point down, writers of a status pass through _move."""

import ast
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {"accounts": 1, "features": 2, "chat": 3, "agents": 4}
ROOF = {
    "buildpractical.settings",
    "buildpractical.account_settings",
    "buildpractical.model_settings",
    "buildpractical.urls",
    "buildpractical.asgi",
}


def floor_of(module):
    """Return the floor of a dotted name, None for foreign packages."""
    head = module.split(".")[0]
    if head in FLOORS:
        return FLOORS[head]
    if head != "buildpractical":
        return None
    return 9 if module in ROOF else 0


def sources():
    for top in ("buildpractical", *FLOORS):
        for path in sorted((ROOT / top).rglob("*.py")):
            yield path, ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno


def breaches(module, tree):
    """Return "line name" of each import that does not point to the own app or a lower floor."""
    here, head = floor_of(module), module.split(".")[0]
    found = []
    for name, line in imported(tree):
        there = floor_of(name)
        if there is None or here == 9:
            continue
        same_app = name.split(".")[0] == head and name not in ROOF
        if not same_app and there >= here:
            found.append(f"{line} {name}")
    return found


def test_imports_point_down():
    found = {
        str(path.relative_to(ROOT)): bad
        for path, module in sources()
        if "migrations" not in path.parts and (bad := breaches(module, ast.parse(path.read_text())))
    }

    assert found == {}


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("features.models.feature", "from agents.models import AgentRun"),
        ("accounts.views", "import features"),
        ("buildpractical.lib.ids", "from accounts.models import User"),
        ("chat.views", "from buildpractical.settings import DEBUG"),
        ("buildpractical.queue.robust", "from features import tasks"),
    ],
)
def test_planted_upward_import_is_found(module, line):
    assert len(breaches(module, ast.parse(line))) == 1


def test_foreign_keys_point_down():
    upward = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label in FLOORS
        for field in model._meta.get_fields()
        if field.concrete and field.is_relation and field.related_model._meta.app_label in FLOORS
        and FLOORS[field.related_model._meta.app_label] > FLOORS[model._meta.app_label]
    ]  # fmt: skip

    assert upward == []


def test_template_includes_point_down():
    upward = []
    for path in (ROOT / "templates").rglob("*.html"):
        here = path.relative_to(ROOT / "templates").parts[0]
        for other, floor in FLOORS.items():
            if here in FLOORS and floor > FLOORS[here]:
                upward += [
                    f"{path.name}: {line.strip()}"
                    for line in path.read_text().splitlines()
                    if "{% include" in line and f'"{other}/' in line
                ]

    assert upward == []


def test_status_is_written_in_transitions_only():
    """No assignment to .status, and no update(status=…) or save of a feature's status, elsewhere."""
    writers = []
    for path, module in sources():
        if module in {"features.transitions"} or "simulator" in path.parts or "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            targets = node.targets if isinstance(node, ast.Assign) else []
            for target in targets:
                if isinstance(target, ast.Attribute) and target.attr == "status":
                    writers.append(f"{module}:{node.lineno}")
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"update", "create"}
                and any(word.arg == "status" for word in node.keywords)
            ):
                writers.append(f"{module}:{node.lineno}")

    assert writers == []


@pytest.mark.parametrize(
    ("package", "homes"),
    [
        ("cryptography", {"accounts.vault"}),
        ("anthropic", {"agents.providers.anthropic"}),
        ("boto3", set()),
        ("pickle", {"buildpractical.queue.unpickling"}),
    ],
)
def test_package_has_one_home(package, homes):
    users = {
        module
        for path, module in sources()
        for name, _ in imported(ast.parse(path.read_text()))
        if name.split(".")[0] == package
    }

    assert users <= homes


def test_modules_stay_short():
    long = {
        str(path.relative_to(ROOT)): lines
        for path, _ in sources()
        if (lines := len(path.read_text().splitlines())) > 400 and "migrations" not in path.parts
    }

    assert long == {}

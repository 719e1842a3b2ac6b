"""Rows for tests, made by the product's own writes."""

from datetime import UTC, datetime, timedelta

from accounts.models import User
from buildpractical.lib.tenancy import as_workspace
from features import actions, artifacts, documents, projects, specs, transitions
from features.failures import Failure
from features.statuses import Status
from features.steps import Outcome

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PASSWORD = "a quiet harbour at dawn"

BRIEF = {
    "title": "Tool library",
    "purpose": "Know who has which tool.",
    "users": ["The club's volunteers"],
    "facts": [
        {"id": "B1", "topic": "data", "text": "Each tool has a name (required) and optional notes."},
        {"id": "B2", "topic": "rules", "text": "A tool is lent to one member at a time."},
    ],
    "out_of_scope": [{"id": "OUT1", "text": "Payments"}],
    "open_questions": [],
    "injection_notes": [],
}
SPEC = {
    "summary": ["You get a list of tools.", "You can add, change and remove a tool."],
    "requirements": [
        {
            "id": "R1",
            "title": "Keep tools",
            "story": "As a volunteer I keep a list of tools, so that I find them.",
            "priority": "must",
            "criteria": [
                {
                    "id": "AC1.1",
                    "ears": "WHEN a tool with a name is saved THE SYSTEM SHALL show it in the list.",
                    "verify": "Save a tool and read the list.",
                },
                {
                    "id": "AC1.2",
                    "ears": "IF the name is missing THEN THE SYSTEM SHALL refuse and name the field.",
                    "verify": "Save without a name.",
                },
            ],
        }
    ],
    "nonfunctional": [{"id": "N1", "text": "A page answers within one second with 1,000 tools."}],
    "entities": [
        {
            "name": "tool",
            "fields": [
                {"name": "name", "type": "string", "required": True, "values": []},
                {"name": "notes", "type": "text", "required": False, "values": []},
            ],
        }
    ],
    "roles": ["volunteer"],
    "assumptions": [{"id": "A1", "text": "Everybody may change everything.", "source": "You confirm it."}],
    "out_of_scope": [{"id": "OUT1", "text": "Payments"}],
    "open_questions": [],
    "withdrawn": [],
    "injection_notes": [],
}
PLAN = {
    "summary": ["Two files of code and one test file."],
    "stack": ["TypeScript on Node.js 20"],
    "dependencies": [
        {"name": "typescript", "range": ">=5.9 <8", "licence": "Apache-2.0", "why": "Checks the code."}
    ],
    "files": [
        {
            "id": "F1",
            "path": "package.json",
            "purpose": "Commands and versions.",
            "max_lines": 40,
            "exports": [],
            "imports": [],
            "requirements": ["R1"],
        },
        {
            "id": "F2",
            "path": "src/main.ts",
            "purpose": "Starts the app.",
            "max_lines": 200,
            "exports": ["main"],
            "imports": [],
            "requirements": ["R1"],
        },
    ],
    "tasks": [
        {
            "id": "T1",
            "title": "Keep tools",
            "files": ["F1", "F2"],
            "criteria": ["AC1.1", "AC1.2"],
            "depends_on": [],
        }
    ],
    "sql": ["CREATE TABLE tool (id INTEGER PRIMARY KEY, name TEXT NOT NULL, notes TEXT);"],
    "risks": ["The data stands in one file."],
    "withdrawn": [],
    "injection_notes": [],
}
TESTS = {
    "summary": ["Two tests, one for each promise."],
    "tests": [
        {
            "id": "CT1",
            "path": "test/app.test.ts",
            "title": "CT1 AC1.1 a saved tool is listed",
            "criteria": ["AC1.1"],
            "kind": "positive",
        },
        {
            "id": "CT2",
            "path": "test/app.test.ts",
            "title": "CT2 AC1.2 a tool without a name is refused",
            "criteria": ["AC1.2"],
            "kind": "negative",
        },
    ],
    "withdrawn": [],
    "injection_notes": [],
}
REVIEW = {
    "summary": ["Nothing that must be mended was found."],
    "checked": [{"control": "V2.2.1", "status": "met", "evidence": "src/main.ts:1 checks the input."}],
    "findings": [],
    "coverage": [{"criterion": "AC1.1", "files": ["src/main.ts"], "tests": ["CT1"], "status": "met"}],
    "verdict": "PASS",
    "injection_notes": [],
}
FILES = {
    "package.json": ("config", b'{"name": "tools", "private": true}\n'),
    "src/main.ts": ("source", b"// R1 AC1.1\nexport function main(): void {}\n"),
    "README.md": ("doc", b"# Tools\n"),
}
TEST_FILES = {"test/app.test.ts": ("test", b"// CT1 AC1.1\n")}
DATA = {"brief": BRIEF, "spec": SPEC, "plan": PLAN, "tests": TESTS}


def make_user(email="ada@example.com", **fields):
    """Return a person with profile and personal workspace; `.workspace` is the workspace."""
    user = User.objects.create_user(email, PASSWORD, **fields)
    user.workspace = user.memberships.get().workspace
    return user


def make_feature(user, *, title="Tool library", provider="demo", now=NOON):
    """Return a feature in DRAFTING."""
    return actions.create_feature(
        workspace=user.workspace, actor=user, title=title, provider=provider, now=now
    )


def make_spec(user, *, title="Tool library", body="# Tools\n\nEach tool has a name.\n", now=NOON, **fields):
    """Return a spec of the user's library."""
    fields = {"source": "hand"} | fields
    with as_workspace(_workspace(user).pk):
        return specs.create_spec(
            workspace=_workspace(user), actor=user, title=title, body=body, now=now, **fields
        )


def make_project(user, *, name="Club", now=NOON):
    with as_workspace(_workspace(user).pk):
        return projects.create_project(workspace=_workspace(user), actor=user, name=name, now=now)


def _workspace(user):
    # A row that was read again has lost what make_user put on it.
    return getattr(user, "workspace", None) or user.memberships.get().workspace


def add_document(feature, kind, *, data=None, now=NOON):
    """Write the next revision of a document."""
    data = data or DATA.get(kind, REVIEW)
    with as_workspace(feature.workspace_id):
        return documents.add(feature, kind=kind, data=data, body=f"# {kind}\n\nBody of {kind}.", now=now)


def add_files(feature, files, *, now=NOON):
    """Store files and write their rows."""
    for path, (kind, content) in files.items():
        stored = artifacts.store(feature.workspace_id, feature.pk, content)
        with as_workspace(feature.workspace_id):
            artifacts.add(feature, path=path, kind=kind, stored=stored, now=now)


def claim(feature, *, now=NOON):
    """Claim the feature's step as a worker would."""
    transitions.start_step(
        feature=feature, token="test-host-1", lease_until=now + timedelta(seconds=60), now=now
    )


def finish(feature, target, *, kind=None, verdict="APPROVE", now=NOON, **outcome):
    """Claim and finish the feature's step with a document of that kind; returns the document."""
    claim(feature, now=now)
    document = None
    if kind:
        document = add_document(feature, kind, now=now)
        documents.recommend(document, verdict=verdict, reasons=[])
    transitions.finish_step(feature=feature, outcome=Outcome(target=target, **outcome), now=now)
    return document


def walk(feature, status, *, actor, now=NOON):
    """Move a drafting feature to the status on the ordinary road; returns the document on the table or None.

    FAILED is reached from the review, with REVIEW_FAILED.
    """
    if status == Status.DRAFTING:
        return None
    document = add_document(feature, "brief", now=now)
    transitions.confirm_brief(feature=feature, document=document, actor=actor, now=now)
    for generating, ready, approved, kind in (
        (Status.SPEC_GENERATING, Status.SPEC_READY, Status.SPEC_APPROVED, "spec"),
        (Status.PLAN_GENERATING, Status.PLAN_READY, Status.PLAN_APPROVED, "plan"),
        (Status.TESTS_GENERATING, Status.TESTS_READY, Status.TESTS_APPROVED, "tests"),
    ):
        if status == generating:
            if feature.status != generating:
                claim(feature, now=now)
            return document
        if kind == "tests":
            add_files(feature, TEST_FILES, now=now)
        document = finish(feature, ready, kind=kind, now=now)
        if status == ready:
            return document
        transitions.APPROVE[ready](feature=feature, document=document, actor=actor, now=now)
        if status == approved:
            return document
    if status == Status.IMPLEMENTING:
        claim(feature, now=now)
        return document
    add_files(feature, FILES, now=now)
    finish(feature, Status.REVIEW, now=now)
    if status == Status.REVIEW:
        return document
    add_document(feature, "security_review", now=now)
    add_document(feature, "code_review", now=now)
    if status == Status.FAILED:
        finish(feature, status, now=now, failure=Failure.REVIEW_FAILED, detail="C1: the name is not checked.")
    else:
        finish(feature, status, now=now)
    return document

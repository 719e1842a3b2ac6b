"""Answers for the scripted brain: one whole, consistent small app."""

import json

from agents.controls import CONTROLS
from agents.simulator.brains.scripted import json_text, text, tool
from tests.factories import BRIEF, PLAN, SPEC, TESTS

CODE = {
    "package.json": json.dumps(
        {"name": "tools", "private": True, "type": "module", "devDependencies": {"typescript": ">=5.9 <8"}}
    ),
    "src/main.ts": "// R1 AC1.1 AC1.2\nimport { createServer } from 'node:http';\n\nexport default createServer;\n",
}
TEST_CODE = {"test/app.test.ts": "// CT1 AC1.1 CT2 AC1.2\n"}
ALIGNED = {"verdict": "APPROVE", "gaps": [], "invented": [], "injection_notes": []}
COVERED = {
    "covered": dict.fromkeys(
        ("purpose", "users", "data", "rules", "screens", "edge", "nonfunctional", "out_of_scope"), True
    ),
    "facts": ["Each tool has a name."],
    "open_questions": [],
    "ready": True,
    "injection_notes": [],
}
REVIEW = {
    "summary": ["Nothing that must be mended was found."],
    "checked": [{"control": name, "status": "na", "evidence": "no object"} for name in CONTROLS],
    "findings": [],
    "coverage": [
        {"criterion": name, "files": ["src/main.ts"], "tests": [test], "status": "met"}
        for name, test in (("AC1.1", "CT1"), ("AC1.2", "CT2"))
    ],
    "verdict": "PASS",
    "injection_notes": [],
}
FINDING = {
    "severity": "high",
    "confidence": 0.9,
    "control": "V2.2.1",
    "criteria": ["AC1.2"],
    "path": "src/main.ts",
    "line": 2,
    "scenario": "An empty name is saved.",
    "fix": "Check the name.",
}


def writes(files):
    """Return a response that writes the files, then one that ends the turn."""
    calls = [tool("write_file", {"path": path, "content": content}) for path, content in files.items()]

    def respond(request):
        last = request["messages"][-1]["content"]
        if any(block["type"] == "tool_result" for block in last):
            return text("Done.")
        return calls

    return respond


def tests_or_bodies(request):
    """The contract test agent: the index without tools, the bodies with them."""
    return writes(TEST_CODE)(request) if request.get("tools") else json_text(TESTS)


SCRIPT = {
    "ba": text("A list of tools. Shall each have a place?"),
    "coverage": json_text(COVERED),
    "brief": json_text(BRIEF),
    "title": json_text({"title": "Tools of the club", "injection_notes": []}),
    "spec": json_text(SPEC),
    "alignment": json_text(ALIGNED),
    "planner": json_text(PLAN),
    "contract_test": tests_or_bodies,
    "implementer": writes(CODE),
    "security_review": json_text(REVIEW),
    "code_review": json_text(REVIEW | {"checked": []}),
}

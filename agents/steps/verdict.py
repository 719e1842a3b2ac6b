"""What counts in the end is decided here, by code: from both reviews and the fixed checks (llm.md §1).

A model's PASS never outweighs a finding or a failed check; its FAIL needs a finding that blocks.
"""

from agents import code_checks
from agents.controls import CONTROLS
from agents.document_checks import criteria_of
from buildpractical.lib.tenancy import as_workspace
from features.documents import REVIEWS
from features.failures import Failure
from features.statuses import Status
from features.steps import Outcome

BLOCKING_SEVERITIES = frozenset({"critical", "high"})
BLOCKING_CONFIDENCE = 0.8
MAX_FINDINGS = 20
MAX_DETAIL_CHARS = 4_000
LETTERS = {"security_review": "S", "code_review": "C"}
_WEIGHT = {"critical": 0, "high": 1, "medium": 2, "low": 3}


def settled(review, *, kind, files, spec, problems):
    """Return a Review's data with numbered findings and the verdict that code gives it.

    problems: of the fixed checks, which the reviewer was told.
    Adds to each finding id, blocking, place_found; to the review model_verdict, not_assessed, not_checked.
    verdict is "" when the model said FAIL without anything that blocks: a finding, or a check.
    """
    findings = [_settled_finding(finding, files) for finding in review["findings"]]
    findings.sort(key=lambda f: (not f["blocking"], _WEIGHT[f["severity"]]))
    for number, finding in enumerate(findings, 1):
        finding["id"] = f"{LETTERS[kind]}{number}"
    checked = [each for each in review["checked"] if each["control"] in CONTROLS]
    assessed = {each["criterion"] for each in review["coverage"]}
    failed = any(finding["blocking"] for finding in findings) or (
        review["verdict"] == "FAIL" and any(problem.blocking for problem in problems)
    )
    named = {each["control"] for each in checked}
    return review | {
        "findings": findings,
        "checked": checked,
        "not_checked": [c for c in CONTROLS if c not in named] if kind == "security_review" else [],
        "not_assessed": [c for c in criteria_of(spec) if c not in assessed] if kind == "code_review" else [],
        "model_verdict": review["verdict"],
        "verdict": "FAIL" if failed else ("PASS" if review["verdict"] == "PASS" else ""),
    }


def wishes(review, *, kind, files, spec, problems):
    """Return what makes a review worth asking for again, once; a FAIL that counts is never put in doubt."""
    final = settled(review, kind=kind, files=files, spec=spec, problems=problems)
    if final["verdict"] == "FAIL":
        return []
    found = []
    if not final["verdict"]:
        found.append(
            "the verdict is FAIL, but no finding blocks: a blocking finding is critical or high, has a confidence"
            f" of at least {BLOCKING_CONFIDENCE}, and names an existing path and line"
        )
    if final["not_assessed"]:
        found.append(f"coverage leaves out {', '.join(final['not_assessed'])}")
    return found


def run_verdict(*, reviews, problems):
    """Return the Outcome of a build.

    reviews: settled data by kind, both. problems: of agents.code_checks.
    """
    blocking = [problem.sentence() for problem in problems if problem.blocking]
    for kind in REVIEWS:
        blocking += [_line(finding) for finding in reviews[kind]["findings"] if finding["blocking"]]
    if not blocking and all(reviews[kind]["verdict"] == "PASS" for kind in REVIEWS):
        return Outcome(Status.DONE)
    lines = blocking[:MAX_FINDINGS] or ["A review did not pass the code."]
    return Outcome(Status.FAILED, failure=Failure.REVIEW_FAILED, detail="\n".join(lines)[:MAX_DETAIL_CHARS])


def open_findings(feature, *, plan, files, index):
    """Return what the last reviews of this plan and the fixed checks found, for the repair.

    plan: Document. Blocking ones first, one a place, at most 20, as plain data.
    """
    with as_workspace(feature.workspace_id):
        spec = feature.documents.filter(kind="spec", superseded_at=None).first()
        newest = [
            feature.documents.filter(kind=kind, pk__gt=plan.pk).order_by("-pk").first() for kind in REVIEWS
        ]
    problems = code_checks.of_code(files, spec=spec.data, plan=plan.data, index=index)
    found = [
        {"id": "", "blocking": p.blocking, "path": p.path, "line": p.line, "scenario": p.text, "fix": ""}
        for p in problems
    ]
    wanted = ("id", "blocking", "path", "line", "scenario", "fix")
    for review in filter(None, newest):
        found += [{name: each.get(name, "") for name in wanted} for each in review.data["findings"]]
    places, kept = set(), []
    for finding in sorted(found, key=lambda each: not each["blocking"]):
        place = (
            (finding["path"], finding["line"]) if finding["line"] else (finding["path"], finding["scenario"])
        )
        if place not in places:
            places.add(place)
            kept.append(finding)
    return kept[:MAX_FINDINGS]


def _settled_finding(finding, files):
    lines = files.get(finding["path"], "").count("\n") + 1
    found = finding["path"] in files and 1 <= finding["line"] <= lines
    sure = finding["confidence"] >= BLOCKING_CONFIDENCE
    blocking = found and finding["severity"] in BLOCKING_SEVERITIES and sure
    return finding | {"place_found": found, "blocking": blocking}


def _line(finding):
    return f"{finding['id']} {finding['path']}, line {finding['line']}: {finding['scenario']}"

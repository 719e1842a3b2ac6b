"""Second looks of the demo: alignment at the gates, and the two reviews."""

from agents.controls import CONTROLS
from agents.simulator.demo import plans, specs, wishes

_MEANS_ONE_PLACE = "one file on one computer"

# control → (file, what in it meets the control). The others do not apply to lists without accounts.
_MET = {
    "V1.1.1": ("src/server.ts", "addresses and forms are decoded once, by URL and URLSearchParams"),
    "V1.2.1": ("src/html.ts", "every typed text goes through escape"),
    "V1.2.2": ("src/html.ts", "addresses are made of fixed names and encoded ids"),
    "V1.3.2": ("src/server.ts", "no code is made from data"),
    "V1.3.3": ("src/server.ts", "the search is cut at 200 characters"),
    "V1.4.2": ("src/validate.ts", "numbers have a fixed form"),
    "V1.5.2": ("src/store.ts", "the form of the data file is checked before use"),
    "V2.2.1": ("src/validate.ts", "type, length and choices of every detail are checked"),
    "V2.2.2": ("src/server.ts", "the server checks each form itself"),
    "V2.3.3": ("src/store.ts", "a new file is written and swapped in"),
    "V3.2.1": ("src/server.ts", "every answer has its content type and nosniff"),
    "V3.2.2": ("src/html.ts", "typed text is shown as text"),
    "V3.4.3": ("src/server.ts", "a content security policy without scripts is sent"),
    "V3.5.1": ("src/server.ts", "the Origin of each form is compared with the own address"),
    "V3.5.3": ("src/server.ts", "only POST changes anything"),
    "V4.1.1": ("src/server.ts", "UTF-8 is named in each answer"),
    "V5.2.1": ("src/server.ts", "a form over 64 KB is refused while it is read"),
    "V5.3.2": ("src/main.ts", "the only path comes from the environment"),
    "V11.5.1": ("src/store.ts", "ids come from randomUUID"),
    "V13.3.1": ("src/main.ts", "there is no secret in the code"),
    "V14.2.1": ("src/html.ts", "addresses hold ids; only a search stands in the address"),
    "V15.2.1": ("package.json", "two known packages for checking, none at run time"),
    "V15.3.3": ("src/validate.ts", "only the details of the list are read from a form"),
    "V16.2.5": ("src/server.ts", "only unexpected errors are logged, no form"),
    "V16.5.1": ("src/server.ts", "an unexpected error says only that something went wrong"),
    "V16.5.3": ("src/server.ts", "errors are caught at the edge"),
}
_NOT_HERE = "The app has nothing of this kind."


def alignment(gate, upstream, candidate):
    """Return a contracts.Alignment as a dict: spec and plan are each held up once, for a true reason."""
    gaps = _not_built(candidate) if gate == "spec" else []
    if gate == "plan" and _MEANS_ONE_PLACE not in str(upstream):
        gaps.append(
            {
                "about": _id_of_store(candidate),
                "problem": (
                    f"{wishes.NOTICE} The plan keeps all data in one file on one computer. "
                    "Two people on different computers would not share it, and your brief does not say "
                    "whether "
                    "that is all right."
                ),
                "fix": (
                    "If one computer is enough, approve the plan anyway. Or press “Revise the brief”: "
                    "it then says so, and you confirm it."
                ),
            }
        )
    return {"injection_notes": [], "verdict": "REVISE" if gaps else "APPROVE", "gaps": gaps, "invented": []}


def _not_built(spec):
    """Return a gap for each line of the brief that the demo cannot build."""
    lines = spec.get("out_of_scope") if isinstance(spec, dict) else None
    return [
        {
            "about": each["id"],
            "problem": (
                f"{wishes.NOTICE} Your brief says: “{each['text'].removeprefix(specs.NOT_BUILT)[:1_500]}” "
                "My fixed rules do not understand it, so the app will not do it."
            ),
            "fix": (
                "If the app is useful without it, approve the spec anyway. Or press “Revise the brief” and say "
                "it as details of a list, like: each order has a pickup date."
            ),
        }
        for each in lines or []
        if each["text"].startswith(specs.NOT_BUILT)
    ]


def security_review(spec, plan, index, files):
    """Return a contracts.Review as a dict."""
    checked = [_checked(control, files) for control in CONTROLS]
    missing = [each["control"] for each in checked if each["status"] == "not_met"]
    return _review(
        spec,
        plan,
        index,
        files,
        checked=checked,
        findings=_open_network(files),
        summary=[
            wishes.NOTICE,
            f"{sum(each['status'] == 'met' for each in checked)} of {len(checked)} rules are met, "
            f"{sum(each['status'] == 'na' for each in checked)} do not apply, {len(missing)} are not met.",
            "The demo knows its own code: it looked whether each part is in place. It is no real review.",
        ],
        passed=not missing,
    )


def code_review(spec, plan, index, files):
    """Return a contracts.Review as a dict."""
    return _review(
        spec,
        plan,
        index,
        files,
        checked=[],
        findings=[],
        summary=[
            wishes.NOTICE,
            "For each promise of the spec the demo looked for the files and tests that name it.",
            "It is no real review.",
        ],
        passed=True,
    )


def _review(spec, plan, index, files, *, checked, findings, summary, passed):
    coverage = [_covers(promise, index, files) for promise in specs.outline(spec)]
    unmet = [each for each in coverage if each["status"] == "not_met"]
    planned = [item["path"] for item in [*plan["files"], *index["tests"]]]
    missing = sorted(set(planned) - set(files))
    if unmet or not passed or missing:
        findings = [*findings, _gap(unmet, checked, missing, files)]
    return {
        "injection_notes": [],
        "summary": summary,
        "checked": checked,
        "findings": findings,
        "coverage": coverage,
        "verdict": "FAIL" if unmet or not passed or missing else "PASS",
    }


def _covers(promise, index, files):
    named = [
        path
        for path, text in files.items()
        if not path.startswith("test/") and not path.endswith(".md") and _names(text, promise.criterion)
    ]
    tests = [test["id"] for test in index["tests"] if promise.criterion in test["criteria"]]
    return {
        "criterion": promise.criterion,
        "files": named[:12],
        "tests": tests,
        "status": "met" if named and tests else "not_met",
    }


def _names(text, name):
    return name in text.replace(",", " ").split()


def _checked(control, files):
    if control not in _MET:
        return {"control": control, "status": "na", "evidence": _NOT_HERE}
    path, why = _MET[control]
    if path not in files:
        return {"control": control, "status": "not_met", "evidence": f"{path} is missing."}
    return {"control": control, "status": "met", "evidence": f"{path}: {why}."}


def _open_network(files):
    lines = files.get("src/main.ts", "").split("\n")
    line = next((number for number, text in enumerate(lines, 1) if 'process.env["HOST"]' in text), 0)
    if not line:
        return []
    return [
        {
            "severity": "low",
            "confidence": 0.9,
            "control": "V8.2.1",
            "criteria": [],
            "path": "src/main.ts",
            "line": line,
            "scenario": "If somebody sets HOST to a network address, everyone in that network can change the lists: "
            "there is no log-in.",
            "fix": "Leave HOST as it is, or put a log-in before the app.",
        }
    ]


def _gap(unmet, checked, missing, files):
    path = next(iter(sorted(files)), "package.json")
    what = [each["criterion"] for each in unmet]
    what += [each["control"] for each in checked if each["status"] == "not_met"]
    return {
        "severity": "high",
        "confidence": 0.9,
        "control": "",
        "criteria": [each["criterion"] for each in unmet][:12],
        "path": path,
        "line": 1,
        "scenario": f"Not in place: {', '.join([*what, *missing][:20])}.",
        "fix": "Write the missing files and name the promises in them.",
    }


def _id_of_store(candidate):
    files = candidate.get("files") if isinstance(candidate, dict) else None
    for file in files or []:
        if file["path"] == "src/store.ts":
            return file["id"]
    return files[0]["id"] if files else plans.TEST_PATH

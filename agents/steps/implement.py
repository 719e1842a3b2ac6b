"""IMPLEMENTING: the code, file by file, until the plan's list is complete."""

from agents import code_checks, layout, stack
from agents.filemap import FileMap
from agents.steps import common
from agents.steps.verdict import open_findings
from agents.steps.writing import Writing
from features.failures import Failure
from features.statuses import Status
from features.steps import Outcome


def run_implement(feature, *, lease):
    common.begin(feature)
    spec = common.needed(feature, "spec").data
    plan = common.needed(feature, "plan")
    index = common.needed(feature, "tests").data
    files = common.current_files(feature)
    tests = common.of_kind(files, tests=True)
    planned = [file["path"] for file in plan.data["files"]]
    kept = {path: text for path, text in common.of_kind(files, tests=False).items() if path in planned}
    tree = FileMap(planned=planned, files=kept, readonly=tests)
    findings = open_findings(feature, plan=plan, files=kept | tests, index=index) if feature.build > 1 else []
    # Written by an earlier, interrupted claim of this build.
    tree.changed.update(common.paths_of_build(feature))

    def missing():
        return [f"{path} is missing." for path in tree.missing()]

    def failing():
        """What the review's fixed checks would block, in the files that may be written here."""
        problems = code_checks.of_code(tree.all_files(), spec=spec, plan=plan.data, index=index)
        return [each.sentence() for each in problems if each.blocking and each.path in tree.files]

    def wanting():
        untouched = ["None of the findings has been worked on."] if findings and not tree.changed else []
        return missing() + failing() + untouched

    if findings or wanting():
        Writing(
            feature=feature,
            lease=lease,
            agent="implementer",
            prompt="implementer",
            tree=tree,
            blocks=[
                layout.data_block(feature, spec=spec, plan=plan.data, tests_index=index, test_files=tests),
                layout.data_block(feature, files=kept, findings=findings),
            ],
            wanting=wanting,
            # What the checks find is the review's to say when the bounds are reached.
            essential=missing,
            failure=Failure.INCOMPLETE_CODE,
            values={"max_lines": stack.MAX_FILE_LINES},
            tasks=_paths_of_tasks(plan.data),
        ).run()
    return Outcome(Status.REVIEW)


def _paths_of_tasks(plan):
    paths = {file["id"]: file["path"] for file in plan["files"]}
    return [[paths[name] for name in task["files"] if name in paths] for task in plan["tasks"]]

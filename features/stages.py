"""What a status means to the person: the six stages, whose turn it is, and the words for it."""

from features.statuses import ACTIVE, BREADCRUMB, GATES, Status

S = Status

TONES = {S.DONE: "good", S.FAILED: "bad", S.DRAFTING: "wait"}

# status → what happens now, what it is for
NOW = {
    S.SPEC_GENERATING: ("We are writing the spec", "It says what your software will do, in sentences you can check."),
    S.SPEC_APPROVED: ("The plan comes next", "It says which files are written, and in which order."),
    S.PLAN_GENERATING: ("We are writing the plan", "It says which files are written, and in which order."),
    S.PLAN_APPROVED: ("The tests come next", "They say how one can tell that the code does what was promised."),
    S.TESTS_GENERATING: ("We are writing the tests", "They say how one can tell that the code does what was promised."),
    S.TESTS_APPROVED: ("The code comes next", "Every file of the plan is written, one after the other."),
    S.IMPLEMENTING: ("We are writing the code", "Every file of the plan is written, one after the other."),
    S.REVIEW: ("The code is being read", "Two reviews read every file: one for security, one for quality."),
}  # fmt: skip

# gate → the question, what approving leads to, the name of the document in a button
QUESTIONS = {
    S.SPEC_READY: (
        "Is this what you want?",
        "Next we plan the build: which files, in which order. No code is written yet, and you decide again.",
        "spec",
    ),
    S.PLAN_READY: (
        "Shall we build it this way?",
        "Next we write the tests, which say how one can tell that the code is right. Then you decide again.",
        "plan",
    ),
    S.TESTS_READY: (
        "Are these the right checks?",
        "Next we write the code, and two reviews read it. This is the longest step. "
        "It ends with files to download, or with reasons why not.",
        "tests",
    ),
}


def stage_of(status):
    """Return the name of the stage that a status belongs to; "" for FAILED, which may come from any."""
    return next((name for name, statuses in BREADCRUMB if status in statuses), "")


def tone(status):
    """Return the tone of the status's badge: work, wait, good or bad."""
    if status in GATES:
        return "wait"
    return TONES.get(status, "work")


def turn(status):
    """Return whose turn it is, in words."""
    if status in ACTIVE:
        return "We are working"
    return "Finished" if status == S.DONE else "Your turn"


def tab_words(status):
    """Return what stands before the title in the browser's tab: something only while a decision is waited for."""
    return "Your turn: " if status in GATES or status == S.FAILED else ""


def stepper(feature, *, failed_from=""):
    """Return the six stages as dicts: name, state (done, now, yours, problem, later), words.

    failed_from: the status in which a failed feature stopped.
    """
    failed = feature.status == S.FAILED
    here = stage_of(failed_from if failed else feature.status) or BREADCRUMB[0][0]
    names = [name for name, _ in BREADCRUMB]
    position = names.index(here)
    steps = []
    for index, name in enumerate(names):
        if index < position or feature.status == S.DONE:
            state, words = "done", "Done"
        elif index > position:
            state, words = "later", "Later"
        elif failed:
            state, words = "problem", "Problem"
        elif feature.status in ACTIVE:
            state, words = "now", "Now"
        else:
            state, words = "yours", "Your turn"
        steps.append(
            {"name": name, "state": state, "words": words, "here": index == position, "number": index + 1}
        )
    return steps

"""The analyst's questions as a form of five steps, and the spec that their answers make."""

from dataclasses import dataclass

from features.spec_text import from_form


@dataclass(frozen=True)
class Question:
    """default: what the spec says when nothing is answered; "" where an answer is needed."""

    name: str
    label: str
    hint: str
    default: str = ""
    rows: int = 5


@dataclass(frozen=True)
class Step:
    name: str
    heading: str
    questions: tuple[Question, ...]


TITLE = Question(
    "title", "What shall we call it?", "Two to six words are enough, like: Tool library.", rows=1
)
STEPS = (
    Step(
        "Purpose",
        "What is it for?",
        (
            TITLE,
            Question(
                "purpose",
                "What shall it help with?",
                "Say it as you would to a friend, and how you will see that it helps.",
            ),
        ),
    ),
    Step(
        "People",
        "Who uses it?",
        (
            Question(
                "users",
                "Who uses it, and may all of them do everything?",
                "One group of people a line. If you leave it empty: everybody who has it may do everything.",
                "Everybody who has it may see and change everything.",
            ),
        ),
    ),
    Step(
        "Lists",
        "What shall it keep?",
        (
            Question(
                "data",
                "What will you keep lists of, and what belongs to each thing?",
                "One kind of thing a line. Say what must be filled in and which choices there are, like: Each "
                "tool has a name (required), a place, a state (one of free, lent) and optional notes.",
                rows=8,
            ),
        ),
    ),
    Step(
        "Rules and pages",
        "How shall it behave?",
        (
            Question(
                "rules",
                "What must always or never happen?",
                "One rule a line. If you leave it empty: nothing beyond what must be filled in.",
                "There are no rules beyond what must be filled in.",
            ),
            Question(
                "screens",
                "What do you want to see and do first?",
                "If you leave it empty: each list on one page, with a search, and a form to add and change.",
                "Each list stands on one page, with a search, and a form to add, change and remove.",
            ),
            Question(
                "edge",
                "What about doubles, mistakes and deleting?",
                "If you leave it empty: we ask before deleting, doubles are allowed, mistakes are named.",
                "Deleting asks first. Doubles are allowed. Wrong or missing details are named.",
            ),
        ),
    ),
    Step(
        "Limits",
        "How large, and what is left out?",
        (
            Question(
                "nonfunctional",
                "How many things and people, on which devices, and what is private?",
                "If you leave it empty: about a thousand things, a few people, computers and phones.",
                "About a thousand things and a few people, on computers and phones.",
            ),
            Question(
                "out_of_scope",
                "What shall it not do?",
                "One thing a line. If you leave it empty: nothing is ruled out by name.",
                "Nothing is ruled out by name.",
            ),
        ),
    ),
)
HEADINGS = {
    "purpose": "What it is for",
    "users": "Who uses it",
    "data": "What it keeps",
    "rules": "Rules",
    "screens": "What people see and do",
    "edge": "Doubles, mistakes and deleting",
    "nonfunctional": "Size, devices and privacy",
    "out_of_scope": "What it does not do",
}


def answers_of(step, data):
    """Return the step's answers in what a form sent."""
    return {question.name: from_form(data.get(question.name, "")) for question in step.questions}


def missing_in(step, answers):
    """Return the names of the step's questions that need an answer and have none."""
    return [
        question.name
        for question in step.questions
        if not question.default and not answers.get(question.name, "").strip()
    ]


def title_of(answers):
    """Return the title on one line."""
    return " ".join(answers.get(TITLE.name, "").split())


def text_of(answers):
    """Return the spec, Markdown: each answer as it was typed, defaults where there is none."""
    parts = [f"# {title_of(answers)}"]
    defaults = {question.name: question.default for step in STEPS for question in step.questions}
    for name, heading in HEADINGS.items():
        answer = answers.get(name, "")
        said = answer if answer.strip() else defaults[name] and f"Unless you say otherwise: {defaults[name]}"
        parts.append(f"## {heading}\n\n{said}")
    return "\n\n".join(parts) + "\n"

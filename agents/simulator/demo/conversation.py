"""The conversation as the demo sees it: turns, what they settle, and what is still to ask."""

import re
from dataclasses import dataclass, replace

from agents.simulator.demo import asides, extraction, questions, wishes, wording
from agents.simulator.demo.draft import Draft
from agents.simulator.demo.fields import settled
from agents.simulator.demo.markup import shown

MAX_QUESTIONS = 12
READ_BACK = "Did I get that right?"
PURPOSE_QUESTION = "What should the app help you with?"
NOTED = "I noted your change."

_AGREED = re.compile(
    r"^(?:yes|yep|yeah|yup|y|ok|okay|correct|right|perfect|great|good|fine|sure|looks? (?:good|right|great|"
    r"fine)|"
    r"that(?:'s| is| looks| sounds) (?:right|correct|good|fine|perfect|it|all|great)|exactly|all (?:good|"
    r"right|correct)|"
    r"done|go ahead|go on|nothing(?: else)?|no changes?|no,? (?:that(?:'s| is) (?:all|it|fine)|all good|"
    r"nothing)|"
    r"sounds (?:good|right|great)|agreed|confirmed|absolutely|definitely|please do|write it|lgtm|👍)(?![\w])",
    re.I,
)
_ENOUGH = re.compile(
    r"\b(?:that(?:'s| is) (?:all|it|everything)|nothing else|no more questions|write the brief|"
    r"make the brief|"
    r"build it|start building|just (?:start|build)|i'm done|we're done|go ahead)\b|^done\b",
    re.I,
)
_GREETING = re.compile(
    r"^(?:hello|hi|hey|good (?:morning|afternoon|evening|day)|test|testing|help|start|yo|greetings|hallo|"
    r"thanks?|"
    r"can you help(?: me)?|i need (?:an app|help|software)|i want an app|ok|okay|yes|no)?(?: there| all|"
    r" everyone| please)?"
    r"[\s!.,?]*$",
    re.I,
)
# How agents/conversation.py announces a brief; a test compares.
_BRIEF_STANDS = re.compile(r"I have written (?:down what we agreed|the brief)|I found nothing in our talk")
_WANTS_BRIEF = re.compile(
    r"\b(?:write|revise|rewrite|update|change|redo|correct) (?:it into )?the brief\b", re.I
)
_SAYS_RULES = re.compile(
    r"\b(?:required|optional(?:ly)?|mandatory|compulsory|obligatory|must be (?:there|given|known|entered)|"
    r"filled|empty)\b",
    re.I,
)
# How features/wizard.py begins what nobody answered; a test compares.
_DEFAULT = "Unless you say otherwise: "
_MESSAGE = re.compile(r"<(message|spec_text)_([0-9a-f]{8})>(.*?)</\1_\2>", re.DOTALL)


@dataclass(frozen=True)
class State:
    """What a conversation has settled.

    asked: the demo's questions so far, by kind. agreed: yes to the last reading back. enough: the person wants
    no more questions. changed: the turns say something about the lists.
    """

    turns: list
    draft: Draft
    asked: list
    agreed: bool
    enough: bool
    changed: bool

    @property
    def entities(self):
        return self.draft.settled()

    @property
    def last_message(self):
        return next((text for role, text in reversed(self.turns) if role == "user"), "")

    def user_text(self):
        return "\n".join(text for role, text in self.turns if role == "user")


def said_in_spec(text):
    """Return what a person wrote in a spec; lines that say what we take when they do not answer are left out."""
    return "\n".join(line for line in text.splitlines() if not line.startswith(_DEFAULT))


def turns_of(request):
    """Return [(role, text)] of a BA request."""
    turns = []
    for turn in request["messages"]:
        content = turn["content"]
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        text = "\n".join(block.get("text", "") for block in blocks if block.get("type") == "text")
        if turn["role"] == "assistant":
            turns.append(("assistant", text))
            continue
        said = [
            inner if tag == "message" else said_in_spec(inner) for tag, _, inner in _MESSAGE.findall(text)
        ]
        turns += [("user", plain.replace("&lt;", "<").replace("&amp;", "&").strip("\n")) for plain in said]
        if not said and "</" not in text:
            turns.append(("user", text))
    return turns


def turns_of_input(conversation):
    """Return [(role, text)] of the input `conversation`; anything that is no turn is left out."""
    if isinstance(conversation, str):
        return [("user", conversation)]
    turns = conversation if isinstance(conversation, list) else []
    return [
        ("assistant" if turn.get("role") == "assistant" else "user", str(turn.get("text") or ""))
        for turn in turns
        if isinstance(turn, dict)
    ]


def around_brief(turns):
    """Return (turns up to the newest brief, turns after it); without a brief all turns come after."""
    written = [i for i, (role, text) in enumerate(turns) if role == "assistant" and _BRIEF_STANDS.match(text)]
    cut = written[-1] + 1 if written else 0
    return turns[:cut], turns[cut:]


def wants_brief(text):
    """Return whether a message asks for the brief to be written anew."""
    return bool(_WANTS_BRIEF.search(text))


def state_of(turns, base=()):
    """Return the State after the turns, on top of the lists in `base`."""
    draft = extraction.read_conversation(turns, base)
    asked = [kind for role, text in turns if role == "assistant" and (kind := kind_of(text))]
    last = next((text for role, text in reversed(turns) if role == "user"), "")
    return State(
        turns=turns,
        draft=draft,
        asked=asked,
        agreed=_agreed(turns, base),
        enough=bool(_ENOUGH.search(last)) and bool(draft.lists),
        changed=draft.snapshot() != Draft(base).snapshot(),
    )


def kind_of(text):
    """Return which question of the demo a message of the assistant asks, or ""."""
    if READ_BACK in text:
        return "readback"
    if PURPOSE_QUESTION in text:
        return "purpose"
    return questions.asked_in(text)


def last_question(turns):
    """Return the kind of the question that the last message answers, or ""."""
    said = [text for role, text in turns if role == "assistant"]
    return kind_of(said[-1]) if said else ""


def without_asides(turns):
    """Return the turns without the person's questions, and without ours that they answered with one."""
    kept = []
    for role, text in turns:
        if kept and role == "user" and kept[-1][0] == "assistant" and asides.is_question(text):
            kind = kind_of(kept[-1][1])
            if kind and (kind != "details" or asides.is_question(text, details=True)):
                kept.pop()
                continue
        kept.append((role, text))
    return kept


def not_understood(state):
    """Return the sentences of the last message that no rule understood and that are no small talk."""
    return [
        sentence
        for sentence in state.draft.missed
        if not (
            says_yes(sentence)
            or is_greeting(sentence)
            or asides.is_thanks(sentence)
            or asides.is_question(sentence)
            or extraction.is_unsure(sentence)
            or _ENOUGH.search(sentence)
            or wishes.found_in(sentence)
            or wishes.rules_in(sentence)
        )
    ]


def is_greeting(text):
    """Return whether a message says nothing about an app."""
    return bool(_GREETING.match(" ".join(text.split())))


def says_yes(text):
    return bool(_AGREED.match(wording.normalise(text).strip()))


def next_question(state):
    """Return the kind of the next question and, for "details", its list: (kind, Listed or None).

    At most five questions: each detail question keeps room for the rules and the reading back.
    """
    lists = state.draft.lists
    said = [text for role, text in state.turns if role == "user"]
    if not lists:
        if "purpose" not in state.asked and all(is_greeting(text) for text in said):
            return "purpose", None
        return "lists", None
    count = len(state.asked)
    for listed in lists[:3]:
        if not listed.fields and count < 4 and not _was_asked_about(state, listed.label):
            return "details", listed
    if "rules" not in state.asked and "readback" not in state.asked and count < 5 and _rules_are_open(state):
        return "rules", None
    return "readback", None


def _was_asked_about(state, label):
    """Return whether the question on a list was asked, and answered otherwise than with the names of lists."""
    for index, (role, text) in enumerate(state.turns):
        if role == "assistant" and f"write down about each {shown(label)}?" in text:
            before = extraction.read_conversation(state.turns[: index + 1]).snapshot()
            after = extraction.read_conversation(state.turns[: index + 2]).snapshot()
            if len(after) <= len(before):
                return True
    return False


def _rules_are_open(state):
    """Nothing was said about what is required, or a status has no steps yet."""
    fields = [field for listed in state.draft.lists for field in listed.fields]
    if not fields:
        return False
    guessed = any(settled(field).type == "enum" and not field.values for field in fields)
    said = [
        field
        for field in fields
        if field.required not in (None, settled(replace(field, required=None)).required)
    ]
    if any(field.required for field in fields):
        return guessed
    return guessed or not said or not _SAYS_RULES.search(state.user_text())


def _agreed(turns, base):
    """Return whether the person said yes to the last reading back, without changing anything."""
    read_back = [i for i, (role, text) in enumerate(turns) if role == "assistant" and READ_BACK in text]
    if not read_back:
        return False
    answers = [i for i, (role, _) in enumerate(turns) if role == "user" and i > read_back[-1]]
    if not answers or not says_yes(turns[answers[0]][1]):
        return False
    before = extraction.read_conversation(turns[: read_back[-1] + 1], base).snapshot()
    return extraction.read_conversation(turns, base).snapshot() == before

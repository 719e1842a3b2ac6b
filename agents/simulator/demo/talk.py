"""What the demo's business analyst says before the brief: one plain question a turn, with a default."""

from agents.simulator.demo import conversation, extraction, gates, questions, wishes, wording
from agents.simulator.demo.markup import bullets, paragraphs, shown
from agents.simulator.demo.phrasing import (
    changes_in_words,
    choices_in_words,
    list_in_words,
    outside,
    quoted,
)

INTRO = (
    f"{wishes.NOTICE} I follow fixed rules and only build apps that keep lists: "
    "you can add, change, delete and search the things in them."
)
# The answer of this agent may have 2,000 units of four bytes.
_MAX_REPLY_BYTES = 7_000


def reply(request, inputs):
    """Return the text of the next answer in the chat, Markdown."""
    turns = conversation.turns_of(request)
    gate = inputs.get("gate")
    text = gates.answer(turns, str(gate), inputs.get("document")) if gate else _drafting(turns)
    return text.encode()[:_MAX_REPLY_BYTES].decode(errors="ignore")


def _drafting(turns):
    before, later = conversation.around_brief(turns)
    base = conversation.state_of(before).entities if before else ()
    now = conversation.state_of(later, base)
    # A question of the person settles nothing: it is answered, and ours is asked again.
    state = conversation.state_of(conversation.without_asides(later), base)
    if before and not now.changed and not now.agreed:
        return _about_brief(now)
    first = not any(role == "assistant" for role, _ in turns)
    left_out = outside(now.last_message)
    parts = [INTRO if first else "", left_out, "" if first else _heard(now, base, left_out)]
    if now.agreed or (now.enough and not left_out and not first):
        thanks = (
            "Thank you, I have all I need. I write it down as the brief now. Read it, correct it where it is "
            "wrong, and confirm it."
        )
        return paragraphs(*parts, thanks)
    kind, listed = conversation.next_question(state)
    question = {"purpose": _ask_purpose, "lists": _ask_lists, "rules": _ask_rules, "readback": _read_back}
    return paragraphs(*parts, _ask_details(state, listed) if kind == "details" else question[kind](state))


def _heard(state, base, left_out):
    """Answer a question, or say what the last message changed or that nothing in it was understood."""
    if honest := gates.honest_answer(state.last_message):
        return honest
    kind = conversation.last_question(state.turns)
    if kind not in {"details", "rules", "readback"}:
        return ""
    old = extraction.read_conversation(state.turns[:-1], base).settled()
    # The answer to the question on what is required shows in the reading back.
    tell = kind == "readback" or kind == "rules" and _shape(old) != _shape(state.entities)
    if tell and (changed := changes_in_words(old, state.entities)):
        return f"I changed this. {changed}"
    known = left_out or state.draft.unknown or old != state.entities
    missed = [] if known else conversation.not_understood(state)
    return f"{gates.NO_CHANGE}: {quoted(missed)}." if missed else ""


def _shape(entities):
    return [(entity.label, [field.label for field in entity.fields]) for entity in entities]


def _about_brief(state):
    """Answer while the brief waits to be confirmed and nothing new was said."""
    left_out = outside(state.last_message)
    missed = [] if left_out else conversation.not_understood(state)
    return paragraphs(
        left_out,
        gates.honest_answer(state.last_message)
        or (f"{gates.NO_CHANGE}: {quoted(missed)}." if missed else ""),
        "The brief is written. If it is right, confirm it. You can correct it by hand, or tell me what to "
        "change, like: add a phone to each member; notes are required; remove the price.",
    )


def _ask_purpose(_state):
    return paragraphs(
        f"{conversation.PURPOSE_QUESTION} Say it as you would to a friend.",
        "If you are not sure, answer: keep a list of items.",
    )


def _ask_lists(_state):
    return paragraphs(
        f"{questions.LISTS_QUESTION} For example tools, members or orders; at most three lists.",
        "If you are not sure, answer: items.",
    )


def _ask_details(state, listed):
    known = [other for other in state.draft.lists if other is not listed and other.fields]
    start = f"Good, I have the {shown(wording.plural(known[-1].label))}. " if known else ""
    return paragraphs(
        f"{start}What do you want to write down about each {shown(listed.label)}? "
        "If something has fixed choices, name them, like: status (open, done).",
        "If you are not sure, answer: name, notes, due date, status.",
    )


def _ask_rules(state):
    lines = []
    for entity in state.entities:
        must = [shown(field.label) for field in entity.fields if field.required and field.type != "boolean"]
        lines.append(f"{shown(entity.label)}: {wording.joined(must) or 'nothing'}")
    for entity in state.entities:
        for field in entity.fields:
            if field.type == "enum":
                lines.append(f"choices for {shown(field.label)}: {choices_in_words(field)}")
    return paragraphs(
        f"{questions.RULES_QUESTION} And are the choices right? I would take:",
        bullets(lines),
        "If you are not sure, answer: yes.",
    )


def _read_back(state):
    lists = state.entities if state.draft.lists else [extraction.FALLBACK]
    start = "I could not tell which lists you need, so I take one that fits many things."
    names = wording.joined(dict.fromkeys(f"“{shown(words[:60])}”" for words in state.draft.unknown[:3]))
    unknown = (
        f"I found no {names} in the lists; if I should add it, say so, like: add a phone." if names else ""
    )
    many = shown(wording.joined(wording.plural(entity.label) for entity in lists))
    return paragraphs(
        "" if state.draft.lists else start,
        unknown,
        f"This is what I understood. The app keeps {many}. What is required must be filled in.",
        bullets(map(list_in_words, lists)),
        f"{conversation.READ_BACK} Tell me what to change, like: phone is optional.",
        "If you are not sure, answer: yes.",
    )

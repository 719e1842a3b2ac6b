"""What the demo's business analyst says: one plain question a turn, with a default; at gates, answers."""

import re

from agents.simulator.brains import conversation, extraction, questions, wishes, wording
from agents.simulator.brains.fields import Entity, Field, settled

INTRO = (
    f"{wishes.NOTICE} I follow fixed rules and only build apps that keep lists: "
    "you can add, change, delete and search the things in them."
)
_MAX_SHOWN_VALUES = 6
# The answer of this agent may have 2,000 units of four bytes.
_MAX_REPLY_BYTES = 7_000


def reply(request, inputs):
    """Return the text of the next answer in the chat."""
    turns = conversation.turns_of(request)
    gate = inputs.get("gate")
    text = _at_gate(turns, str(gate), inputs.get("document")) if gate else _drafting(turns)
    return text.encode()[:_MAX_REPLY_BYTES].decode(errors="ignore")


# --- before the brief ------------------------------------------------------------------------------------


def _drafting(turns):
    before, later = conversation.around_brief(turns)
    base = conversation.state_of(before).entities if before else ()
    state = conversation.state_of(later, base)
    if before and not state.changed and not state.agreed:
        return _about_brief(state)
    first = not any(role == "assistant" for role, _ in turns)
    parts = [INTRO] if first else []
    outside = _outside(state.last_message)
    parts += [outside] if outside else []
    if state.agreed or (state.enough and not outside and not first):
        parts.append(
            "Thank you, I have all I need. I write it down as the brief now. Read it, correct it where it "
            "is wrong, "
            "and confirm it."
        )
        return "\n\n".join(parts)
    kind, listed = conversation.next_question(state)
    question = {"purpose": _ask_purpose, "lists": _ask_lists, "rules": _ask_rules, "readback": _read_back}
    parts.append(_ask_details(state, listed) if kind == "details" else question[kind](state))
    return "\n\n".join(parts)


def _about_brief(state):
    """Answer while the brief waits to be confirmed and nothing new was said."""
    parts = [_outside(state.last_message)] if _outside(state.last_message) else []
    parts.append(
        "The brief is written. If it is right, confirm it. You can correct it by hand, or tell me what to "
        "change, "
        "like: add a phone to each member; notes are required; remove the price."
    )
    return "\n\n".join(parts)


def _outside(text):
    found = wishes.found_in(text)
    if not found:
        return ""
    return (
        f"{wishes.ONLY_LISTS} This is outside what it can do: {wording.joined(found)}. "
        "I leave it out and write that into the brief."
    )


def _ask_purpose(_state):
    return (
        f"{conversation.PURPOSE_QUESTION} Say it as you would to a friend.\n"
        "If you are not sure, answer: keep a list of items."
    )


def _ask_lists(_state):
    return (
        f"{questions.LISTS_QUESTION} For example tools, members or orders; at most three lists.\n"
        "If you are not sure, answer: items."
    )


def _ask_details(state, listed):
    known = [other for other in state.draft.lists if other is not listed and other.fields]
    start = f"Good, I have the {wording.plural(known[-1].label)}. " if known else ""
    return (
        f"{start}What do you want to write down about each {listed.label}? "
        "If something has fixed choices, name them, like: status (open, done).\n"
        "If you are not sure, answer: name, notes, due date, status."
    )


def _ask_rules(state):
    lines = []
    for entity in state.entities:
        must = [field.label for field in entity.fields if field.required and field.type != "boolean"]
        lines.append(f"- {entity.label}: {wording.joined(must) or 'nothing'}")
    for entity in state.entities:
        for field in entity.fields:
            if field.type == "enum":
                lines.append(f"- choices for {field.label}: {_choices(field)}")
    return (
        f"{questions.RULES_QUESTION} And are the choices right? I would take:\n"
        + "\n".join(lines)
        + "\nIf you are not sure, answer: yes."
    )


def _read_back(state):
    if not state.draft.lists:
        lists = [extraction.FALLBACK]
        start = "I could not tell which lists you need, so I take one that fits many things.\n"
    else:
        lists, start = state.entities, ""
    lines = [f"- {_in_words(entity)}" for entity in lists]
    many = wording.joined(wording.plural(entity.label) for entity in lists)
    names = wording.joined(dict.fromkeys(f"“{words[:60]}”" for words in state.draft.unknown[:3]))
    unknown = (
        f"I found no {names} in the lists; if I should add it, say so, like: add a phone.\n" if names else ""
    )
    return (
        f"{start}{unknown}This is what I understood. The app keeps {many}. * means that it must be filled in.\n"
        + "\n".join(lines)
        + f"\n\n{conversation.READ_BACK} Tell me what to change, like: phone is optional.\n"
        "If you are not sure, answer: yes."
    )


def _in_words(entity):
    parts = []
    for field in entity.fields:
        mark = "*" if field.required and field.type != "boolean" else ""
        kind = {"boolean": " (yes or no)", "enum": f" ({_choices(field)})"}.get(field.type, "")
        parts.append(f"{field.label}{mark}{kind}")
    return f"Each {entity.label}: {'; '.join(parts)}"


def _choices(field):
    shown = ", ".join(field.values[:_MAX_SHOWN_VALUES])
    more = len(field.values) - _MAX_SHOWN_VALUES
    return f"{shown} and {more} more" if more > 0 else shown


# --- at a gate -------------------------------------------------------------------------------------------

_NAMES = {"spec": "spec", "plan": "plan", "tests": "list of tests"}
_SHARES = re.compile(r"\b(?:where|file|computers?|shar(?:e|ed|ing)|stored?|saved|kept)\b", re.I)
_RUNS = re.compile(r"\b(?:install|start|run|open|technology|language|typescript|packages?)\b", re.I)
_ASKS = re.compile(
    r"\?|^(?:what|which|how|why|where|who|when|is|are|does|do|can|could|will|show|tell|explain)\b", re.I
)


def _at_gate(turns, gate, document):
    message = next((text for role, text in reversed(turns) if role == "user"), "")
    document = document if isinstance(document, dict) else {}
    before = extraction.read_conversation(turns[: len(turns) - 1]) if turns else None
    parts = []
    if outside := _outside(message):
        parts.append(outside)
    changes = _changes(turns, before, document)
    if changes:
        parts.append(
            f"{conversation.NOTED} {changes} "
            "Press “Revise the brief” and it is written into the brief; the work then starts again from "
            "there."
        )
    elif gate == "plan" and wishes.one_place_is_fine(message):
        parts.append(
            f"{conversation.NOTED} The data may stay on one computer. "
            "Press “Revise the brief” to write that down, or approve the plan as it is."
        )
    elif not outside:
        parts.append(_about(gate, document, message))
    return "\n\n".join(parts)


def _changes(turns, before, document):
    """Return what the last message changes, in words, or ""."""
    if before is None:
        return ""
    base = entities_in(document) or before.settled()
    message = turns[-1][1]
    old = extraction.read_conversation([], base).settled()
    new = extraction.read_conversation([("user", message)], base).settled()
    old_lists, new_lists = {e.label: e for e in old}, {e.label: e for e in new}
    said = [f"new list: {label}" for label in new_lists if label not in old_lists]
    said += [f"no list of {wording.plural(label)}" for label in old_lists if label not in new_lists]
    for label in [label for label in new_lists if label in old_lists]:
        said += _field_changes(label, old_lists[label], new_lists[label])
    return f"{wording.capital('; '.join(said[:12]))}." if said else ""


def _field_changes(label, old, new):
    before, after = {f.label: f for f in old.fields}, {f.label: f for f in new.fields}
    said = [f"each {label} gets {wording.with_article(name)}" for name in after if name not in before]
    said += [f"each {label} loses {name}" for name in before if name not in after]
    for name in [name for name in after if name in before]:
        if after[name].required != before[name].required:
            said.append(f"{name} of each {label} is {'required' if after[name].required else 'optional'}")
        if after[name].values != before[name].values:
            said.append(f"{name} of each {label} can be {wording.joined(after[name].values[:12], 'or')}")
    return said


def entities_in(document):
    """Return the lists of a spec, or () when the document has none."""
    found = document.get("entities") if isinstance(document, dict) else None
    if not isinstance(found, list):
        return ()
    return tuple(
        Entity(
            e["name"],
            tuple(
                settled(Field(f["name"], f["type"], f["required"], tuple(f["values"]))) for f in e["fields"]
            ),
        )
        for e in found
    )


def _about(gate, document, message):
    """Answer a question about the document on the table."""
    parts = []
    if _SHARES.search(message):
        parts.append(
            "The app keeps all data in one file on the computer where it runs. "
            "People on other computers do not share it."
        )
    elif _RUNS.search(message):
        parts.append(
            "The app is a small program in TypeScript without other packages at run time. "
            "The README in the zip says step by step how to start it."
        )
    entities = entities_in(document)
    if entities:
        parts.append(
            "The spec has these lists:\n" + "\n".join(f"- {_in_words(entity)}" for entity in entities)
        )
    elif isinstance(document.get("files"), list):
        parts.append(
            f"The plan has {len(document['files'])} files and {len(document.get('tasks') or [])} tasks."
        )
    elif isinstance(document.get("tests"), list):
        parts.append(f"There are {len(document['tests'])} tests; each one checks a promise of the spec.")
    outside = document.get("out_of_scope")
    if (
        isinstance(outside, list)
        and outside
        and re.search(r"\bnot\b|\bleft out\b|\bmissing\b", message, re.I)
    ):
        parts.append("Not part of it:\n" + "\n".join(f"- {each['text']}" for each in outside[:10]))
    if not _ASKS.search(message) and not conversation.says_yes(message):
        parts.insert(0, "I found no change in that which my fixed rules understand.")
    name = _NAMES.get(gate, "document")
    parts.append(
        f"If the {name} is right, approve it. To change something, say it like: add a phone to each member; "
        "notes are required; remove the price. Then press “Revise the brief”."
    )
    return "\n\n".join(parts)

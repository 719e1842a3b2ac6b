"""Coverage, brief and title: what the conversation says, as the contracts want it."""

import re

from agents.simulator.brains import conversation, extraction, sentences, wishes, wording
from agents.simulator.brains.numbering import numbered

ONE_PLACE = "The data stays in one file on one computer. People on other computers do not share it."
NOTICE_FACT = (
    f"{wishes.NOTICE} It builds web pages for lists, for one computer, and nothing else. The pages are in "
    f"English."
)
DEFAULT_OUT = (
    "Logging in: everyone who can use the computer can see and change the lists.",
    "Sending e-mails, messages or reminders.",
)
_FACT_SPLIT_CHARS = 1_400
_STILL_OPEN = {
    "purpose": "What should the app help with?",
    "lists": "What will be kept a list of?",
    "details": "What is written down about each thing?",
    "rules": "What must always be filled in?",
    "readback": "Did the demo understand it right?",
}


def coverage(turns, previous=None, gate=None):
    """Return a contracts.Coverage as a dict.

    previous: the brief that stands already. At a gate a brief is written when the person asks for it.
    """
    _, later = conversation.around_brief(turns) if isinstance(previous, dict) else ([], turns)
    state = conversation.state_of(later, read_brief(previous) if isinstance(previous, dict) else ())
    entities = state.entities
    kind, _ = conversation.next_question(state)
    details = bool(entities) and all(listed.fields for listed in state.draft.lists[:3])
    asked = sum(role == "assistant" for role, _ in later)
    if gate:
        ready = conversation.wants_brief(state.last_message)
    else:
        ready = state.agreed or state.enough or (not previous and asked >= conversation.MAX_QUESTIONS)
    return {
        "injection_notes": [],
        "covered": {
            "purpose": any(role == "user" and not conversation.is_greeting(said) for role, said in turns),
            "users": True,
            "data": details,
            "rules": details and kind == "readback",
            "screens": bool(entities),
            "edge": True,
            "nonfunctional": True,
            "out_of_scope": True,
        },
        "facts": _facts_of_lists(entities) + [f"Not built: {n}." for n in wishes.found_in(state.user_text())],
        "open_questions": [] if ready else [_STILL_OPEN[kind]],
        "ready": ready,
    }


def brief(turns, previous=None, gate=None):
    """Return a contracts.Brief as a dict.

    previous: the brief before this one, perhaps corrected by hand; what was said after it is added to it.
    """
    previous = previous if isinstance(previous, dict) else None
    _, later = conversation.around_brief(turns) if previous else ([], turns)
    text = "\n".join(said for role, said in later if role == "user")
    if previous:
        base = read_brief(previous)
        kept = [
            f for f in previous["facts"] if not _is_of_list(f) and f["text"] not in {ONE_PLACE, NOTICE_FACT}
        ]
        known_out = [each["text"] for each in previous["out_of_scope"]]
    else:
        base, kept, known_out = (), [], list(DEFAULT_OUT)
    entities = extraction.read_conversation(later, base).settled() or [extraction.FALLBACK]
    found = wishes.found_in(text)
    out = known_out + [wording.capital(f"{name}.") for name in found if not _is_said(name, known_out)]
    out += [f"Kept by people, not by the app: {rule}" for rule in wishes.rules_in(text)][:5]
    facts = [("data", sentence) for sentence in _facts_of_lists(entities)]
    facts += [(fact["topic"], fact["text"]) for fact in kept]
    if gate == "plan" or wishes.one_place_is_fine(text) or (previous and _has(previous, ONE_PLACE)):
        facts.append(("nonfunctional", ONE_PLACE))
    if not previous:
        facts += _standing_facts(entities)
    facts.append(("nonfunctional", NOTICE_FACT))
    return {
        "injection_notes": [],
        "title": _title(previous, entities),
        "purpose": previous["purpose"] if previous else _purpose(turns, entities),
        "users": previous["users"] if previous else ["The people who keep the lists, on one computer."],
        "facts": _with_ids(facts, previous["facts"] if previous else []),
        "out_of_scope": [
            {"id": name, "text": each}
            for name, each in numbered(
                "OUT", list(dict.fromkeys(out)), previous["out_of_scope"] if previous else []
            )
        ],
        "open_questions": [],
    }


def read_brief(brief):
    """Return the lists of a brief: from the sentences on data, else from everything it says."""
    facts = [fact for fact in brief["facts"] if fact["text"] not in {ONE_PLACE, NOTICE_FACT}]
    data = [fact["text"] for fact in facts if fact["topic"] in {"data", "rules"}]
    entities = extraction.read_conversation([("user", text) for text in data]).settled()
    return entities or extraction.read_facts([fact["text"] for fact in facts] + [brief["purpose"]])


def title_of(entities):
    """Return "Tools and members (demo)"."""
    many = wording.joined(wording.plural(entity.label) for entity in entities)
    return f"{wording.capital(many)} (demo)"


def _facts_of_lists(entities):
    """Return the sentences for the lists; a very long one is said in parts."""
    said = []
    for entity in entities:
        parts, size = [[]], 0
        for field in entity.fields:
            length = len(sentences.fact_of(extraction.only(entity, [field])))
            if parts[-1] and size + length > _FACT_SPLIT_CHARS:
                parts.append([])
                size = 0
            parts[-1].append(field)
            size += length
        said += [sentences.fact_of(extraction.only(entity, fields)) for fields in parts]
    return said


def _standing_facts(entities):
    many = wording.joined(wording.plural(entity.label) for entity in entities)
    return [
        (
            "screens",
            f"There is one page for each list, with a search, and a form to add and to change: {many}.",
        ),
        ("edge", "Wrong or missing details are named, and nothing is saved until they are right."),
    ]


def _purpose(turns, entities):
    many = wording.joined(wording.plural(entity.label) for entity in entities)
    start = f"Keep {many} in lists, to find and to change them."
    said = next(
        (text for role, text in turns if role == "user" and not conversation.is_greeting(text)),
        "",
    )
    words = " ".join(wording.normalise(said).split())
    if not words:
        return start
    return f"{start} In the person's words: {words[:400]}{'…' if len(words) > 400 else ''}"


def _title(previous, entities):
    if previous and previous["title"] != title_of(read_brief(previous)):
        return previous["title"]
    return title_of(entities)


def _is_of_list(fact):
    return fact["topic"] in {"data", "rules"} and extraction.read_facts([fact["text"]]) != [
        extraction.FALLBACK
    ]


def _has(brief, text):
    return any(fact["text"] == text for fact in brief["facts"])


def _is_said(name, lines):
    return any(name.lower() in line.lower() for line in lines)


def _with_ids(facts, previous):
    """Number the facts: a sentence or a list that was there before keeps its id."""
    topics = dict.fromkeys(text for _, text in facts)
    for topic, text in facts:
        topics[text] = topics[text] or topic
    return [
        {"id": name, "topic": topics[text], "text": text}
        for name, text in numbered("B", list(topics), previous, key=_key_of_fact)
    ]


def _key_of_fact(text):
    """Sentences on the same list have the same key, however its details changed."""
    subject = re.match(r"^(?:For each|Each) ([^()]{1,60}?)(?:: | has )", text)
    return subject.group(1).lower() if subject else text

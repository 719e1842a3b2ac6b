"""Coverage, brief and title: what the conversation says, as the contracts want it."""

from agents.simulator.demo import conversation, extraction, revision, sentences, wishes, wording
from agents.simulator.demo.numbering import number_of, numbered

ONE_PLACE = "The data stays in one file on one computer. People on other computers do not share it."
NOTICE_FACT = (
    f"{wishes.NOTICE} It builds web pages for lists, for one computer, and nothing else. The pages are in "
    f"English."
)
DEFAULT_OUT = (
    "Logging in and separate accounts: everyone who can use the computer can see and change the lists.",
    "Sending e-mails, messages or reminders.",
)
_ONE_PAGE = "There is one page for each list"
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
    if isinstance(previous, dict):
        return _revised(turns, previous, gate)
    text = "\n".join(said for role, said in turns if role == "user")
    entities = extraction.read_conversation(turns).settled() or [extraction.FALLBACK]
    facts = [("data", sentence) for sentence in _facts_of_lists(entities)]
    if gate == "plan" or wishes.one_place_is_fine(text):
        facts.append(("nonfunctional", ONE_PLACE))
    facts += [*_standing_facts(entities), ("nonfunctional", NOTICE_FACT)]
    return {
        "injection_notes": [],
        "title": title_of(entities),
        "purpose": _purpose(turns, entities),
        "users": ["The people who keep the lists, on one computer."],
        "facts": _with_ids(facts),
        "out_of_scope": _outs(list(DEFAULT_OUT), text, []),
        "open_questions": [],
    }


def _revised(turns, previous, gate):
    """Return the previous brief with what was asked since; every other line stays as it is, with its id."""
    _, later = conversation.around_brief(turns)
    text = "\n".join(said for role, said in later if role == "user")
    base = read_brief(previous)
    entities = extraction.read_conversation(later, base).settled() or base
    facts = revision.revised_facts(
        previous["facts"], base, entities, read=lambda facts: read_brief(previous | {"facts": facts})
    )
    if (gate == "plan" or wishes.one_place_is_fine(text)) and not _has(previous, ONE_PLACE):
        number = max([number_of(fact["id"], "B") for fact in [*facts, *previous["facts"]]], default=0) + 1
        facts.append({"id": f"B{number}", "topic": "nonfunctional", "text": ONE_PLACE})
    known = previous["out_of_scope"]
    was_ours = previous["title"] == title_of(base)
    return {
        "injection_notes": [],
        "title": title_of(entities) if was_ours else previous["title"],
        "purpose": previous["purpose"],
        "users": previous["users"],
        "facts": facts,
        "out_of_scope": _outs([each["text"] for each in known], text, known),
        "open_questions": [],
    }


def _outs(lines, text, previous):
    """Return the lines on what is not built, and those that a text adds."""
    out = lines + [wording.capital(f"{name}.") for name in wishes.found_in(text) if not _is_said(name, lines)]
    out += [f"Kept by people, not by the app: {rule}" for rule in wishes.rules_in(text)][:5]
    return [{"id": name, "text": each} for name, each in numbered("OUT", list(dict.fromkeys(out)), previous)]


def not_built(brief):
    """Return the lines of a brief that no rule understands: the app will not do them."""
    own = {ONE_PLACE, NOTICE_FACT, *(text for _, text in _standing_facts([]))}
    draft, missed = extraction.read_conversation([]), []
    for fact in brief["facts"]:
        text = fact["text"]
        if text in own or text.startswith(_ONE_PAGE) or wishes.one_place_is_fine(text):
            continue
        before = draft.snapshot()
        extraction.read_message(draft, text)
        read = fact["topic"] in {"data", "rules"} and not draft.missed
        if not read and (draft.missed or draft.snapshot() == before):
            # A line may hold a sentence that is built and one that is not.
            missed += draft.missed or [text]
    return missed


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
            f"{_ONE_PAGE}, with a search, and a form to add and to change: {many}.",
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
    # The first sentence that the app can keep; what it does not do stands under "not part of it".
    found = [
        each.text
        for each in wording.sentences(said)
        if not wishes.found_in(each.text) and not each.text.startswith("#")
    ]
    if not found:
        return start
    return f"{start} In the person's words: {found[0][:400]}{'…' if len(found[0]) > 400 else ''}"


def _has(brief, text):
    return any(fact["text"] == text for fact in brief["facts"])


def _is_said(name, lines):
    return any(name.lower() in line.lower() for line in lines)


def _with_ids(facts):
    """Number the facts of a first brief; a sentence that comes twice is said once."""
    topics = {}
    for topic, text in facts:
        topics.setdefault(text, topic)
    return [
        {"id": f"B{number}", "topic": topic, "text": text}
        for number, (text, topic) in enumerate(topics.items(), 1)
    ]

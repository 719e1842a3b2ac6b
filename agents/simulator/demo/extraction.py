"""The demo's understanding: conversation or brief → lists with their details, by fixed rules.

Nothing is read across the end of a sentence or line. `read_conversation` takes turns, `read_facts` the
sentences of a brief, and `fact_of` writes the sentence that `read_facts` reads back to the same list."""

import re

from agents.simulator.demo import (
    asides,
    changes,
    choices,
    marks,
    markup,
    questions,
    rules,
    sentences,
    tracking,
    wants,
    wording,
)
from agents.simulator.demo.answers import Answer
from agents.simulator.demo.draft import FALLBACK, Draft
from agents.simulator.demo.fields import Entity, is_fieldish
from agents.simulator.demo.listing import (
    field_list,
    fields_of_items,
    looks_like_list,
    split_top,
    without_fillers,
)
from agents.simulator.demo.nouns import entity_label, entity_labels
from agents.simulator.demo.rules import NP, before_choices, surely_field
from agents.simulator.demo.tracking import FIELD_START, TRACK, add_things

_DETAIL_QUESTION = re.compile(r"write down about each (.+?)\?", re.I)
_DEFAULT = re.compile(r"if you are not sure, answer: (.+?)\.?\s*$", re.I | re.M)
_UNSURE = re.compile(
    r"^(?:(?:i'm |i am )?not sure|(?:i )?do(?:n't| not) know|no idea|whatever|you (?:decide|choose)|"
    r"(?:the )?default"
    r"|as you (?:say|like|suggest)|(?:yes|ok|okay|sure|fine|yep|yeah)|that(?:'s| is) (?:fine|ok|okay|good)|"
    r"sounds good"
    r"|(?:just )?the (?:suggested|default)(?: ones| answer)?|idk|dunno|hmm+|no preference|up to you|good|"
    r"perfect"
    r"|(?:yes|ok|okay|sure|fine),? .{0,20}(?:fine|good|ok|okay|great|works))\b[\s,.!]*(?:please|thanks|"
    r"thank you)?[\s.!]*$",
    re.I,
)
_LEADING = re.compile(
    r"^(?:(?:yes|no|nope|yep|yeah|ok|okay|sure|well|so|and|also|but|actually|oh|ah|right|great|perfect|"
    r"hmm+|um+|"
    r"please|basically|in short|then|plus|hello|hi|hey|thanks|thank you|additionally|furthermore|finally|"
    r""
    r"(?:first|second|third|next)(?=\s*[,:;.]|\s+(?:i|we|the|there|please|of all)\b)|"
    r"one more thing|correct|exactly|good|wait|sorry|maybe|perhaps|important|"
    r"of course)\b[\s,:;!.-]*)+(?=\S)",
    re.I,
)


def default_of(question):
    """Return the answer that a question of the demo offers, or ""."""
    found = _DEFAULT.search(question or "")
    return found.group(1).strip() if found else ""


def is_unsure(text):
    """Return whether a whole answer means "take what you offered"."""
    return bool(_UNSURE.match(" ".join(text.split())))


def read_conversation(turns, base=()):
    """Return the Draft after all turns, (role, text) pairs in order, on top of the lists in `base`."""
    known = _pass(turns, base, ()).lists
    return _pass(turns, base, tuple(listed.label for listed in known))


def read_facts(texts):
    """Return the finished lists that a brief's sentences name; `item` when there is none."""
    entities = read_conversation([("user", text) for text in texts]).settled()
    return entities or [FALLBACK]


def only(entity, fields):
    """Return the list with these details alone."""
    return Entity(entity.label, tuple(fields))


def _pass(turns, base, known):
    draft, question = Draft(base), ""
    draft.known = known
    for role, text in turns:
        if role == "assistant":
            question = text
            continue
        read_message(draft, text, question)
        question = ""
    return draft


def read_message(draft, text, question=""):
    """Read one message of the person into the draft; question: the message it answers, or ""."""
    if question and is_unsure(text) and (offered := default_of(question)) and not is_unsure(offered):
        text = offered
    asked = questions.asked_in(question)
    detail = _DETAIL_QUESTION.search(question)
    if detail and (listed := draft.find(markup.typed(detail.group(1)))):
        draft.current = listed
    draft.named_now, draft.unknown, draft.missed = bool(detail), [], []
    found = wording.sentences(text)
    draft.people = wants.person_in(text) or draft.people
    answer = Answer(draft) if asked == "rules" else None
    for sentence in found:
        count = len(draft.lists)
        if question and draft.lists and asides.is_question(sentence.text, details=bool(detail)):
            continue
        if answer and answer.read(sentence):
            continue
        if not _read(draft, sentence) and not _read_answer(draft, sentence, asked):
            before = draft.snapshot()
            if wants.read_late(draft, sentence.text):
                continue
            _read_bare(draft, sentence, alone=len(found) == 1 or _names_details(found))
            if draft.snapshot() == before:
                draft.missed.append(sentence.text)
        if any(not listed.label.endswith(" list entry") for listed in draft.lists[count:]):
            # "We keep our waiting list on paper. I want to track patients": the patients are on that list.
            draft.drop_entries(count)
    if answer:
        answer.settle()


def _names_details(found):
    """Return whether one of the sentences is nothing but details: "Orders. Name, phone, price." """
    pieces = [split_top(sentence.text) for sentence in found]
    return any(len(each) > 2 and sum(map(surely_field, each)) * 2 >= len(each) for each in pieces)


def _read(draft, sentence):
    """Read one sentence by the general rules; return whether one of them fitted."""
    if fact := sentences.read_fact(sentence.text):
        draft.add_fields(draft.entity(fact[0]), fact[1])
        return True
    text = _LEADING.sub("", sentence.text.strip(), count=1).strip()
    if sentence.items:
        return _read_bullets(draft, text, sentence.items)
    if not text:
        return False
    if draft.lists and (before := changes.read_no(draft, text)):
        text = before
        any(rule(draft, text) for rule in _RULES)
        return True
    return any(rule(draft, text) for rule in _RULES)


def _read_bullets(draft, head, items):
    label = _entity_in_head(draft, head)
    if marks.read_flagged_items(draft, head, items):
        return True
    if label:
        draft.add_fields(draft.entity(label), fields_of_items(items))
        return True
    if choices.names_field(draft, head) and choices.set_choices(draft, head, ", ".join(items)):
        return True
    understood = [_read(draft, sentence) for sentence in map(wording.Sentence, items)]
    if any(understood):
        return True
    if re.search(r"\b(?:lists?|keep track of|track|manage|things)\b", head, re.I):
        labels = [entity_label(item) for item in items]
        for label in filter(None, labels):
            draft.entity(label)
        return any(labels)
    if draft.current and looks_like_list(", ".join(items)):
        draft.add_fields(draft.current, fields_of_items(items))
        return True
    return False


def _entity_in_head(draft, head):
    """Return the list that a line such as "For each tool we need:" introduces, or ""."""
    each = re.search(
        rf"\b(?:each|every|per|an?|one)\s+({NP})(?=$|[\s,:]+(?:i|we|you|it|has|have|needs?|should|must|"
        rf"with|there)\b)",
        head,
        re.I,
    )
    if each and (label := entity_label(each.group(1))):
        return label
    if re.search(r"\b(?:they|it|these|each one|each of them|them)\b", head, re.I) and draft.current:
        return draft.current.label
    plain = re.match(
        rf"^(?:the |our |my )?({NP})(?:\s*\(.*\)|\s+(?:have|has|with|details|fields|info(?:rmation)?|list|"
        rf"should have))?$",
        head,
        re.I,
    )
    label = plain and entity_label(plain.group(1))
    if label and (draft.find(label) or wording.is_plural(plain.group(1).split()[-1]) or label in draft.known):
        return label
    tracked = TRACK.search(head)
    if tracked:
        labels = entity_labels(FIELD_START.split(tracked.group(3))[0], plural_only=True)
        return (
            labels[0]
            if len(labels) == 1 and re.search(r"\b(?:with|details|following|fields)\b", head)
            else ""
        )
    return ""


def _read_answer(draft, sentence, asked):
    """Read a sentence that no general rule understood as the answer to the question before it."""
    text = _LEADING.sub("", sentence.text.strip(), count=1)
    plain = without_fillers(text)
    if asked == "lists":
        pieces = split_top(plain)
        if len(pieces) > 2 and sum(map(surely_field, pieces)) * 2 > len(pieces):
            # Details where lists were asked for: they belong to a list without a name.
            draft.add_fields(draft.entity("item"), field_list(plain))
            return True
        is_sentence = re.search(r"\b(?:can|could|is|are|was|were|should|must)\b", plain, re.I)
        return not is_sentence and add_things(draft, plain, plural_only=False)
    if asked == "details" and draft.current is not None:
        labels = [entity_label(piece, plural_only=True) for piece in split_top(plain)]
        if draft.current.label.endswith(" list entry") and len(labels) == 1 and labels[0]:
            # "Who is on the waiting list?" "Patients."
            draft.current.label = labels[0]
            return True
        if labels and all(labels) and draft.current.label in labels:
            # "Tools and loans" names lists, although details were asked for.
            for label in labels:
                draft.entity(label)
            return True
        fields = fields_of_items(sentence.items) or (
            field_list(plain) if looks_like_list(before_choices(plain)) else []
        )
        draft.add_fields(draft.current, fields)
        return bool(fields)
    return asked == "rules" and choices.set_guessed_choices(draft, plain)


def _read_bare(draft, sentence, *, alone):
    """Read "name, amount and date" after a list was named, and "pets" alone as the name of a list."""
    text = _LEADING.sub("", sentence.text.strip(), count=1).strip(" .!")
    pieces = split_top(text)
    sure = sum(map(surely_field, pieces))
    if draft.current is not None and len(pieces) > 2 and sure * 2 >= len(pieces):
        if looks_like_list(before_choices(text)):
            draft.add_fields(draft.current, field_list(text))
    elif alone and not draft.lists and len(text.split()) <= 6 and not any(map(is_fieldish, pieces)):
        labels = [entity_label(re.sub(r"^their ", "", piece), plural_only=True) for piece in pieces]
        whole = all(
            len(piece.split()) <= len(label.split()) + 1 for piece, label in zip(pieces, labels, strict=True)
        )
        if labels and all(labels) and whole:
            for label in labels[:3]:
                draft.entity(label)


_RULES = [
    rules.read_pronoun,
    changes.read_change,
    marks.read_required,
    rules.read_each,
    choices.read_choices,
    rules.read_colon,
    rules.read_of_each,
    rules.read_has,
    wants.read_wants,
    tracking.read_track,
    rules.read_write_down,
    tracking.read_app_for,
    rules.read_loose_colon,
]

"""Sentences on choices: "the status can be ordered, baking or ready"."""

import re

from agents.simulator.demo import wording
from agents.simulator.demo.fields import Field, settled
from agents.simulator.demo.listing import field_list, looks_like_list, without_fillers
from agents.simulator.demo.nouns import entity_label
from agents.simulator.demo.phrases import field_of
from agents.simulator.demo.values import values_of
from agents.simulator.demo.vocabulary import words

_CHOICE_OF = re.compile(
    r"^(.{1,60}?)\s+(?:can (?:only |either |also )?be|could be|may be|should be|must be|will be|is either|"
    r"are either|is always|"
    r"(?:is|are|should be|must be|can be|being) (?:either |always )?(?:one of|from)|"
    r"has (?:the )?(?:choices|options|values|steps|states|stages)|have (?:the )?(?:choices|options|values)|"
    r"(?:goes|go|moves|move|runs|changes|change) (?:from|through)(?: the (?:steps|states|stages))?|(?:is|"
    r"are)(?=\s+[^,]+(?:,| or )))\s*:?\s+(.{2,400})$",
    re.I,
)
_CHOICES_COLON = re.compile(r"^(.{1,60}?)\s*(?::|=|\s-\s)\s*(.{2,400})$")
_CHOICES_BRACKET = re.compile(r"^(.{1,60}?)\s*\(([^()]{2,300})\)$")
_CHOICES_FOR = re.compile(
    r"^(?:the\s+)?(?:possible\s+|different\s+)?(?:choices|options|values|steps|stages|"
    r"possibilities)\s+(?:for|of)\s+(.{1,60}?)\s*(?:are|is|should be|:)\s*:?\s+(.{2,400})$",
    re.I,
)
_STATUS_WORDS = words(
    """
    status state stage category type kind priority condition level size color colour group class section
    department genre difficulty urgency severity diet medium language season shift role skill
    """
)


def names_field(draft, phrase):
    """Return whether a phrase means a detail that is known, or a word for choices such as "status"."""
    label = _subject(phrase)
    return bool(label) and bool(
        wording.singular(label).split()[-1] in _STATUS_WORDS
        or (draft.with_field(label) and not draft.find(label))
    )


def read_choices(draft, text):
    """Read "the status can be A, B or C" and its kind."""
    text = re.sub(r"\bas an? (?=status|category|type)", "", text)
    for pattern in (_CHOICES_FOR, _CHOICES_COLON, _CHOICES_BRACKET, _CHOICE_OF):
        match = pattern.match(text.strip(" .!"))
        if match and set_choices(draft, match.group(1), match.group(2), colon=pattern is not _CHOICE_OF):
            return True
    return False


def set_choices_in(draft, label, rest):
    """Read "(each order) can be A, B or C": the choices of its status."""
    match = re.match(
        r"^(?:can|could|may|is|are)\s+(?:only\s+|either\s+)?(?:be\s+)?(?:either\s+|one of\s+)?(.+)$",
        rest,
        re.I,
    )
    return bool(match) and _put_choices(draft.entity(label), "status", match.group(1))


def set_choices(draft, subject, choices, colon=True):
    """Give a detail its choices; return whether subject and choices made sense."""
    values = _sound_values(choices)
    label = _subject(without_fillers(subject))
    if not label or not values or re.search(r"[,:;]", subject):
        return False
    where = re.match(r"^(.+?)\s+(?:of|for)\s+(?:the |an? |each |every |our )*(.+)$", label)
    if where and (listed := draft.find(entity_label(where.group(2)) or "-")):
        return _put_choices(listed, wording.singular(where.group(1)), choices)
    found = draft.with_field(label) or draft.with_field(wording.singular(label))
    if found:
        listed, index = found[0]
        return _put_choices(listed, listed.fields[index].label, choices)
    entity = draft.find(entity_label(label) or "-")
    if entity is not None:
        return not colon and _put_choices(entity, "status", choices)
    for listed in draft.lists:
        head = f"{listed.label} "
        if label.startswith(head) and wording.singular(label).split()[-1] in _STATUS_WORDS:
            return _put_choices(listed, wording.singular(label.removeprefix(head)), choices)
    if draft.current is None or wording.singular(label).split()[-1] not in _STATUS_WORDS:
        return False
    return _put_choices(draft.current, wording.singular(label), choices)


def set_guessed_choices(draft, text):
    """Read "ordered, baking, ready" as the choices of the only detail whose choices were guessed."""
    guessed = [
        (listed, field.label)
        for listed in draft.lists
        for field in listed.fields
        if settled(field).type == "enum" and not field.values
    ]
    return len(guessed) == 1 and _put_choices(*guessed[0], text)


def _put_choices(listed, label, choices):
    values = _sound_values(choices)
    if not values:
        return False
    index = listed.find(label)
    found = field_of(label)
    if found is None:
        return False
    name = listed.fields[index].label if index is not None else found.label
    if {value.lower() for value in values} == {"yes", "no"}:
        listed.put(Field(name, "boolean"))
        return True
    listed.put(Field(name, None, None, values))
    rest = values_of(choices)[1]
    if rest and looks_like_list(rest):
        for new in field_list(rest):
            listed.put(new)
    return True


def _sound_values(choices):
    values = values_of(re.sub(r"\s*\((?:choices|options)[^()]*\)", "", choices))[0]
    sound = len(values) > 1 and all(len(value.split()) <= 4 for value in values)
    if len(values) == 2 and re.fullmatch(r"[^,;/|]+ and [^,;/|]+", choices.strip()):
        # "can be borrowed and returned" says what happens, not which one it is.
        return ()
    return (
        values
        if sound and not any(re.search(r"\b(?:by|because|which|we|they|i)\b", v, re.I) for v in values)
        else ()
    )


def _subject(phrase):
    phrase = re.sub(
        r"^(?:the |its |their |our |an? |each |every |possible |different |and |for |allowed )+",
        "",
        phrase.strip().lower(),
    )
    phrase = re.sub(r"\s+(?:options|choices|values|steps|list|field|column)$", "", phrase)
    phrase = re.sub(
        r"^(?:options|choices|values|possibilities)\s+(?:for|of)\s+(?:the\s+)?", "", phrase
    ).strip(" :,.")
    return phrase if 0 < len(phrase.split()) <= 6 else ""

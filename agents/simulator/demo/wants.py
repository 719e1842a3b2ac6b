"""Wishes that name a list by what people want to know: "who works which shift", "which room is free"."""

import re

from agents.simulator.demo import wording
from agents.simulator.demo.fields import Field
from agents.simulator.demo.nouns import entity_label
from agents.simulator.demo.phrases import field_of
from agents.simulator.demo.values import values_of

_NOUN = r"([^\W\d_][\w'-]*(?: [^\W\d_][\w'-]*)?)"
_WHO_WHICH = re.compile(
    rf"\bwho\s+(?:is\s+|has\s+|can\s+|will\s+)?([a-z]+)\s+(?:in |on |at |to )?which\s+{_NOUN}", re.I
)
_WHICH_WHICH = re.compile(
    rf"\bwhich\s+{_NOUN}\s+(has|have|had|gets?|uses?|takes?|books?|booked|rents?|rented|borrows?|borrowed|reserves?|"
    rf"reserved|needs?|works?|is in|are in|is on|are on)\s+which\s+{_NOUN}",
    re.I,
)
_WHEN = re.compile(
    r"\b(?:on|at|in|and) (?:which|what) (day|date|time|week|month|year)\b|\b(?:and )?when\b", re.I
)
_STILL = re.compile(
    rf"\bwhich\s+{_NOUN}\s+(?:is|are)\s+(?:still |already |not yet |currently |now )?"
    r"(open|free|available|taken|done|finished|ready|paid|unpaid|missing|late|overdue|out|lent|lost|empty|full|new)\b",
    re.I,
)
_OPPOSITES = {
    "open": ("open", "taken"),
    "free": ("free", "taken"),
    "available": ("available", "taken"),
    "taken": ("free", "taken"),
    "out": ("in", "out"),
    "lent": ("in", "lent"),
    "empty": ("empty", "full"),
    "full": ("empty", "full"),
}
_LOANS = ("borrow",)
_BOOKINGS = ("has", "have", "had", "get", "use", "book", "rent", "reserve", "take")
_PEOPLE = re.compile(r"\b(?:with|our|the|by|of)\s+((?:volunteer|helper|member|employee|worker|teacher|student|"
                     r"player|driver|nurse|customer|client|guest|colleague|friend|parent)s|staff)\b", re.I)  # fmt: skip


def read_wants(draft, text):
    """Read "who works which shift, and which shifts are still open"."""
    done = [_who_which(draft, text), _which_which(draft, text), _still(draft, text)]
    return any(done)


def person_in(text):
    """Return who a text is about, "volunteer", or ""."""
    found = _PEOPLE.search(text)
    return wording.singular(found.group(1).lower()) if found else ""


def _who_which(draft, text):
    match = _WHO_WHICH.search(text)
    label = _label(match.group(2)) if match else ""
    if not label:
        return False
    verb = match.group(1).lower()
    listed = _listed(draft, label, verb)
    # A name for the row: who works a shift does not say which one it is.
    fields = [Field("name", None, True)] if listed.label == label and not listed.fields else []
    if listed.label != label:
        fields.append(Field(label))
    fields.append(Field(draft.people or "person", "string"))
    draft.add_fields(listed, fields + _when(text))
    return True


def _which_which(draft, text):
    match = _WHICH_WHICH.search(text)
    who, what = (_label(match.group(1)), _label(match.group(3))) if match else ("", "")
    if not who or not what:
        return False
    listed = _listed(draft, what, match.group(2).lower())
    draft.add_fields(listed, [Field(who, "string", True), Field(what, "string", True), *_when(text)])
    return True


def _still(draft, text):
    match = _STILL.search(text)
    label = _label(match.group(1)) if match else ""
    if not label or not (draft.find(label) or wording.is_plural(match.group(1).split()[-1])):
        return False
    state = match.group(2).lower()
    listed = draft.entity(label)
    if state in {"open", "free", "available"}:
        # Nobody has it yet: who it is stays empty.
        draft.mark_these([(listed, draft.people or "person")], False)
    if state in _OPPOSITES:
        draft.add_fields(listed, [Field("status", None, None, _OPPOSITES[state])])
    else:
        draft.add_fields(listed, [Field(state, "boolean")])
    return True


def _listed(draft, label, verb):
    """Return the list in which each row says who has what: the loans, the bookings, or the thing itself."""
    if verb.startswith(_LOANS):
        return draft.entity(f"{label.split()[-1]} loan")
    if verb.startswith(_BOOKINGS):
        return draft.entity(f"{label.split()[-1]} booking")
    return draft.entity(label)


def _when(text):
    found = _WHEN.search(text)
    if not found:
        return []
    unit = (found.group(1) or "date").lower()
    return [Field(unit, "date" if unit in {"day", "date"} else None, True)]


def _label(noun):
    words = re.split(r"\s(?:on|at|in|and|when|is|are|for|to|has|have)\b", noun)[0]
    return entity_label(words)


# --- said late ---------------------------------------------------------------------------------------------

_TICK = (
    r"(?:an?\s+|one\s+|some\s+|the\s+)?(?:tick|check|ticks|yes/no|yes or no)"
    r"(?:[ -]?(?:box(?:es)?|mark|field|flag))?"
)
_LATE = re.compile(
    rf"^(?:.{{0,80}}?\b(?:{_TICK}|mark|flag|note|see|know|record|write down|tell|show|store|save)\s+(?:of |for |on |"
    r"about |to (?:say|mark|show|see) |which says |that says |saying )?|(?:also|and|plus)\s+)?"
    r"(?:whether|if)(?: or not)?\s+(.{3,80})$",
    re.I,
)
_TICK_FOR = re.compile(
    rf"^(?:.{{0,60}}?\s)?{_TICK}\s+(?:for|of|called|named|:|when|that says|saying)\s+(.{{3,60}})$", re.I
)
_MARK = re.compile(
    r"^(?:.{0,40}?\b)?(?:mark|tick(?: off)?|check off|flag)\s+(?:(?:each|every|an?|the|our|all)\s+)?"
    r"(?:whether|if|when|that|as|orders? as)?\s*(.{3,60}?)$",
    re.I,
)
_IS = re.compile(
    r"^(?:(?:an?|the|each|every|our|my|all)\s+)?([^\W\d_][\w' -]{1,40}?)\s+(?:is|are|was|were|has been|have been|has|"
    r"have|had|got|as)\s+(?:already |been |still |really )*(.{2,50})$",
    re.I,
)
_PRONOUN = re.compile(r"^(?:it|they|he|she|we|i|this|that|these|those|someone|somebody|there)$", re.I)
_REFUSED = re.compile(r"\b(?:possible|wanted|not sure|like|you|overdue|warning)\b", re.I)


def read_late(draft, text):
    """Read "and whether it is paid", "a tick box for vegan" and "mark when an order is collected"."""
    if not draft.lists:
        return False
    plain = text.strip(" .!")
    match = _LATE.match(plain) or _TICK_FOR.match(plain)
    if not match and re.search(r"\b(?:mark|tick off|check off|flag)\b", plain, re.I):
        match = _MARK.match(plain) if re.search(r"\b(?:whether|if|when|that|as)\b", plain, re.I) else None
    return bool(match) and _yes_or_no(draft, match.group(1))


def _yes_or_no(draft, words):
    """Add a yes or no to the list that the words are about; with choices in them, the choices."""
    words = re.split(r",?\s+(?:so that|because|so)\b|,\s", words)[0] if " or " not in words else words
    subject = _IS.match(words)
    where = re.search(r"\s+(?:to|for|on|in)\s+(?:each|every|the|an?|our)\s+([\w' -]{2,40})$", words)
    listed = None
    if where and (listed := draft.find(entity_label(where.group(1)) or "-")):
        words = words[: where.start()]
        subject = _IS.match(words)
    state = words
    if subject and (_PRONOUN.match(subject.group(1)) or _known(draft, subject.group(1))):
        listed = listed or _known(draft, subject.group(1))
        state = subject.group(2)
    listed = listed or draft.current or draft.lists[-1]
    if _REFUSED.search(state) or len(state.split()) > 5:
        return False
    choices = values_of(state)[0] if re.search(r"\sor\s", state) else ()
    if len(choices) > 1:
        draft.add_fields(listed, [Field("status", None, None, choices)])
        return True
    found = field_of(f"whether {state}")
    if found is None:
        return False
    draft.add_fields(listed, [Field(found.label, "boolean")])
    return True


def _known(draft, words):
    label = entity_label(words)
    return draft.find(label) if label else None

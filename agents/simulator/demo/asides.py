"""Messages that settle nothing: questions and thanks; and orders that only look like questions."""

import re

from agents.simulator.demo import wording

_OPENING = r"^(?:(?:and|but|so|ok|okay|hm+|well|wait|hello|hi|sorry|also|yes|no)\b[\s,.!-]*)*"
_ASKS = re.compile(
    rf"{_OPENING}(?:what|which|how|why|where|who|whose|when|is|are|am|was|does|do|did|can|could|will|would|should|"
    r"may|must|has|have)\b.*\?",
    re.I | re.S,
)
# "When is it due?" may be a detail; "can I see it?" is none.
_ASKS_NO_DETAIL = re.compile(
    rf"{_OPENING}(?:why|can|could|will|would|should|may|must|does|do|did|am|what (?:if|happens|do|does|is|are)|"
    r"how (?:do|does|can|would|will|is))\b.*\?",
    re.I | re.S,
)
_WONDERS = re.compile(rf"{_OPENING}(?:why|how so|how come|what for|what do you mean)[\s?!.]*$", re.I)
_VERBS = (
    r"(?:add|include|remove|delete|drop|rename|make|change|replace|call|mark|set|leave|put|skip|have|need|"
    r"want|like)"
)
_REQUEST = re.compile(
    rf"{_OPENING}(?:please\s+)?(?:(?:can|could|would|will|may|shall) (?:you|we|it|they|there|each|every|the|an?)\b|"
    rf"(?:can|could|may) i (?:please )?(?:add|have|get|remove)\b|would it be possible|why don't (?:you|we))"
    rf".*?\b(?:{_VERBS}|build|track|keep|list|write|record|be)\b",
    re.I | re.S,
)
_ORDER = re.compile(
    rf"^(?:please\s+|and\s+|also\s+|then\s+)*{_VERBS}\b|\b(?:we|i) (?:also )?(?:need|want)\b", re.I
)
_THANKS = re.compile(
    r"^(?:ok(?:ay)?[\s,]+)?(?:many )?(?:thanks?|thank you|cheers|great|nice|cool|super)\b[^.,;:]{0,30}$",
    re.I,
)


def is_question(text, *, details=False):
    """Return whether a sentence asks something; details: it stands where details were asked for."""
    plain = " ".join(wording.normalise(text).split())
    if _WONDERS.match(plain):
        return True
    pattern = _ASKS_NO_DETAIL if details else _ASKS
    return bool(pattern.match(plain)) and not _REQUEST.match(plain)


def is_order(text):
    """Return whether a message tells to change something."""
    return bool(_ORDER.search(" ".join(text.split()))) and not is_question(text)


def is_thanks(text):
    return bool(_THANKS.match(" ".join(text.split()).strip(" .!")))

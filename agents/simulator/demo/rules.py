"""Sentences on the details of a list: "each tool has …", "tools: …", "the name of each tool"."""

import re

from agents.simulator.demo import choices, wording
from agents.simulator.demo.fields import is_fieldish
from agents.simulator.demo.listing import field_list, looks_like_list, split_top, without_fillers
from agents.simulator.demo.nouns import entity_label

NP = r"[^\W\d_][\w'-]*(?: [^\W\d_][\w'-]*){0,3}?"
_ADVERBS = (
    r"(?:(?:also|always|usually|should|must|will|would|can|could|may|just|only|simply|then|to|now)\s+)*"
)
_HAS = (
    r"(?:has|have|had|gets?|needs?|contains?|includes?|consists? of|comes? with|shows?|holds?|stores?|"
    r"records?|"
    r"lists?|with|comprises?|belongs to|is (?:made )?(?:for|of)|is described by|requires?)"
)
_OPENING = (
    r"(?:^|.{0,200}?[,:(]\s*|.{0,200}?\b(?:and|that|because|so|where|but|then|like|want|wants|need|needs|"
    r"down|record|note|log|register|enter|store|save|track|see|keep|list|collect)\s+)"
)
_EACH_HAS = re.compile(
    rf"{_OPENING}(?:each|every|any|one|all(?: the|"
    rf" our)?)\s+({NP})\s+(?:that .{{1,40}}?\s+)?{_ADVERBS}{_HAS}\s+(?:to have\s+|have\s+)?(.+)$",
    re.I,
)
_A_HAS = re.compile(
    rf"^(?:an?|the|our|my|all(?: the| our)?)?\s*({NP})\s+{_ADVERBS}(?:has|have|with|includes?|contains?|"
    rf"needs?|consists? of|gets?)\s*:?\s+(.+)$",
    re.I,
)
_EACH_COLON = re.compile(
    rf"^(?:each|every|an?|one|our|the)?\s*({NP})\s*(?::|\s-\s|\((?=[^()]*[,;][^()]*\)?$))\s*(.+?)\)?$", re.I
)
_FOR_EACH = re.compile(
    rf"{_OPENING}(?:for|about|of|on|per|from|with|to|in)\s+(?:each|every|any|an?|one|all(?: of)?(?: the|"
    rf" our| my)?|"
    rf"the|our|my|these|those)\s+({NP})(?:\s*[,:]\s*|\s+-\s+|\s+(?=(?:i|we|you|it|they|there|please|also|"
    rf"the|a|an|is|keep|"
    rf"write|record|note|store|save)\b))(.+)$",
    re.I,
)
_FOR_MANY = re.compile(
    rf"^(?:and\s+|also\s+)?(?:for|about)\s+(?:the\s+|our\s+|my\s+)?({NP})\s*:\s*(.+)$", re.I
)
_PER = re.compile(rf"^(?:and\s+|also\s+)?per\s+({NP})(?:\s*[,:]\s*|\s+(?=(?:i|we|the|a|an)\b))(.+)$", re.I)
_OF_EACH = re.compile(
    rf"^(.+?)\s+(?:of|for|about|per|from|on)\s+(?:each|every|all(?: of)?(?: the| our| my)?|our|my|"
    rf"the)\s+({NP})\s*[.!?]*$",
    re.I,
)
_COLUMNS = re.compile(
    r"^(?:the\s+|its\s+|these\s+)?(?:fields|columns|details|entries)\s*(?::|are\b|should be\b|"
    r"would be\b)\s*:?\s*(.+)$",
    re.I,
)
_PRONOUN_HAS = re.compile(
    rf"^(?:they|it|these|those|this|he|she|each(?: one| of them)?|every one|all of them)\s+(?:all\s+|"
    rf"each\s+)?{_ADVERBS}(?:has|have|had|need|needs|get|gets|should have|with|includes?)\s+(.+)$",
    re.I,
)
_WRITE_DOWN = re.compile(
    r"^(?:(?:.{0,80}?\b)?(?:i|we|you|the app|it|staff|someone|that|to|should|must|"
    r"please)\s+(?:[a-z']+\s+){0,4}?)?"
    r"(?:record|write down|write|store|note(?: down)?|remember|save|enter|fill in|capture|collect|register|"
    r"jot down|"
    r"know|see|put in|put down|list|keep|log)\s+(.+)$",
    re.I,
)
_NEED_FIELDS = re.compile(
    r"^(?:.{0,40}?\b)?(?:(?:i|we)(?:'d| would)?(?: also| just| really| only)? (?:need|want|like|have)|"
    r"there (?:is|are|should be|must be)(?: also)?)\s+(.+)$",
    re.I,
)
# "Customers should be able to see only their own orders" says who may do what.
_WHO_MAY = re.compile(
    r"^(?:only\s+)?(?!(?:i|we|it|they|you|staff|someone|the app)\b)(?:the |our |my |all |each |every |an? )*"
    r"[a-z]+(?: [a-z]+)?\s+(?:can|may|should|could|must|will|shall|wants? to|needs? to)\s+(?:only |also |always |"
    r"not |never |just )*(?:be able to |be allowed to |only )*(?:see|view|read|know|look|access|edit|change|list)\b|"
    r"^(?:only|just) (?:i|we|me|staff|the \w+)\b",
    re.I,
)
PRONOUNS = re.compile(
    r"^(?:i|we|you|they|it|he|she|this|that|these|those|there|who|which|what|nobody|someone|everyone)\b", re.I
)
_REFUSED_REST = re.compile(
    r"^(?:to|been|become|got|gone|no|not|never|already|about \d|around \d|over \d|some|many|more|different|"
    r"trouble|problems?|questions?|always|just|only \d|\d+|two|three|four|five|ten|hundreds|lots|a lot|fun|"
    r"a problem|"
    r"an idea|a question)\b",
    re.I,
)


def read_each(draft, text):
    for pattern in (_EACH_HAS, _FOR_EACH, _FOR_MANY, _PER):
        match = pattern.match(text)
        label = match and entity_label(match.group(1))
        if not label or _REFUSED_REST.match(match.group(2)):
            continue
        strict = pattern is _FOR_EACH and not re.search(
            r"\b(?:each|every)\s+" + re.escape(match.group(1)), text, re.I
        )
        if strict and not (draft.find(label) or label in draft.known):
            continue
        rest = without_fillers(match.group(2))
        if choices.set_choices_in(draft, label, rest):
            return True
        fields = field_list(rest)
        if fields and looks_like_list(before_choices(rest)):
            draft.add_fields(draft.entity(label), fields)
            return True
    return False


def read_of_each(draft, text):
    match = _OF_EACH.match(text)
    if not match or _LIST_WORD_LAST.search(match.group(1)):
        return False
    label = entity_label(match.group(2))
    quantified = re.search(r"\b(?:each|every|all)\b[^,]*$", text, re.I)
    if not label or not (
        quantified
        or draft.find(label)
        or label in draft.known
        or wording.is_plural(match.group(2).split()[-1])
    ):
        return False
    rest = without_fillers(
        re.sub(r"^.*\b(?:track of|list of|record of|overview of)\s+", "", match.group(1), flags=re.I)
    )
    pieces = split_top(rest)
    each = re.search(r"\b(?:each|every)\s+\S+(?:\s+\S+)?[.!?]*$", text, re.I)
    if not pieces or not (looks_like_list(rest) if each else all(surely_field(piece) for piece in pieces)):
        return False
    draft.add_fields(draft.entity(label), field_list(rest))
    return True


_LIST_WORD_LAST = re.compile(r"\b(?:list|track|overview|inventory|record|app|tool|system|database)$", re.I)


def read_pronoun(draft, text):
    match = _PRONOUN_HAS.match(text)
    if not match or draft.current is None or _REFUSED_REST.match(match.group(1)):
        return False
    rest = without_fillers(match.group(1))
    fields = field_list(rest) if looks_like_list(before_choices(rest)) else []
    draft.add_fields(draft.current, fields)
    return bool(fields)


def read_has(draft, text):
    """ "A booking has a room and a date", "Tools have a name, …", "The tool has …" when tools are known."""
    match = _A_HAS.match(text)
    if match and re.search(r"\b(?:i|we|you|they|of)\b", match.group(1), re.I):
        return False
    if not match or PRONOUNS.match(text) or _REFUSED_REST.match(match.group(2)):
        return False
    label = entity_label(match.group(1))
    known = label and (draft.find(label) or label in draft.known)
    if not label or choices.names_field(draft, match.group(1)) and not known:
        return False
    fields = field_list(match.group(2)) if looks_like_list(before_choices(match.group(2))) else []
    bare_plural = wording.is_plural(match.group(1).split()[-1])
    indefinite = re.match(r"^an?\s", text, re.I)
    if not fields or not (
        known or label.endswith(" list entry") or (len(fields) > 1 and (bare_plural or indefinite))
    ):
        return False
    draft.add_fields(draft.entity(label), fields)
    return True


def read_colon(draft, text):
    """ "Tools: name, category (hand, power), notes", with or without "each"."""
    if fields := _COLUMNS.match(text):
        found = field_list(fields.group(1)) if looks_like_list(before_choices(fields.group(1))) else []
        draft.add_fields(draft.current, found)
        return bool(found)
    match = _EACH_COLON.match(text)
    if match and choices.names_field(draft, match.group(1)):
        return False
    return (match is not None and _read_short_head(draft, text, match)) or _read_long_head(draft, text)


def _read_short_head(draft, text, match):
    label = entity_label(match.group(1))
    pieces = split_top(match.group(2))
    if not label or not looks_like_list(before_choices(match.group(2))):
        return False
    known = draft.find(label) or label in draft.known
    many = wording.is_plural(match.group(1).split()[-1]) or re.match(r"^(?:each|every)\s", text, re.I)
    if not known and not (many and len(pieces) > 1) and len(pieces) < 3:
        return False
    draft.add_fields(draft.entity(label), field_list(match.group(2)))
    return True


def _read_long_head(draft, text):
    """ "The patients on our waiting list: their name, …" """
    label, details = _long_head(text)
    if not label:
        return False
    draft.add_fields(draft.entity(label), details)
    return True


def read_loose_colon(draft, text):
    """ "What I need: name, price": details of the list we talk about, or of the first that will be named."""
    _, details = _long_head(text)
    draft.add_fields(draft.current, details)
    return bool(details)


def _long_head(text):
    """Return (label or "", details) of a line with a colon whose end is a list of details."""
    head, _, rest = text.partition(":")
    head = re.sub(
        r"\s+(?:app|application|system|program|database|spreadsheet|table)$", "", head.strip(), flags=re.I
    )
    pieces = split_top(before_choices(rest) if rest else "")
    if len(head.split()) > 10 or len(pieces) < 2 or sum(map(surely_field, pieces)) * 2 < len(pieces):
        return "", []
    return entity_label(head, plural_only=not head.lower().endswith("list")), field_list(rest)


def read_write_down(draft, text):
    """ "We need to write down their name and phone": details of the list we talk about."""
    match = _WRITE_DOWN.match(text) or _NEED_FIELDS.match(text)
    if not match or _WHO_MAY.match(text):
        return False
    rest = without_fillers(match.group(1))
    pieces = split_top(before_choices(rest))
    sure = [surely_field(piece) for piece in pieces]
    if not pieces or not looks_like_list(before_choices(rest)):
        return False
    if draft.current is None and len(pieces) < 2:
        # "We'd like to know where everything is" is a wish, as long as no list is named.
        return False
    if not (all(sure) or (len(pieces) > 2 and sum(sure) * 2 >= len(pieces))):
        return False
    draft.add_fields(draft.current, field_list(rest))
    return True


def surely_field(piece):
    plain = re.sub(r"\([^()]*\)", "", piece).strip(" .!?")
    if re.match(r"^(?:their|its|his|her|when|whether|how (?:many|much|urgent|old|long|big))\b", plain, re.I):
        return True
    return is_fieldish(re.sub(r"^(?:an?|the|some|any)\s+", "", plain, flags=re.I)) and len(plain.split()) <= 5


def before_choices(text):
    return re.split(r":|\b(?:which|that) (?:can|is|are)\b|\bcan be\b|\bone of\b|\beither\b", text)[0] or text

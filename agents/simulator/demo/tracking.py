"""Sentences that name lists: "we keep track of tools and members"."""

import re

from agents.simulator.demo.listing import field_list, looks_like_list, split_top, without_fillers
from agents.simulator.demo.nouns import entity_label
from agents.simulator.demo.rules import before_choices, surely_field

_STRONG = (
    r"(?:keep(?:ing|s)?|have|having|make|making|maintain(?:ing)?|see|want|need|like|build|create|got)\s+"
    r"(?:(?:an?|the|our|my|one|some|better|good|full|simple|proper|digital|online|up-to-date|to|have|"
    r"keep)\s+)*"
    r"(?:lists?|track|records?|registers?|logs?|overview|inventory|databases?|catalogu?e|tabs|collection|"
    r"history|directory)\s+(?:of|on)|"
    r"(?:lose|losing|lost|loses|keep|keeps|keeping|kept)\s+track\s+of|"
    r"(?:an?|the|one|our|my)\s+(?:[a-z-]+\s+)?(?:list|overview|database|register|inventory|catalogue|"
    r"catalog|record|log|directory)\s+of|"
    r"^(?:(?:simple|small)\s+)?lists?\s+of|keep(?:ing)?\s+(?=(?:a|an|our|the|my)\s+[\w-]+\s+(?:list|"
    r"register|inventory|log|catalogue)\b)"
)
_WEAK = (
    r"track(?:s|ing)?|manag(?:e|es|ing)|organi[sz](?:e|es|ing)|administ(?:er|rate|ering)|maintain(?:ing)?|"
    r"monitor(?:ing)?|catalogu?(?:e|ing)|register(?:ing)?|log(?:ging)?|record(?:ing)?|stor(?:e|ing)|"
    r"handl(?:e|ing)|writ(?:e|ing) down|keep(?:ing)? (?=our|my|all|the)|list(?:ing)? (?=our|my|all|the)|"
    r"follow(?:ing)? up(?: on)?|add(?:ing)? (?=new|our|my)|digiti[sz]e|see (?=all|our|my)"
)
TRACK = re.compile(rf"\b(?:({_STRONG})|({_WEAK}))\s*(.+)$", re.I)
_APP_FOR = re.compile(
    r"\b(?:app|tool|system|program(?:me)?|database|software|website|something|spreadsheet|table|"
    r"(?<!waiting )lists?)\s+(?:for|about|"
    r"with)\s+"
    r"(?:(?:my|our|the|all|managing|tracking)\s+)*(.+)$",
    re.I,
)
_CONTAINER = re.compile(
    r"\b(?:an?|the|our|my)\s+((?:[\w-]+ ){1,2}(?:list|register|inventory|catalogue|catalog|directory|"
    r"book))\b",
    re.I,
)
FIELD_START = re.compile(
    r"\s*(?::|\(|\s-\s|,?\s+(?:with|including|showing|namely|by|such as|each with|and for each(?: one)?|"
    r"(?:and|plus) (?=(?:their|its|his|her)\b)|and (?=(?:when|whether|how|who|where)\b))\s+|"
    r",\s+(?=(?:their|its|when|whether|how|who|where)\b))",
    re.I,
)


def read_track(draft, text):
    match = TRACK.search(text)
    if not match:
        return False
    rest = re.sub(r"^(?:and|or|of)\s+", "", match.group(3))
    if match.group(1) is None and re.match(r"^(?:an?|one)\s", rest, re.I):
        # "Manage a waiting list of children: …" names the list behind the weaker word.
        inner = TRACK.match(rest)
        if inner is None or inner.group(1) is None:
            return False
        match, rest = inner, inner.group(3)
    pieces = split_top(rest)
    if pieces and all(surely_field(p) for p in pieces[:2]) and not FIELD_START.search(pieces[0]):
        return False
    return add_things(draft, rest, plural_only=match.group(1) is None)


def add_things(draft, rest, *, plural_only):
    """Add the lists in "tools with a name, and members"; return whether there was one."""
    added = False
    for piece, tail in _things(rest):
        label = entity_label(piece, plural_only=plural_only or added)
        if not label:
            label = entity_label(piece) if draft.find(entity_label(piece) or "-") else ""
        if not label:
            continue
        listed = draft.entity(label)
        added = True
        others = [other for part in split_top(tail) if (other := _other_list(draft, part))]
        for other in others:
            draft.entity(other)
        if tail and not others and looks_like_list(before_choices(without_fillers(tail))):
            draft.add_fields(listed, field_list(without_fillers(tail)))
    return added


def _other_list(draft, phrase):
    """Return the list that "with members" names when members are a list, or ""."""
    label = entity_label(phrase, plural_only=True)
    return label if label and (label in draft.known or draft.find(label)) else ""


def _things(rest):
    """Yield (thing, its details or "") for "tools (name, type) and members with name and phone"."""
    start = FIELD_START.search(rest)
    if not start:
        return [(piece, "") for piece in split_top(rest)]
    if start.group().strip() != "(":
        pieces = split_top(rest[: start.start()])
        return [
            (piece, rest[start.end() :] if index == len(pieces) - 1 else "")
            for index, piece in enumerate(pieces)
        ]
    found = []
    for piece in split_top(rest):
        inside = re.search(r"\(([^()]*)\)?", piece)
        found.append((piece, inside.group(1) if inside else ""))
    return found


def read_app_for(draft, text):
    """ "An app for our invoices": only a hint, taken when it is plural and nothing else is known."""
    match = _APP_FOR.search(text)
    if draft.lists:
        return False
    if match and add_things(draft, match.group(1), plural_only=True):
        return True
    container = _CONTAINER.search(text)
    label = entity_label(container.group(1)) if container else ""
    if label:
        draft.entity(label)
    return bool(label)

"""Which known details words mean: "the tool's name and kind, and for loans the borrower"."""

import re

from agents.simulator.demo.listing import split_top, without_fillers
from agents.simulator.demo.nouns import entity_label
from agents.simulator.demo.phrases import field_of

EVERYTHING = re.compile(
    r"^(?:they |these |those |simply |just |absolutely )?(?:everything|all(?: of (?:them|it|these|those|that))?|"
    r"all (?:the )?(?:fields|details)|every (?:field|detail)|each (?:field|one)|both(?: of them)?|they all|"
    r"all required)$",
    re.I,
)
_IT = re.compile(r"^(?:it|this|that|this one|that one|them|these|those)$", re.I)
_BEFORE_LIST = re.compile(r"^(?:and\s+)?(for|in|on|with|about|of|per)\s+", re.I)
_DETERMINERS = re.compile(r"^(?:(?:the|each|every|any|an?|all|our|my|both)\s+)+", re.I)
_LIST_WORD = re.compile(r"^(?:lists?\b)?\s*(?:[:,]|-(?=\s))?\s*", re.I)
_HAS = re.compile(r"^(?:(?:always|must|should|only|just)\s+)*(?:needs?|has|have)\s+", re.I)
_LIST_BEHIND = re.compile(r"^(.+?)\s+(?:of|for|on|in|from)\s+(?:(?:the|each|every|any|an?|all|our|my)\s+)*"
                          r"([^\W\d_][\w' -]{1,40}?)(?:\s+lists?)?$", re.I)  # fmt: skip
_TAIL = re.compile(
    r"[\s,]*\b(?:fields?|details?|definitely|for sure|always|certainly|obviously|of course|please|i think|i guess)$",
    re.I,
)
_NOISE = re.compile(
    r"^(?:(?:just|only|definitely|at least|certainly|mainly|surely|i think|i guess|i'd say|also|both|probably|"
    r"of course)\b[\s,]*)+(?=\S)",
    re.I,
)


def refer(draft, text):
    """Return ([(list, label)] of the details that are meant, [words] of those that nobody knows)."""
    if _IT.match(text.strip(" .!")):
        return draft.last, []
    found, unknown, scope, since = [], [], None, 0
    for piece in split_top(text):
        piece = _NOISE.sub("", _TAIL.sub("", piece.strip(" .!?\"'")))
        listed, rest, behind = None, piece, False
        known = _exactly(draft, piece, scope)
        if not known:
            listed, rest, behind = scoped(draft, piece)
            known = _known(draft, rest, listed or scope, strict=listed is not None)
        if behind:
            # "Name and kind of each tool": the words before it mean that list, too.
            found[since:] = [(listed, _in(listed, label) or label) for _, label in found[since:]]
        scope = (None if behind else listed) if listed is not None else scope
        found += known
        since = len(found) if listed is not None else since
        if rest and not known:
            unknown.append((listed, rest))
    draft.last = list(dict.fromkeys(found)) or draft.last
    return draft.last if found else [], unknown


def labels_of(text):
    """Return the labels of the details that a text names, known or not."""
    text = re.sub(r"\b(?:fields?|details?)\b", "", text, flags=re.I)
    text = re.sub(r"\s+(?:of|for|on)\s+(?:the|each|every|an?|all)\s+[\w' -]+$", "", text.strip(), flags=re.I)
    return [label for piece in split_top(text) if (label := _label(piece))]


def _label(phrase):
    found = field_of(without_fillers(phrase))
    return found.label if found else ""


def _in(listed, label):
    index = listed.meant(label)
    return None if index is None else listed.fields[index].label


def _exactly(draft, piece, scope):
    label = _label(piece)
    if not label:
        return []
    pairs = [(listed, listed.fields[i].label) for listed, i in draft.with_field(label) if listed.has(label)]
    return [pair for pair in pairs if pair[0] is scope] or pairs


def _known(draft, piece, scope, *, strict):
    """Return the pairs that a phrase means: in the list in force, else wherever such a detail is."""
    if scope is not None and EVERYTHING.match(piece):
        return [(scope, field.label) for field in scope.fields]
    label = _label(piece)
    if not label:
        return []
    if scope is not None and (inside := _in(scope, label)):
        return [(scope, inside)]
    if strict:
        return []
    exact = _exactly(draft, piece, None)
    return exact or [(listed, inside) for listed in draft.lists if (inside := _in(listed, label))]


def scoped(draft, piece):
    """Return (list, rest, whether the list stands at the end) of a phrase; without a list (None, phrase, False)."""
    preposition = _BEFORE_LIST.match(piece)
    plain = piece[preposition.end() :] if preposition else piece
    words = _DETERMINERS.sub("", plain).split()
    for count in range(min(3, len(words)), 0, -1):
        head, rest = " ".join(words[:count]), " ".join(words[count:])
        owner = re.search(r"(?:'s|s'|:|,)$", head)
        listed = _list_of(draft, re.sub(r"(?:'s|'|:|,)+$", "", head))
        if listed is None:
            continue
        has = _HAS.match(rest)
        marked = preposition or owner or has or rest.startswith(("-", ":"))
        rest = _LIST_WORD.sub("", rest[has.end() :] if has else rest, count=1)
        if marked or rest and _in(listed, _label(rest) or "-"):
            return listed, rest, False
    if behind := _LIST_BEHIND.match(piece):
        listed = _list_of(draft, behind.group(2))
        if listed is not None:
            return listed, behind.group(1), True
    return None, piece, False


def _list_of(draft, words):
    label = entity_label(words)
    return draft.find(label) if label else None

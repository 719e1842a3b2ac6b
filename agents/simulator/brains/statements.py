"""Sentences that change what is understood: choices, required marks, adding, removing, renaming."""

import re
from dataclasses import replace

from agents.simulator.brains import wording
from agents.simulator.brains.listing import (
    entity_label,
    entity_labels,
    field_list,
    looks_like_list,
    split_top,
    without_fillers,
)
from agents.simulator.brains.phrases import Field, field_of, is_fieldish, values_of

LISTS_QUESTION = "What will you keep a list of?"
RULES_QUESTION = "Which of these must always be filled in?"

_REQUIRED_WORD = (
    r"(?:(?:always |also |really |strictly |all |both |absolutely |definitely )*(?:required|mandatory|compulsory|obligatory|"
    r"essential|a must|must-haves?|filled in|filled out|there|present|necessary|needed|given|entered|a required field))"
)
_OPTIONAL_WORD = (
    r"(?:(?:always |also |really |all |both )*(?:optional|not (?:always )?(?:required|mandatory|compulsory|needed|necessary|there)|empty|blank|"
    r"left empty|left blank|left out|left open|skipped|missing|an optional field|nice to have|voluntary))"
)
_IS = (
    r"(?:is|are|'s|was|should be|must be|has to be|have to be|needs to be|need to be|will be|can be|may be|might be|"
    r"shall be|must always be|should always be|has always to be|can stay|can also be|may stay|isn't|aren't|is not|are not)"
)
_FLAG = re.compile(rf"^(.{{1,160}}?)\s+({_IS})\s+({_REQUIRED_WORD}|{_OPTIONAL_WORD})\b[\s.!]*(?:too|as well|please|for me|for us|for (?:each|every|all|the|a|our) .{{1,40}})?[\s.!]*$", re.I)
_MUST_FILL = re.compile(r"^(.{1,160}?)\s+(?:must|should|has to|have to|needs? to)\s+(?:always\s+|both\s+|all\s+)?be\s+(?:there|given|filled(?: in| out)?|entered|known|present)\b", re.I)
_NEED_NOT = re.compile(r"^(.{1,160}?)\s+(?:does not|doesn't|do not|don't|need not|needn't)\s+(?:have to|need to|always need to|always have to)?\s*be\s+(?:there|given|filled(?: in| out)?|entered|known|present|required)\b", re.I)
_MAKE = re.compile(r"\b(?:make|mark|set|keep|leave|have)\s+(.{1,160}?)\s+(?:as\s+|to\s+)?(?:be\s+)?(required|mandatory|compulsory|optional|not required|empty)\b", re.I)
_FLAG_LIST = re.compile(r"^(?:the\s+)?(required|mandatory|compulsory|must-haves?|optional|not required)(?:\s+(?:ones|fields?|details?|things))?(?:\s+(?:is|are))?\s*:?\s+(.{1,200})$", re.I)
_REST = re.compile(r"\b(?:the rest|everything else|every(?:thing)? other(?: \w+)?|all (?:the )?others?|the others?|others|anything else|all else|the other (?:fields|details|ones|things))\b", re.I)
_ALL = re.compile(r"^(?:they |these |those )?(?:everything|all(?: of (?:them|it|these|those))?|all (?:the )?(?:fields|details)|every (?:field|detail)|each (?:field|one)|both(?: of them)?|they all|all required)\b$", re.I)
_NOTHING = re.compile(r"^(?:nothing|none(?: of (?:them|it|these))?|no (?:field|detail)s?)\b(?:\s+(?:except|but|apart from)\s+(.+))?", re.I)
_CLAUSES = re.compile(r"\s*;\s*|,?\s+(?:but|while|whereas|however|though|although)\s+|,\s+(?=(?:and\s+)?(?:the rest|everything else|all (?:the )?others?|the others?)\b)|,?\s+and\s+(?=(?:the rest|everything else|all (?:the )?others?|the others?)\b)", re.I)  # fmt: skip
_CLAUSES_IS = re.compile(rf"(?<=uired|ional|atory|ed in),?\s+(?:and\s+)?(?=\S.{{1,80}}?\s{_IS}\s)", re.I)

_CHOICE_OF = re.compile(
    r"^(.{1,60}?)\s+(?:can (?:only |either |also )?be|could be|may be|should be|must be|will be|is either|are either|is always|"
    r"(?:is|are|should be|must be|can be|being) (?:either |always )?(?:one of|from)|has (?:the )?(?:choices|options|values|steps|states|stages)|have (?:the )?(?:choices|options|values)|"
    r"(?:goes|go|moves|move|runs|changes|change) (?:from|through)(?: the (?:steps|states|stages))?|(?:is|are)(?=\s+[^,]+(?:,| or )))\s*:?\s+(.{2,400})$",
    re.I,
)
_CHOICES_COLON = re.compile(r"^(.{1,60}?)\s*(?::|=|\s-\s)\s*(.{2,400})$")
_CHOICES_BRACKET = re.compile(r"^(.{1,60}?)\s*\(([^()]{2,300})\)$")
_CHOICES_FOR = re.compile(r"^(?:the\s+)?(?:possible\s+|different\s+)?(?:choices|options|values|steps|stages|possibilities)\s+(?:for|of)\s+(.{1,60}?)\s*(?:are|is|should be|:)\s*:?\s+(.{2,400})$", re.I)
_STATUS_WORDS = frozenset("status state stage category type kind priority condition level size color colour group class section department genre difficulty urgency severity colour diet medium language season shift role skill".split())  # fmt: skip

_ADD = re.compile(
    r"^(?:.{0,60}?\b)?(?:add|include|insert|put in|also (?:need|want|record|store|keep|note|have)|(?:need|want|like|have)(?: to (?:add|have|know|see|record))?\s+also|"
    r"(?:missing|forgot|forgot about|there should be|should also (?:have|be)|is missing|are missing))\s+(.{1,300})$",
    re.I,
)
_ADD_LIST = re.compile(r"\b(?:add|need|want|have|like|keep)\s+(?:(?:also|another|an?|one|to|have|more|second|third|separate|new|extra)\s+)*(?:lists?)\s+(?:of|for)\s+(.{1,300})$", re.I)
_REMOVE = re.compile(r"^(?:.{0,60}?\b)?(?:remove|delete|drop|leave out|take out|take away|get rid of|without|skip|(?:don't|do not|doesn't|no longer|never) (?:really |actually |even )?(?:need|want|use|keep|require)|forget(?: about)?|omit|no need for)\s+(?:to (?:have|know|keep|record|store|track)\s+)?(.{1,200})$", re.I)
_RENAME = re.compile(r"\b(?:rename|change|call|replace)\s+(?:the\s+)?(?:field\s+|detail\s+|list\s+(?:of\s+)?)?(.{1,60}?)\s+(?:to|into|as|with|by)\s+(.{1,60})$", re.I)
_CALL = re.compile(r"^(?:.{0,40}?\b)?call\s+(?:the\s+)?(.{1,40}?)\s+(?:field\s+)?[\"'](.{1,40})[\"'](?:\s+instead)?", re.I)
_SHOULD_BE_CALLED = re.compile(r"^(?:the\s+)?(.{1,60}?)\s+(?:should|must|has to|needs to) be (?:called|named)\s+(.{1,60}?)(?:\s+instead)?$", re.I)
_WHERE = re.compile(r"\s+(?:to|from|for|on|of|in|about|at|with)\s+(?:the |each |every |our |all |an? |my |that )*((?:[\w'-]+ ?){1,4})(?:\s*(?:list|lists|page|form|record|table))?$", re.I)
_ORDERS = re.compile(
    r"(?:\s*;\s*|,?\s+(?:and|then|but|also)\s+|,\s*)(?:(?:and|then|also|please)\s+)*"
    r"(?=(?:please\s+)?(?:add|remove|delete|drop|make|mark|rename|leave out)\s)",
    re.I,
)
_TOO = re.compile(r"^(?:and\s+|also\s+)?((?:an?\s+|the\s+|their\s+|its\s+)?[^.,]{2,60}?),?\s+(?:too|as well)(?:,?\s+please)?[.!]*$", re.I)
_POLITE = re.compile(r"[\s,]*(?:please|thanks|thank you|too|as well|instead|if possible|anymore|any more|then|after all|for now)?[\s.!?]*$", re.I)


def asked_in(question):
    """Return which question of the demo a message asks: purpose, lists, details, rules, readback or ""."""
    if "write down about each" in question:
        return "details"
    if LISTS_QUESTION in question:
        return "lists"
    if RULES_QUESTION in question:
        return "rules"
    return ""


def names_field(draft, phrase):
    """Return whether a phrase means a detail that is known, or a word for choices such as "status"."""
    label = _subject(phrase)
    return bool(label) and bool(
        wording.singular(label).split()[-1] in _STATUS_WORDS or (draft.with_field(label) and not draft.find(label))
    )


# --- required or optional --------------------------------------------------------------------------------


def read_required(draft, text):
    """Read "phone is required, the rest is optional"; return whether the sentence was of that kind."""
    done = [_read_flag(draft, part) for clause in _CLAUSES.split(text) for part in _CLAUSES_IS.split(clause)]
    return any(done)


def read_required_answer(draft, text):
    """Read the bare answer to "which must always be filled in": those are, the others are not."""
    text = re.sub(r"^(?:just|only|definitely|at least|for me|the)\s+", "", text, flags=re.I)
    if nothing := _NOTHING.match(text):
        draft.mark_all(False, but=_labels(nothing.group(1) or ""))
        return True
    if _ALL.match(text.strip(" .!")):
        draft.mark_all(True)
        return True
    labels = [label for label in _labels(text) if draft.with_field(label)]
    if not labels:
        return False
    for listed in draft.lists:
        if any(listed.find(label) is not None for label in labels):
            kept = {listed.find(label) for label in labels}
            listed.fields = [replace(f, required=i in kept) for i, f in enumerate(listed.fields)]
    return True


def read_flagged_items(draft, head, items):
    """Read "Required:" with bullets below it."""
    match = re.match(r"^(?:the\s+)?(required|mandatory|optional|not required)\b", head, re.I)
    if not match or re.search(r"\b(?:each|every)\b", head, re.I):
        return False
    required = match.group(1).lower() in {"required", "mandatory"}
    return any([_flag_subject(draft, item, required) for item in items])


def _read_flag(draft, text):
    text = text.strip(" .!,")
    if found := _MUST_FILL.match(text):
        return _flag_subject(draft, found.group(1), True)
    if found := _NEED_NOT.match(text):
        return _flag_subject(draft, found.group(1), False)
    if found := _MAKE.search(text):
        return _flag_subject(draft, found.group(1), found.group(2).lower() in {"required", "mandatory", "compulsory"})
    if found := _FLAG_LIST.match(text):
        required = found.group(1).lower().startswith(("req", "man", "comp", "must"))
        return _flag_subject(draft, found.group(2), required)
    if found := _FLAG.match(text):
        negated = "n't" in found.group(2).lower() or found.group(2).lower().endswith(" not")
        required = bool(re.fullmatch(_REQUIRED_WORD, found.group(3), re.I)) != negated
        return _flag_subject(draft, found.group(1), required)
    return False


def _flag_subject(draft, subject, required):
    only = re.match(r"^(?:only|just)\s+(.+)$", subject, re.I)
    if only:
        labels = _labels(only.group(1))
        draft.mark_all(not required, but=labels)
        return any([draft.mark(label, required) for label in labels])
    if nothing := _NOTHING.match(subject):
        draft.mark_all(not required, but=_labels(nothing.group(1) or ""))
        return True
    if _REST.search(subject):
        draft.mark_all_unmarked(required)
        return True
    if _ALL.match(subject.strip()):
        draft.mark_all(required)
        return True
    if except_ := re.match(r"^(?:everything|all(?: fields| details| of them)?)\s+(?:except|but|apart from|other than)\s+(.+)$", subject, re.I):
        labels = _labels(except_.group(1))
        draft.mark_all(required, but=labels)
        return any([draft.mark(label, not required) for label in labels])
    done = False
    for label in _labels(subject):
        if draft.mark(label, required):
            done = True
        elif draft.current is not None and is_fieldish(label):
            draft.current.put(Field(label, None, required))
            done = True
    return done


def _labels(text):
    text = re.sub(r"\b(?:fields?|details?)\b", "", text, flags=re.I)
    text = re.sub(r"\s+(?:of|for|on)\s+(?:the|each|every|an?|all)\s+[\w' -]+$", "", text.strip(), flags=re.I)
    return [found.label for piece in split_top(text) if (found := field_of(without_fillers(piece)))]


# --- choices ---------------------------------------------------------------------------------------------


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
    match = re.match(r"^(?:can|could|may|is|are)\s+(?:only\s+|either\s+)?(?:be\s+)?(?:either\s+|one of\s+)?(.+)$", rest, re.I)
    return bool(match) and _put_choices(draft.entity(label), "status", match.group(1))


def set_choices(draft, subject, choices, colon=True):
    """Give a detail its choices; return whether subject and choices made sense."""
    values = _sound_values(choices)
    label = _subject(subject)
    if not label or not values:
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


def _put_choices(listed, label, choices):
    values = _sound_values(choices)
    if not values:
        return False
    index = listed.find(label)
    name = listed.fields[index].label if index is not None else label
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
    return values if sound and not any(re.search(r"\b(?:by|because|which|we|they|i)\b", v, re.I) for v in values) else ()


def _subject(phrase):
    phrase = re.sub(r"^(?:the |its |their |our |an? |each |every |possible |different |and |for |allowed )+", "", phrase.strip().lower())
    phrase = re.sub(r"\s+(?:options|choices|values|steps|list|field|column)$", "", phrase)
    phrase = re.sub(r"^(?:options|choices|values|possibilities)\s+(?:for|of)\s+(?:the\s+)?", "", phrase).strip(" :,.")
    return phrase if 0 < len(phrase.split()) <= 6 else ""


# --- changes ---------------------------------------------------------------------------------------------


def read_change(draft, text):
    """Read "add a phone to the members", "remove notes", "rename type to kind"."""
    too = _TOO.match(text)
    clauses = [f"add {too.group(1)}"] if too else _ORDERS.split(text)
    done = [_change(draft, _POLITE.sub("", clause)) for clause in clauses]
    return any(done)


def _change(draft, text):
    rules = (_rename, _add_list, _remove, _read_make, _add)
    return any(rule(draft, text) for rule in rules)


def _read_make(draft, text):
    return bool(_MAKE.match(text)) and _read_flag(draft, text)


def _rename(draft, text):
    match = _CALL.match(text) or _SHOULD_BE_CALLED.match(text) or _RENAME.search(text)
    if not match:
        return False
    old, new = (re.sub(r"^(?:the|a|an)\s+|\s+(?:field|detail|list)$", "", part.strip("\"' ")) for part in match.groups())
    target = field_of(new)
    found = draft.with_field(label) if (label := getattr(field_of(old), "label", "")) else []
    if target and found:
        for listed, index in found:
            kept = listed.fields[index]
            listed.fields[index] = Field(target.label, target.type or kept.type, kept.required, target.values or kept.values)
        return True
    listed, label = draft.find(entity_label(old) or "-"), entity_label(new)
    if listed is None or not label:
        return False
    listed.label = label
    return True


def _add_list(draft, text):
    match = _ADD_LIST.search(text)
    if not match or not draft.lists:
        return False
    things, _, details = re.sub(r"\s*[:(]\s*", " with ", match.group(1), count=1).partition(" with ")
    labels = entity_labels(things, plural_only=False)
    for label in labels:
        draft.entity(label)
    if labels and details:
        draft.add_fields(draft.current, field_list(details))
    return bool(labels)


def _remove(draft, text):
    match = _REMOVE.match(text)
    if not match:
        return False
    what = re.sub(r"\b(?:fields?|columns?|details?)\b", "", match.group(1), flags=re.I)
    lists = re.match(r"^(?:the |an? )?(?:list of (.+)|(.+?)(?:'s?)? list)$", what.strip(), re.I)
    if lists or draft.find(entity_label(what) or "-") and not draft.with_field(what.strip()):
        gone = draft.find(entity_label(next(filter(None, lists.groups())) if lists else what) or "-")
        if gone is None or len(draft.lists) < 2:
            return False
        draft.lists.remove(gone)
        draft.current = draft.lists[-1]
        return True
    what, listed = _place(draft, what)
    done = [draft.drop(label, listed) for label in _labels(what)]
    return any(done)


def _add(draft, text):
    match = _ADD.match(text)
    if not match or draft.current is None and not draft.lists:
        return False
    what, listed = _place(draft, re.sub(r"\b(?:fields?|columns?|details?)\b(?: for| called| named)?\s*:?", "", match.group(1), flags=re.I))
    what = re.sub(r"[\"']", "", what).strip(" :,")
    if not looks_like_list(re.split(r":|\bcan be\b|\bwhich\b", what)[0]):
        return False
    fields = field_list(without_fillers(what) or what)
    labels = [wording.plural(f.label) for f in fields]
    if listed is None and re.search(r"\bnew\b", text) and any(draft.find(wording.singular(label)) for label in labels):
        return False
    draft.add_fields(listed or draft.current or draft.lists[-1], fields)
    return bool(fields)


def _place(draft, what):
    """Return (what, list) for "phone to the members"; the list is None when none is named."""
    match = _WHERE.search(what.strip())
    if match:
        label = entity_label(re.sub(r"\s+(?:list|lists|page|form)$", "", match.group(1).strip()))
        listed = draft.find(label) if label else None
        if listed is not None:
            draft.current = listed
            return what.strip()[: match.start()], listed
    return what, None

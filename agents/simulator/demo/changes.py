"""Orders that change the lists: add, remove, rename."""

import re

from agents.simulator.demo import wording
from agents.simulator.demo.fields import Field, same_label
from agents.simulator.demo.listing import field_list, looks_like_list, without_fillers
from agents.simulator.demo.marks import flag_of, read_make, read_required
from agents.simulator.demo.nouns import entity_label, entity_labels
from agents.simulator.demo.phrases import field_of
from agents.simulator.demo.references import labels_of

_ADD = re.compile(
    r"^(?:.{0,60}?\b)?(?:add|include|insert|put in|also (?:need|want|record|store|keep|note|have)|(?:need|"
    r"want|like|have)(?: to (?:add|have|know|see|record))?\s+also|"
    r"(?:missing|forgot|forgot about|there should be|should also (?:have|be)|is missing|"
    r"are missing))\s+(.{1,300})$",
    re.I,
)
_ADD_LIST = re.compile(
    r"\b(?:add|need|want|have|like|keep)\s+(?:(?:also|another|an?|one|to|have|more|second|third|separate|"
    r"new|extra)\s+)*(?:lists?)\s+(?:of|for)\s+(.{1,300})$",
    re.I,
)
_REMOVE = re.compile(
    r"^(?:.{0,60}?\b)?(?:remove|delete|drop|leave out|take out|take away|get rid of|without|skip|(?:don't|"
    r"do not|doesn't|no longer|never) (?:really |actually |even )?(?:need|want|use|keep|require)|"
    r"forget(?: about)?|omit|no need for)\s+(?:to (?:have|know|keep|record|store|track)\s+)?(.{1,200})$",
    re.I,
)
_RENAME = re.compile(
    r"\b(?:rename|change|call|replace)\s+(?:the\s+)?(?:field\s+|detail\s+|"
    r"list\s+(?:of\s+)?)?(.{1,60}?)\s+(?:to|into|as|with|by)\s+(.{1,60})$",
    re.I,
)
_CALL = re.compile(
    r"^(?:.{0,40}?\b)?call\s+(?:the\s+)?(.{1,40}?)\s+(?:field\s+)?[\"'](.{1,40})[\"'](?:\s+instead)?", re.I
)
_SHOULD_BE_CALLED = re.compile(
    r"^(?:the\s+)?(.{1,60}?)\s+(?:should|must|has to|needs to) be (?:called|"
    r"named)\s+(.{1,60}?)(?:\s+instead)?$",
    re.I,
)
_WHERE = re.compile(
    r"\s+(?:to|from|for|on|of|in|about|at|with)\s+(?:the |each |every |our |all |an? |my |"
    r"that )*((?:[\w'-]+ ?){1,4})(?:\s*(?:list|lists|page|form|record|table))?$",
    re.I,
)
_LIST_NAMED = re.compile(
    r"^(?:the |an? |our |my |whole |entire )*(?:lists? (?:of|for) (?:the |our |my )?(.+)|(.+?)(?:'s?)? lists?)$",
    re.I,
)
_ORDERS = re.compile(
    r"(?:\s*;\s*|,?\s+(?:and|then|but|also)\s+|,\s*)(?:(?:and|then|also|please)\s+)*"
    r"(?=(?:please\s+)?(?:add|remove|delete|drop|make|mark|rename|leave out|"
    r"(?:we|i) (?:also )?(?:want|need|would like))\s)",
    re.I,
)
_TOO = re.compile(
    r"^(?:and\s+|also\s+)?((?:an?\s+|the\s+|their\s+|its\s+)?[^.,]{2,60}?),?\s+(?:too|"
    r"as well)(?:,?\s+please)?[.!]*$",
    re.I,
)
_POLITE = re.compile(
    r"[\s,]*(?:please|thanks|thank you|too|as well|instead|if possible|anymore|any more|then|after all|"
    r"for now)?[\s.!?]*$",
    re.I,
)


def read_change(draft, text):
    """Read "add a phone to the members", "remove notes", "rename type to kind"."""
    too = None if flag_of(text) else _TOO.match(text)
    clauses = [f"add {too.group(1)}"] if too else _ORDERS.split(text)
    done = []
    for clause in clauses:
        # "Phone is optional and add a colour": the first half is no order, but belongs to one.
        marked = len(clauses) > 1 and read_required(draft, clause)
        done.append(marked or _change(draft, _POLITE.sub("", clause)))
    return any(done)


def _change(draft, text):
    rules = (_rename, _add_list, _remove, read_make, _add)
    return any(rule(draft, text) for rule in rules)


def _rename(draft, text):
    match = _CALL.match(text) or _SHOULD_BE_CALLED.match(text) or _RENAME.search(text)
    if not match:
        return False
    old, new = (
        re.sub(r"^(?:the|a|an)\s+|\s+(?:field|detail|list)$", "", part.strip("\"' "))
        for part in match.groups()
    )
    target = field_of(new)
    found = draft.with_field(label) if (label := getattr(field_of(old), "label", "")) else []
    if target and found:
        for listed, index in found:
            kept = listed.fields[index]
            listed.fields[index] = Field(
                target.label, target.type or kept.type, kept.required, target.values or kept.values
            )
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
    what = re.sub(r"\b(?:fields?|columns?|details?)\b", "", match.group(1), flags=re.I).strip()
    if gone := _named_list(draft, what):
        if len(draft.lists) < 2:
            return False
        draft.lists.remove(gone)
        draft.current = draft.lists[-1]
        return True
    what, listed = _place(draft, what)
    done = [draft.drop(label, listed) for label in labels_of(what)]
    return any(done)


_NO = re.compile(r"^(.+?),?\s+(?:and\s+|but\s+)?(?:no|without(?: an?| the| any)?)\s+([\w' -]{2,40})$", re.I)
_NOT_ANY = re.compile(
    r"^(.+?)\s+(?:do|does|should|must|need)(?:n't| not) (?:have|need|get)(?: an?| the| any)?\s+([\w' -]{2,40})$",
    re.I,
)


def read_no(draft, text):
    """Read the end of "suppliers need a name, no due date"; return what stands before it, or None."""
    match = _NOT_ANY.match(text.strip(" .!")) or _NO.match(text.strip(" .!"))
    listed = match and _in_words(draft, match.group(1))
    if not listed:
        return None
    labels = [label for label in labels_of(match.group(2)) if listed.has(label)]
    for label in labels:
        draft.drop(label, listed)
    return match.group(1) if labels else None


def _in_words(draft, text):
    """Return the list that the words name, else the one we talk about."""
    low = text.lower()
    for listed in draft.lists:
        short = listed.label.split()[-1]
        if any(re.search(rf"\b{re.escape(w)}\b", low) for w in (short, wording.plural(short))):
            return listed
    return draft.current


def _named_list(draft, what):
    """Return the list whose very name the words are; a detail of that name goes first, without "list"."""
    lists = _LIST_NAMED.match(what)
    name = (
        next(filter(None, lists.groups()))
        if lists
        else re.sub(r"^(?:the|all|our|my)\s+", "", what, flags=re.I)
    )
    label = entity_label(name)
    if not lists and any(listed.has(name) for listed in draft.lists):
        return None
    exact = {label, wording.singular(" ".join(name.lower().split()))} - {""}
    whole = len(label.split()) == len(name.split())
    return next((e for e in draft.lists if whole and any(same_label(e.label, one) for one in exact)), None)


def _add(draft, text):
    match = _ADD.match(text)
    if not match or draft.current is None and not draft.lists:
        return False
    what, listed = _place(
        draft,
        re.sub(
            r"\b(?:fields?|columns?|details?)\b(?: for| called| named)?\s*:?", "", match.group(1), flags=re.I
        ),
    )
    what = re.sub(r"[\"']", "", what).strip(" :,")
    if not looks_like_list(re.split(r":|\bcan be\b|\bwhich\b", what)[0]):
        return False
    things, _, details = what.partition(" with ")
    if details and (label := entity_label(things, plural_only=True)):
        draft.add_fields(draft.entity(label), field_list(details))
        return True
    fields = field_list(without_fillers(what) or what)
    labels = [wording.plural(f.label) for f in fields]
    if (
        listed is None
        and re.search(r"\bnew\b", text)
        and any(draft.find(wording.singular(label)) for label in labels)
    ):
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

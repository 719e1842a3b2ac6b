"""Sentences on what must be filled in: "phone is required, the rest is optional"."""

import re
from dataclasses import replace

from agents.simulator.brains.fields import Field, is_fieldish
from agents.simulator.brains.listing import field_list, split_top, without_fillers
from agents.simulator.brains.phrases import field_of

_REQUIRED_WORD = (
    r"(?:(?:always |also |really |strictly |all |both |absolutely |definitely )*(?:required|mandatory|"
    r"compulsory|obligatory|"
    r"essential|a must|must-haves?|filled in|filled out|there|present|necessary|needed|given|entered|"
    r"a required field))"
)
_OPTIONAL_WORD = (
    r"(?:(?:always |also |really |all |both )*(?:optional|not (?:always )?(?:required|mandatory|compulsory|"
    r"needed|necessary|there)|empty|blank|"
    r"left empty|left blank|left out|left open|skipped|missing|an optional field|nice to have|voluntary))"
)
_IS = (
    r"(?:is|are|'s|was|should be|must be|has to be|have to be|needs to be|need to be|will be|can be|may be|"
    r"might be|"
    r"shall be|must always be|should always be|has always to be|can stay|can also be|may stay|isn't|aren't|"
    r"is not|are not)"
)
_FLAG = re.compile(
    rf"^(.{{1,160}}?)\s+({_IS})\s+({_REQUIRED_WORD}|{_OPTIONAL_WORD})\b[\s.!]*(?:too|as well|please|for me|"
    rf"for us|for (?:each|every|all|the|a|our) .{{1,40}})?[\s.!]*$",
    re.I,
)
_MUST_FILL = re.compile(
    r"^(.{1,160}?)\s+(?:must|should|has to|have to|needs? to)\s+(?:always\s+|both\s+|all\s+)?be\s+(?:there|"
    r"given|filled(?: in| out)?|entered|known|present)\b",
    re.I,
)
_NEED_NOT = re.compile(
    r"^(.{1,160}?)\s+(?:does not|doesn't|do not|don't|need not|needn't)\s+(?:have to|need to|"
    r"always need to|always have to)?\s*be\s+(?:there|given|filled(?: in| out)?|entered|known|present|"
    r"required)\b",
    re.I,
)
_NICE = re.compile(
    r"^(.{1,60}?)\s+would (?:also )?be (?:nice|good|great|useful|handy)(?: to have)?[\s.!]*$", re.I
)
_MAKE = re.compile(
    r"\b(?:make|mark|set|keep|leave|have)\s+(.{1,160}?)\s+(?:as\s+|to\s+)?(?:be\s+)?(required|mandatory|"
    r"compulsory|optional|not required|empty)\b",
    re.I,
)
_FLAG_LIST = re.compile(
    r"^(?:the\s+)?(required|mandatory|compulsory|must-haves?|optional|not required)(?:\s+(?:ones|fields?|"
    r"details?|things))?(?:\s+(?:is|are))?\s*:?\s+(.{1,200})$",
    re.I,
)
_REST = re.compile(
    r"\b(?:the rest|everything else|every(?:thing)? other(?: \w+)?|all (?:the )?others?|the others?|others|"
    r"anything else|all else|the other (?:fields|details|ones|things))\b",
    re.I,
)
_ALL = re.compile(
    r"^(?:they |these |those )?(?:everything|all(?: of (?:them|it|these|those))?|all (?:the )?(?:fields|"
    r"details)|every (?:field|detail)|each (?:field|one)|both(?: of them)?|they all|all required)\b$",
    re.I,
)
_NOTHING = re.compile(
    r"^(?:nothing|none(?: of (?:them|it|these))?|no (?:field|detail)s?)\b(?:\s+(?:except|but|"
    r"apart from)\s+(.+))?",
    re.I,
)
_CLAUSES = re.compile(
    r"\s*;\s*|,?\s+(?:but|while|whereas|however|though|although)\s+|,\s+(?=(?:and\s+)?(?:the rest|"
    r"everything else|all (?:the )?others?|the others?)\b)|,?\s+and\s+(?=(?:the rest|everything else|"
    r"all (?:the )?others?|the others?)\b)", re.I)  # fmt: skip
_CLAUSES_IS = re.compile(rf"(?<=uired|ional|atory|ed in),?\s+(?:and\s+)?(?=\S.{{1,80}}?\s{_IS}\s)", re.I)


_ALL_BUT = re.compile(
    r"^(?:everything|all(?: of (?:them|it))?|all (?:the )?(?:fields|details|others?))\s+(?:is|are|can be|"
    r"should be)\s+"
    r"(required|mandatory|optional|not required)\s+(?:except|but|apart from|other than)\s+(?:for\s+)?(.+)$",
    re.I,
)


_NOTHING_BUT = re.compile(
    r"^(?:nothing|none)\s+(?:except|but|apart from|other than)\s+(?:for\s+)?(.+?)\s+(?:is|are|must be|"
    r"has to be)\s+"
    r"(required|mandatory|optional|filled in)$",
    re.I,
)


def read_required(draft, text):
    """Read "phone is required, the rest is optional"; return whether the sentence was of that kind."""
    if all_but := _ALL_BUT.match(text.strip(" .!")):
        required = all_but.group(1).lower() not in {"optional", "not required"}
        labels = labels_of(all_but.group(2))
        draft.mark_all(required, but=labels)
        done = [draft.mark(label, not required) for label in labels]
        return any(done)
    if only := _NOTHING_BUT.match(text.strip(" .!")):
        return _flag_subject(
            draft, f"only {only.group(1)}", only.group(2).lower() in {"required", "mandatory", "filled in"}
        )
    done = [_read_flag(draft, part) for clause in _CLAUSES.split(text) for part in _CLAUSES_IS.split(clause)]
    return any(done)


def read_make(draft, text):
    """Read the order "make phone optional"."""
    return bool(_MAKE.match(text)) and _read_flag(draft, text)


def read_required_answer(draft, text):
    """Read the bare answer to "which must always be filled in": those are, the others are not."""
    text = re.sub(r"^(?:just|only|definitely|at least|for me|the)\s+", "", text, flags=re.I)
    if nothing := _NOTHING.match(text):
        draft.mark_all(False, but=labels_of(nothing.group(1) or ""))
        return True
    if _ALL.match(text.strip(" .!")):
        draft.mark_all(True)
        return True
    labels = [label for label in labels_of(text) if draft.with_field(label)]
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
    done = [_flag_subject(draft, item, required) for item in items]
    return any(done)


def _read_flag(draft, text):
    text = text.strip(" .!,")
    if found := _NEED_NOT.match(text):
        return _flag_subject(draft, found.group(1), False)
    if found := _MUST_FILL.match(text):
        return _flag_subject(draft, found.group(1), True)
    if found := _MAKE.search(text):
        return _flag_subject(
            draft, found.group(1), found.group(2).lower() in {"required", "mandatory", "compulsory"}
        )
    if found := _FLAG_LIST.match(text):
        required = found.group(1).lower().startswith(("req", "man", "comp", "must"))
        return _flag_subject(draft, found.group(2), required)
    if found := _NICE.match(text):
        return _flag_subject(draft, found.group(1), False)
    if found := _FLAG.match(text):
        negated = "n't" in found.group(2).lower() or found.group(2).lower().endswith(" not")
        required = bool(re.fullmatch(_REQUIRED_WORD, found.group(3), re.I)) != negated
        return _flag_subject(draft, found.group(1), required)
    return False


def _flag_subject(draft, subject, required):
    only = re.match(r"^(?:only|just)\s+(.+)$", subject, re.I)
    if only:
        labels = labels_of(only.group(1))
        draft.mark_all(not required, but=labels)
        done = [draft.mark(label, required) for label in labels]
        return any(done)
    if nothing := _NOTHING.match(subject):
        draft.mark_all(not required, but=labels_of(nothing.group(1) or ""))
        return True
    if _REST.search(subject):
        draft.mark_all_unmarked(required)
        return True
    if _ALL.match(subject.strip()):
        draft.mark_all(required)
        return True
    if except_ := re.match(
        r"^(?:everything|all(?: fields| details| of them)?)\s+(?:except|but|apart from|other than)\s+(.+)$",
        subject,
        re.I,
    ):
        labels = labels_of(except_.group(1))
        draft.mark_all(required, but=labels)
        done = [draft.mark(label, not required) for label in labels]
        return any(done)
    done = False
    for label in labels_of(subject):
        if draft.mark(label, required):
            done = True
        elif draft.current is not None and _may_be_new(draft, subject, label):
            draft.current.put(Field(label, None, required))
            done = True
    return done


def _may_be_new(draft, subject, label):
    """ "The flavour is optional" also names a detail of which nothing was said before."""
    if is_fieldish(label):
        return True
    plain = re.match(r"^(?:the|its|their|an?)\s", subject.strip(), re.I) and len(label.split()) <= 2
    return bool(plain) and bool(field_list(label)) and not draft.find(label)


def labels_of(text):
    text = re.sub(r"\b(?:fields?|details?)\b", "", text, flags=re.I)
    text = re.sub(r"\s+(?:of|for|on)\s+(?:the|each|every|an?|all)\s+[\w' -]+$", "", text.strip(), flags=re.I)
    return [found.label for piece in split_top(text) if (found := field_of(without_fillers(piece)))]

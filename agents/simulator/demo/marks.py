"""Sentences on what must be filled in: "phone is required, the rest is optional"."""

import re

from agents.simulator.demo.fields import Field, is_fieldish
from agents.simulator.demo.listing import field_list
from agents.simulator.demo.references import EVERYTHING, labels_of, refer

_REQUIRED_WORD = (
    r"(?:(?:always |also |really |strictly |all |both |absolutely |definitely )*(?:required|mandatory|"
    r"compulsory|obligatory|"
    r"essential|(?:the )?(?:most )?important(?: ones?| fields?)?|crucial|vital|a must|must-haves?|filled in|"
    r"filled out|there|present|necessary|needed|given|entered|"
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
    rf"^(.{{1,160}}?)\s+({_IS})\s+({_REQUIRED_WORD}|{_OPTIONAL_WORD})\b[\s.!]*(?:always|every time|"
    rf"all the time|too|as well|please|for me|"
    rf"for us|for (?:each|every|all|the|a|our) .{{1,40}})?[\s.!]*$",
    re.I,
)
_MUST_FILL = re.compile(
    r"^(.{1,160}?)\s+(?:must|should|has to|have to|needs? to)\s+(?:always\s+|both\s+|all\s+)?be\s+(?:there|"
    r"given|filled(?: in| out)?|entered|known|present)\b",
    re.I,
)
_NEVER_EMPTY = re.compile(
    r"^(.{1,160}?)\s+(?:can't|cannot|can not|can never|must not|mustn't|may not|may never|must never|should not|"
    r"shouldn't|should never)\s+(?:ever\s+)?(?:be|stay)\s+(?:left\s+)?(?:empty|blank|missing|left out|forgotten)\b",
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
    r"^(?:the\s+|always\s+|it is\s+|is\s+)*(required|mandatory|compulsory|obligatory|must-haves?|"
    r"must be filled in|needed|"
    r"optional|not required)(?:\s+(?:ones|fields?|"
    r"details?|things))?(?:\s+(?:is|are))?\s*:?\s+(.{1,200})$",
    re.I,
)
_REST = re.compile(
    r"\b(?:the rest|everything else|every(?:thing)? other(?: \w+)?|all (?:the )?others?|the others?|others|"
    r"anything else|all else|the other (?:fields|details|ones|things))\b",
    re.I,
)
_NOTHING = re.compile(
    r"^(?:nothing|none(?: of (?:them|it|these))?|no (?:field|detail)s?)\b(?:\s+(?:except|but|"
    r"apart from)\s+(.+))?",
    re.I,
)
_REQUIRED_STARTS = ("req", "man", "comp", "obl", "must", "need")
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


ALL_EXCEPT = re.compile(
    r"^(?:(?:yes|yeah|ok|okay|sure)[\s,]+)?(?:everything|all(?: (?:the )?(?:fields|details)| of (?:them|it|"
    r"that|these))?)"
    r"[\s,]+(?:except|but(?: not)?|apart from|other than|besides|without|excluding|save|minus)\s+(?:for\s+)?(.+)$",
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
        return _mark_all_but(draft, all_but.group(2), required)
    if only := _NOTHING_BUT.match(text.strip(" .!")):
        required = only.group(2).lower() in {"required", "mandatory", "filled in"}
        return _mark_all_but(draft, only.group(1), not required)
    if (flag := flag_of(text)) and ALL_EXCEPT.match(flag[0]):
        return flag_subject(draft, *flag)
    done = [_read_flag(draft, part) for part in clauses_of(text)]
    return any(done)


def read_make(draft, text):
    """Read the order "make phone optional"."""
    return bool(_MAKE.match(text)) and _read_flag(draft, text)


def read_flagged_items(draft, head, items):
    """Read "Required:" with bullets below it."""
    match = re.match(r"^(?:the\s+)?(required|mandatory|optional|not required)\b", head, re.I)
    if not match or re.search(r"\b(?:each|every)\b", head, re.I):
        return False
    required = match.group(1).lower() in {"required", "mandatory"}
    done = [flag_subject(draft, item, required) for item in items]
    return any(done)


def clauses_of(text):
    """Return the parts of "phone is required, the rest is optional" that each say one thing."""
    return [part for clause in _CLAUSES.split(text) for part in _CLAUSES_IS.split(clause)]


def flag_of(text):
    """Return (what, whether it is required) of "phone and price must be filled in", or None."""
    text = text.strip(" .!,")
    if found := _NEVER_EMPTY.match(text):
        return found.group(1), True
    if found := _NEED_NOT.match(text):
        return found.group(1), False
    if found := _MUST_FILL.match(text):
        return found.group(1), True
    if found := _MAKE.search(text):
        return found.group(1), found.group(2).lower() in {"required", "mandatory", "compulsory"}
    if found := _FLAG_LIST.match(text):
        return found.group(2), found.group(1).lower().startswith(_REQUIRED_STARTS)
    if found := _NICE.match(text):
        return found.group(1), False
    if found := _FLAG.match(text):
        negated = "n't" in found.group(2).lower() or found.group(2).lower().endswith(" not")
        return found.group(1), bool(re.fullmatch(_REQUIRED_WORD, found.group(3), re.I)) != negated
    return None


def _read_flag(draft, text):
    flag = flag_of(text)
    # "The flavour is optional" may name a new detail; "make the flavour optional" means one that is there.
    return bool(flag) and flag_subject(draft, *flag, new=not _MAKE.match(text))


def flag_subject(draft, subject, required, *, new=True):
    """Set the mark of what a subject means: "only the name", "the rest", "phone and price".

    new: a detail that nobody named before is added.
    """
    subject = subject.strip(" .!,")
    if only := re.match(r"^(?:only|just)\s+(.+)$", subject, re.I):
        return _mark_all_but(draft, only.group(1), not required)
    if nothing := _NOTHING.match(subject):
        draft.mark_all(not required, but=refer(draft, nothing.group(1) or "")[0])
        return True
    if _REST.search(subject):
        draft.mark_all_unmarked(required)
        return True
    if EVERYTHING.match(subject):
        draft.mark_all(required)
        return True
    if but := ALL_EXCEPT.match(subject):
        return _mark_all_but(draft, but.group(1), required)
    pairs, unknown = refer(draft, subject)
    draft.mark_these(pairs, required)
    if not new:
        draft.unknown += [label for _, words in unknown for label in labels_of(words)]
        return bool(pairs)
    added = [_add_new(draft, listed, words, required) for listed, words in unknown]
    return bool(pairs) or any(added)


def _add_new(draft, listed, words, required):
    """ "The flavour is optional" also names a detail of which nothing was said before."""
    listed = listed or (draft.current if draft.named_now or len(draft.lists) == 1 else None)
    new = [label for label in labels_of(words) if _may_be_new(draft, words, label)]
    if listed is None:
        draft.unknown += new
        return False
    for label in new:
        listed.put(Field(label, None, required))
    return bool(new)


def _mark_all_but(draft, named, required):
    """Set the mark of all details, and the other mark of those that are named; without any do nothing."""
    pairs, _ = refer(draft, named)
    if pairs:
        draft.mark_all(required, but=pairs)
        draft.mark_these(pairs, not required)
    return bool(pairs)


def _may_be_new(draft, subject, label):
    if is_fieldish(label):
        return True
    plain = re.match(r"^(?:the|its|their|an?)\s", subject.strip(), re.I) and len(label.split()) <= 2
    return bool(plain) and bool(field_list(label)) and not draft.find(label)

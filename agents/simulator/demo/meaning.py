"""Other words for the same detail: "borrower" for "borrowed by", "telephone" for "phone number"."""

import re

from agents.simulator.demo import wording
from agents.simulator.demo.vocabulary import words

_SPELLINGS = [
    (re.compile(r"\be-? ?mails?\b|\bmail\b"), "email"),
    (re.compile(r"\b(pick|drop|check|call)[- ](up|off|in|out|back)\b"), r"\1\2"),
    (re.compile(r"\b(?:telephone|tel|mobile)\b"), "phone"),
    (re.compile(r"\bday\b"), "date"),
    (re.compile(r"'s?\b|'(?=\s|$)"), ""),
]
_NOISE = words("who the a an of by for to on at its their his her it they is are was")
_WEAK = words("name date number address day time field note")
_SAME = (
    words("kind type sort category"),
    words("note comment remark"),
    words("location place where shelf"),
    words("deadline due"),
    words("price cost"),
    words("amount quantity"),
    words("urgency priority"),
    words("status state stage"),
)


def meant(label, labels):
    """Return the index of the only one of the labels that can be meant, or None."""
    for read in (_stems, _senses):
        wanted, there = read(label), [read(other) for other in labels]
        for fits in (
            [i for i, parts in enumerate(there) if wanted and wanted <= parts],
            [i for i, parts in enumerate(there) if parts and parts < wanted and wanted - parts <= _WEAK],
        ):
            if len(fits) == 1:
                return fits[0]
    return None


def _stems(label):
    text = label.lower()
    for pattern, plain in _SPELLINGS:
        text = pattern.sub(plain, text)
    return frozenset(_stem(word) for word in re.findall(r"[\w/]+", text) if word not in _NOISE)


def _stem(word):
    word = wording.singular(word)
    root = re.sub(r"(?:ers?|ors?|ed|ing)$", "", word)
    return root if len(root) > 3 and word not in _WEAK else word


def _senses(label):
    return frozenset(next((min(group) for group in _SAME if word in group), word) for word in _stems(label))

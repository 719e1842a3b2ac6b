"""A detail and a list: their labels, types, required marks and choices."""

import re
from dataclasses import dataclass

from agents.simulator.demo import wording
from agents.simulator.demo.vocabulary import words

MAX_LABEL_CHARS = 40
MAX_LABEL_WORDS = 6
STATUS_VALUES = ("open", "in progress", "done")
LEVEL_VALUES = ("low", "medium", "high")
TYPE_NAMES = {
    "boolean": "yes or no",
    "number": "number",
    "date": "date",
    "email": "email",
    "text": "long text",
    "string": "short text",
}
_DROPPED = re.compile(r"[^\w\s'/&%#+-]", re.UNICODE)
_EMAIL = re.compile(r"\be-?mails?\b(?: address(?:es)?)?$", re.I)
_DATE = re.compile(
    r"^last \w+(?:ed|seen|paid|done)$|^\w+(?: back)? on$|\b(?:dates?|due|deadline|birthday|expiry|expires|"
    r"day|date of \w+|"
    r"birth ?date|dob)$|^(?:date|due)\b|\bdue by\b",
    re.I,
)
_NUMBER = re.compile(
    r"\b(?:price|cost|costs|amount|quantity|qty|total|sum|fee|age|weight|height|length|width|capacity|"
    r"stock|budget|"
    r"rate|deposit|salary|score|percentage|balance|mileage|count|value|year|seats|discount|points|credits|"
    r"pages)$|"
    r"^(?:number of|amount of|quantity of|price|cost of|total|count of|amount)\b",
    re.I,
)
_TEXT = re.compile(
    r"\b(?:notes?|descriptions?|comments?|remarks?|memo|instructions|message|feedback|explanation|summary|"
    r"story)$",
    re.I,
)
_BOOLEAN = re.compile(
    r"^(?:is|are|has|was|done|paid|active|completed?|finished|returned|available|urgent|confirmed|delivered|"
    r"vaccinated|closed|archived|cancelled|canceled|approved|collected|in stock|paid yet|fully paid|"
    r"already paid|"
    r"checked in|picked up|broken|yes/no)(?:$|\s(?=\w+))",
    re.I,
)
_STATUS = re.compile(r"\b(?:status|state|stage)$", re.I)
_LEVEL = re.compile(r"\b(?:priority|urgency)$", re.I)
_FIELD_HEADS = words(
    """
    name title phone telephone mobile number email e-mail address date day deadline birthday price cost
    amount quantity total fee status state stage note notes description comment comments remark remarks
    type category kind size colour color location place priority urgency condition age reason hours
    details surname time author isbn genre species brand model contact deposit weight height due value
    owner supplier city street postcode allergies allergy role skill skills availability year language
    gender website link url code unit rating level detail information info data photo picture barcode
    topic subject names phones numbers emails addresses dates prices costs amounts photos pictures
    titles categories types statuses times reasons sizes
    """
)
_NEVER_LISTS = words(
    """
    name title phone telephone mobile number email e-mail address date day deadline birthday price cost
    amount quantity total fee status state stage note description comment remark type category kind size
    colour color priority urgency condition age reason detail surname time due value information info
    data
    """
)


@dataclass(frozen=True)
class Field:
    """A detail. type None: not yet decided. required None: the rule for its type decides."""

    label: str
    type: str | None = None
    required: bool | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entity:
    """A list. label: one thing in it, in the singular."""

    label: str
    fields: tuple[Field, ...]


def type_of(label):
    """Return the type that a label stands for when nobody said it."""
    if re.search(r"\s(?:or|and)\s", label):
        return "string"
    if _EMAIL.search(label):
        return "email"
    if _TEXT.search(label):
        return "text"
    if _STATUS.search(label) or _LEVEL.search(label):
        return "enum"
    if _DATE.search(label):
        return "date"
    if _NUMBER.search(label) and not re.search(
        r"\b(?:size|phone|invoice|order|room|serial) number$", label, re.I
    ):
        return "number"
    if _BOOLEAN.search(label) and not re.search(r"\b(?:by|on|at|to|from|until|name|number)$", label, re.I):
        return "boolean"
    return "string"


def default_values(label):
    """Return the choices for a label that needs some and got none."""
    return LEVEL_VALUES if _LEVEL.search(label) else STATUS_VALUES


def numbers_of(field):
    """Return which numbers a detail takes: "money", "count", "positive" (not below 0) or "any"."""
    if re.search(r"\b(?:prices?|costs?|fees?|deposit|salary)\b", field.label):
        return "money"
    if re.search(r"^(?:number of|count of)\b|\b(?:quantity|qty|count|seats|pages|copies)$", field.label):
        return "count"
    return "positive" if re.search(r"\b(?:amount|total|sum|budget)\b", field.label) else "any"


def settled(field):
    """Return the field with type, required mark and choices decided."""
    kind = "enum" if field.values else field.type or type_of(field.label)
    values = (field.values or default_values(field.label)) if kind == "enum" else ()
    required = field.required if field.required is not None else kind != "text"
    # A yes or no always has one of the two: there is nothing to leave empty.
    return Field(field.label, kind, required and kind != "boolean", values)


def is_fieldish(phrase):
    """Return whether a phrase can hardly be a list of its own: "name", "phone number"."""
    words = phrase.lower().split()
    return bool(words) and (
        words[-1] in _FIELD_HEADS or words[0] in {"when", "whether", "how", "who", "where"}
    )


def is_never_a_list(word):
    """Return whether a word, singular or plural, only ever names a detail."""
    return word in _NEVER_LISTS or wording.singular(word) in _NEVER_LISTS


def label_of(phrase):
    """Return the phrase as a label: few words, lower case but for short forms, or ""."""
    plain = _DROPPED.sub(" ", phrase).split()
    plain = [word for word in (word.strip("'-/&+#%_") for word in plain) if word]
    if not plain or len(plain) > MAX_LABEL_WORDS:
        return ""
    words = [word if word.isupper() and 2 <= len(word) <= 5 else word.lower() for word in plain]
    label = " ".join(words)
    if len(label) > MAX_LABEL_CHARS or not re.search(r"[^\W\d_]", label):
        return ""
    return label


def same_label(one, other):
    """Return whether two labels mean the same detail: case, plural, hyphens and spaces aside."""
    return _plain(one) == _plain(other)


def _plain(label):
    words = re.sub(r"[\W_]+", " ", label.lower()).split()
    joined = " ".join(words).replace("e mail", "email").replace("colour", "color")
    return wording.singular(joined).replace(" ", "") if joined else ""

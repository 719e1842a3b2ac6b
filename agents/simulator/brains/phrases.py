"""Words for one detail of a list → a Field: its label, type, required mark and choices."""

import re
from dataclasses import dataclass

from agents.simulator.brains import wording

MAX_LABEL_CHARS = 40
MAX_LABEL_WORDS = 6
MAX_VALUES = 12
STATUS_VALUES = ("open", "in progress", "done")
LEVEL_VALUES = ("low", "medium", "high")

_ARTICLE = re.compile(
    r"^(?:(?:a|an|the|its|it's|their|his|her|our|my|your|some|any|each|every|one|also|maybe|perhaps|possibly|"
    r"probably|just|only|mainly|mostly|basically|simply|like|and|or|plus|then|with|has|have|having|of course|"
    r"obviously|i guess|i think|please|if possible|ideally|finally|lastly|well|as well as|along with|"
    r"including|includes?|a field for|a place for|room for|space for|both|such|things like|something like)"
    r"\b[,\s]*)+(?=\S)",
    re.I,
)
_TAIL = re.compile(
    r"[,\s]+(?:of course|please|thanks|thank you|as well|too|i guess|i think|i suppose|for sure|if possible|"
    r"if there is one|if there are any|if any|if known|if we have it|if they have one|and that's it|that's it|"
    r"that's all|and that's all|that is all|fields?|columns?|details? only)$",
    re.I,
)
_LEAVING_OPTIONAL = re.compile(
    r"\b(?:if there is one|if there are any|if any|if known|if we have it|if they have one|if possible)\b", re.I
)
_FLAG_WORDS = {
    "required": True,
    "mandatory": True,
    "compulsory": True,
    "obligatory": True,
    "necessary": True,
    "needed": True,
    "must": True,
    "must have": True,
    "always": True,
    "optional": False,
    "optionally": False,
    "not required": False,
    "not mandatory": False,
    "not needed": False,
    "not always": False,
    "if any": False,
    "if known": False,
    "can be empty": False,
    "can be left empty": False,
    "may be empty": False,
    "nice to have": False,
}
_FLAG_BEFORE = re.compile(
    r"^(?:an?\s+|the\s+)?(optional(?:ly)?|required|mandatory|compulsory|obligatory)[,:]?\s+(?:an?\s+|the\s+)?"
    r"(?=\S)",
    re.I,
)
_FLAG_AFTER = re.compile(
    r"\s*(?:,|-|:)?\s+(?:(?:is|are|which is|that is|that's|but)\s+)*"
    r"(optional|required|mandatory|compulsory|obligatory|not required)$",
    re.I,
)
_TYPE_WORDS = [
    (re.compile(r"^(?:a\s+)?(?:yes/no|yes or no|true/false|checkbox|tick ?box|boolean)(?: field)?$", re.I), "boolean"),
    (re.compile(r"^(?:a\s+|an\s+)?(?:number|numeric|integer|amount|whole number)$", re.I), "number"),
    (re.compile(r"^(?:in )?(?:€|\$|£|euros?|eur|dollars?|usd|pounds?|gbp|kg|cm|grams?|litres?|hours|minutes|days)$", re.I), "number"),
    (re.compile(r"^(?:a\s+)?(?:date|day)$", re.I), "date"),
    (re.compile(r"^(?:an?\s+)?(?:e-?mail)(?: address)?$", re.I), "email"),
    (re.compile(r"^(?:a\s+)?(?:long(?:er)? text|text area|multi-?line|several lines|free text|paragraph)$", re.I), "text"),
    (re.compile(r"^(?:a\s+)?(?:short text|text|words?|string|one line)$", re.I), "string"),
]  # fmt: skip
TYPE_NAMES = {
    "boolean": "yes/no",
    "number": "number",
    "date": "date",
    "email": "email",
    "text": "long text",
    "string": "short text",
}
_QUESTIONS = [
    (re.compile(r"^how much (?:it|they|he|she) (?:is|are|costs?|will cost)\b.*$", re.I), "price"),
    (re.compile(r"^how much .*\b(?:costs?|paid|pays?|owes?)\b.*$", re.I), "amount"),
    (re.compile(r"^how many (?=\S)(?!of\b)", re.I), "number of "),
    (re.compile(r"^how urgent\b.*$", re.I), "urgency"),
    (re.compile(r"^how important\b.*$", re.I), "priority"),
    (re.compile(r"^how old\b.*$", re.I), "age"),
    (re.compile(r"^how (?:big|large)\b.*$", re.I), "size"),
    (re.compile(r"^how (?:tall|high)\b.*$", re.I), "height"),
    (re.compile(r"^how heavy\b.*$", re.I), "weight"),
    (re.compile(r"^how long\b.*$", re.I), "duration"),
    (re.compile(r"^where (?:it|they|he|she|we|i|to|the|you)\b.*$", re.I), "location"),
    (re.compile(r"^who (borrowed|ordered|booked|bought|made|owns|reported|paid|brought|donated|wrote|sent|took|added|"
                r"requested|reserved|lent) (?:it|them|the .*)$", re.I), r"\1 by"),
    (re.compile(r"^who (?:it|this|they) (?:is|are|was) for$", re.I), "for whom"),
]  # fmt: skip
_WHICH = re.compile(r"^(?:which|what) (?:kind of |type of |sort of )?([\w-]+)(?: (?:it|they|he|she) (?:is|are|was|wants?|needs?|has|have|took))?$", re.I)
_WHEN = re.compile(r"^(?:the )?(?:when|date when|date that|day when|since when|until when|by when)\s+(.*)$", re.I)
_WHEN_NOISE = frozenset(
    "it they he she we i you them is are was were has have had been be should must will can needs need to the a "
    "an this that us our my their its his her him".split()
)
_WHETHER = re.compile(
    r"^(?:(?:a )?(?:note|flag|mark|box|tick ?box|checkbox|yes/no)\s+(?:of|for|on|about)?\s*)?"
    r"(?:whether|if)(?: or not)?\s+(.*)$",
    re.I,
)
_WHETHER_NOISE = re.compile(
    r"^(?:(?:it|they|he|she|we|i|you|the|a|an|this|that|is|are|was|were|has|have|had|it's|they're|been|be|"
    r"already|someone|there|does|do)\s+)+(?=\S)",
    re.I,
)
_DROPPED = re.compile(r"[^\w\s'/&%#+-]", re.UNICODE)

_EMAIL = re.compile(r"\be-?mails?\b(?: address(?:es)?)?$", re.I)
_DATE = re.compile(
    r"\b(?:dates?|due|deadline|birthday|expiry|expires|day|date of \w+|birth ?date)$|^(?:date|due)\b|\bdue by\b", re.I
)
_NUMBER = re.compile(
    r"\b(?:price|cost|costs|amount|quantity|qty|total|sum|fee|age|weight|height|length|width|capacity|stock|budget|"
    r"rate|deposit|salary|score|percentage|balance|mileage|count|value|year|seats|discount|points|credits|pages)$|"
    r"^(?:number of|amount of|quantity of|price|cost of|total|count of|amount)\b",
    re.I,
)
_TEXT = re.compile(
    r"\b(?:notes?|descriptions?|comments?|remarks?|memo|instructions|message|feedback|explanation|summary|story)$",
    re.I,
)
_BOOLEAN = re.compile(
    r"^(?:is|are|has|was|done|paid|active|completed?|finished|returned|available|urgent|confirmed|delivered|"
    r"vaccinated|closed|archived|cancelled|canceled|approved|collected|in stock|paid yet|fully paid|already paid|"
    r"checked in|picked up|broken|yes/no)(?:$|\s(?=\w+))",
    re.I,
)
_STATUS = re.compile(r"\b(?:status|state|stage)$", re.I)
_LEVEL = re.compile(r"\b(?:priority|urgency)$", re.I)
_FIELD_HEADS = frozenset(
    "name title phone telephone mobile number email e-mail address date day deadline birthday price cost amount "
    "quantity total fee status state stage note notes description comment comments remark remarks type category kind "
    "size colour color location place priority urgency condition age reason hours details surname time author isbn "
    "genre species brand model contact deposit weight height due value owner supplier quantity city street postcode "
    "allergies allergy role skill skills availability year language gender website link url code unit rating level "
    "detail information info data photo picture barcode topic subject names phones numbers emails addresses dates "
    "prices costs amounts photos pictures titles categories types statuses times reasons sizes".split()
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
    if _NUMBER.search(label) and not re.search(r"\b(?:size|phone|invoice|order|room|serial) number$", label, re.I):
        return "number"
    if _BOOLEAN.search(label) and not re.search(r"\b(?:by|on|at|to|from|until|name|number)$", label, re.I):
        return "boolean"
    return "string"


def default_values(label):
    """Return the choices for a label that needs some and got none."""
    return LEVEL_VALUES if _LEVEL.search(label) else STATUS_VALUES


def settled(field):
    """Return the field with type, required mark and choices decided."""
    kind = "enum" if field.values else field.type or type_of(field.label)
    values = (field.values or default_values(field.label)) if kind == "enum" else ()
    required = field.required if field.required is not None else kind not in {"boolean", "text"}
    return Field(field.label, kind, required, values)


def is_fieldish(phrase):
    """Return whether a phrase can hardly be a list of its own: "name", "phone number"."""
    words = phrase.lower().split()
    return bool(words) and (words[-1] in _FIELD_HEADS or words[0] in {"when", "whether", "how", "who", "where"})


def field_of(phrase):
    """Return the Field for a phrase such as "an optional category (hand, power)", or None."""
    phrase = phrase.strip(" ,.;:!?\"")
    required = False if _LEAVING_OPTIONAL.search(phrase) else None
    kind, values = None, ()
    phrase, insides = _without_brackets(phrase)
    for inside in insides:
        said = _inside_of(inside)
        required = said.required if said.required is not None else required
        kind, values = said.type or kind, said.values or values
    phrase = _stripped(phrase)
    while flag := _FLAG_BEFORE.match(phrase) or _FLAG_AFTER.search(phrase):
        required = _FLAG_WORDS[flag.group(1).lower()]
        phrase = _stripped((phrase[: flag.start()] + phrase[flag.end() :]).strip())
    phrase, asked = _question(phrase)
    label = label_of(phrase)
    if not label:
        return None
    kind = kind or asked
    if kind == type_of(label) and not values:
        kind = None
    return Field(label, None if values else kind, required, values)


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


def values_of(text):
    """Return (choices, what follows them) of a text such as "A, B or C, and a price"."""
    text = re.sub(r"^(?:from|either|one of|(?:the )?following|these)\s*:?\s+", "", text.strip(), flags=re.I)
    going = re.search(r"\s+to\s+", text) and not re.search(r",|\sor\s", text)
    splitter = r"\s*(,\s*(?:and|or)\s+|\s+(?:or|and|then)\s+|\s+to\s+|[,;/|])\s*" if going else (
        r"\s*(,\s*(?:and\s+|or\s+)?(?:then|finally|later)\s+|,\s*(?:and|or)\s+|\s+(?:or|and|then)\s+|[,;/|])\s*"
    )
    parts = re.split(splitter, text)
    values, first = [], parts[0]
    for index in range(0, len(parts), 2):
        separator = parts[index - 1] if index else ""
        if index and _ends_values(parts[index], separator, first):
            return _clean_values(values), "".join(parts[index:])
        values.append(parts[index])
        if re.fullmatch(r",?\s*(?:or|and)", separator.strip(), re.I) and index + 2 < len(parts):
            return _clean_values(values), "".join(parts[index + 2 :])
    return _clean_values(values), ""


def _ends_values(part, separator, first):
    article = re.compile(r"^(?:an?|the|its|their|optional(?:ly)?|required|whether|when|how|who|where|also|plus)\b", re.I)
    if article.match(part) and not article.match(first):
        return True
    return "and" in separator.lower() and is_fieldish(part) and not is_fieldish(first)


def _clean_values(parts):
    values = []
    for part in parts:
        part = _DROPPED_IN_VALUE.sub(" ", part)
        part = re.sub(r"^(?:an?|the|maybe|either|both|just|is|are)\s+(?=\S)", "", part.strip(), flags=re.I)
        value = " ".join(part.split()).strip(" .!?:;,\"'-").strip()
        if value and len(value) <= MAX_LABEL_CHARS and value.lower() not in {v.lower() for v in values}:
            values.append(value)
    # Only the first is written large: it stood at the start of a sentence.
    if values and values[0][:1].isupper() and len(values) > 1 and not any(v != v.lower() for v in values[1:]):
        values[0] = values[0][:1].lower() + values[0][1:]
    return tuple(values[:MAX_VALUES])


_DROPPED_IN_VALUE = re.compile(r"[()\[\]{}\"]|[.!?;:](?=\s|$)")


def _without_brackets(phrase):
    """Return the phrase without its (…) parts, and what stood in them."""
    insides = []

    def keep(match):
        insides.append(match.group(1))
        return " "

    return re.sub(r"[(\[]([^()\[\]]*)[)\]]", keep, phrase).strip(), insides


def _inside_of(inside):
    """Return a Field that carries what the brackets say."""
    required, kind, rest = None, None, []
    choices = ()
    for part in re.split(r"\s*;\s*", inside):
        head = re.match(r"^(?:the )?(?:choices|options|values|one of|can be|either|steps)\s*(?:are)?\s*:?\s+(.*)$", part, re.I)
        if head:
            choices = values_of(head.group(1))[0]
            continue
        for piece in re.split(r"\s*,\s*", part):
            plain = piece.strip().lower().removeprefix("this is ").removeprefix("is ")
            found = next((name for pattern, name in _TYPE_WORDS if pattern.match(plain)), None)
            if plain in _FLAG_WORDS:
                required = _FLAG_WORDS[plain]
            elif found:
                kind = kind or found
            elif plain:
                rest.append(piece)
    if not choices and rest and kind is None:
        choices = _choices_in(", ".join(rest))
    return Field("", kind, required, choices)


def _choices_in(text):
    if re.match(r"^(?:for example|that is|e\.?g|see|so |because|we |they |i |it |in |like when|not )", text, re.I):
        example = re.match(r"^for example\b[,:]?\s*(.*)$", text, re.I)
        found = values_of(example.group(1))[0] if example else ()
        return found if len(found) > 2 else ()
    values = values_of(text)[0]
    if len(values) < 2 or any(len(value.split()) > 4 for value in values):
        return ()
    return values


def _stripped(phrase):
    before = None
    while before != phrase:
        before = phrase
        phrase = _TAIL.sub("", _ARTICLE.sub("", phrase.strip(" ,.;:-"))).strip(" ,.;:-")
    return phrase


def _question(phrase):
    """Return (phrase, type or None) with "when it was bought" as "date bought" and the like."""
    if when := _WHEN.match(phrase):
        words = [word for word in when.group(1).split() if word.lower() not in _WHEN_NOISE]
        if words:
            return ("date " + " ".join(words[:4])).replace("date due back", "due date"), "date"
    if whether := _WHETHER.match(phrase):
        return _WHETHER_NOISE.sub("", whether.group(1)), "boolean"
    if either := re.match(r"^(.{2,40}?)(?:,)? (?:yes/no|or not)$", phrase, re.I):
        return _WHETHER_NOISE.sub("", either.group(1) + " ").strip(), "boolean"
    which = _WHICH.match(phrase)
    if which and (phrase.lower().startswith("which") or " of " in phrase):
        return which.group(1), None
    for pattern, label in _QUESTIONS:
        if pattern.match(phrase):
            changed = pattern.sub(label, phrase)
            kind = "number" if label in {"price", "amount", "number of ", "age", "height", "weight"} else None
            if label == "number of ":
                changed = re.sub(r"\s+(?:we|they|it|there|i|you|are|is)\b.*$", "", changed)
            return changed, kind
    return phrase, None


def _plain(label):
    words = re.sub(r"[\W_]+", " ", label.lower()).split()
    joined = " ".join(words).replace("e mail", "email").replace("colour", "color")
    return wording.singular(joined).replace(" ", "") if joined else ""

"""Words for one detail → a Field: "an optional category (hand, power)"."""

import re

from agents.simulator.brains.fields import Field, label_of, type_of
from agents.simulator.brains.values import values_of
from agents.simulator.brains.vocabulary import words

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
    r"if there is one|if there are any|if any|if known|if we have it|if they have one|and that's it|"
    r"that's it|"
    r"that's all|and that's all|that is all|fields?|columns?|details? only)$",
    re.I,
)
_LEAVING_OPTIONAL = re.compile(
    r"\b(?:if there is one|if there are any|if any|if known|if we have it|if they have one|if possible)\b",
    re.I,
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
_UNITS = r"€|\$|£|euros?|eur|dollars?|usd|pounds?|gbp|kg|cm|grams?|litres?|hours|minutes|days"
_TYPE_WORDS = {
    "boolean": r"(?:a )?(?:yes/no|yes or no|true/false|checkbox|tick ?box|boolean)(?: field)?",
    "number": rf"(?:an? )?(?:number|numeric|integer|amount|whole number)|(?:in )?(?:{_UNITS})",
    "date": r"(?:a )?(?:date|day)",
    "email": r"(?:an? )?e-?mail(?: address)?",
    "text": r"(?:a )?(?:long(?:er)? text|text area|multi-?line|several lines|free text|paragraph)",
    "string": r"(?:a )?(?:short text|text|words?|string|one line)",
}
_QUESTIONS = [
    (re.compile(r"^how much (?:it|they|he|she) (?:is|are|costs?|will cost)\b.*$", re.I), "price"),
    (re.compile(r"^how much .*\b(?:costs?|paid|pays?|owes?)\b.*$", re.I), "amount"),
    (re.compile(r"^how many(?: of (?:it|them|these))?(?: (?:we|they|i|there|it)\b.*)?$", re.I), "quantity"),
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
_WHICH = re.compile(
    r"^(?:which|what) (?:kind of |type of |sort of )?([\w-]+)(?: (?:it|they|he|she) (?:is|are|was|wants?|"
    r"needs?|has|have|took))?$",
    re.I,
)
_WHEN = re.compile(
    r"^(?:the )?(?:when|since when|until when|by when|(?:date|day|moment|time)(?: when| that| on which|"
    r"(?= (?:it|they|he|she|we|i|the \w+) )))\s+(.*)$",
    re.I,
)
_WHEN_NOISE = words(
    """
    it they he she we i you them is are was were has have had been be should must will can needs need to
    the a an this that us our my their its his her him it's they're he's she's we're for
    """
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


def field_of(phrase):
    """Return the Field for a phrase such as "an optional category (hand, power)", or None."""
    phrase = phrase.strip(' ,.;:!?"')
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
    phrase, ranged = re.subn(r"\s+(?:from )?\d+\s*(?:to|-)\s*\d+$", "", phrase)
    phrase, asked = _question(phrase)
    asked = "number" if ranged and asked is None else asked
    label = label_of(phrase)
    if not label:
        return None
    kind = kind or asked
    if kind == type_of(label) and not values:
        kind = None
    return Field(label, None if values else kind, required, values)


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
        head = re.match(
            r"^(?:the )?(?:choices|options|values|one of|can be|either|steps)\s*(?:are)?\s*:?\s+(.*)$",
            part,
            re.I,
        )
        if head:
            choices = values_of(head.group(1))[0]
            continue
        for piece in re.split(r"\s*,\s*", part):
            plain = piece.strip().lower().removeprefix("this is ").removeprefix("is ")
            found = next(
                (name for name, pattern in _TYPE_WORDS.items() if re.fullmatch(pattern, plain)), None
            )
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
    if re.match(
        r"^(?:for example|that is|e\.?g|see|so |because|we |they |i |it |in |like when|not )", text, re.I
    ):
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


_PLACE_CLAUSE = re.compile(
    r"\s+(?:it's|it is|they're|they are|we keep it|we keep them|it hangs|it stands)(?: (?:kept|"
    r"stored))?(?: (?:on|in|at))?$",
    re.I,
)


def _question(phrase):
    """Return (phrase, type or None) with "when it was bought" as "date bought" and the like."""
    if until := re.match(r"^(?:the )?(until|by|since|from) when\b", phrase, re.I):
        return f"{until.group(1)} when", "date"
    if re.fullmatch(r"statuses|states|stages", phrase, re.I):
        return "status", None
    if when := _WHEN.match(phrase):
        words = [word for word in when.group(1).split() if word.lower() not in _WHEN_NOISE]
        if not words:
            return "date", "date"
        return ("date " + " ".join(words[:4])).replace("date due back", "due date"), "date"
    if whether := _WHETHER.match(phrase):
        return _WHETHER_NOISE.sub("", whether.group(1)), "boolean"
    if either := re.match(r"^(.{2,40}?)(?:,)? (?:yes/no|or not)$", phrase, re.I):
        return _WHETHER_NOISE.sub("", either.group(1) + " ").strip(), "boolean"
    if not re.match(r"(?:where|who|what|when|how|which|whether|if)\b", phrase, re.I):
        phrase = _PLACE_CLAUSE.sub("", phrase)
    which = _WHICH.match(phrase)
    if which and (phrase.lower().startswith("which") or " of " in phrase):
        return which.group(1), None
    for pattern, label in _QUESTIONS:
        if pattern.match(phrase):
            changed = pattern.sub(label, phrase)
            kind = (
                "number"
                if label in {"price", "amount", "quantity", "number of ", "age", "height", "weight"}
                else None
            )
            if label == "number of ":
                changed = re.sub(r"\s+(?:we|they|it|there|i|you|are|is)\b.*$", "", changed)
            return changed, kind
    return phrase, None

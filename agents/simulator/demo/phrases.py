"""Words for one detail → a Field: "an optional category (hand, power)"."""

import re

from agents.simulator.demo.fields import Field, label_of, type_of
from agents.simulator.demo.spoken import plain_words
from agents.simulator.demo.values import values_of

_ARTICLE = re.compile(
    r"^(?:(?:a|an|the|its|it's|their|his|her|our|my|your|some|any|a few|few|each|every|one|also|maybe|"
    r"perhaps|possibly|"
    r"probably|just|only|mainly|mostly|basically|simply|like|and|or|plus|then|with|has|have|having|of course|"
    r"obviously|i guess|i think|please|if possible|ideally|finally|lastly|well|as well as|along with|"
    r"including|includes?|a field for|a place for|room for|space for|both|such|things like|something like)"
    r"\b[,\s]*)+(?=\S)",
    re.I,
)
_TAIL = re.compile(
    r"[,\s]+(?:of course|please|thanks|thank you|as well|too|i guess|i think|i suppose|for sure|if possible|"
    r"if there is one|if there are any|if any|if known|if we have (?:it|one)|if (?:they|it) ha(?:ve|"
    r"s) (?:it|one|any)|if needed|"
    r"if necessary|if applicable|if available|if given|where (?:needed|known|applicable)|maybe|perhaps|possibly|"
    r"and that's it|that's it|"
    r"that's all|and that's all|that is all|fields?|columns?|details? only)$",
    re.I,
)
_LEAVING_OPTIONAL = re.compile(
    r"\b(?:if there is one|if there are any|if any|if known|if we have (?:it|one)|if (?:they|it) ha(?:ve|"
    r"s) (?:it|one|any)|if possible|"
    r"if needed|if necessary|if applicable|if available|if given|where (?:needed|known|applicable))\b|"
    r"^(?:(?:and|also|then|plus|or)\s+)*(?:maybe|perhaps|possibly|optionally)\b|\b(?:maybe|perhaps|possibly)$",
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
    "text": r"(?:a )?(?:(?:short |long )?notes?|comments?|long(?:er)? text|text area|"
    r"multi-?line|several lines|free text|paragraph)",
    "string": r"(?:a )?(?:short text|text|words?|string|one line)",
}


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
    phrase, asked = plain_words(phrase)
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
            plain = re.sub(r"^(?:this is|is|as) ", "", piece.strip().lower())
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

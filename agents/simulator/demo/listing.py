"""Lists in a sentence: "a name, a category (hand, power) and notes" → fields; "tools and members" → lists."""

import re

from agents.simulator.demo import wishes
from agents.simulator.demo.fields import Field, is_fieldish
from agents.simulator.demo.phrases import field_of
from agents.simulator.demo.spoken import plain_words
from agents.simulator.demo.values import values_of
from agents.simulator.demo.vocabulary import words

MAX_FIELDS = 12

_YES_NO = [
    (re.compile(r"\b(?:yes\s*(?:or|/|,)\s*no|y/n)\b(?:\s+question)?", re.I), "yes/no"),
    (re.compile(r"\bwhether or not\b", re.I), "whether"),
    # "…, and is it paid" asks the same as "whether it is paid".
    (re.compile(r"(^|[,;]\s*|\band\s+)(is|are|was|has) (it|they)\b(?=\s+\w)", re.I), r"\1whether \3 \2"),
]
_EITHER = re.compile(
    r"\bwhether (?:it|they|he|she|(?:the|a|an) [\w-]+)(?:'s| is|'re| are) "
    r"((?:[\w' -]{2,30},\s*)*[\w' -]{2,30}?,? or [\w'-]+(?: [\w'-]+)?)"
    r"(?=$|[.;]|,\s*(?:and|an?|the|its|their)\b|\s+and\b)",
    re.I,
)
_CHOICES_FOLLOW = re.compile(
    r"\s*,?\s*(?:(?:which|that|this|it)\s+)?(?:(?<=which )(?:is|are)|(?<=that )(?:is|are)|can (?:only |"
    r"either )?be|could be|may be|must be|should be|"
    r"(?:is|are|being|as) (?:either|one of)|one of|either|goes from|going from|(?:is|are) from|"
    r"(?:such as|like|namely|for example)(?=,?\s+[^,]+,)|so (?:that )?[^,:]{1,40}? whether (?:it's|it is|"
    r"they are|they're)|with (?:the )?(?:choices|options|values|statuses|"
    r"steps)(?: are)?)\s*[,:]?\s+(?=\S)|"
    r"\s*:\s*|\s+-\s+",
    re.I,
)
_SEPARATOR = re.compile(
    r"\s*(?:[,;]\s*(?:and\s+|plus\s+|also\s+|&\s+)*|\s+(?:and|plus|as well as|&|\+)\s+(?:also\s+)?)"
)
_FLAG_ONLY = re.compile(r"^(?:is |are |but )?(optional|required|mandatory|compulsory|not required)$", re.I)

# Leading words of "I would like to write down the name": they say that something is kept, not what.
_FILLERS = words(
    """
    i we you they it someone staff please just only also always usually currently mainly basically
    really simply want wants need needs like love have has had would will should must can could be able
    to record write down up keep track of store save know see put remember enter fill in register log
    collect add ask for capture us me our there is are i'd we'd i'll we'll i'm we're id hold holding
    recording tracking keeping writing storing so and then that here it's its they're gets get at least
    following these fields details things info information data about show shows include includes list
    mention include: note jot do well ok okay yes sure hmm um probably maybe perhaps think guess mostly
    important what's needed everything like: to: for: down:
    need: needs: want: know: record: have:
    """
)
_KEPT_FILLERS = frozenset({"note", "data", "info", "information", "details", "list"})

_NOT_FIELD_HEADS = words(
    """
    app apps computer spreadsheet excel paper system program programme software website notebook help
    ease pencil question questions mess problem problems idea sense work thing things stuff everything
    nothing anything lot way one it them that this those these more app. pleasure luck fun mind hand
    hands other others
    """
)
_ACTIONS = words(
    """
    send take print show remind calculate create make give let help use search export import generate
    avoid stop run work find see sort filter track manage
    """
)
_SENTENCE_WORDS = re.compile(
    r"\b(?:i|i'm|we|we're|you|hello|hi|hey|thanks|thank|sorry|because|lol|haha|don't|doesn't|didn't|can't|"
    r"won't|"
    r"isn't|is|are|was|were|am|want|think|let's|should|would|could|will|please)\b",
    re.I,
)
_ASIDES = re.compile(
    r"(?:^|(?<=[\s,]))(?:of course|obviously|i guess|i think|i suppose|i mean|you know|for sure|let me think|"
    r"for each (?:one|of them)|for now|let's say|let's see|good question|great question)\b[,:]?\s*|"
    r",?\s*\b(?:and that's (?:it|all)|that's (?:it|all|about it)|nothing else|things like that|"
    r"stuff like that|"
    r"that sort of thing|you name it)\b",
    re.I,
)


_IF_ANY = re.compile(
    r",\s+((?:if|where) (?:any|known|needed|necessary|possible|applicable|available|given|there (?:is|"
    r"are) (?:one|any)|"
    r"(?:it|they|we|you) (?:has|have) (?:it|one|any))|maybe|perhaps|possibly)(?=\s*(?:[,;.]|$|and\b))",
    re.I,
)
_PURPOSE = re.compile(
    r"\s+(?:so that|so (?:i|we|my|our|everyone|everybody|people|they|the)|because|since we)\b.*$", re.I
)


def field_list(text):
    """Return the fields of a list in words; phrases that cannot be a detail are left out."""
    for pattern, plain in _YES_NO:
        text = pattern.sub(plain, text)
    text = _EITHER.sub(_as_status, text)
    text = _IF_ANY.sub(r" \1", _ASIDES.sub("", text))
    if not _CHOICES_FOLLOW.search(text):
        text = _PURPOSE.sub("", text)
    fields = []
    while text and len(fields) < 4 * MAX_FIELDS:
        part, rest, choices = _up_to_choices(text)
        pieces = [word for piece in split_top(part) for word in _without_commas(piece)]
        fields += [found for found in map(_field, pieces) if found]
        if choices:
            values, text = values_of(choices)
            if fields and len(values) > 1:
                last = fields[-1]
                fields[-1] = Field(last.label, None, last.required, values)
            elif fields and values:
                fields[-1] = _with_remark(fields[-1], choices)
        else:
            text = rest
    return _merged(fields)


def _as_status(match):
    """Return "status (new, in work, ready)" for "whether it is new, in work or ready"."""
    if re.search(r"\bso (?:that )?[^,:]{1,40}$", match.string[: match.start()], re.I):
        return match.group()
    values = values_of(match.group(1))[0]
    sound = len(values) > 1 and all(len(value.split()) <= 3 for value in values)
    return f"status ({', '.join(values)})" if sound and "not" not in values else match.group()


def _without_commas(piece):
    """Split "name email phone", which somebody typed without commas."""
    words = piece.split()
    if len(words) > 2 and all(is_fieldish(word) and word.lower() != "number" for word in words):
        return words
    return [piece]


def fields_of_items(items):
    """Return the fields of bullets, one or more in each."""
    return _merged([field for item in items for field in field_list(item)])


def split_top(text):
    """Split at commas and "and" that stand outside brackets."""
    parts, depth, start, index = [], 0, 0, 0
    while index < len(text):
        char = text[index]
        depth += (char in "([") - (char in ")]" and depth > 0)
        match = None if depth else _SEPARATOR.match(text, index)
        if match and match.end() > match.start():
            parts.append(text[start:index])
            start = index = match.end()
        else:
            index += 1
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]


def without_fillers(text):
    """Return the text without its leading "I would like to write down"."""
    words = _ASIDES.sub("", text).strip().split()
    index = 0
    while index < len(words) and words[index].lower().strip(",") in _FILLERS:
        index += 1
    if index == len(words):
        kept = [word for word in words if word.lower() in _KEPT_FILLERS]
        return kept[-1] if kept else ""
    while index and words[index - 1].lower() in {"a", "an", "the"}:
        index -= 1
    return " ".join(words[index:])


# "The cake they want", "maybe some notes on its condition": a detail that plain words tell about.
_TOLD = re.compile(
    r"^(?:(?:maybe|perhaps|possibly|optionally|also)\s+)*(?:the|an?|their|its|any|some|a few)\s+(.+)$", re.I
)


def looks_like_list(text):
    """Return whether an answer can be read as details: short pieces that are no sentence."""
    pieces = split_top(text)
    if not pieces or len(pieces) > 3 * MAX_FIELDS:
        return False
    return sum(_reads_as_field(piece) for piece in pieces) * 2 > len(pieces)


def _reads_as_field(piece):
    plain = re.sub(
        r"\([^()]*\)|\s(?:if|where) (?:any|known|needed|(?:it|they|we|there) \w+ \w+)$", "", piece
    ).strip()
    words = plain.split()
    if re.match(
        r"^(?:when|whether|if|who|where|how|what|which|(?:the )?(?:day|date|time|person|place|name|doctor|"
        r"reason)\b)",
        plain,
        re.I,
    ) and (len(words) > 1):
        return 1 < len(words) <= 9
    told = _TOLD.match(plain.strip(" .!?"))
    if told and (short := plain_words(told.group(1))[0]) != told.group(1) and len(short.split()) <= 3:
        return True
    return 0 < len(words) <= 5 and not _SENTENCE_WORDS.search(plain)


def _field(phrase):
    if flag := _FLAG_ONLY.match(phrase.strip(" .!")):
        return Field("", None, flag.group(1).lower() not in {"optional", "not required"})
    found = field_of(phrase)
    if found is None:
        return None
    starts = found.label.split()[0].removesuffix("'s")
    if found.label.split()[-1] in _NOT_FIELD_HEADS and starts not in {"who", "what", "when", "where", "how"}:
        return None
    if (
        found.label.endswith(" what")
        or wishes.is_no_detail(found.label)
        or starts in _ACTIONS
        and " " in found.label
        or starts in {"i", "we", "you", "they", "he", "she", "to", "because", "so", "but", "not", "no"}
    ):
        return None
    return found


def _up_to_choices(text):
    """Return (text before, rest, choices) around the first "can be", ":" or dash outside brackets."""
    for match in _CHOICES_FOLLOW.finditer(text):
        before = text[: match.start()]
        if before.count("(") + before.count("[") > before.count(")") + before.count("]"):
            continue
        choices = text[match.end() :]
        if before.strip() and choices.strip() and _may_be_choices(match.group(), before, choices):
            return before, "", choices
        if not before.strip():
            return _up_to_choices(text[match.end() :])
    return text, "", ""


_LOOSE = re.compile(r"^(?:the )?(?:details|things|information|info|data|fields|stuff)$", re.I)


def _may_be_choices(marker, before, choices):
    """A colon or dash may also lead to a remark; after "can be" only choices make sense."""
    last = split_top(before)[-1] if split_top(before) else ""
    if re.match(r"(?:when|whether|if|who|where|how|what|which)\b", last, re.I):
        return ":" in marker or marker.strip() == "-" and len(values_of(choices)[0]) > 1
    if re.search(r"\b(?:like|such as|namely|for example)\b", marker, re.I):
        # "Details like name and phone" are details, "a category like hand or power" has choices.
        examples = values_of(choices)[0]
        return (
            len(examples) > 1
            and not any(is_fieldish(value) for value in examples)
            and not _LOOSE.search(last)
        )
    return ":" in marker or marker.strip() == "-" or len(values_of(choices)[0]) > 1


def _with_remark(field, remark):
    """Apply "Phone: optional" and "Price: a number" to the field."""
    said = field_of(f"{field.label} ({remark})")
    if said is None:
        return field
    required = said.required if said.required is not None else field.required
    return Field(field.label, said.type or field.type, required, said.values or field.values)


def _merged(fields):
    merged = []
    for field in fields:
        if not field.label:
            if merged:
                merged[-1] = Field(merged[-1].label, merged[-1].type, field.required, merged[-1].values)
            continue
        merged.append(field)
    return merged

"""Lists in a sentence: "a name, a category (hand, power) and notes" → fields; "tools and members" → lists."""

import re

from agents.simulator.brains import wishes, wording
from agents.simulator.brains.phrases import Field, field_of, is_fieldish, values_of

MAX_FIELDS = 12

_YES_NO = [
    (re.compile(r"\b(?:yes\s*(?:or|/|,)\s*no|y/n)\b(?:\s+question)?", re.I), "yes/no"),
    (re.compile(r"\b(\w+)\s+or not(?: \1)?\b(?!\s*,?\s*(?:yes|no)\b)", re.I), r"whether \1"),
    (re.compile(r"\bwhether whether\b", re.I), "whether"),
    (re.compile(r"\bwhether or not\b", re.I), "whether"),
]
_CHOICES_FOLLOW = re.compile(
    r"\s*,?\s*(?:(?:which|that|this|it)\s+)?(?:can (?:only |either )?be|could be|may be|must be|should be|"
    r"(?:is|are|being|as) (?:either|one of)|one of|either|goes from|going from|(?:is|are) from|"
    r"(?:such as|like|namely)(?=\s+\S+,)|with (?:the )?(?:choices|options|values|statuses|steps)(?: are)?)\s*:?\s+(?=\S)|"
    r"\s*:\s*|\s+-\s+",
    re.I,
)
_SEPARATOR = re.compile(r"\s*(?:[,;]\s*(?:and\s+|plus\s+|also\s+|&\s+)*|\s+(?:and|plus|as well as|&|\+)\s+(?:also\s+)?)")
_FLAG_ONLY = re.compile(r"^(?:is |are |but )?(optional|required|mandatory|compulsory|not required)$", re.I)

# Leading words of "I would like to write down the name": they say that something is kept, not what.
_FILLERS = frozenset(
    "i we you they it someone staff please just only also always usually currently mainly basically really simply "
    "want wants need needs like love have has had would will should must can could be able to record write down up "
    "keep track of store save know see put remember enter fill in register log collect add ask for capture "
    "us me our there is are i'd we'd i'll we'll i'm we're id hold holding recording tracking keeping writing storing "
    "so and then that here it's its they're gets get at least following these fields details things info information "
    "data about show shows see include includes list mention include: note jot do well ok okay yes sure hmm um "
    "probably maybe perhaps think guess mostly important what's needed everything like: to: for: down:".split()
)
_KEPT_FILLERS = frozenset({"note", "data", "info", "information", "details", "list"})

_NOT_FIELD_HEADS = frozenset(
    "app apps computer spreadsheet excel paper system program programme software website notebook help ease pencil "
    "question questions mess problem problems idea sense work thing things stuff everything nothing anything lot way "
    "one it them that this those these more app. pleasure luck fun mind hand hands other others".split()
)
_ACTIONS = frozenset(
    "send take print show email remind calculate create make give let help use search export import generate "
    "avoid stop run work find see sort filter track manage".split()
)
_SENTENCE_WORDS = re.compile(
    r"\b(?:i|i'm|we|we're|you|hello|hi|hey|thanks|thank|sorry|because|lol|haha|don't|doesn't|didn't|can't|won't|"
    r"isn't|is|are|was|were|am|want|think|let's|should|would|could|will|please)\b",
    re.I,
)
_ASIDES = re.compile(
    r"(?:^|(?<=[\s,]))(?:of course|obviously|i guess|i think|i suppose|i mean|you know|for sure|let me think|"
    r"for each (?:one|of them)|for now|let's say|let's see|good question|great question)\b[,:]?\s*|"
    r",?\s*\b(?:and that's (?:it|all)|that's (?:it|all|about it)|nothing else|things like that|stuff like that|"
    r"that sort of thing|you name it)\b",
    re.I,
)


def field_list(text):
    """Return the fields of a list in words; phrases that cannot be a detail are left out."""
    for pattern, plain in _YES_NO:
        text = pattern.sub(plain, text)
    text = _ASIDES.sub("", text)
    fields = []
    while text and len(fields) < 4 * MAX_FIELDS:
        part, rest, choices = _up_to_choices(text)
        pieces = split_top(part)
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


def looks_like_list(text):
    """Return whether an answer can be read as details: short pieces that are no sentence."""
    pieces = split_top(text)
    if not pieces or len(pieces) > 3 * MAX_FIELDS:
        return False
    return sum(_reads_as_field(piece) for piece in pieces) * 2 > len(pieces)


def _reads_as_field(piece):
    plain = re.sub(r"\([^()]*\)", "", piece).strip()
    words = plain.split()
    if re.match(r"^(?:when|whether|if|who|where|how|what|which)\b", plain, re.I):
        return 1 < len(words) <= 9
    return 0 < len(words) <= 5 and not _SENTENCE_WORDS.search(plain)


def _field(phrase):
    if flag := _FLAG_ONLY.match(phrase):
        return Field("", None, flag.group(1).lower() not in {"optional", "not required"})
    found = field_of(phrase)
    if found is None or found.label.split()[-1] in _NOT_FIELD_HEADS:
        return None
    starts = found.label.split()[0]
    if wishes.is_no_detail(found.label) or starts in _ACTIONS and " " in found.label or starts in {"i", "we", "you", "they", "he", "she", "to", "because", "so", "but", "not", "no"}:
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


def _may_be_choices(marker, before, choices):
    """A colon or dash may also lead to a remark; after "can be" only choices make sense."""
    last = split_top(before)[-1] if split_top(before) else ""
    if re.match(r"(?:when|whether|if|who|where|how|what|which)\b", last, re.I):
        return ":" in marker
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


# --- lists of things -------------------------------------------------------------------------------------

_STOP = frozenset(
    "that which who whom whose where when we i they you it he she them is are was were has have for in on at from to "
    "by with about of because so but per as than using via during after before if while through into without not "
    "can could should would will must do does and/or including incl people's myself ourselves there here someone "
    "everybody together now instead better properly easily online somewhere right easier clearly digitally "
    "neatly currently nicely again anymore too also at please thanks thank".split()
)
_DETERMINERS = frozenset(
    "my our the all of every each various different some these those their its his her your several many few a an "
    "both any more other lots new old current open incoming outgoing upcoming existing small big simple digital "
    "daily weekly monthly whole entire just only mainly mostly about around over up both two three four five six "
    "seven eight nine ten dozens hundreds loads plenty kind kinds sort sorts types lot following own like who's "
    "pretty particular certain own".split()
)
_LEADING_VERBS = frozenset(
    "plan see know manage track find add edit check make get keep list organise organize record log register store "
    "handle maintain monitor view write administer remember document catalogue catalog build have want need".split()
)
_BAD_VERBS = frozenset(
    "send share print show lend sell rent buy give take call remind email pay let help use search export import save "
    "avoid stop start go run work create generate calculate ask tell say look bring put turn lose loses forget borrow "
    "return deliver bake cook grow teach serve offer lets helps shows sends makes gets keeps keeping".split()
)
_NOT_ENTITIES = frozenset(
    "thing things stuff everything anything something nothing it them that this work time times life business "
    "businesses money process way ways mess app apps system systems program programs software spreadsheet "
    "spreadsheets notebook notebooks paper papers excel computer computers overview day days week weeks month months "
    "year years lot lots one ones everyone who what hours problems problem issue's help ideas's needs dates names "
    "words word details fields columns trouble sense fun kinds sorts reasons steps step lists numbers emails phones "
    "bit whole basics rest colleague colleagues situation us me you mistakes mistake tabs side sides records "
    "cost costs".split()
)
_ING_NOUNS = frozenset(
    "booking meeting painting building drawing listing recording wedding training saving earring ring hearing "
    "screening reading offering finding sibling king string swing wing spring ceiling viewing rating fitting "
    "filling pudding dumpling seedling duckling filing hiking closing outing sighting".split()
)
_CONTAINERS = frozenset(
    "list lists library inventory collection stock catalogue catalog register database records log book archive "
    "roster directory".split()
)


def entity_labels(text, *, plural_only):
    """Return the singular labels of the things in "our tools, the members and the loans"."""
    labels = []
    for piece in split_top(text):
        if re.match(r"^(?:when|whether|how|who|where|what|which|if|their|its|his|her)\b", piece, re.I):
            break
        label = entity_label(piece, plural_only=plural_only)
        if label:
            labels.append(label)
    return labels


def entity_label(phrase, *, plural_only=False):
    """Return what one thing of a list is called, or "" when the phrase names no list."""
    phrase = re.sub(r"\([^()]*\)", " ", phrase)
    words = [word.strip(".,;:!?\"'()[]{}<>/*_#`~") for word in phrase.lower().split()]
    words = [word for word in words if word]
    while words and (words[0] in _DETERMINERS or words[0].isdigit() or words[0] in _LEADING_VERBS and words[1:]):
        words.pop(0)
    for index, word in enumerate(words):
        if word in _STOP or not re.fullmatch(r"[^\W\d_][\w'-]*", word):
            words = words[:index]
            break
    while words and words[-1] in _DETERMINERS:
        words.pop()
    words = [word.removesuffix("'s") if index + 1 < len(words) else word for index, word in enumerate(words)]
    return _checked_label(words[-3:] if len(words) > 3 else words, plural_only)


def _checked_label(words, plural_only):
    if not words or words[0] in _BAD_VERBS or any(len(word) > 25 for word in words):
        return ""
    head = words[-1]
    if head in _CONTAINERS and len(words) > 1:
        return _inside_container(words)
    if head in _NOT_ENTITIES or head in _CONTAINERS - {"book", "collection"} or is_fieldish(head) or len(head) < 3 and head != "cd":
        return ""
    many = wording.is_plural(head) or head in {"staff", "equipment", "furniture", "clothing", "wine", "species"}
    if plural_only and not many:
        return ""
    if head.endswith("ing") and head not in _ING_NOUNS:
        return ""
    if head.endswith("ly") and head not in {"family", "supply", "reply", "fly", "butterfly", "assembly"}:
        return ""
    return wording.singular(" ".join(words))


def _inside_container(words):
    """Return "tool" for "tool library" and "waiting list entry" for "waiting list"."""
    inner = words[:-1]
    if inner[-1].endswith("ing") and inner[-1] not in _ING_NOUNS:
        return " ".join([*inner, words[-1], "entry"])
    if inner[-1] in _CONTAINERS or inner[-1] in _NOT_ENTITIES or inner[-1].endswith(("ed", "ly", "al")):
        return ""
    return wording.singular(" ".join(inner))

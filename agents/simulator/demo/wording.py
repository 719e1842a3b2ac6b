"""English words for the demo's fixed rules: sentences, singular and plural, lists in plain words."""

import re
import unicodedata
from dataclasses import dataclass, field

from agents.simulator.demo.vocabulary import words

MAX_SENTENCES = 200
MAX_SENTENCE_CHARS = 2_000

_REPLACED = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u00a0": " ",
        "\t": "    ",
        "\u2013": "-",
        "\u2014": "-",
        "\u2192": "/",
    }
)
_SHORT_FORMS = [
    (re.compile(r"\be\.\s?g\.,?|\bfor instance\b,?", re.I), "for example"),
    (re.compile(r"\bi\.\s?e\.,?", re.I), "that is"),
    (re.compile(r",?\s*\b(?:etc\b\.?|and so on\b|and the like\b)(?=\s*(?:[).!?,;]|$))", re.I | re.M), ""),
    (re.compile(r"\bno\.\s?(?=\d)", re.I), "number "),
    (re.compile(r",?[^\S\n]+(?:um+|uh+|erm*|you know|i mean)[^\S\n]*,[^\S\n]*", re.I), " "),
    (re.compile(r"-+>|=+>|\s>\s"), "/"),
]
_BULLET = re.compile(r"^( {0,12})(?:[-*•+]|\d{1,2}[.)])\s+(.*)$")
_NUMBERED = re.compile(r"(?<!\S)1\) (?:(?!\n).){1,400}?[ ,;]2\) .*")
_SENTENCE_END = re.compile(r"(?<=[.!?;])[\"')]*\s+|(?<=[!?;])(?=[A-Z])")

_IRREGULAR = {
    "people": "person",
    "children": "child",
    "men": "man",
    "women": "woman",
    "mice": "mouse",
    "geese": "goose",
    "feet": "foot",
    "teeth": "tooth",
    "shelves": "shelf",
    "knives": "knife",
    "wolves": "wolf",
    "leaves": "leaf",
    "loaves": "loaf",
    "calves": "calf",
    "lives": "life",
    "wives": "wife",
    "halves": "half",
    "scarves": "scarf",
    "thieves": "thief",
    "movies": "movie",
    "cookies": "cookie",
    "pies": "pie",
    "ties": "tie",
    "calories": "calorie",
    "brownies": "brownie",
    "hoodies": "hoodie",
    "selfies": "selfie",
    "shoes": "shoe",
    "canoes": "canoe",
    "toes": "toe",
    "staff": "staff member",
    "quizzes": "quiz",
    "statuses": "status",
    "species": "species",
    "series": "series",
    "sheep": "sheep",
    "fish": "fish",
    "lenses": "lens",
    "gases": "gas",
    "todos": "todo",
    "to-dos": "to-do",
}
_PLURAL = {one: many for many, one in _IRREGULAR.items()}
_NOT_PLURAL = words(
    """
    bus gas lens status class news address business process access always this his its yes plus us is
    was has as does less canvas atlas bias christmas physics mathematics
    """
)
_HOUSES = ("house", "cause", "clause", "excuse", "spouse", "blouse", "mouse", "muse", "fuse")


@dataclass(frozen=True)
class Sentence:
    """One sentence; items: the bullets below it, when it introduces a list."""

    text: str
    items: tuple[str, ...] = field(default=())


def normalise(text):
    """Return the text with plain quotes, dashes and arrows, and without control characters."""
    text = unicodedata.normalize("NFC", text.translate(_REPLACED)).replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(c for c in text if c == "\n" or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co"})
    for pattern, plain in _SHORT_FORMS:
        text = pattern.sub(plain, text)
    return text


def sentences(text):
    """Return the sentences of a message. Nothing is joined across a line end but bullets and their head."""
    found = []
    lines = [_calm(line.rstrip()) for line in _NUMBERED.sub(_in_lines, normalise(text)).split("\n")]
    index = 0
    while index < len(lines) and len(found) < MAX_SENTENCES:
        line = lines[index]
        index += 1
        head = _text_of(line)
        if not head:
            continue
        items, index = _items_below(lines, index, line)
        if items:
            *before, last = _split(head)
            found += [Sentence(part) for part in before]
            found.append(Sentence(last.rstrip(": "), tuple(items)))
        else:
            found += [Sentence(part) for part in _split(head)]
    return found[:MAX_SENTENCES]


def _in_lines(match):
    """Give "1) name 2) phone" the line ends that its numbers stand for."""
    return re.sub(r"(?:^|[ ,;]+)(?=\d{1,2}\) )", "\n", match.group()).rstrip(",; ")


def _calm(line):
    """Return a line that is shouted in lower case."""
    return line.lower() if line.isupper() and len(line.split()) > 3 else line


def _items_below(lines, index, line):
    """Return the list items that belong to a line, and the index of the line after them."""
    indent = _indent(line)
    introduces = line.endswith(":")
    items = []
    while index < len(lines):
        bullet = _BULLET.match(lines[index])
        if bullet and (_indent(lines[index]) > indent or (introduces and indent < 0)):
            items.append(bullet.group(2).strip())
        elif introduces and not bullet and items == [] and not lines[index].strip():
            pass
        elif introduces and not bullet and _looks_like_item(lines[index]):
            items.append(lines[index].strip())
        else:
            break
        index += 1
    return [item[:MAX_SENTENCE_CHARS].rstrip(" .;,") for item in items if item], index


def _indent(line):
    bullet = _BULLET.match(line)
    return len(bullet.group(1)) if bullet else -1


def _looks_like_item(line):
    plain = line.strip()
    return bool(plain) and len(plain.split()) <= 6 and plain[-1] not in ".!?:" and "," not in plain


def _text_of(line):
    bullet = _BULLET.match(line)
    return (bullet.group(2) if bullet else line).strip()


def _split(line):
    # Brackets stay whole: their inside is blanked while the ends are looked for.
    masked = re.sub(r"\([^()]*\)", lambda inside: "(" + "_" * (len(inside.group()) - 2) + ")", line)
    parts, start = [], 0
    for end in _SENTENCE_END.finditer(masked):
        parts.append(line[start : end.start()].strip())
        start = end.end()
    parts.append(line[start:].strip())
    return [part[:MAX_SENTENCE_CHARS] for part in parts if part] or [""]


def is_plural(word):
    """Return whether the word looks like a plural."""
    word = word.lower()
    if word in _IRREGULAR:
        return True
    return (
        word.endswith("s")
        and len(word) > 2
        and not word.endswith(("ss", "us", "is", "'s"))
        and (word not in _NOT_PLURAL)
    )


def singular(phrase):
    """Return a noun phrase with its last word in the singular."""
    *before, word = phrase.split()
    return " ".join([*before, _singular_word(word)])


def plural(phrase):
    """Return a noun phrase with its last word in the plural."""
    *before, word = phrase.split()
    if word == "member" and before and before[-1] == "staff":
        return " ".join([*before, "members"])
    return " ".join([*before, _plural_word(word)])


def _singular_word(word):
    low = word.lower()
    if low in _IRREGULAR:
        return _IRREGULAR[low]
    if not is_plural(low):
        return word
    if low.endswith("ies") and len(low) > 4:
        return word[:-3] + "y"
    if low.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return word[:-2]
    if low.endswith("uses") and not low.endswith(tuple(f"{stem}s" for stem in _HOUSES)):
        return word[:-2]
    if low.endswith("oes"):
        return word[:-2]
    return word[:-1]


def _plural_word(word):
    low = word.lower()
    if low in _PLURAL:
        return _PLURAL[low]
    if is_plural(low):
        return word
    if not low.isascii():
        # "Bücher": no plural is better than a wrong one.
        return word
    if low.endswith("y") and len(low) > 1 and low[-2] not in "aeiou":
        return word[:-1] + "ies"
    if low.endswith(("s", "sh", "ch", "x", "z")):
        return word + "es"
    return word + "s"


def joined(words, last="and", sep=","):
    """Return "a", "a and b" or "a, b and c"; sep ";" where the parts have an "and" of their own: "a; b"."""
    words = list(words)
    if sep == ";" or len(words) < 2:
        return f"{sep} ".join(words)
    return f"{f'{sep} '.join(words[:-1])} {last} {words[-1]}"


def capital(text):
    """Return the text with its first letter in upper case, the rest as it is."""
    return text[:1].upper() + text[1:]


_NO_ARTICLE = words("who what when where which how whether is are was has have does did can")


def with_article(label):
    """Return "a name", "an email", but "notes" and "when it is due" as they are."""
    first, last = label.split()[0].lower(), label.split()[-1]
    if first in _NO_ARTICLE or is_plural(last):
        return label
    return f"{article(first)} {label}"


def article(word):
    """Return "a" or "an" as the word is spoken: "an hour", "a unit"."""
    if re.match(r"(?:hour|honest|heir)", word):
        return "an"
    return "an" if word[:1] in "aeiou" and not re.match(r"(?:uni(?!n)|use|usu|eu|one\b|once)", word) else "a"

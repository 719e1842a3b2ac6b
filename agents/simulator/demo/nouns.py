"""What people keep lists of: "our tools and the members" → tool, member."""

import re

from agents.simulator.demo import wording
from agents.simulator.demo.fields import is_never_a_list
from agents.simulator.demo.listing import split_top
from agents.simulator.demo.vocabulary import words

_STOP = words(
    """
    that which who whom whose where when we i they you it he she them is are was were has have for in on
    at from to by with about of because so but per as than using via during after before if while
    through into without not can could should would will must do does and/or including incl people's
    myself ourselves there here someone everybody together now instead better properly easily online
    somewhere right easier clearly digitally neatly currently nicely again anymore or too also please
    thanks thank
    """
)
_DETERMINERS = words(
    """
    my our the all of every each various different some these those their its his her your several many
    few a an both any more other lots new old current open incoming outgoing upcoming existing small big
    simple digital daily weekly monthly whole entire just only mainly mostly about around over up two
    three four five six seven eight nine ten dozens hundreds loads plenty kind kinds sort sorts types
    lot following own like who's pretty particular certain long complete full nice
    clear good better proper single shared clean central short
    """
)
_LEADING_VERBS = words(
    """
    plan see know manage track find add edit check make get keep list organise organize record log
    register store handle maintain monitor view write administer remember document catalogue catalog
    build have want need
    """
)
_BAD_VERBS = words(
    """
    send share print show lend sell rent buy give take call remind email pay let help use search export
    import save avoid stop start go run work create generate calculate ask tell say look bring put turn
    lose loses forget borrow return deliver bake cook grow teach serve offer lets helps shows sends
    makes gets keeps keeping
    """
)
_NOT_ENTITIES = words(
    """
    thing things stuff everything anything something nothing it them that this work time times life
    business businesses money process way ways mess app apps system systems program programs software
    spreadsheet spreadsheets notebook notebooks paper papers excel computer computers overview day days
    week weeks month months year years lot lots one ones everyone who what hours problems problem
    issue's help ideas's needs dates names words word details fields columns trouble sense fun kinds
    sorts reasons steps step lists numbers emails phones bit whole basics rest colleague colleagues
    situation us me you mistakes mistake tabs side sides records cost costs
    """
)
_ING_NOUNS = words(
    """
    booking meeting painting building drawing listing recording wedding training saving earring ring
    hearing screening reading offering finding sibling king string swing wing spring ceiling viewing
    rating fitting filling pudding dumpling seedling duckling filing hiking closing outing sighting
    """
)
_CONTAINERS = words(
    """
    list lists library inventory collection stock catalogue catalog register database records log book
    archive roster directory
    """
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
    parts = phrase.lower().split()
    # "Our club's tools" are tools.
    owners = [index for index, part in enumerate(parts[:-1]) if part.endswith(("'s", "s'"))]
    parts = parts[owners[-1] + 1 :] if owners else parts
    words = [word.strip(".,;:!?\"'()[]{}<>/*_#`~") for word in parts]
    words = [word for word in words if word]
    while words and (
        words[0] in _DETERMINERS or words[0].isdigit() or words[0] in _LEADING_VERBS and words[1:]
    ):
        words.pop(0)
    for index, word in enumerate(words):
        if word in _STOP or not re.fullmatch(r"[^\W\d_][\w'-]*", word):
            words = words[:index]
            break
    while words and words[-1] in _DETERMINERS:
        words.pop()
    return _checked_label(words[-3:] if len(words) > 3 else words, plural_only)


def _checked_label(words, plural_only):
    if not words or words[0] in _BAD_VERBS or any(len(word) > 25 for word in words):
        return ""
    head = words[-1]
    if head in _CONTAINERS and len(words) > 1:
        return _inside_container(words)
    if (
        head in _NOT_ENTITIES
        or head in _CONTAINERS - {"book", "collection"}
        or is_never_a_list(head)
        or len(head) < 3
        and head != "cd"
    ):
        return ""
    many = wording.is_plural(head) or head in {
        "staff",
        "equipment",
        "furniture",
        "clothing",
        "wine",
        "species",
    }
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
        return " ".join([inner[-1], words[-1], "entry"])
    if inner[-1] in _CONTAINERS or inner[-1] in _NOT_ENTITIES or inner[-1].endswith(("ed", "ly", "al")):
        return ""
    return wording.singular(" ".join(inner))

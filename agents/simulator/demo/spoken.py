"""Details as people say them: "when it was bought" → "date bought", "what it's called" → "name"."""

import re

from agents.simulator.demo import wording
from agents.simulator.demo.vocabulary import words

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
    (re.compile(r"^why\b.*$", re.I), "reason"),
    (re.compile(r"^(?:what|how) (?:(?:it|they|he|she|(?:the|a|an|each) [\w-]+)(?:'s|'re| is| are)|"
                r"(?:is|are) (?:it|they|he|she)) (?:called|named)$", re.I), "name"),
    (re.compile(r"^(?:what|how) (?:we|you|i|people) call (?:it|them)$", re.I), "name"),
    (re.compile(r"^(?:the )?(?:name of (?:the |a )?)?(?:(?:person|one|member|someone|somebody) )?"
                r"(?:who|that)(?:'s| is| has| have)? (?:currently )?(borrow|book|order|return|report|donat|"
                r"add|request|reserv|"
                r"collect)(?:s|es|e|ed|ing)? (?:it|them|the .*)(?: out)?$", re.I), r"\1ed by"),
    (re.compile(r"^(?:the )?(?:name of (?:the |a )?)?(?:person |one |member )?who "
                r"(bought|made|owns|paid|brought|wrote|sent|took|lent) (?:it|them|the .*)$", re.I), r"\1 by"),
    (re.compile(r"^who (?:it|this|they) (?:is|are|was) for$", re.I), "for whom"),
]  # fmt: skip
_PRONOUN = (
    r"(?:it|they|he|she|we|i|you|people|customers|patients|members|clients|(?:the|a|an|our|each) "
    r"(?:customer|patient|member|client|person|borrower|tool|thing)s?)(?:'s|'re|'d|'ve|'ll)?"
)
_KIND = re.compile(
    rf"^(?:what|which) (kind|type|sort)(?: of [\w-]+)?(?: {_PRONOUN}(?: (?:is|are|was|were|has|belongs? to))?)?$",
    re.I,
)
_WHICH = re.compile(
    rf"^(?:(?:in|on|at|to|for|by|from|with|under) )?(?:which (?:kind of |type of |sort of )?(?!{_PRONOUN}\b)([\w-]+)"
    rf"(?: {_PRONOUN}(?: .*)?)?|what (?:kind of |type of |sort of )?(?!(?:is|are|was|were|has|{_PRONOUN})\b)([\w-]+)"
    rf" {_PRONOUN}(?: .*)?)$",
    re.I,
)
_WHEN = re.compile(
    rf"^(?:the )?(?:when|since when|until when|by when|(?:date|day|moment|time)(?: when| that| on which|"
    rf"(?= (?:{_PRONOUN}|the \w+) )))(?P<owe>'s|'re|'d)?\s+(?P<rest>.*)$",
    re.I,
)
_WHEN_NOISE = words(
    """
    it they he she we i you them is are was were has have had been be being should must will can needs need to
    the a an this that us our my their its his her him it's they're he's she's we're it'll they'll for actually
    supposed want wants would like already tool customer patient member client person someone somebody gets get
    """
)
_OWED = re.compile(r"\b(?:must|should|has to|have to|needs? to|supposed to|due)\b", re.I)
_DATES = [
    (re.compile(r"^(?:due|due back|due to (?:be )?(?:back|returned))$", re.I), "due date"),
    (re.compile(r"^(?:went|goes|go|going|gone|taken|given|lent|handed|left) out$|^left$", re.I), "date out"),
    (re.compile(r"^(?:came|comes|come|back|coming) ?(?:back)?$", re.I), "return date"),
    (re.compile(r"^(?:pick(?:s|ed|ing)?[ -]?up|collects?)$", re.I), "pickup date"),
    (re.compile(r"^(?:brings?|brought)(?: in)?$", re.I), "date brought in"),
    (re.compile(r"^(?:took|takes?)$", re.I), "date taken"),
    (re.compile(r"^born$", re.I), "date of birth"),
]
_BACK = re.compile(r"\b(?:back|returned|return)\b", re.I)
_RELATIVE = re.compile(
    rf"^(?!(?:where|who|whom|what|when|how|which|whether|if|why|until|by|since|from)\b)(.{{2,40}}?)"
    rf"(?<!\bof)(?<!\ball)(?<!\bfor)(?<!\bin)(?<!\bon)(?<!\bby)(?<!\bto)(?<!\bwith)(?<!\bfrom)(?<!\babout)\s+(?:(?:that|which|who|whom)\s+)?{_PRONOUN}\s+\S.*$",
    re.I,
)
_PURPOSE = re.compile(
    r"\s+(?:so(?: that)?|in order to|for us to|in case|because|under which|on which|where|to) (?:we|i|you|they|it|he|"
    r"she|people|reach|contact|call|ring|phone|write)\b.*$",
    re.I,
)
_AS = re.compile(
    r"^(.{2,40}?),? (?:as|in) (?:an? )?(?:short |long |little |free |simple )?"
    r"(notes?|free text|text|comments?|remarks?)(?: field)?$",
    re.I,
)
_NOTES = re.compile(
    r"^(?:notes?|comments?|remarks?) (?:on|about|regarding|for) (?:its |the |their |his |her |any |our |a )?"
    r"([\w-]+(?: [\w-]+)?)$",
    re.I,
)
_WHETHER = re.compile(
    r"^(?:(?:a )?(?:note|flag|mark|box|tick(?: ?box| mark)?|check(?: ?box)?|yes/no)\s+(?:of|for|on|about|to (?:say|"
    r"mark|show|see)|that says|saying)?\s*)?"
    r"(?:whether|if)(?: or not)?\s+(.*)$",
    re.I,
)
_TICK = re.compile(
    r"^(?:an? )?(?:tick(?:[ -]?box| mark)?|check(?:[ -]?box| mark)|yes/no(?: field)?)\s+(?:for|of|called|named|when)"
    r"\s+(?=\S)(.+)$",
    re.I,
)
_WHETHER_NOISE = re.compile(
    r"^(?:(?:it|they|he|she|we|i|you|the|a|an|this|that|is|are|was|were|has|have|had|it's|they're|been|be|"
    r"already|someone|there|does|do)\s+)+(?=\S)",
    re.I,
)


_PLACE_CLAUSE = re.compile(
    r"\s+(?:it's|it is|they're|they are|we keep it|we keep them|it hangs|it stands)(?: (?:kept|"
    r"stored))?(?: (?:on|in|at))?$",
    re.I,
)


def plain_words(phrase):
    """Return (phrase, type or None) with "when it was bought" as "date bought" and the like."""
    if until := re.match(r"^(?:the )?(until|by|since|from) when\b", phrase, re.I):
        return f"{until.group(1)} when", "date"
    if re.fullmatch(r"statuses|states|stages", phrase, re.I):
        return "status", None
    if when := _WHEN.match(phrase):
        return _date(phrase, when.group("rest")), "date"
    if whether := _WHETHER.match(phrase):
        return _WHETHER_NOISE.sub("", whether.group(1)), "boolean"
    if tick := _TICK.match(phrase):
        return _WHETHER_NOISE.sub("", tick.group(1)), "boolean"
    if either := re.match(r"^(.{2,40}?)(?:,)? (?:yes/no|or not)$", phrase, re.I):
        return _WHETHER_NOISE.sub("", either.group(1) + " ").strip(), "boolean"
    if not re.match(r"(?:where|who|what|when|how|which|whether|if)\b", phrase, re.I):
        phrase = _PLACE_CLAUSE.sub("", phrase)
    if kind := _KIND.match(phrase):
        return kind.group(1), None
    if which := _WHICH.match(phrase):
        return which.group(1) or which.group(2), None
    for pattern, label in _QUESTIONS:
        if pattern.match(phrase):
            return _counted(pattern.sub(label, phrase), label)
    if noted := _AS.match(phrase):
        return noted.group(1), "text"
    if notes := _NOTES.match(phrase):
        return f"{wording.singular(notes.group(1))} notes", "text"
    phrase = _PURPOSE.sub("", phrase)
    relative = _RELATIVE.match(phrase)
    return (relative.group(1) if relative else phrase), None


def _date(phrase, rest):
    """Return the short name of a day that somebody tells about: "due date" for "it has to be back"."""
    words = " ".join([word for word in rest.split() if word.lower() not in _WHEN_NOISE][:4])
    if not words:
        return "date"
    if _OWED.search(phrase) and _BACK.search(words):
        return "due date"
    return next((short for pattern, short in _DATES if pattern.match(words)), f"date {words}")


def _counted(phrase, label):
    if label == "number of ":
        phrase = re.sub(r"\s+(?:we|they|it|there|i|you|are|is)\b.*$", "", phrase)
    counts = {"price", "amount", "quantity", "number of ", "age", "height", "weight"}
    return phrase, "number" if label in counts else None

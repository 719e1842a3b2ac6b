"""The demo's understanding: conversation or brief → lists with their details, by fixed rules.

Nothing is read across the end of a sentence or line. `read_conversation` takes turns, `read_facts` the
sentences of a brief, and `fact_of` writes the sentence that `read_facts` reads back to the same list.
"""

import re

from agents.simulator.brains import statements, wording
from agents.simulator.brains.draft import FALLBACK, Draft
from agents.simulator.brains.listing import (
    entity_label,
    entity_labels,
    field_list,
    fields_of_items,
    looks_like_list,
    split_top,
    without_fillers,
)
from agents.simulator.brains.phrases import TYPE_NAMES, Entity, is_fieldish, type_of

_NP = r"[^\W\d_][\w'-]*(?: [^\W\d_][\w'-]*){0,3}?"
_ADVERBS = r"(?:(?:also|always|usually|should|must|will|would|can|could|may|just|only|simply|then|to|now)\s+)*"
_HAS = (
    r"(?:has|have|had|gets?|needs?|contains?|includes?|consists? of|comes? with|shows?|holds?|stores?|records?|"
    r"lists?|with|comprises?|belongs to|is (?:made )?(?:for|of)|is described by|requires?)"
)
_OPENING = r"(?:^|.{0,200}?[,:(]\s*|.{0,200}?\b(?:and|that|because|so|where|but|then)\s+)"
_EACH_HAS = re.compile(
    rf"{_OPENING}(?:each|every|any|one|all(?: the| our)?)\s+({_NP})\s+(?:that .{{1,40}}?\s+)?{_ADVERBS}{_HAS}\s+(?:to have\s+|have\s+)?(.+)$",
    re.I,
)
_A_HAS = re.compile(rf"^(?:an?|the|our|my|all(?: the| our)?)?\s*({_NP})\s+{_ADVERBS}(?:has|have|with|includes?|contains?|needs?|consists? of|gets?)\s+(.+)$", re.I)
_EACH_COLON = re.compile(rf"^(?:each|every|an?|one|our|the)?\s*({_NP})\s*(?::|\s-\s|\((?=[^()]*[,;][^()]*\)?$))\s*(.+?)\)?$", re.I)
_FOR_EACH = re.compile(
    rf"{_OPENING}(?:for|about|of|on|per|from|with|to|in)\s+(?:each|every|any|an?|one|all(?: of)?(?: the| our| my)?|"
    rf"the|our|my|these|those)\s+({_NP})(?:\s*[,:]\s*|\s+-\s+|\s+(?=(?:i|we|you|it|they|there|please|also|the|a|an|is|keep|"
    rf"write|record|note|store|save)\b))(.+)$",
    re.I,
)
_PER = re.compile(rf"^(?:and\s+|also\s+)?per\s+({_NP})(?:\s*[,:]\s*|\s+(?=(?:i|we|the|a|an)\b))(.+)$", re.I)
_OF_EACH = re.compile(
    rf"^(.+?)\s+(?:of|for|about|per|from|on)\s+(?:each|every|all(?: of)?(?: the| our| my)?|our|my|the)\s+({_NP})\s*[.!?]*$",
    re.I,
)
_PRONOUN_HAS = re.compile(
    rf"^(?:they|it|these|those|this|he|she|each(?: one| of them)?|every one|all of them)\s+(?:all\s+|each\s+)?{_ADVERBS}(?:has|have|had|need|needs|get|gets|should have|with|includes?)\s+(.+)$",
    re.I,
)
_WRITE_DOWN = re.compile(
    r"^(?:.{0,80}?\b)?(?:i|we|you|the app|it|staff|someone|that|to|should|must|please)\s+(?:[a-z']+\s+){0,4}?"
    r"(?:record|write down|write|store|note(?: down)?|remember|save|enter|fill in|capture|collect|register|jot down|"
    r"know|see|put in|put down|list|keep|log)\s+(.+)$",
    re.I,
)
_NEED_FIELDS = re.compile(r"^(?:.{0,40}?\b)?(?:i|we)(?:'d| would)?(?: also| just| really| only)? (?:need|want|like|have)\s+(.+)$", re.I)
_STRONG = (
    r"(?:keep(?:ing|s)?|have|having|make|making|maintain(?:ing)?|see|want|need|like|build|create|got)\s+"
    r"(?:(?:an?|the|our|my|one|some|better|good|full|simple|proper|digital|online|up-to-date|to|have|keep)\s+)*"
    r"(?:lists?|track|records?|registers?|logs?|overview|inventory|databases?|catalogu?e|tabs|collection|history|directory)\s+(?:of|on)|"
    r"(?:lose|losing|lost|loses|keep|keeps|keeping|kept)\s+track\s+of|"
    r"(?:an?|the|one|our|my)\s+(?:[a-z-]+\s+)?(?:list|overview|database|register|inventory|catalogue|catalog|record|log|directory)\s+of|"
    r"^(?:(?:simple|small)\s+)?lists?\s+of|keep(?:ing)?\s+(?=(?:a|an|our|the|my)\s+[\w-]+\s+(?:list|register|inventory|log|catalogue)\b)"
)
_WEAK = (
    r"track(?:s|ing)?|manag(?:e|es|ing)|organi[sz](?:e|es|ing)|administ(?:er|rate|ering)|maintain(?:ing)?|"
    r"monitor(?:ing)?|catalogu?(?:e|ing)|register(?:ing)?|log(?:ging)?|record(?:ing)?|stor(?:e|ing)|"
    r"handl(?:e|ing)|writ(?:e|ing) down|keep(?:ing)? (?=our|my|all|the)|list(?:ing)? (?=our|my|all|the)|"
    r"follow(?:ing)? up(?: on)?|add(?:ing)? (?=new|our|my)|digiti[sz]e"
)
_TRACK = re.compile(rf"\b(?:({_STRONG})|({_WEAK}))\s*(.+)$", re.I)
_APP_FOR = re.compile(
    r"\b(?:app|tool|system|program(?:me)?|database|software|website|something|spreadsheet)\s+(?:for|about|with)\s+"
    r"(?:(?:my|our|the|all|managing|tracking)\s+)*(.+)$",
    re.I,
)
_FIELD_START = re.compile(
    r"\s*(?::|\(|\s-\s|,?\s+(?:with|including|showing|namely|by|such as|each with|and for each(?: one)?|"
    r"(?:and|plus) (?=(?:their|its|his|her)\b)|and (?=(?:when|whether|how|who|where)\b))\s+|,\s+(?=(?:their|its|when|whether|how|who|where)\b))",
    re.I,
)
_PRONOUNS = re.compile(r"^(?:i|we|you|they|it|he|she|this|that|these|those|there|who|which|what|nobody|someone|everyone)\b", re.I)
_REFUSED_REST = re.compile(
    r"^(?:to|been|become|got|gone|no|not|never|already|about \d|around \d|over \d|some|many|more|different|"
    r"trouble|problems?|questions?|always|just|only \d|\d+|two|three|four|five|ten|hundreds|lots|a lot|fun|a problem|"
    r"an idea|a question)\b",
    re.I,
)
_DETAIL_QUESTION = re.compile(r"write down about each (.+?)\?", re.I)
_DEFAULT = re.compile(r"if you are not sure, answer: (.+?)\.?\s*$", re.I | re.M)
_UNSURE = re.compile(
    r"^(?:(?:i'm |i am )?not sure|(?:i )?do(?:n't| not) know|no idea|whatever|you (?:decide|choose)|(?:the )?default"
    r"|as you (?:say|like|suggest)|(?:yes|ok|okay|sure|fine|yep|yeah)|that(?:'s| is) (?:fine|ok|okay|good)|sounds good"
    r"|(?:just )?the (?:suggested|default)(?: ones| answer)?|idk|dunno|hmm+|no preference|up to you|good|perfect"
    r"|(?:yes|ok|okay|sure|fine),? .{0,20}(?:fine|good|ok|okay|great|works))\b[\s,.!]*(?:please|thanks|thank you)?[\s.!]*$",
    re.I,
)
_LEADING = re.compile(
    r"^(?:(?:yes|no|nope|yep|yeah|ok|okay|sure|well|so|and|also|but|actually|oh|ah|right|great|perfect|hmm+|um+|"
    r"please|basically|in short|then|plus|hello|hi|hey|thanks|thank you|additionally|furthermore|finally|first|second|"
    r"third|next|one more thing|correct|exactly|good|wait|sorry|maybe|perhaps|important|of course)\b[\s,:;!.-]*)+(?=\S)",
    re.I,
)


def default_of(question):
    """Return the answer that a question of the demo offers, or ""."""
    found = _DEFAULT.search(question or "")
    return found.group(1).strip() if found else ""


def is_unsure(text):
    """Return whether a whole answer means "take what you offered"."""
    return bool(_UNSURE.match(" ".join(text.split())))


def read_conversation(turns, base=()):
    """Return the Draft after all turns, (role, text) pairs in order, on top of the lists in `base`."""
    known = _pass(turns, base, ()).lists
    return _pass(turns, base, tuple(listed.label for listed in known))


def read_facts(texts):
    """Return the finished lists that a brief's sentences name; `item` when there is none."""
    entities = read_conversation([("user", text) for text in texts]).settled()
    return entities or [FALLBACK]


def fact_of(entity):
    """Return the sentence for a list: "Each tool has a name (required) and notes (optional)."."""
    parts = [_field_words(field) for field in entity.fields]
    return f"Each {entity.label} has {wording.joined(parts)}."


def only(entity, fields):
    """Return the list with these details alone."""
    return Entity(entity.label, tuple(fields))


def _field_words(field):
    said = []
    if field.type == "enum":
        said.append(f"choices: {', '.join(field.values)}")
    elif field.type != type_of(field.label):
        said.append(TYPE_NAMES[field.type])
    said.append("required" if field.required else "optional")
    return f"{wording.with_article(field.label)} ({'; '.join(said)})"


def _pass(turns, base, known):
    draft, question = Draft(base), ""
    draft.known = known
    for role, text in turns:
        if role == "assistant":
            question = text
            continue
        read_message(draft, text, question)
        question = ""
    return draft


def read_message(draft, text, question=""):
    """Read one message of the person into the draft; question: the message it answers, or ""."""
    if question and is_unsure(text) and (offered := default_of(question)) and not is_unsure(offered):
        text = offered
    asked = statements.asked_in(question)
    detail = _DETAIL_QUESTION.search(question)
    if detail and (listed := draft.find(detail.group(1))):
        draft.current = listed
    found = [(sentence, _read(draft, sentence)) for sentence in wording.sentences(text)]
    for sentence, understood in found:
        if not understood:
            _read_answer(draft, sentence, asked)


def _read(draft, sentence):
    """Read one sentence by the general rules; return whether one of them fitted."""
    text = _LEADING.sub("", sentence.text.strip(), count=1).strip()
    if sentence.items:
        return _read_bullets(draft, text, sentence.items)
    if not text:
        return False
    return any(rule(draft, text) for rule in _RULES)


def _read_bullets(draft, head, items):
    label = _entity_in_head(draft, head)
    if statements.read_flagged_items(draft, head, items):
        return True
    if label:
        draft.add_fields(draft.entity(label), fields_of_items(items))
        return True
    sentences = [wording.Sentence(item) for item in items]
    if statements.names_field(draft, head) and statements.set_choices(draft, head, ", ".join(items)):
        return True
    understood = [_read(draft, sentence) for sentence in sentences]
    if any(understood):
        return True
    if re.search(r"\b(?:lists?|keep track of|track|manage|things)\b", head, re.I):
        labels = [entity_label(item) for item in items]
        for label in filter(None, labels):
            draft.entity(label)
        return any(labels)
    if draft.current and looks_like_list(", ".join(items)):
        draft.add_fields(draft.current, fields_of_items(items))
        return True
    return False


def _entity_in_head(draft, head):
    """Return the list that a line such as "For each tool we need:" introduces, or ""."""
    each = re.search(rf"\b(?:each|every|per|an?|one)\s+({_NP})(?=$|[\s,:]+(?:i|we|you|it|has|have|needs?|should|must|with|there)\b)", head, re.I)
    if each and (label := entity_label(each.group(1))):
        return label
    if re.search(r"\b(?:they|it|these|each one|each of them|them)\b", head, re.I) and draft.current:
        return draft.current.label
    plain = re.match(rf"^(?:the |our |my )?({_NP})(?:\s*\(.*\)|\s+(?:have|has|with|details|fields|info(?:rmation)?|list|should have))?$", head, re.I)
    label = plain and entity_label(plain.group(1))
    if label and (draft.find(label) or wording.is_plural(plain.group(1).split()[-1]) or label in draft.known):
        return label
    tracked = _TRACK.search(head)
    if tracked:
        labels = entity_labels(_FIELD_START.split(tracked.group(3))[0], plural_only=True)
        return labels[0] if len(labels) == 1 and re.search(r"\b(?:with|details|following|fields)\b", head) else ""
    return ""


def _read_each(draft, text):
    for pattern in (_EACH_HAS, _FOR_EACH, _PER):
        match = pattern.match(text)
        label = match and entity_label(match.group(1))
        if not label or _REFUSED_REST.match(match.group(2)):
            continue
        strict = pattern is _FOR_EACH and not re.search(r"\b(?:each|every)\s+" + re.escape(match.group(1)), text, re.I)
        if strict and not (draft.find(label) or label in draft.known):
            continue
        rest = without_fillers(match.group(2))
        if statements.set_choices_in(draft, label, rest):
            return True
        fields = field_list(rest)
        if fields and looks_like_list(_before_choices(rest)):
            draft.add_fields(draft.entity(label), fields)
            return True
    return False


def _read_of_each(draft, text):
    match = _OF_EACH.match(text)
    if not match or _TRACK_LIST_ONLY.search(match.group(1)):
        return False
    label = entity_label(match.group(2))
    quantified = re.search(r"\b(?:each|every|all)\b[^,]*$", text, re.I)
    if not label or not (quantified or draft.find(label) or label in draft.known or wording.is_plural(match.group(2).split()[-1])):
        return False
    rest = without_fillers(re.sub(r"^.*\b(?:track of|list of|record of|overview of)\s+", "", match.group(1), flags=re.I))
    pieces = split_top(rest)
    each = re.search(r"\b(?:each|every)\s+\S+(?:\s+\S+)?[.!?]*$", text, re.I)
    if not pieces or not (looks_like_list(rest) if each else all(_surely_field(piece) for piece in pieces)):
        return False
    draft.add_fields(draft.entity(label), field_list(rest))
    return True


_TRACK_LIST_ONLY = re.compile(r"\b(?:list|track|overview|inventory|record|app|tool|system|database)$", re.I)


def _read_pronoun(draft, text):
    match = _PRONOUN_HAS.match(text)
    if not match or draft.current is None or _REFUSED_REST.match(match.group(1)):
        return False
    rest = without_fillers(match.group(1))
    fields = field_list(rest) if looks_like_list(_before_choices(rest)) else []
    draft.add_fields(draft.current, fields)
    return bool(fields)


def _read_has(draft, text):
    """ "A booking has a room and a date", "Tools have a name, …", "The tool has …" when tools are known."""
    match = _A_HAS.match(text)
    if not match or _PRONOUNS.match(text) or _REFUSED_REST.match(match.group(2)):
        return False
    label = entity_label(match.group(1))
    known = label and (draft.find(label) or label in draft.known)
    if not label or statements.names_field(draft, match.group(1)) and not known:
        return False
    fields = field_list(match.group(2)) if looks_like_list(_before_choices(match.group(2))) else []
    bare_plural = wording.is_plural(match.group(1).split()[-1])
    indefinite = re.match(r"^an?\s", text, re.I)
    if not fields or not (known or (len(fields) > 1 and (bare_plural or indefinite))):
        return False
    draft.add_fields(draft.entity(label), fields)
    return True


def _read_colon(draft, text):
    """ "Tools: name, category (hand, power), notes", with or without "each"."""
    match = _EACH_COLON.match(text)
    if not match or statements.names_field(draft, match.group(1)):
        return False
    label = entity_label(match.group(1))
    pieces = split_top(match.group(2))
    if not label or not looks_like_list(_before_choices(match.group(2))):
        return False
    known = draft.find(label) or label in draft.known
    many = wording.is_plural(match.group(1).split()[-1]) or re.match(r"^(?:each|every)\s", text, re.I)
    if not known and not (many and len(pieces) > 1) and len(pieces) < 3:
        return False
    draft.add_fields(draft.entity(label), field_list(match.group(2)))
    return True


def _read_track(draft, text):
    match = _TRACK.search(text)
    if not match:
        return False
    rest = re.sub(r"^(?:and|or|of)\s+", "", match.group(3))
    if match.group(1) is None and re.match(r"^(?:an?|one)\s", rest, re.I):
        return False
    pieces = split_top(rest)
    if pieces and all(_surely_field(p) for p in pieces[:2]) and not _FIELD_START.search(pieces[0]):
        return False
    return _add_things(draft, rest, plural_only=match.group(1) is None)


def _add_things(draft, rest, *, plural_only):
    """Add the lists in "tools with a name, and members"; return whether there was one."""
    added = False
    for piece, tail in _things(rest):
        label = entity_label(piece, plural_only=plural_only or added)
        if not label:
            label = entity_label(piece) if draft.find(entity_label(piece) or "-") else ""
        if not label:
            continue
        listed = draft.entity(label)
        added = True
        others = [other for part in split_top(tail) if (other := _other_list(draft, part))]
        for other in others:
            draft.entity(other)
        if tail and not others and looks_like_list(_before_choices(without_fillers(tail))):
            draft.add_fields(listed, field_list(without_fillers(tail)))
    return added


def _other_list(draft, phrase):
    """Return the list that "with members" names when members are a list, or ""."""
    label = entity_label(phrase, plural_only=True)
    return label if label and (label in draft.known or draft.find(label)) else ""


def _things(rest):
    """Yield (thing, its details or "") for "tools (name, type) and members with name and phone"."""
    start = _FIELD_START.search(rest)
    if not start:
        return [(piece, "") for piece in split_top(rest)]
    if start.group().strip() != "(":
        pieces = split_top(rest[: start.start()])
        return [(piece, rest[start.end() :] if index == len(pieces) - 1 else "") for index, piece in enumerate(pieces)]
    found = []
    for piece in split_top(rest):
        inside = re.search(r"\(([^()]*)\)?", piece)
        found.append((piece, inside.group(1) if inside else ""))
    return found


def _read_write_down(draft, text):
    """ "We need to write down their name and phone": details of the list we talk about."""
    match = _WRITE_DOWN.match(text) or _NEED_FIELDS.match(text)
    if not match:
        return False
    rest = without_fillers(match.group(1))
    pieces = split_top(_before_choices(rest))
    sure = [_surely_field(piece) for piece in pieces]
    if not pieces or not looks_like_list(_before_choices(rest)):
        return False
    if not (all(sure) or (len(pieces) > 2 and sum(sure) * 2 >= len(pieces))):
        return False
    draft.add_fields(draft.current, field_list(rest))
    return True


def _surely_field(piece):
    plain = re.sub(r"\([^()]*\)", "", piece).strip(" .!?")
    if re.match(r"^(?:their|its|his|her|when|whether|how (?:many|much|urgent|old|long|big))\b", plain, re.I):
        return True
    return is_fieldish(re.sub(r"^(?:an?|the|some|any)\s+", "", plain, flags=re.I)) and len(plain.split()) <= 5


def _before_choices(text):
    return re.split(r":|\b(?:which|that) (?:can|is|are)\b|\bcan be\b|\bone of\b|\beither\b", text)[0] or text


def _read_answer(draft, sentence, asked):
    """Read a sentence that no general rule understood as the answer to the question before it."""
    text = _LEADING.sub("", sentence.text.strip(), count=1)
    plain = without_fillers(text)
    if asked == "lists":
        for label in entity_labels(_FIELD_START.split(plain)[0], plural_only=False)[:3]:
            draft.entity(label)
    elif asked == "details" and draft.current is not None:
        fields = fields_of_items(sentence.items) or (field_list(plain) if looks_like_list(_before_choices(plain)) else [])
        draft.add_fields(draft.current, fields)
    elif asked == "rules":
        statements.read_required_answer(draft, plain)


def _read_app_for(draft, text):
    """ "An app for our invoices": only a hint, taken when it is plural and nothing else is known."""
    match = _APP_FOR.search(text)
    if not match or draft.lists:
        return False
    return _add_things(draft, match.group(1), plural_only=True)


_RULES = [
    statements.read_change,
    statements.read_required,
    _read_each,
    _read_pronoun,
    statements.read_choices,
    _read_colon,
    _read_of_each,
    _read_has,
    _read_track,
    _read_write_down,
    _read_app_for,
]

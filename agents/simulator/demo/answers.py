"""The answer to "Which of these must always be filled in?": what it names is required, the rest is not."""

import re
from dataclasses import replace

from agents.simulator.demo.listing import split_top, without_fillers
from agents.simulator.demo.marks import ALL_EXCEPT, clauses_of, flag_of, flag_subject
from agents.simulator.demo.references import EVERYTHING, refer, scoped

_YES = re.compile(
    r"^(?:yes|yep|yeah|ok|okay|sure|right|correct|fine|good|perfect)\b[\s,.!:;-]*"
    r"(?:(?:that is|that's|looks?|all) (?:right|fine|good|correct|ok)[\s,.!:;-]*)?(and|but|plus|also)?\b\s*",
    re.I,
)
_ENOUGH = re.compile(
    r"\s+(?:(?:is|are|would be|will be)\s+(?:enough|sufficient|all|fine|ok|okay)|will do|suffices?|(?:would|will) do)$",
    re.I,
)
_MORE = re.compile(r"\b(?:also|too|as well|in addition|additionally)\b", re.I)
_ORDER = re.compile(
    r"^(?:please\s+)?(?:add|remove|delete|drop|rename|change|call|make|mark|set|leave|include|we don't|i don't|"
    r"skip|forget|replace)\b",
    re.I,
)
_WHOLE = re.compile(r"^(?:the rest|everything else|nothing|none|no (?:field|detail)s?)\b", re.I)
_NOT = re.compile(r"^(?:(?:only|just|except|but)\s+)?(?:not|except(?: for)?|without|no)\s+(.+)$", re.I)
_MUST_HAVE = re.compile(
    r"^(?:(?:i|we|it|they|you|one)\s+)?(?:(?:would|will|must|should|do|does|always|really|only|definitely|"
    r"absolutely|to|"
    r"say|think)\s+)*(?:need(?:s|ed)?|want|have|has|know|say|think|take|must|required?|enough)\s+"
    r"(?:(?:always|is|are|would be|to have|to know)\s+)*",
    re.I,
)
_OPENING = re.compile(
    r"^(?:(?:just|only|definitely|at least|for me|i (?:think|guess|suppose|would say)(?: that)?|"
    r"i'd say(?: that)?|always|certainly|maybe|probably|surely|"
    r"mandatory|obligatory|it is|it's|is|are|that would be|those are|these are|these)\b[\s,:]*)+(?=\S)",
    re.I,
)


class Answer:
    """One message that answers the question; what it names is collected and settled at its end."""

    def __init__(self, draft):
        self.draft = draft
        self.named, self.closed = [], []

    def read(self, sentence):
        """Take what a sentence names; return whether it was of that kind."""
        text = sentence.text.strip()
        if sentence.items:
            return self._read_items(text, sentence.items)
        agreed = _YES.match(text)
        text = re.sub(r"^(?:no|nope|well|so|and|then|hmm+|um+|actually)\b[\s,.!:;-]+(?=\S)", "",
                      text[agreed.end() :] if agreed else text, flags=re.I)  # fmt: skip
        if not text or _ORDER.match(text):
            return False
        more = bool(agreed and agreed.group(1)) or bool(_MORE.search(text))
        if (but := _NOT.match(text)) and (
            agreed or text.lower().startswith(("not ", "except ", "only not "))
        ):
            return flag_subject(self.draft, but.group(1), False)
        flag = flag_of(text)
        subject = (flag[0] if flag else text).strip(" .!")
        if (flag is None or flag[1]) and (
            EVERYTHING.match(subject) or ALL_EXCEPT.match(subject) or _WHOLE.match(subject)
        ):
            return flag_subject(self.draft, subject, True)
        done = [self._read_clause(part, more) for part in _parts(text)]
        return any(done)

    def settle(self):
        """Make the details that were not named optional, in each list of which some were."""
        for listed in {id(listed): listed for listed, _ in self.closed}.values():
            listed.fields = [replace(f, required=(listed, f.label) in self.named) for f in listed.fields]
        self.draft.mark_these(self.named, True)

    def _read_items(self, head, items):
        flag = re.match(r"^(?:the\s+)?(?:optional|not required)\b", head, re.I)
        if flag:
            return flag_subject(self.draft, ", ".join(items), False)
        listed, _ = refer(self.draft, f"{head}: everything")
        where = f"for {listed[0][0].label}: " if listed else ""
        return self._name(where + ", ".join(items), more=bool(_MORE.search(head)), sure=False)

    def _read_clause(self, text, more):
        text = text.strip(" .!,;:")
        flag = flag_of(text)
        if flag and not flag[1]:
            return flag_subject(self.draft, flag[0], False)
        if _WHOLE.match(flag[0] if flag else text):
            return flag_subject(self.draft, flag[0] if flag else text, True)
        subject = _OPENING.sub("", flag[0] if flag else _ENOUGH.sub("", text))
        subject = _OPENING.sub("", _MUST_HAVE.sub("", subject))
        listed, rest, _ = scoped(self.draft, subject)
        if listed is not None and (but := ALL_EXCEPT.match(rest)):
            left, _ = refer(self.draft, f"for {listed.label}: {but.group(1)}")
            pairs = [(listed, f.label) for f in listed.fields if (listed, f.label) not in left]
            self.named += pairs
            self.closed += pairs
            return True
        return self._name(subject, more=more, sure=bool(flag))

    def _name(self, words, *, more, sure):
        words = re.sub(
            r",?\s*\b(?:also|too|as well|in addition|please|only|thanks|thank you)\b", "", words, flags=re.I
        )
        pairs, unknown = refer(self.draft, without_fillers(words))
        if not pairs or not sure and len(pairs) < len(unknown):
            return False
        self.draft.unknown += [unfit for _, unfit in unknown if len(unfit.split()) <= 4]
        self.named += pairs
        self.closed += [] if more else pairs
        return True


def _parts(text):
    """Split "name and phone required, notes optional" and the like into what says one thing each."""
    parts = []
    for clause in clauses_of(text):
        start = 0
        for end in _SAID.finditer(clause):
            parts.append(clause[start : end.end()])
            start = end.end()
        parts.append(clause[start:])
    return [part for part in parts if len(split_top(part)) and part.strip(" .!,;")]


_SAID = re.compile(
    r"\b(?:required|mandatory|compulsory|obligatory|optional|filled in|filled out)\b[\s,]*(?:and\s+|but\s+)?"
    r"(?!(?:for (?:me|us|all|each|every|everyone)|too|as well|please|always|except|but|apart|also)\b)(?=\S)",
    re.I,
)

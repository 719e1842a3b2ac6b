"""What has been understood so far: the lists, their details and what to change in them."""

import re
from dataclasses import dataclass, field, replace

from agents.simulator.demo import wording
from agents.simulator.demo.fields import Entity, Field, same_label, settled
from agents.simulator.demo.listing import MAX_FIELDS
from agents.simulator.demo.meaning import meant
from agents.simulator.demo.vocabulary import words

MAX_ENTITIES = 3
NAME = Field("name", None, True)
FALLBACK = Entity(
    "item",
    (
        Field("name", "string", True),
        Field("notes", "text", False),
        Field("due date", "date", True),
        Field("status", "enum", True, ("open", "in progress", "done")),
    ),
)
# Details that can stand as the heading of a row, besides everything that ends with "name".
_HEADING_WORDS = words(
    """
    name title subject number code customer client patient person member guest room company species
    headline topic supplier tenant student pupil employee volunteer owner what task question word
    """
)


@dataclass(eq=False)
class Listed:
    """One list while it is being understood."""

    label: str
    fields: list[Field] = field(default_factory=list)

    def find(self, label):
        """Return the index of the field, or None."""
        exact = [i for i, f in enumerate(self.fields) if same_label(f.label, label)]
        if exact:
            return exact[0]
        # "phone" also means "phone number", if nothing else does.
        last = [
            i
            for i, f in enumerate(self.fields)
            if len(label.split()) == 1
            and label.lower() in {f.label.lower().split()[0], f.label.lower().split()[-1]}
        ]
        return last[0] if len(last) == 1 else None

    def has(self, label):
        """Return whether a field has that very name."""
        return any(same_label(f.label, label) for f in self.fields)

    def meant(self, label):
        """Return the index of the field that other words for it mean, or None: "borrower" for "borrowed by"."""
        index = self.find(label)
        return meant(label, [f.label for f in self.fields]) if index is None else index

    def put(self, new):
        """Add a field, or say more about the one of that name."""
        index = next((i for i, f in enumerate(self.fields) if same_label(f.label, new.label)), None)
        if index is None:
            if len(self.fields) < MAX_FIELDS:
                self.fields.append(new)
            return
        old = self.fields[index]
        self.fields[index] = Field(
            old.label,
            new.type or (None if new.values else old.type),
            old.required if new.required is None else new.required,
            new.values or old.values,
        )


class Draft:
    """The lists in the order in which they were named. current: the one that "it" means."""

    def __init__(self, entities=()):
        self.lists = [Listed(e.label, list(e.fields)) for e in entities]
        self.current = self.lists[-1] if self.lists else None
        self.loose = []
        self.known = ()
        # Of the message in hand: whether it names a list, and the details in it that no list has.
        self.named_now, self.unknown = bool(entities), []
        # Its sentences that no rule understood.
        self.missed = []
        # Who the conversation is about: "volunteer".
        self.people = ""
        # The details that "it" means, (list, label) pairs.
        self.last = []

    def find(self, label):
        """Return the list for a singular label, or None. "member" finds "club member" and the reverse."""
        for listed in self.lists:
            if same_label(listed.label, label):
                return listed
        for listed in self.lists:
            short, long = sorted((listed.label, label), key=len)
            if long.endswith(f" {short}"):
                return listed
        return None

    def entity(self, label):
        """Return the list for a label and make it the current one; a new one is added."""
        listed = self.find(label)
        if listed is None:
            listed = Listed(label)
            self.lists.append(listed)
            if self.loose and len(self.lists) == 1:
                self.add_fields(listed, self.loose)
                self.loose = []
        self.current = listed
        self.named_now = True
        return listed

    def add_fields(self, listed, fields):
        """Add fields to a list, or keep them for the first list that will be named."""
        if listed is None:
            self.loose += fields
            return
        for new in fields:
            listed.put(replace(new, label=_own(new.label, listed.label)))
        if fields and not listed.label.endswith(" list entry"):
            # "Our waiting list" was only another word for the list that now has details.
            self.drop_entries(len(self.lists))

    def drop_entries(self, count):
        """Drop those of the first lists that only have a name such as "waiting list entry"."""
        kept = [each for each in self.lists[:count] if each.fields or not each.label.endswith(" list entry")]
        self.lists = kept + self.lists[count:]

    def with_field(self, label):
        """Return [(list, index)] of the fields of that name, the current list's first."""
        ordered = sorted(self.lists, key=lambda listed: listed is not self.current)
        # "Phone" is the phone where there is one, and no phone number of another list.
        ordered = [listed for listed in ordered if listed.has(label)] or ordered
        return [(listed, index) for listed in ordered if (index := listed.find(label)) is not None]

    def mark_these(self, pairs, required):
        """Set the mark of fields, (list, label) pairs."""
        for listed, label in pairs:
            listed.fields = [replace(f, required=required) if f.label == label else f for f in listed.fields]

    def mark_all(self, required, *, but=()):
        """Set the mark of all fields except these, (list, label) pairs."""
        for listed in self.lists:
            listed.fields = [
                f if (listed, f.label) in but else replace(f, required=required) for f in listed.fields
            ]

    def mark_all_unmarked(self, required):
        """Set the mark of the fields about which nothing was said."""
        for listed in self.lists:
            listed.fields = [
                replace(f, required=required) if f.required is None else f for f in listed.fields
            ]

    def drop(self, label, listed=None):
        """Remove a field (from one list, or wherever it is); return whether there was one."""
        found = self.with_field(label)
        if listed is not None:
            index = listed.find(label)
            found = [] if index is None else [(listed, index)]
        for where, index in found:
            del where.fields[index]
        return bool(found)

    def snapshot(self):
        """Return the lists as they are, to compare."""
        return tuple(Entity(listed.label, tuple(listed.fields)) for listed in self.lists)

    def settled(self):
        """Return the lists as they will be built: complete, at most three; [] when there is none."""
        if not self.lists and self.loose:
            # Details without a word on what they belong to.
            nameless = Listed("item")
            for new in self.loose:
                nameless.put(new)
            return _completed([nameless])
        lists = [listed for listed in self.lists if listed.fields] or self.lists
        named = {listed.label for listed in lists}
        # A list of which nobody said what it holds stays, unless it only was another word for the next one.
        lists = [e for e in self.lists if e.label in named or not e.label.endswith(" entry")]
        return _completed(lists)


def _own(label, owner):
    """Return "full name" for "member's full name" among the details of a member."""
    plain = re.sub(rf"^{re.escape(owner.split()[-1])}(?:'s|s'|s's) (?=\S)", "", label)
    return plain if plain else label


def completed(entities):
    """Return lists of a spec so that the app can be built: each with a heading; `item` for none."""
    return _completed(entities) or [FALLBACK]


def _completed(lists):
    unique = {}
    for listed in lists:
        unique.setdefault(listed.label.casefold(), listed)
    kept = list(unique.values())[:MAX_ENTITIES]
    return [_complete(listed, [other.label for other in kept]) for listed in kept]


def _complete(listed, labels):
    fields = list(listed.fields) or [NAME, Field("notes")]
    heading = heading_index(fields, labels)
    if heading is None:
        named = any(same_label(f.label, NAME.label) for f in fields)
        fields.insert(0, replace(NAME, label="title") if named else NAME)
    elif fields[heading].required is None:
        fields[heading] = replace(fields[heading], required=True)
    return Entity(listed.label, tuple(settled(f) for f in fields[:MAX_FIELDS]))


def heading_index(fields, labels):
    """Return the index of the detail that a row is called by, or None. labels: of all lists."""
    return next((i for i, f in enumerate(fields) if _is_heading(f, labels)), None)


def _is_heading(candidate, labels):
    """A name, a title, somebody or something: in a list of loans the tool, which has its own list."""
    if settled(candidate).type != "string":
        return False
    words = candidate.label.lower().split()
    if any(same_label(candidate.label, label) for label in labels):
        return True
    if words[0] in {"who", "what"} or words[-1] == "by" or "name" in words[:1]:
        return True
    return wording.singular(words[-1]) in _HEADING_WORDS and words[0] not in {
        "phone",
        "house",
        "mobile",
        "telephone",
    }

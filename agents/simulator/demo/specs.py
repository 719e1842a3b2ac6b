"""The spec of the demo: six promises for each list, and what holds for all of them.

`outline` reads a spec back: which criterion is of which kind, for the plan, the tests and the code.
"""

from dataclasses import dataclass

from agents.simulator.demo import briefs, wishes, wording
from agents.simulator.demo.draft import completed
from agents.simulator.demo.fields import Entity, Field, settled
from agents.simulator.demo.numbering import numbered

NOT_BUILT = "Not built by the demo: "
LIST_KINDS = ("show", "add", "refuse", "change", "delete", "search")
SAFE_TITLE, KEEP_TITLE = "Safe pages", "Nothing gets lost"
SAFE_KINDS = ("foreign", "typed", "unknown")
KEEP_KINDS = ("restart", "damaged")


@dataclass(frozen=True)
class Promise:
    """One criterion. kind: of LIST_KINDS, SAFE_KINDS or KEEP_KINDS, or "other". entity: None outside lists."""

    requirement: str
    criterion: str
    kind: str
    entity: Entity | None


def spec(brief, previous=None):
    """Return a contracts.Spec as a dict."""
    previous = previous if isinstance(previous, dict) else None
    entities = briefs.read_brief(brief)
    many = wording.joined(wording.plural(entity.label) for entity in entities)
    one_place = any(f["text"] == briefs.ONE_PLACE for f in brief["facts"]) or any(
        wishes.one_place_is_fine(fact["text"])
        for fact in brief["facts"]
        if fact["text"] != briefs.NOTICE_FACT
    )
    outside = brief["out_of_scope"] + _not_built(brief, previous)
    nonfunctional = [
        "The app works without the internet and without other services.",
        "Every page can be used with the keyboard alone, at 360 pixels width, in light and dark colours.",
    ]
    if one_place:
        nonfunctional.append(briefs.ONE_PLACE)
    return {
        "injection_notes": [],
        "summary": [
            wishes.NOTICE,
            f"The app keeps {many}: you can add, change, delete and search them.",
            "Details that must be filled in are marked, and wrong ones are named before anything is saved.",
            f"It does not do {len(outside)} thing{'' if len(outside) == 1 else 's'}, named below.",
        ],
        "requirements": _requirements(entities, previous),
        "nonfunctional": _items("N", nonfunctional, previous, "nonfunctional"),
        "entities": [_entity_data(entity) for entity in entities],
        "roles": brief["users"] or ["The people who keep the lists."],
        "assumptions": [
            item | {"source": "You confirm it by approving the spec."}
            for item in _items("A", _assumptions(entities), previous, "assumptions")
        ],
        "out_of_scope": outside,
        "open_questions": brief["open_questions"],
        "withdrawn": [],
    }


def _not_built(brief, previous):
    """Return the lines of the brief that the demo cannot build, with ids that no other line has."""
    taken = [each["id"] for each in brief["out_of_scope"]]
    before = [
        each
        for each in (previous["out_of_scope"] if previous else [])
        if each["text"].startswith(NOT_BUILT) and each["id"] not in taken
    ]
    texts = [f"{NOT_BUILT}{text[:1_900]}" for text in dict.fromkeys(briefs.not_built(brief))]
    found = numbered("OUT", texts, before, withdrawn=taken)
    return [{"id": name, "text": text} for name, text in found]


def entities_of(spec):
    """Return the lists of a spec, complete; a spec without any gets the lists of the demo."""
    found = [
        Entity(
            entity["name"],
            tuple(
                settled(Field(f["name"], f["type"], f["required"], tuple(f["values"])))
                for f in entity["fields"]
            ),
        )
        for entity in spec["entities"]
    ]
    return completed(found)


def outline(spec):
    """Return the Promises of a spec in its order."""
    by_title = {list_title(entity): entity for entity in entities_of(spec)}
    promises = []
    for requirement in spec["requirements"]:
        entity = by_title.get(requirement["title"])
        kinds = (
            LIST_KINDS
            if entity
            else {SAFE_TITLE: SAFE_KINDS, KEEP_TITLE: KEEP_KINDS}.get(requirement["title"], ())
        )
        for index, criterion in enumerate(requirement["criteria"]):
            kind = kinds[index] if index < len(kinds) else "other"
            promises.append(Promise(requirement["id"], criterion["id"], kind, entity))
    return promises


def list_title(entity):
    return f"Keep the {wording.plural(entity.label)}"


def labels(fields):
    """Return "name, category and price"."""
    return wording.joined(field.label for field in fields)


def _requirements(entities, previous):
    titles = [list_title(entity) for entity in entities]
    found = numbered(
        "R",
        [*titles, SAFE_TITLE, KEEP_TITLE],
        previous["requirements"] if previous else [],
        withdrawn=previous["withdrawn"] if previous else (),
        of=lambda item: item["title"],
    )
    requirements = []
    for (name, title), entity in zip(found, [*entities, None, None], strict=True):
        number = name.removeprefix("R")
        if entity:
            story = (
                f"I keep the {wording.plural(entity.label)} in one list, so that everything about them is in "
                f"one place."
            )
            criteria = _list_criteria(entity)
        elif title == SAFE_TITLE:
            story = (
                "I can trust the pages: they show what was typed, and no other website can change my lists."
            )
            criteria = _SAFE_CRITERIA
        else:
            story = "What I saved is still there when the app starts again."
            criteria = _KEEP_CRITERIA
        requirements.append(
            {
                "id": name,
                "title": title,
                "story": story,
                "priority": "must",
                "criteria": [
                    {"id": f"AC{number}.{index}", "ears": ears, "verify": verify}
                    for index, (ears, verify) in enumerate(criteria, 1)
                ],
            }
        )
    return requirements


def _list_criteria(entity):
    one, many = entity.label, wording.plural(entity.label)
    a_one = wording.with_article(one)
    must = [field for field in entity.fields if field.required and field.type != "boolean"]
    missing = f", or one of these is missing: {labels(must)}," if must else ""
    return [
        (
            f"WHEN a person opens the page of the {many} THE app SHALL show every saved {one} with "
            f"{labels(entity.fields)}.",
            f"A saved {one} stands on the page with every detail.",
        ),
        (
            f"WHEN a person sends the form for a new {one} and every detail is right THE app SHALL save it "
            f"and go "
            f"back to the page of the {many}.",
            f"After the form is sent, the new {one} is on the page.",
        ),
        (
            f"IF a detail of {a_one} is wrong{missing} THEN THE app SHALL name each such detail, keep what "
            f"was typed, "
            "and save nothing.",
            f"A form with missing and wrong details is refused; {a_one} with only what must be there is "
            f"saved.",
        ),
        (
            f"WHEN a person changes {a_one} THE app SHALL save the new details in place of the old ones.",
            "After a change the page shows the new details and not the old ones.",
        ),
        (
            f"WHEN a person deletes {a_one} and confirms it THE app SHALL remove it from the page.",
            f"The {one} is asked about first, then gone.",
        ),
        (
            f"WHEN a person searches the {many} THE app SHALL show only those that contain every word of "
            f"the search.",
            f"A search finds the right {one} and not the other; a word that is nowhere finds nothing.",
        ),
    ]


_SAFE_CRITERIA = (
    (
        "IF a form was sent from another website THEN THE app SHALL refuse it and change nothing.",
        "The same form is refused from another website and taken from the app's own page.",
    ),
    (
        "WHEN a text with special characters such as & or < is shown THE app SHALL show it exactly as typed.",
        "A text with these characters is shown as text.",
    ),
    (
        "IF an address does not exist THEN THE app SHALL answer with a page that says so.",
        "An unknown address gives that page; the start page leads to the first list.",
    ),
)
_KEEP_CRITERIA = (
    (
        "WHEN the app is stopped and started again THE app SHALL show everything that was saved before.",
        "What was saved is there after a new start.",
    ),
    (
        "IF the data file is damaged THEN THE app SHALL say so at the start and leave the file as it is.",
        "A damaged file stops the start and stays unchanged; a whole one is read.",
    ),
)


def _assumptions(entities):
    found = [
        "Amounts, prices and other numbers are kept without a currency or unit.",
        "The pages are in English.",
    ]
    for entity in entities:
        optional = [field for field in entity.fields if not field.required]
        if optional:
            found.append(
                f"These details of {wording.with_article(entity.label)} may stay empty: {labels(optional)}."
            )
    return found


def _items(letters, texts, previous, group):
    return [
        {"id": name, "text": text}
        for name, text in numbered(
            letters,
            texts,
            previous[group] if previous else [],
            withdrawn=previous["withdrawn"] if previous else (),
        )
    ]


def _entity_data(entity):
    return {
        "name": entity.label,
        "fields": [
            {"name": f.label, "type": f.type, "required": f.required, "values": list(f.values)}
            for f in entity.fields
        ],
    }

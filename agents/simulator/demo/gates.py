"""What the demo answers at a gate: what will change, or what the document on the table says."""

import re

from agents.simulator.demo import asides, conversation, extraction, wishes
from agents.simulator.demo.fields import Entity, Field, settled
from agents.simulator.demo.markup import bullets, paragraphs, shown
from agents.simulator.demo.phrasing import changes_in_words, list_in_words, outside, quoted

NO_CHANGE = "I found no change my fixed rules understand"
_NAMES = {"spec": "spec", "plan": "plan", "tests": "list of tests"}
_WHO_SEES = re.compile(
    r"\b(?:who|only|see|sees|seen|access|private|secret|others?|everyone|anyone|anybody|log ?in|passwords?|"
    r"protected|safe|secure)\b",
    re.I,
)
_SHARES = re.compile(r"\b(?:where|file|computers?|shar(?:e|ed|ing)|stored?|saved|kept)\b", re.I)
_RUNS = re.compile(r"\b(?:install|start|run|open|technology|language|typescript|packages?)\b", re.I)
_PRESS = "Press “Revise the brief” and it is written into the brief; the work then starts again from there."


def answer(turns, gate, document):
    """Return the answer to the last message at a gate."""
    message = next((text for role, text in reversed(turns) if role == "user"), "")
    document = document if isinstance(document, dict) else {}
    left_out = outside(message)
    changes, read = _changes(turns, document)
    if changes:
        return paragraphs(left_out, f"{conversation.NOTED} {changes} {_PRESS}")
    if read:
        # The plan and the tests do not show the brief: it may or may not say so already.
        return paragraphs(
            left_out,
            f"{conversation.NOTED} {quoted([message])}: if the brief does not say so yet, it will. {_PRESS}",
        )
    if gate == "plan" and wishes.one_place_is_fine(message):
        return paragraphs(
            left_out,
            f"{conversation.NOTED} The data may stay on one computer. "
            "Press “Revise the brief” to write that down, or approve the plan as it is.",
        )
    return left_out or _about(gate, document, message)


def honest_answer(message):
    """Return the answer to a question, without a guess; "" when the message is none."""
    if not asides.is_question(message):
        return ""
    if _WHO_SEES.search(message):
        return (
            "There is no log-in: everyone who can use the computer sees everything and can change it. "
            "People on other computers see nothing."
        )
    if _SHARES.search(message):
        return (
            "The app keeps all data in one file on the computer where it runs. "
            "People on other computers do not share it."
        )
    if _RUNS.search(message):
        return (
            "The app is a small program in TypeScript without other packages at run time. "
            "The README in the zip says step by step how to start it."
        )
    return f"I follow fixed rules and cannot answer that: {quoted([message])}."


def _changes(turns, document):
    """Return (what the last message changes, in words or "", whether the rules read it at all)."""
    if not turns:
        return "", False
    base = entities_in(document) or extraction.read_conversation(turns[:-1]).settled()
    old = extraction.read_conversation([], base).settled()
    draft = extraction.read_conversation([("user", turns[-1][1])], base)
    said = changes_in_words(old, draft.settled())
    return said, asides.is_order(turns[-1][1]) and not draft.missed and not entities_in(document)


def entities_in(document):
    """Return the lists of a spec, or () when the document has none."""
    found = document.get("entities") if isinstance(document, dict) else None
    if not isinstance(found, list):
        return ()
    return tuple(
        Entity(
            e["name"],
            tuple(
                settled(Field(f["name"], f["type"], f["required"], tuple(f["values"]))) for f in e["fields"]
            ),
        )
        for e in found
    )


def _about(gate, document, message):
    """Answer a question about the document on the table."""
    name = _NAMES.get(gate, "document")
    entities = entities_in(document)
    asked = honest_answer(message)
    about_document = entities and re.search(
        r"\b(?:lists?|details?|fields?|what is in|spec|it)\b", message, re.I
    )
    if asked and asked.startswith("I follow") and about_document:
        asked = ""
    outs = document.get("out_of_scope")
    not_in_it = isinstance(outs, list) and re.search(r"\bnot\b|\bleft out\b|\bmissing\b", message, re.I)
    return paragraphs(
        asked or ("" if _is_small_talk(message) else f"{NO_CHANGE} in that: {quoted([message])}."),
        *_held(document, entities),
        f"Not part of it:\n\n{bullets(shown(each['text']) for each in outs[:10])}"
        if outs and not_in_it
        else "",
        f"If the {name} is right, approve it. To change something, say it like: add a phone to each member; "
        "notes are required; remove the price. Then press “Revise the brief”.",
    )


def _is_small_talk(message):
    return asides.is_question(message) or conversation.says_yes(message) or asides.is_thanks(message)


def _held(document, entities):
    if entities:
        yield f"The spec has these lists:\n\n{bullets(map(list_in_words, entities))}"
    elif isinstance(document.get("files"), list):
        yield f"The plan has {len(document['files'])} files and {len(document.get('tasks') or [])} tasks."
    elif isinstance(document.get("tests"), list):
        yield f"There are {len(document['tests'])} tests; each one checks a promise of the spec."

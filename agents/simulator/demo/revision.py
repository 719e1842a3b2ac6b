"""A brief revised: the lines of the brief before, as they stand, and only what was asked since."""

from agents.simulator.demo import extraction, sentences
from agents.simulator.demo.fields import Entity
from agents.simulator.demo.numbering import number_of

_MAX_LINE_CHARS = 1_400


def revised_facts(facts, old, new, *, read):
    """Return the facts that hold the lists `new`; lines on which nothing changed stay byte for byte.

    facts: of the brief before, dicts. old, new: its lists and those now. read: facts → lists, to check.
    """
    if list(old) == list(new):
        return list(facts)
    lines, renamed = [dict(fact) for fact in facts], _renamed(old, new)
    before = {renamed.get(entity.label, entity.label): entity for entity in old}
    for entity in old:
        label = renamed.get(entity.label, entity.label)
        after = next((each for each in new if each.label == label), None)
        if after != entity:
            lines = _with_changes(lines, entity, after)
    lines = _appended(lines, [sentences.fact_of(entity) for entity in new if entity.label not in before])
    lines = [line for line in lines if line["text"]]
    if _same(read(lines), new):
        return lines
    return _rewritten(facts, old, new)


def _renamed(old, new):
    """Return {old label: new label} of the lists that only changed their names."""
    gone = [e for e in old if e.label not in {n.label for n in new}]
    came = [e for e in new if e.label not in {o.label for o in old}]
    if len(gone) == len(came) == 1 and gone[0].fields == came[0].fields:
        return {gone[0].label: came[0].label}
    return {}


def _with_changes(lines, old, new):
    """Return the lines after one list changed; new None: it is gone."""
    mine = [line for line in lines if _list_of(line) == old.label]
    if new is None:
        _empty(mine)
        return lines
    written = [line for line in mine if sentences.read_fact(line["text"])]
    held = {f.label for line in written for f in sentences.read_fact(line["text"])[1]}
    was, now = {f.label: f for f in old.fields}, {f.label: f for f in new.fields}
    by_hand = [label for label in was if label not in held and was[label] != now.get(label)]
    if old.label != new.label or by_hand:
        return _one_line(lines, mine, new)
    for line in written:
        fields = sentences.read_fact(line["text"])[1]
        kept = [now[f.label] if now.get(f.label) != was.get(f.label) else f for f in fields if f.label in now]
        if kept != list(fields):
            line["text"] = sentences.fact_of(Entity(new.label, tuple(kept))) if kept else ""
    added = tuple(f for f in new.fields if f.label not in was)
    if added and written and written[-1]["text"]:
        fields = tuple(sentences.read_fact(written[-1]["text"])[1])
        longer = sentences.fact_of(Entity(new.label, fields + added))
        if len(longer) <= _MAX_LINE_CHARS:
            written[-1]["text"], added = longer, ()
    return _appended(lines, [sentences.fact_of(Entity(new.label, added))], mine) if added else lines


def _one_line(lines, mine, entity):
    """Say a list anew in the place of its first line."""
    _empty(mine[1:])
    if mine:
        mine[0]["text"] = sentences.fact_of(entity)
        return lines
    return _appended(lines, [sentences.fact_of(entity)])


def _empty(lines):
    """Take lines out; they leave at the end, so that no new line gets the id of one of them."""
    for line in lines:
        line["text"] = ""


def _appended(lines, texts, after=()):
    """Return the lines with new ones behind those they belong to, else behind the last line on data."""
    number = max([number_of(line["id"], "B") for line in lines], default=0)
    places = [i for i, line in enumerate(lines) if line in after] or [
        i for i, line in enumerate(lines) if line["topic"] == "data"
    ]
    at = places[-1] + 1 if places else 0
    new = [{"id": f"B{number + i}", "topic": "data", "text": text} for i, text in enumerate(texts, 1)]
    return [*lines[:at], *new, *lines[at:]]


def _list_of(line):
    """Return the label of the only list that a line on data is about, or ""."""
    if line["topic"] not in {"data", "rules"}:
        return ""
    found = extraction.read_conversation([("user", line["text"])]).settled()
    return found[0].label if len(found) == 1 else ""


def _rewritten(facts, old, new):
    """Say all lists anew: the last resort, when lines written by hand hang together."""
    labels = {entity.label for entity in [*old, *new]}
    kept = [dict(fact) for fact in facts if _list_of(fact) not in labels]
    return _appended(kept, [sentences.fact_of(entity) for entity in new])


def _same(found, wanted):
    return sorted(found, key=lambda e: e.label) == sorted(wanted, key=lambda e: e.label)

"""Lists, details and what changes in them, in the words of the chat: Markdown."""

from agents.simulator.demo import wishes, wording
from agents.simulator.demo.markup import shown

_MAX_SHOWN_VALUES = 6


def list_in_words(entity):
    """Return "Each tool: name (required); notes; kind (hand, power; required)"."""
    return f"Each {shown(entity.label)}: {'; '.join(map(_detail, entity.fields))}"


def _detail(field):
    said = {"boolean": ["yes or no"], "enum": [choices_in_words(field)]}.get(field.type, [])
    said = said + (["required"] if field.required and field.type != "boolean" else [])
    return shown(field.label) + (f" ({'; '.join(said)})" if said else "")


def choices_in_words(field):
    values = ", ".join(map(shown, field.values[:_MAX_SHOWN_VALUES]))
    more = len(field.values) - _MAX_SHOWN_VALUES
    return f"{values} and {more} more" if more > 0 else values


def outside(text):
    """Return what a message wishes that the demo cannot build, and that it is left out; or ""."""
    found = wishes.found_in(text)
    if not found:
        return ""
    return (
        f"{wishes.ONLY_LISTS} This is outside what it can do: {wording.joined(found, sep='; ')}. "
        "I leave it out and write that into the brief."
    )


def quoted(sentences):
    """Return up to three sentences of a person between quotes."""
    return wording.joined(dict.fromkeys(f"“{shown(words[:120])}”" for words in sentences[:3]))


def changes_in_words(old, new):
    """Return what is different between lists before and after, a sentence in words, or ""."""
    before, after = {e.label: e for e in old}, {e.label: e for e in new}
    said = [f"new list: {label}" for label in after if label not in before]
    said += [f"no list of {wording.plural(label)}" for label in before if label not in after]
    for label in [label for label in after if label in before]:
        said += _field_changes(label, before[label], after[label])
    return shown(f"{wording.capital('; '.join(said[:12]))}.") if said else ""


def _field_changes(label, old, new):
    before, after = {f.label: f for f in old.fields}, {f.label: f for f in new.fields}
    added = [field for name, field in after.items() if name not in before]
    said = [f"each {label} gets {_with_article(field)}" for field in added]
    said += [f"each {label} loses {name}" for name in before if name not in after]
    for name in [name for name in after if name in before]:
        if after[name].required != before[name].required:
            said.append(f"{name} of each {label} is {'required' if after[name].required else 'optional'}")
        if after[name].values != before[name].values:
            said.append(f"{name} of each {label} can be {wording.joined(after[name].values[:12], 'or')}")
    return said


def _with_article(field):
    return f"{field.label} (yes or no)" if field.type == "boolean" else wording.with_article(field.label)

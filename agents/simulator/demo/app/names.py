"""Safe names in TypeScript, SQL and addresses for what people call their lists and details."""

import re
import unicodedata
from dataclasses import dataclass

from agents.simulator.demo import wording
from agents.simulator.demo.vocabulary import words

# Words of TypeScript, of SQL, and names that the app itself uses (ids, addresses, the search box).
_RESERVED = words(
    """
    abstract all and any arguments as asc async await between bigint boolean break by case catch check class column
    const constructor continue create cross current_date debugger declare default delete desc distinct do drop else
    enum eval exists export extends false finally for foreign from full function get grant group hasownproperty having
    if implements import in index infer inner insert instanceof interface into is join key keyof left let like limit
    module namespace natural never new not null number object of offset on or order outer package primary private
    proto prototype public readonly references require return right row rows select set static string super switch
    symbol table then this throw to transaction true try type typeof undefined union unique unknown update user using
    valueof tostring values var view void when where while with yield
    add app assert heading id q save slug test
    """
)
MAX_CHARS = 40


@dataclass(frozen=True)
class Names:
    """key: for a TypeScript object and a form. column: for SQL."""

    key: str
    column: str


def words_of(label):
    """Return the label's words in plain lower-case ASCII; [] when it has none."""
    label = re.sub(r"\be-mail", "email", label, flags=re.I)
    plain = unicodedata.normalize("NFKD", label.replace("ß", "ss").replace("ø", "o").replace("Ø", "O"))
    return re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode().lower())


def slug_of(words):
    return "-".join(words)[:MAX_CHARS].strip("-")


def unique(labels, *, spare, shape):
    """Return a safe, different name for each label, the same each time.

    spare: the word for a label without any plain letter. shape: joins words into a name.
    """
    used, names = set(), []
    for label in labels:
        words = words_of(label) or [spare]
        if words[0][0].isdigit():
            words.insert(0, spare)
        name = shape(words)
        if name.lower() in _RESERVED:
            name = shape([*words, spare])
        start, number = name, 2
        while name.lower() in used:
            name = f"{start}{number}"
            number += 1
        used.add(name.lower())
        names.append(name)
    return names


def camel(words):
    return (words[0] + "".join(word.capitalize() for word in words[1:]))[:MAX_CHARS]


def snake(words):
    return "_".join(words)[:MAX_CHARS].rstrip("_")


def of_fields(fields):
    """Return the Names of a list's details, in their order."""
    labels = [field.label for field in fields]
    keys = unique(labels, spare="detail", shape=camel)
    columns = unique(labels, spare="detail", shape=snake)
    return [Names(key, column) for key, column in zip(keys, columns, strict=True)]


def of_lists(entities):
    """Return (slugs for addresses, table names, variable names) of the lists."""
    many = [wording.plural(entity.label) for entity in entities]
    return (
        unique(many, spare="list", shape=slug_of),
        unique(many, spare="list", shape=snake),
        unique([entity.label for entity in entities], spare="row", shape=camel),
    )

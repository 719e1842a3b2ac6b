"""Safe names in TypeScript, SQL and addresses for what people call their lists and details."""

import re
import unicodedata
from dataclasses import dataclass

from agents.simulator.brains import wording

_RESERVED = frozenset(
    # TypeScript and JavaScript
    "abstract any arguments as async await bigint boolean break case catch class const constructor continue debugger "
    "declare default delete do else enum eval export extends false finally for from function get if implements import "
    "in infer instanceof interface is keyof let module namespace never new null number object of package private "
    "prototype public readonly require return set static string super switch symbol this throw true try type typeof "
    "undefined unique unknown var void while with yield name2 proto tostring valueof hasownproperty "
    # names that the app itself uses: ids, addresses, the search box
    "id q values slug heading new app add save test assert "
    # SQL
    "all and asc between by check column create cross current_date desc distinct drop exists foreign full grant group "
    "having index inner insert into join key left like limit natural not offset on or order outer primary references "
    "right row rows select table then to transaction union update user using view when where".split()
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

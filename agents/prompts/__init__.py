"""One prompt a file. `$name` is a placeholder; there is no logic in a prompt."""

import hashlib
from functools import cache
from pathlib import Path
from string import Template

_FOLDER = Path(__file__).parent


class PromptError(Exception):
    """A prompt was rendered with names that are not those in its file."""


def render(name, **values):
    """Return the text of the prompt with its placeholders filled; missing or extra names raise PromptError."""
    template = _template(name)
    wanted = set(template.get_identifiers())
    if wanted != set(values):
        raise PromptError(f"{name}: wants {sorted(wanted)}, got {sorted(values)}")
    return template.substitute(values)


def sha256(name):
    """Return the hash of the prompt's file together with the shared rules every agent reads."""
    return hashlib.sha256(f"{_text('governance')}\n{_text(name)}".encode()).hexdigest()


def names():
    """Return the names of all prompts."""
    return sorted(file.stem for file in _FOLDER.glob("*.md"))


@cache
def _text(name):
    return (_FOLDER / f"{name}.md").read_text(encoding="utf-8").strip()


@cache
def _template(name):
    template = Template(_text(name))
    if not template.is_valid():
        raise PromptError(f"{name}: a lone $ must be written $$")
    return template

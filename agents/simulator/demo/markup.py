"""Answers as Markdown: what people typed stands in them as they typed it, and lists are lists."""

import re

_MARKS = re.compile(r"[\\`*_\[\]{}#]")
# A backslash before one of these keeps no meaning from them: an entity does.
_OPENING = re.compile(r"<|&(?=#?\w+;)")
_KEPT = re.compile(r"\\([\\`*_\[\]{}#])|&(lt|amp);")


def shown(text):
    """Return a person's words so that Markdown shows them as they are."""
    words = _OPENING.sub(lambda m: "&lt;" if m.group() == "<" else "&amp;", " ".join(text.split()))
    return _MARKS.sub(r"\\\g<0>", words)


def typed(text):
    """Return the words that `shown` was given."""
    return _KEPT.sub(lambda m: m.group(1) or {"lt": "<", "amp": "&"}[m.group(2)], text)


def bullets(lines):
    """Return a list of lines that are Markdown already."""
    return "\n".join(f"- {line}" for line in lines)


def paragraphs(*parts):
    """Return the parts that say something, with an empty line between them."""
    return "\n\n".join(part for part in parts if part)

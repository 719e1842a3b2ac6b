"""How a request is laid out: what is instruction, what is data, what is cached (llm.md §2, §3).

Order: tools, system, shared data, role. Everything that varies stands after everything that does not, so that
the provider's cache can hold the common start.
"""

import re

from django.utils.crypto import salted_hmac

from agents import controls, prompts
from agents.text import clean
from features import documents

CACHED = {"type": "ephemeral"}


def suffix_of(feature):
    """Return the feature's 8 hex characters: text inside a tag cannot guess how its tag ends."""
    return salted_hmac("agents.layout", feature.public_id).hexdigest()[:8]


def tagged(feature, name, value):
    """Return the value between tags: a text, or canonical JSON of the rest. `&` and `<` are escaped."""
    tag = f"{name}_{suffix_of(feature)}"
    return f"<{tag}>\n{escaped(clean(as_text(value)))}\n</{tag}>"


def as_text(value):
    """Return a text as it is, anything else as canonical JSON."""
    return value if isinstance(value, str) else documents.canonical(value)


def escaped(text):
    """Return the text as it stands between tags."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def untagged(block, name):
    """Return the text that stands in a block under that name, as it was before it was escaped."""
    found = re.search(rf"<({name}_[0-9a-f]{{8}})>\n(.*?)\n</\1>", block["text"], re.DOTALL)
    return found[2].replace("&lt;", "<").replace("&amp;", "&")


def data_block(feature, *, cached=False, **values):
    """Return one text block with a tag for each value, in the order given."""
    text = "\n\n".join(tagged(feature, name, value) for name, value in values.items())
    return text_block(text, cached=cached)


def role_block(name, prompt):
    """Return the block with an agent's instructions; no data in it."""
    return text_block(f'<role name="{name}">\n{prompt}\n</role>')


def text_block(text, *, cached=False):
    """Return a text block of the Messages API, with a cache breakpoint after it when asked."""
    block = {"type": "text", "text": text}
    return block | {"cache_control": CACHED} if cached else block


def governance(*, cached=False):
    """Return the system block that every agent reads first."""
    return text_block(prompts.render("governance", controls=controls.listing()), cached=cached)


def user(*blocks):
    """Return a user turn."""
    return {"role": "user", "content": list(blocks)}


def assistant(blocks):
    """Return an assistant turn to send back, or None when nothing sendable is left of it.

    Thinking goes back unchanged; the provider refuses text blocks without any word, and a tool call without
    an object (its JSON was broken; the result says so).
    """
    kept = [block for block in blocks if block["type"] != "text" or block["text"].strip()]
    kept = [
        block | {"input": block["input"] or {}} if block["type"] == "tool_use" else block for block in kept
    ]
    if not any(block["type"] != "thinking" for block in kept):
        return None
    return {"role": "assistant", "content": kept}


def marked(turn):
    """Return the turn with a cache breakpoint at its end; a turn of plain text has no place for one."""
    *before, last = turn["content"]
    return turn | {"content": [*before, last | {"cache_control": CACHED}]}


def chars_of(request):
    """Return how many characters of text a request holds, for the reservation."""
    parts = (request.get(name) for name in ("tools", "system", "messages", "output_config"))
    return sum(len(documents.canonical(part)) for part in parts if part)

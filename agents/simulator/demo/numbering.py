"""Ids that keep their meaning from one revision to the next."""


def numbered(letters, texts, previous, *, key=lambda text: text, withdrawn=(), of=lambda item: item["text"]):
    """Return [(id, text)]: a text whose key was there before keeps its id, a new one gets the next free id.

    previous: items with "id" and what `of` reads. withdrawn: ids that never come back.
    """
    known = {}
    for item in previous:
        known.setdefault(key(of(item)), []).append(item["id"])
    newest = max(
        [number_of(name, letters) for name in [*(item["id"] for item in previous), *withdrawn]], default=0
    )
    found = []
    for text in texts:
        names = known.get(key(text))
        if names:
            name = names.pop(0)
        else:
            newest += 1
            name = f"{letters}{newest}"
        found.append((name, text))
    return found


def number_of(name, letters):
    """Return 12 for "R12" with the letters "R", else 0."""
    rest = name.removeprefix(letters)
    return int(rest) if name.startswith(letters) and rest.isdecimal() else 0

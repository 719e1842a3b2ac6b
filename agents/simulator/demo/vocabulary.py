"""Sets of words, written down as plain text."""


def words(text):
    """Return the set of the words in a text."""
    return frozenset(text.split())

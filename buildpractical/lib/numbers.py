"""Numbers that come as text from outside."""

MOST_DIGITS = 9  # fits into every integer column


def whole_number(text):
    """Return the number that the text holds; 0 for anything but one to nine ASCII digits."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else 0

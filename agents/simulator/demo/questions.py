"""The questions that the demo asks, and how an answer finds its question."""

LISTS_QUESTION = "What will you keep a list of?"
RULES_QUESTION = "Which of these must always be filled in?"


def asked_in(question):
    """Return which question of the demo a message asks: purpose, lists, details, rules, readback or ""."""
    if "write down about each" in question:
        return "details"
    if LISTS_QUESTION in question:
        return "lists"
    if RULES_QUESTION in question:
        return "rules"
    return ""

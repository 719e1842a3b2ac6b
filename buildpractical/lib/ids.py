"""Public ids: what stands in URLs instead of primary keys."""

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def public_id():
    """Return 16 random characters (79 bits) without look-alikes."""
    return "".join(secrets.choice(ALPHABET) for _ in range(16))

"""Object ids like the API's: prefix, "01", 22 letters and digits."""

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits


def new_id(prefix):
    """Return a new id such as "msg_01…"."""
    return f"{prefix}_01" + "".join(secrets.choice(_ALPHABET) for _ in range(22))

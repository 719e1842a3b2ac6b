"""Read typed settings from the environment.

NAME_FILE, where set, names a file whose content is the value (container secrets).
"""

import os
import secrets
from pathlib import Path


class EnvError(Exception):
    """A setting in the environment is missing or cannot be read."""


def env_str(name, default=None):
    """Return the setting as text; raise EnvError when it is absent and has no default."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text().strip()
    value = os.environ.get(name, default)
    if value is None:
        raise EnvError(f"{name} is not set")
    return value


def env_int(name, default):
    """Return the setting as a whole number."""
    value = env_str(name, str(default))
    try:
        return int(value)
    except ValueError:
        raise EnvError(f"{name} must be a whole number, not {value!r}") from None


def env_float(name, default):
    """Return the setting as a number."""
    value = env_str(name, str(default))
    try:
        return float(value)
    except ValueError:
        raise EnvError(f"{name} must be a number, not {value!r}") from None


def env_bool(name, default):
    """Return the setting as a yes or no: 1/0, true/false, yes/no, on/off."""
    value = env_str(name, "1" if default else "0").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off", ""}:
        return False
    raise EnvError(f"{name} must be 1 or 0, not {value!r}")


def env_list(name, default=""):
    """Return the comma-separated setting as a list without empty parts."""
    return [part.strip() for part in env_str(name, default).split(",") if part.strip()]


def env_secret(name, folder):
    """Return the secret; without one in the environment, create it once as a file in folder (mode 0600).

    folder: None in production, where a missing secret is an error.
    """
    if os.environ.get(name) or os.environ.get(f"{name}_FILE"):
        return env_str(name)
    if folder is None:
        raise EnvError(f"{name} is not set")
    path = Path(folder) / name.lower()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(value := secrets.token_urlsafe(48))
    return value


PRODUCTION = env_bool("PRODUCTION", False)
TESTING = env_bool("BP_TESTING", False)

"""The only door for names of generated files (security.md §2)."""

import re

MAX_CHARS = 200
MAX_LEVELS = 12
MAX_SEGMENT_CHARS = 100

_ALLOWED = re.compile(r"[A-Za-z0-9 _@()\[\]+,=.\-/]*")
# Reserved on Windows, with any extension: somebody will unpack the zip there.
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{number}" for port in ("com", "lpt") for number in range(10)}
)
_FORBIDDEN_SEGMENTS = frozenset({"node_modules"})


class PathError(ValueError):
    """A name that may not become a file. str() says why, in words fit for a model and a log."""


def safe_path(path):
    """Return the path unchanged when it is safe: relative, normalised, printable ASCII, on every system.

    Nothing is repaired: a name that needs repair is refused with PathError.
    """
    if not isinstance(path, str):
        raise PathError("the path is not a text")
    if not path:
        raise PathError("the path is empty")
    if len(path) > MAX_CHARS:
        raise PathError(f"the path is longer than {MAX_CHARS} characters")
    if not _ALLOWED.fullmatch(path):
        raise PathError("the path holds a character outside letters, digits, space and _@()[]+,=.-/")
    if path.startswith("/"):
        raise PathError("the path is absolute")
    segments = path.split("/")
    if len(segments) > MAX_LEVELS:
        raise PathError(f"the path has more than {MAX_LEVELS} levels")
    for segment in segments:
        _check(segment)
    return path


def _check(segment):
    if not segment:
        raise PathError("the path has an empty part")
    if segment in (".", ".."):
        raise PathError("the path has a part that is . or ..")
    if segment.startswith(".") and segment != ".gitignore":
        raise PathError(f"{segment[:40]} is a hidden name")
    if len(segment) > MAX_SEGMENT_CHARS:
        raise PathError(f"a part of the path is longer than {MAX_SEGMENT_CHARS} characters")
    if segment.startswith("-"):
        raise PathError("a part of the path starts with a hyphen")
    if segment != segment.strip(" "):
        raise PathError("a part of the path starts or ends with a space")
    if segment.endswith("."):
        raise PathError("a part of the path ends with a dot")
    name = segment.casefold()
    if name in _FORBIDDEN_SEGMENTS:
        raise PathError(f"{segment} is not allowed in a path")
    if name.split(".")[0].rstrip(" ") in _DEVICES:
        raise PathError(f"{segment} is a device name on Windows")


def without_duplicate(path, others):
    """Return the safe path, or raise PathError when another of the names equals it but for letter case.

    others: paths that exist already; the very same path among them is no duplicate. A name that is a
    folder in another path is refused too: no file system can hold both.
    """
    safe_path(path)
    folded = path.casefold()
    for other in others:
        if other == path:
            continue
        known = other.casefold()
        if known == folded:
            raise PathError(f"{other} exists already and differs only in letter case")
        if known.startswith(f"{folded}/") or folded.startswith(f"{known}/"):
            raise PathError(f"{other} exists already: one name cannot be a file and a folder")
        if _same_folder_other_case(path, other):
            raise PathError(f"a folder of {other} differs only in letter case")
    return path


def _same_folder_other_case(path, other):
    for mine, theirs in zip(path.split("/")[:-1], other.split("/")[:-1], strict=False):
        if mine != theirs:
            return mine.casefold() == theirs.casefold()
    return False

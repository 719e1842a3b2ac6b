"""The files a writing agent may see and change: a map in memory, nothing of any file system."""

import json
import re

from agents.stack import MAX_FILE_BYTES, MAX_FILES, MAX_TOTAL_BYTES, is_test_path
from agents.text import clean, has_bidi_controls
from buildpractical.lib.safepath import PathError, safe_path, without_duplicate

_PLACEHOLDER = re.compile(
    r"(?im)(?:^|//|#|/\*|<!--)[ \t]*(?:\.\.\.|…)[ \t]*(?:the )?(?:rest|remaining|existing|same|other)\b"
    r"|\brest of (?:the )?(?:code|file|implementation)\b"
    r"|\bTODO:? implement|\byour code here\b|\bnot implemented yet\b"
)
_CONFLICT = re.compile(r"(?m)^(?:<{7}|>{7}|={7})(?: |$)")


class Refused(Exception):
    """A change that is not made. code: for the record. str(): told to the model."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class FileMap:
    """Paths and contents.

    planned: the paths that may be written; all of them must exist in the end. files: what exists already,
    path → text. readonly: what may be read only. tests: whether the planned paths are tests, else none is.
    """

    def __init__(self, *, planned, files=None, readonly=None, tests=False):
        self.planned = list(planned)
        self.files = dict(files or {})
        self.readonly = dict(readonly or {})
        self._tests = tests
        self.changed = set()

    def missing(self):
        """Return the planned paths without a file, in the plan's order."""
        return [path for path in self.planned if path not in self.files]

    def all_files(self):
        return self.readonly | self.files

    def write(self, path, content):
        """Keep a whole file and return notes on it; raises Refused."""
        self._check_path(path)
        content = self._checked_content(path, content)
        self.files[path] = content
        self.changed.add(path)
        return notes_on(path, content)

    def edit(self, path, old, new):
        """Replace the one place where `old` stands; returns notes; raises Refused."""
        self._check_path(path)
        if path not in self.files:
            raise Refused("no_file", f"{path} does not exist yet. Write it with write_file.")
        count = self.files[path].count(old) if old else 0
        if count != 1:
            raise Refused(
                "no_match", f"old_str stands {count} times in {path}; it must stand there exactly once."
            )
        return self.write(path, self.files[path].replace(old, new))

    def read(self, path):
        """Return a file's text; raises Refused."""
        try:
            safe_path(path)
        except PathError as error:
            raise Refused("path", f"Not read: {error}.") from None
        files = self.all_files()
        if path not in files:
            raise Refused("no_file", f"{path} does not exist.")
        return files[path]

    def listing(self):
        """Return one line a file, and MISSING for those still to write."""
        lines = [f"{path} ({len(text.encode())} bytes)" for path, text in sorted(self.files.items())]
        lines += [f"{path} (read only)" for path in sorted(self.readonly)]
        lines += [f"{path} MISSING" for path in self.missing()]
        return "\n".join(lines) or "There are no files."

    def _check_path(self, path):
        try:
            without_duplicate(safe_path(path), [*self.all_files(), *self.planned])
        except PathError as error:
            raise Refused("path", f"Not saved: {error}.") from None
        if is_test_path(path) and not self._tests:
            raise Refused(
                "test_path", f"Not saved: {path} is a test file. The tests are fixed; change the code."
            )
        if path not in self.planned:
            allowed = ", ".join(self.planned[:50])
            raise Refused("not_planned", f"Not saved: {path} is not in the plan. Allowed paths: {allowed}.")

    def _checked_content(self, path, content):
        content = clean(content)
        size = len(content.encode())
        if not content.strip():
            raise Refused("empty", f"Not saved: {path} would be empty.")
        if size > MAX_FILE_BYTES:
            raise Refused(
                "too_large", f"Not saved: {path} has {size} bytes; at most {MAX_FILE_BYTES} are allowed."
            )
        others = [text for name, text in self.all_files().items() if name != path]
        if len(others) >= MAX_FILES:
            raise Refused("too_many", f"Not saved: there are {MAX_FILES} files already.")
        if size + sum(len(text.encode()) for text in others) > MAX_TOTAL_BYTES:
            raise Refused("too_large", f"Not saved: all files together may have {MAX_TOTAL_BYTES} bytes.")
        return content


def notes_on(path, content):
    """Return what is plainly wrong with a file's text, in sentences for the model."""
    notes = []
    if path.endswith(".json"):
        try:
            json.loads(content)
        except ValueError as error:
            notes.append(f"It is not valid JSON: {error}.")
    if found := _PLACEHOLDER.search(content):
        notes.append(f"It holds a placeholder in line {line_of(content, found.start())}: write whole files.")
    if found := _CONFLICT.search(content):
        notes.append(f"It holds a merge mark in line {line_of(content, found.start())}.")
    if has_bidi_controls(content):
        notes.append("It holds characters that turn the direction of reading: remove them.")
    return notes


def line_of(content, position):
    """Return the number of the line at that position, from 1."""
    return content.count("\n", 0, position) + 1

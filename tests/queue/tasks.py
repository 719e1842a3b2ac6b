"""Tasks for the real queue of these tests. Each leaves a line in a file: who ran it."""

import os
import time
from pathlib import Path

from django.db import connection


def note(path):
    with Path(path).open("a") as file:
        file.write(f"{os.getpid()}\n")


def note_twice(path, seconds):
    note(path)
    time.sleep(seconds)
    note(path)


def fail(words):
    raise ValueError(words)


def leave():
    raise SystemExit(3)


def note_role(path):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        Path(path).write_text(cursor.fetchone()[0])

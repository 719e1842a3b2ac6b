"""`python -m tests.bench.one NAME FILE`: measure one bench in this process and write its figures as JSON."""

import importlib
import json
import sys
from dataclasses import asdict
from pathlib import Path

import django


def main(name, result):
    django.setup()
    figures = importlib.import_module(f"tests.bench.{name}").measure()
    Path(result).write_text(json.dumps([asdict(figure) for figure in figures]))


if __name__ == "__main__":
    main(*sys.argv[1:])

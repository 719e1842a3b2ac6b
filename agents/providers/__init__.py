"""Providers of models. The SDK takes more than a second to load, which most commands need not wait for."""

import importlib
import sys

_MODULE = "agents.providers.anthropic"


def load():
    """Load the SDK; slow the first time. Safe before a fork: it opens nothing."""
    return importlib.import_module(_MODULE)


def is_loaded():
    return _MODULE in sys.modules


def at(base_url):
    """Return the Provider that talks to this address in Anthropic's way."""
    return load().Anthropic(base_url)

"""A provider's simulator that the settings page asks over a real socket."""

import pytest

from agents.simulator.server import running


def _no_brain(request):
    raise AssertionError("the settings page never asks a model")


@pytest.fixture
def provider(settings):
    """A running simulator that obeys fault keys; settings.ANTHROPIC_BASE_URL points to it."""
    with running(_no_brain, faults=True) as server:
        settings.ANTHROPIC_BASE_URL = server.base_url
        yield server

"""A provider's simulator that the settings page asks over a real socket."""

import uuid

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


@pytest.fixture(autouse=True)
def _fresh_limits(settings):
    """Each test has its own counters of tries; rows of the cache table outlive a test."""
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": uuid.uuid4().hex}
    }

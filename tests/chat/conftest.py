import pytest

from buildpractical.lib import dbthread
from tests.chat import sources
from tests.live import site  # noqa: F401


@pytest.fixture(autouse=True)
def scripted(settings):
    """Answers come from tests/chat/sources.py."""
    settings.CHAT_REPLY_SOURCE, settings.CHAT_AFTER_REPLY = sources.SOURCE, sources.HOOK
    settings.REPLY_FLUSH_SECONDS = 0.1
    sources.play(("text", "Hello"), ("stop", "end_turn"))
    sources.calls.clear()
    sources.wishes.clear()
    yield
    dbthread.close()

"""Settings of a web server in a process of its own that works on the tests' database."""

import os

from buildpractical.settings import *  # noqa: F403
from buildpractical.settings import DATABASE_ENGINE, DATABASES

DATABASES["default"]["NAME"] = os.environ["LIVE_DATABASE_NAME"]
if DATABASE_ENGINE == "postgresql":
    # As in production: hundreds of calls share a few connections.
    DATABASES["default"]["OPTIONS"] = {
        "pool": {"min_size": 1, "max_size": 8, "timeout": float(os.environ.get("LIVE_POOL_SECONDS", "60"))}
    }
CHAT_REPLY_SOURCE = "tests.chat.sources.count_for_ever"
CHAT_AFTER_REPLY = "tests.chat.sources.after_reply"
REPLY_LEASE_SECONDS = float(os.environ.get("REPLY_LEASE_SECONDS", "30"))
REPLY_SWEEP_SECONDS = 0.2
REPLY_GRACE_SECONDS = 0.3

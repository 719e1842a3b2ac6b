"""Importing this lifts the limits of a person: a test or bench is one in a great hurry."""

import os

LIMITS = ("DATA_REQUESTS_PER_MINUTE", "BUILDS_PER_HOUR", "BUILDS_AT_ONCE", "MESSAGES_PER_HOUR")

for name in LIMITS:
    os.environ.setdefault(name, "1000000")

"""The product's settings with short times, a clock that can be put wrong and a step that may be poisoned."""

from buildpractical.settings import *  # noqa: F403
from buildpractical.settings import DATA_DIR, PIPELINE_STEPS, Q_CLUSTER
from tests.chaos import clock

CLOCK = DATA_DIR / "clock"
clock.install(CLOCK)

SWEEP_SECONDS = 0.3
STEP_RETRY_SECONDS = (1, 2, 4, 8)
REQUEUE_SPREAD_SECONDS = 2
STEP_THREADS = 4
STOP_GRACE_SECONDS = 8
SETTLED_SECONDS = 3
REPLY_LEASE_SECONDS, REPLY_SWEEP_SECONDS, REPLY_GRACE_SECONDS = 4, 1, 2
CHAT_RUN_GRACE_SECONDS = 1
STEP_SECONDS = 1800
# One person builds for many here.
REPLIES_PER_USER = DATA_REQUESTS_PER_MINUTE = BUILDS_PER_HOUR = MESSAGES_PER_HOUR = 100_000
Q_CLUSTER = Q_CLUSTER | {"workers": 2, "timeout": STEP_SECONDS}
PIPELINE_STEPS = PIPELINE_STEPS | {"plan_generating": "tests.chaos.poison.run_plan"}

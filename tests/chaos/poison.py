"""A step that kills its worker each time, for features that are named so."""

import os
import signal

from agents.steps.plan import run_plan as real

NAME = "Poison"


def run_plan(feature, *, lease):
    if feature.title.startswith(NAME):
        os.kill(os.getpid(), signal.SIGKILL)
    return real(feature, lease=lease)

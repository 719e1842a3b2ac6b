"""A source of answers that plays a script (settings.CHAT_REPLY_SOURCE), and a hook that remembers."""

import asyncio
import os
import threading

script = []  # ("text", "…"), ("stop", "end_turn"), ("failure", "…"), seconds, threading.Event, Exception
calls = []  # message ids that the hook was called with
wishes = []  # what the hook answers, in turn

SOURCE = f"{__name__}.reply"
HOOK = f"{__name__}.after_reply"


def play(*steps):
    """Set what the next answers do."""
    script[:] = steps


async def reply(*, workspace_id, feature_id, message_id, purpose):
    for step in list(script):
        if isinstance(step, int | float):
            await asyncio.sleep(step)
        elif isinstance(step, threading.Event):
            while not step.is_set():
                await asyncio.sleep(0.01)
        elif isinstance(step, BaseException):
            raise step
        else:
            yield step


async def after_reply(*, workspace_id, feature_id, message_id):
    calls.append(message_id)
    return wishes.pop(0) if wishes else None


async def count_for_ever(*, workspace_id, feature_id, message_id, purpose):
    """For servers in a process of their own: numbers, until stopped."""
    for number in range(100_000):
        yield ("text", f"{number} ")
        await asyncio.sleep(float(os.environ.get("PIECE_SECONDS", "0.02")))

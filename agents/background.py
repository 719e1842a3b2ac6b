"""One event loop a process, in a thread of its own, for the model calls of synchronous steps."""

import asyncio
import os
import threading

LOOK_SECONDS = 0.25

_lock = threading.Lock()
_state = {"pid": None, "loop": None}


def run(coroutine, *, lease):
    """Run the coroutine on the background loop and return its result; the calling thread waits.

    Cancels it, and raises what lease.check() raises, when the lease is lost, a stop is asked for or the
    process's grace is over: a call that brings no events would not notice by itself.
    """
    future = asyncio.run_coroutine_threadsafe(coroutine, _loop())
    while True:
        try:
            return future.result(timeout=LOOK_SECONDS)
        except TimeoutError:
            if future.done():
                # It ended this moment; or it raised a TimeoutError of its own, which this raises again.
                return future.result()
            if lease.must_end:
                future.cancel()
                lease.check()
        except BaseException:
            future.cancel()
            raise


def _loop():
    """Return the loop, started on first use. A fork copies no threads: it is made again in a new process."""
    with _lock:
        if _state["pid"] != os.getpid():
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="model-calls", daemon=True).start()
            _state.update(pid=os.getpid(), loop=loop)
        return _state["loop"]

"""The web process: Django, one thread for all live streams, and the tasks that write answers."""

import asyncio
import gc
import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import ThreadSensitiveContext
from django.conf import settings
from django.core.asgi import get_asgi_application

from buildpractical.lib import bodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "buildpractical.settings")
django = bodies.limited(get_asgi_application())

from django.db import connections  # noqa: E402  only after the set-up above

from agents import providers  # noqa: E402
from buildpractical.lib.dbthread import db  # noqa: E402
from buildpractical.lib.pages import PageHandler  # noqa: E402
from chat import replies  # noqa: E402
from features.hub import hub  # noqa: E402

# Django keeps a thread for each open answer, async or not: 500 open pages were 507 threads (web.md §2).
STREAM_THREAD = ThreadPoolExecutor(1, thread_name_prefix="stream")
pages = bodies.limited(PageHandler())
SWITCH_SECONDS = 0.001


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["path"].endswith("/events"):
        async with ThreadSensitiveContext(executor=STREAM_THREAD):
            await django(scope, receive, send)
    elif scope["path"].startswith(settings.STATIC_URL):
        await django(scope, receive, send)
    else:
        await pages(scope, receive, send)


async def _lifespan(receive, send):
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            replies.open()
            # Else this is a server inside a test.
            own = threading.current_thread() is threading.main_thread()
            # The first answer need not wait for the SDK.
            threading.Thread(target=_load_sdk, args=[own], name="load-sdk", daemon=True).start()
            if own:
                # A thread that computes lets the loop in after this long; the usual 5 ms are felt in each word.
                sys.setswitchinterval(SWITCH_SECONDS)
                _close_early()
            await send({"type": "lifespan.startup.complete"})
        else:
            await replies.close()
            await hub.stop()
            await db(connections.close_all)
            await send({"type": "lifespan.shutdown.complete"})
            return


def _load_sdk(own):
    providers.load()
    if own:
        # What is there now stays: the collector need not look through it again, for 50 ms at a time.
        gc.collect()
        gc.freeze()


def _close_early():
    """Begin to close at the signal: the server announces its end only after all streams have ended."""
    loop = asyncio.get_running_loop()

    def wrap(server_handler):
        def handle(number, stack):
            loop.call_soon_threadsafe(replies.close)
            server_handler(number, stack)

        return handle

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, wrap(signal.getsignal(number)))

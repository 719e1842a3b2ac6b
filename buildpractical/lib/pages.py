"""Serves pages: the whole chain of middleware and the view in one hop to a thread whose connection is kept."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.handlers.asgi import ASGIHandler

MOST_IDLE = 8


class PageHandler(ASGIHandler):
    """Django's handler with a sync chain.

    Its own hops to a thread and back for each middleware, and starts a thread with a new connection for each
    request (docs/adr/0013).
    """

    def load_middleware(self, is_async=False):
        super().load_middleware(is_async=False)

    async def __call__(self, scope, receive, send):
        with _thread() as executor:
            async with ThreadSensitiveContext(executor=executor):
                await super().__call__(scope, receive, send)

    async def get_response_async(self, request):
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)


_idle = []


@contextmanager
def _thread():
    """Give a thread of one's own: one that lay idle last, else a new one. No limit: a download holds its thread."""
    executor = _idle.pop() if _idle else ThreadPoolExecutor(1, thread_name_prefix="page")
    try:
        yield executor
    finally:
        if len(_idle) < MOST_IDLE:
            _idle.append(executor)
        else:
            executor.shutdown(wait=False)

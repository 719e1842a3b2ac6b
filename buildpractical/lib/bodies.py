"""Request bodies that are too large never reach a disk or Django's memory (ASGI)."""

from django.conf import settings

TOO_LARGE = "bp.body_too_large"  # key in the scope; RequestIdMiddleware then answers 413
DRAIN_BYTES = 16 * 1024 * 1024


def limited(app):
    """Wrap the ASGI application: of a body beyond DATA_UPLOAD_MAX_MEMORY_SIZE it sees nothing but the mark."""

    async def wrapped(scope, receive, send):
        if scope["type"] != "http":
            return await app(scope, receive, send)
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        seen = 0

        async def receive_some():
            nonlocal seen
            if seen > most:
                return await receive()
            message = await receive()
            if message["type"] != "http.request":
                return message
            seen += len(message.get("body", b""))
            if seen <= most:
                return message
            # The rest is read and dropped: who is still sending does not hear an answer.
            while message["type"] == "http.request" and message.get("more_body") and seen < DRAIN_BYTES:
                message = await receive()
                seen += len(message.get("body", b""))
            if message["type"] != "http.request":
                return message
            scope[TOO_LARGE] = True
            return {"type": "http.request", "body": b"", "more_body": False}

        return await app(scope, receive_some, send)

    return wrapped

"""Headers on every answer, an id for every request, static files; sync and async."""

import secrets

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.utils.decorators import sync_and_async_middleware
from django.utils.functional import SimpleLazyObject
from servestatic.middleware import ServeStaticMiddleware

from buildpractical.lib import bodies, errors, logs


class Middleware:
    """Base of ours: takes sync and async requests; subclasses look at is_async."""

    sync_capable = async_capable = True

    def __init__(self, get_response):
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)


@sync_and_async_middleware
def static(get_response):
    """Serve static files where the chain is async; asgi.py sends no request for one down a sync chain."""
    return ServeStaticMiddleware(get_response) if iscoroutinefunction(get_response) else get_response


class SecurityHeadersMiddleware(Middleware):
    """What Django's SecurityMiddleware and django-csp do not set (security.md §5)."""

    def __call__(self, request):
        if self.is_async:
            return self._acall(request)
        return self._finish(request, self.get_response(request))

    async def _acall(self, request):
        return self._finish(request, await self.get_response(request))

    def _finish(self, request, response):
        response.headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if _is_signed_in(request):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def _is_signed_in(request):
    """Tell whether the request was found to be a person's, without asking the database, which may be away."""
    user = vars(request).get("user")
    if isinstance(user, SimpleLazyObject):
        user = getattr(request, "_cached_user", None)
    return user is not None and user.is_authenticated


class RequestIdMiddleware(Middleware):
    """Sets request.id, puts it into log lines and the answer's X-Request-Id; refuses what is too large (bodies)."""

    def __call__(self, request):
        if self.is_async:
            return self._acall(request)
        token = self._begin(request)
        try:
            response = self._too_large(request) or self.get_response(request)
        finally:
            logs.request_id.reset(token)
        response.headers["X-Request-Id"] = request.id
        return response

    async def _acall(self, request):
        token = self._begin(request)
        try:
            response = self._too_large(request) or await self.get_response(request)
        finally:
            logs.request_id.reset(token)
        response.headers["X-Request-Id"] = request.id
        return response

    @staticmethod
    def _too_large(request):
        return errors.page(request, 413) if getattr(request, "scope", {}).get(bodies.TOO_LARGE) else None

    @staticmethod
    def _begin(request):
        request.id = secrets.token_hex(8)
        return logs.request_id.set(request.id)

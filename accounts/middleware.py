"""Which workspace a request acts in, and where an expired login leads."""

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import resolve_url

from accounts import sessions
from accounts.models import Membership, Profile
from buildpractical.lib.clock import utcnow
from buildpractical.lib.tenancy import acting


class _Middleware:
    sync_capable = async_capable = True

    def __init__(self, get_response):
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)


class TenancyMiddleware(_Middleware):
    """Finds the person's membership and serves the request as that user and workspace.

    Sets request.workspace (None for visitors) and request.profile. Two queries for a signed-in person, next
    to those for session and user. Ends sessions that are too old; Django's backends make an inactive person
    a visitor.
    """

    def __call__(self, request):
        if self.is_async:
            return self._acall(request)
        with acting(**self._who(request)):
            return self.get_response(request)

    async def _acall(self, request):
        # All of it in one hop to a thread: the user is lazy, and reading it is database work.
        who = await sync_to_async(self._who)(request)
        with acting(**who):
            return await self.get_response(request)

    @staticmethod
    def _who(request):
        request.workspace = request.profile = None
        if request.user.is_authenticated:
            sessions.keep(request, now=utcnow())
        if not request.user.is_authenticated:
            return {}
        user_id = request.user.pk
        with acting(user_id=user_id), transaction.atomic():
            membership = (
                Membership.objects.filter(user_id=user_id)
                .select_related("workspace")
                .order_by("-workspace__is_personal", "pk")
                .first()
            )
            request.profile = Profile.objects.filter(user_id=user_id).first()
        if membership is None:
            return {"user_id": user_id}
        request.workspace = membership.workspace
        return {"user_id": user_id, "workspace_id": membership.workspace_id}


class LoginRedirectMiddleware(_Middleware):
    """Turns a redirect to the login page into HX-Redirect, else it would land inside a panel."""

    def __call__(self, request):
        if self.is_async:
            return self._acall(request)
        return self._finish(request, self.get_response(request))

    async def _acall(self, request):
        return self._finish(request, await self.get_response(request))

    @staticmethod
    def _finish(request, response):
        location = response.headers.get("Location", "")
        login_url = resolve_url(settings.LOGIN_URL)
        if (
            response.status_code == 302
            and "HX-Request" in request.headers
            and location.partition("?")[0] == login_url
        ):
            # Not back to the panel's own address: it is no page.
            instead = HttpResponse(headers={"HX-Redirect": login_url})
            instead.cookies = response.cookies
            return instead
        return response

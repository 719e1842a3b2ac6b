"""Which workspace a request acts in, and where an expired login leads."""

from functools import partial

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import resolve_url

from accounts import limits, sessions
from accounts.models import Membership, Profile
from buildpractical.lib import errors
from buildpractical.lib.clock import utcnow
from buildpractical.lib.dbthread import db
from buildpractical.lib.middleware import Middleware
from buildpractical.lib.tenancy import acting, reading


class TenancyMiddleware(Middleware):
    """Finds the person's membership and serves the request as that user and workspace.

    Sets request.workspace (None for visitors) and request.profile. One query for a signed-in person, next to
    those for session and user. Ends sessions that are too old; Django's backends make an inactive person
    a visitor. An answer after which nobody is signed in any more empties the browser of what it keeps of us.
    """

    def __call__(self, request):
        if self.is_async:
            return self._acall(request)
        who = self._who(request)
        with acting(**who):
            return self._finish(request, self.get_response(request), who)

    async def _acall(self, request):
        # All of it in one hop to a thread: the user is lazy, and reading it is database work.
        who = await sync_to_async(self._who)(request)
        with acting(**who):
            return self._finish(request, await self.get_response(request), who)

    @staticmethod
    def _finish(request, response, who):
        if who and not request.user.is_authenticated:
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response

    @staticmethod
    def _who(request):
        request.workspace = request.profile = None
        if request.user.is_authenticated:
            sessions.keep(request, now=utcnow())
        if not request.user.is_authenticated:
            return {}
        user_id = request.user.pk
        with reading(None, user_id=user_id):
            membership = (
                Membership.objects.filter(user_id=user_id)
                .select_related("workspace", "user__profile")
                .order_by("-workspace__is_personal", "pk")
                .first()
            )
            if membership is None:
                request.profile = Profile.objects.filter(user_id=user_id).first()
                return {"user_id": user_id}
        request.workspace = membership.workspace
        request.profile = getattr(membership.user, "profile", None)
        return {"user_id": user_id, "workspace_id": membership.workspace_id}


class LoginRedirectMiddleware(Middleware):
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


class LimitsMiddleware(Middleware):
    """Counts the calls of data endpoints (limits.data_endpoint): one query for these, none for other pages.

    Puts every refusal by a limit, whoever counted, into the audit.

    Before the view, and so outside its transaction: the count stands whatever becomes of the answer, and calls
    that come together do not wait for each other's answers.
    """

    def __init__(self, get_response):
        super().__init__(get_response)
        self.process_view = self._acount if self.is_async else self._count

    def __call__(self, request):
        if self.is_async:
            return self._acall(request)
        response = self._finish(request, self.get_response(request))
        if refusal := self._refusal(request, response):
            limits.record_refusal(**refusal)
        return response

    async def _acall(self, request):
        response = self._finish(request, await self.get_response(request))
        if refusal := self._refusal(request, response):
            await db(partial(limits.record_refusal, **refusal))
        return response

    def _count(self, request, view, args, kwargs):
        if self._counts(request, view):
            return self._refuse(request, limits.take_data(request.user.pk))
        return None

    async def _acount(self, request, view, args, kwargs):
        if self._counts(request, view):
            return self._refuse(request, await db(limits.take_data, request.user.pk))
        return None

    @staticmethod
    def _counts(request, view):
        return getattr(view, "is_data_endpoint", False) and request.user.is_authenticated

    @staticmethod
    def _refuse(request, state):
        request.limit = state
        if state.retry_seconds is None:
            return None
        if "HX-Request" in request.headers:
            # A part that fetches itself stays as it is, and comes again by itself.
            return HttpResponse(status=429, headers={"HX-Reswap": "none"})
        return errors.page(request, 429, limit=state)

    @staticmethod
    def _finish(request, response):
        state = getattr(request, "limit", None)
        return state.tell(response) if state else response

    @staticmethod
    def _refusal(request, response):
        state = getattr(response, "limit", None)
        if state is None or state.retry_seconds is None:
            return None
        workspace_id = request.workspace.pk if request.workspace else None
        return {"state": state, "user_id": request.user.pk, "workspace_id": workspace_id}

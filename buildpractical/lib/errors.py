"""Error pages that need neither database nor session, for urls.py (handler4xx, handler500) and settings."""

import sys

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpResponse
from django.template.loader import render_to_string

from buildpractical.lib.outage import OUTAGES

TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
PASSING = {429, 500, 503}  # the same address may answer in a moment
AWAY_SECONDS = 30


def page(request, status, **context):
    """Return the error page for the status, with the number of the request; context: what its words need."""
    # Rendered without the request: a context processor would read the user, and so the database.
    context |= {"request_id": getattr(request, "id", "")}
    if status in PASSING and request.method == "GET":
        context["again"] = request.get_full_path()
    return HttpResponse(render_to_string(f"{status}.html", context), status=status)


def bad_request(request, exception):
    """Answer 413 for a body or form that is too large (Django alone says 400), else 400."""
    return page(request, 413 if isinstance(exception, TOO_MUCH) else 400)


def permission_denied(request, exception):
    return page(request, 403)


def not_found(request, exception):
    return page(request, 404)


def server_error(request):
    """Answer 503 while the database does not: that passes, and is no mistake in the code; else 500."""
    if not isinstance(sys.exc_info()[1], OUTAGES):
        return page(request, 500)
    response = page(request, 503)
    response.headers["Retry-After"] = str(AWAY_SECONDS)
    return response


def csrf_failure(request, reason=""):
    """Answer a form whose check value is missing or old (settings.CSRF_FAILURE_VIEW)."""
    return page(request, 403, reason="form")

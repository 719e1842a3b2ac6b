"""What every page's frame needs."""

from django.conf import settings


def shell(request):
    """Return the theme of the person's profile and what this site offers; no query for anonymous visitors."""
    offers = {"demo_enabled": settings.DEMO_ENABLED}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return offers | {"theme": "system"}
    profile = getattr(request, "profile", None)
    return offers | {"theme": profile.theme if profile else "system"}

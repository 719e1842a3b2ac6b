"""What every page's frame needs."""


def shell(request):
    """Return the theme of the person's profile; no query for anonymous visitors."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"theme": "system"}
    profile = getattr(request, "profile", None)
    return {"theme": profile.theme if profile else "system"}

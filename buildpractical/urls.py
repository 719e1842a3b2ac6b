"""Every address of the site; each app owns its own."""

from django.contrib import admin
from django.urls import include, path

from features.views import dashboard, health, home

urlpatterns = [
    path("", home, name="home"),
    path("app", dashboard, name="dashboard"),
    path("health", health, name="health"),
    path("accounts/", include("allauth.urls")),
    path("", include("accounts.urls")),
    path("", include("features.urls")),
    path("", include("chat.urls")),
    path("", include("agents.urls")),
    path("operator/", admin.site.urls),
]

handler400 = "buildpractical.lib.errors.bad_request"
handler403 = "buildpractical.lib.errors.permission_denied"
handler404 = "buildpractical.lib.errors.not_found"
handler500 = "buildpractical.lib.errors.server_error"

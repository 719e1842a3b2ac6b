from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("app/settings", views.settings_page, name="settings"),
    path("app/settings/key", views.key_save, name="key-save"),
    path("app/settings/key/check", views.key_check, name="key-check"),
    path("app/settings/key/delete", views.key_delete, name="key-delete"),
    path("app/settings/profile", views.profile_save, name="profile-save"),
]

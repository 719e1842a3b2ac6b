"""The operators' view of people and workspaces; no key, sealed or open, is visible here."""

from functools import wraps

import allauth.account.admin  # noqa: F401
import allauth.usersessions.admin  # noqa: F401
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Group

from accounts import audit
from accounts.models import AuditEntry, Membership, Profile, Secret, User, Workspace
from buildpractical.lib import errors


def operators_only(login):
    """Wrap the admin's login view: one way in, allauth's with its limits; others are told so, in words."""
    secured = secure_admin_login(login)

    @wraps(login)
    def view(request, *args, **kwargs):
        if request.user.is_authenticated and not request.user.is_staff:
            return errors.page(request, 403, reason="operator")
        return secured(request, *args, **kwargs)

    return view


admin.site.login = operators_only(admin.site.login)
admin.site.site_header = admin.site.site_title = "Build Practical: operators"


# Their plain admins write, read past the operators' connection, and show session keys. They register themselves
# on import, above.
admin.site.unregister([EmailAddress, UserSession, Group])


class OperatorAdmin(admin.ModelAdmin):
    """Reads across workspaces through the operators' connection; read-only unless the class says else.

    Opening a single row leaves an audit entry.
    """

    can_add = can_change = can_delete = False

    def get_queryset(self, request):
        return super().get_queryset(request).using(settings.OPS_DB)

    def has_add_permission(self, request):
        return self.can_add and super().has_add_permission(request)

    def has_change_permission(self, request, obj=None):
        return self.can_change and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return self.can_delete and super().has_delete_permission(request, obj)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if object_id is not None and self.has_view_or_change_permission(request):
            audit.record(
                "operator.opened",
                actor_id=request.user.pk,
                model=self.opts.label_lower,
                row=str(object_id)[:64],
            )
        return super().changeform_view(request, object_id, form_url, extra_context)


class UserAddForm(AdminUserCreationForm):
    usable_password = None

    class Meta:
        model = User
        fields = ["email"]
        field_classes = {"email": forms.EmailField}


@admin.register(User)
class UserAdmin(OperatorAdmin, DjangoUserAdmin):
    can_add = can_change = True
    add_form = UserAddForm
    list_display = ["email", "is_active", "is_staff", "date_joined", "last_login"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["email"]
    ordering = ["-date_joined"]
    readonly_fields = ["email", "date_joined", "last_login"]
    fieldsets = [
        (None, {"fields": ["email", "is_active", "date_joined", "last_login"]}),
        ("Operators", {"fields": ["is_staff", "is_superuser", "user_permissions"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "password1", "password2"]})]

    def get_readonly_fields(self, request, obj=None):
        return self.readonly_fields if obj else []


@admin.register(Profile)
class ProfileAdmin(OperatorAdmin):
    list_display = ["user", "display_name", "locale", "theme"]
    list_select_related = ["user"]
    search_fields = ["user__email", "display_name"]


@admin.register(Workspace)
class WorkspaceAdmin(OperatorAdmin):
    list_display = ["public_id", "name", "is_personal", "created_at"]
    search_fields = ["public_id", "name", "memberships__user__email"]


@admin.register(Membership)
class MembershipAdmin(OperatorAdmin):
    list_display = ["workspace", "user", "role", "created_at"]
    list_select_related = ["workspace", "user"]
    search_fields = ["user__email", "workspace__public_id"]


@admin.register(Secret)
class SecretAdmin(OperatorAdmin):
    list_display = ["id", "workspace", "purpose", "state", "created_at", "last_used_at", "revoked_at"]
    list_select_related = ["workspace"]
    list_filter = ["state"]
    search_fields = ["workspace__public_id"]
    fields = list_display + ["created_by"]


@admin.register(AuditEntry)
class AuditEntryAdmin(OperatorAdmin):
    list_display = ["at", "action", "workspace", "actor", "data"]
    list_select_related = ["workspace", "actor"]
    list_filter = ["action"]
    search_fields = ["action", "actor__email", "workspace__public_id"]
    ordering = ["-at"]

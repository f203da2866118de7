"""The technicians' tables of people: who may sign in, never what they said, and no number of theirs."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserCreationForm

from accounts.models import Notification, User

# one way in: allauth's, with its limits and its second factor
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
for unused in (Group, EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken):
    if admin.site.is_registered(unused):
        admin.site.unregister(unused)


class StaffCreationForm(UserCreationForm):
    class Meta:
        model = User
        fields = ("username", "display_name")


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):
    """Badge numbers, names, whether active; phones and identities have no column to show."""

    add_form = StaffCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "display_name", "is_active", "is_staff", "verified", "date_joined")
    list_filter = ("is_active", "is_staff", "is_demo")
    search_fields = ("username", "display_name")
    ordering = ("-date_joined",)
    readonly_fields = ("last_login", "date_joined", "phone_verified_at", "id_verified_at", "anonymised_at")
    filter_horizontal = ("user_permissions",)
    fieldsets = (
        (None, {"fields": ("username", "password", "display_name", "language")}),
        (None, {"fields": ("is_active", "is_staff", "is_superuser", "user_permissions")}),
        (None, {"fields": readonly_fields}),
    )
    add_fieldsets = ((None, {"fields": ("username", "display_name", "usable_password", "password1", "password2")}),)

    @admin.display(boolean=True)
    def verified(self, user: User) -> bool:
        return user.is_verified

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """People are closed, or erase themselves; rows that cases point at are never deleted."""
        return False


@admin.register(Notification)
class NotificationAdmin(ModelAdmin):
    """Whether it went out; neither its words nor its address."""

    list_display = ("pk", "channel", "state", "attempts", "last_error", "created_at", "sent_at")
    list_filter = ("channel", "state")
    ordering = ("-pk",)
    fields = readonly_fields = (
        "user",
        "channel",
        "dedupe_key",
        "state",
        "attempts",
        "last_error",
        "created_at",
        "not_before",
        "sent_at",
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

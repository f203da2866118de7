"""The technicians' tables of people: who may sign in, never what they said, and no number of theirs."""

from typing import Any, cast

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserCreationForm

from accounts import services
from accounts.models import TOKEN_LIFE, ApiToken, Notification, User
from core.errors import DomainError

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


class ApiTokenForm(forms.ModelForm):
    class Meta:
        model = ApiToken
        fields = ("user", "name", "expires_at")

    def clean_expires_at(self) -> Any:
        until = self.cleaned_data["expires_at"]
        if not timezone.now() < until <= timezone.now() + TOKEN_LIFE:
            raise ValidationError(_("A token ends within a year from today."))
        return until


@admin.register(ApiToken)
class ApiTokenAdmin(ModelAdmin):
    """Tokens of partners' programmes: issued and revoked here, shown once, never changed."""

    form = ApiTokenForm
    list_display = ("hint", "name", "user", "created_at", "expires_at", "used_on", "revoked_at")
    list_filter = ("revoked_at",)
    list_select_related = ("user",)
    search_fields = ("name", "user__username")
    autocomplete_fields = ("user",)
    ordering = ("-pk",)
    actions = ("revoke",)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        one_button = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, {**one_button, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        """The service writes it; its words go along with the row for the one page that shows them."""
        technician = cast(User, request.user)
        issued, words = services.issue_token(obj.user, name=obj.name, expires_at=obj.expires_at, by=technician)
        obj.pk, obj.hint, obj.words = issued.pk, issued.hint, words

    def response_add(self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None) -> HttpResponse:
        """Show the words, this once; no message carries them, for messages lie in cookies."""
        title = _("The token is issued")
        context = {**self.admin_site.each_context(request), "title": title, "token": obj, "words": obj.words}
        response = TemplateResponse(request, "admin/accounts/token_issued.html", context)
        add_never_cache_headers(response)
        return response

    @admin.action(description=_("Revoke"), permissions=["view"])
    def revoke(self, request: HttpRequest, tokens: QuerySet[ApiToken]) -> None:
        for token in tokens:
            try:
                services.revoke_token(token, by=cast(User, request.user))
            except DomainError as error:
                messages.error(request, f"{token}: {error.message}")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

"""The technicians' tables of people: who may sign in, never what they said, and no number, password or right of theirs.

What opens a way in takes two: it is proposed here and confirmed at the desk by somebody with a business role.
"""

from functools import partial
from typing import Any, cast

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from accounts import admission, phones, tokens
from accounts.forms import PhoneForm
from accounts.models import TOKEN_LIFE, AccountRequest, ApiClient, ApiToken, Notification, User
from core import audit, policy
from core.admin import ReadOnlyAdmin
from core.errors import DomainError, Invalid

# one way in: allauth's, with its limits and its second factor
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
for unused in (Group, EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken):
    if admin.site.is_registered(unused):
        admin.site.unregister(unused)


class InviteForm(forms.ModelForm):
    """A new member of staff: the account has no password; a second person confirms, then its owner sets one."""

    phone = forms.CharField(label=_("their own mobile number"), max_length=phones.LONGEST)
    reason = forms.CharField(label=_("reason"), max_length=300)

    class Meta:
        model = User
        fields = ("username", "display_name")

    clean_phone = PhoneForm.clean_phone


@admin.register(User)
class UserAdmin(ModelAdmin):
    """Badge numbers, names, whether open. Passwords, factors, flags, phones and identities are nobody's to set here."""

    form = InviteForm
    list_display = ("username", "display_name", "is_active", "is_staff", "verified", "joined_on")
    list_filter = ("is_active", "is_staff", "is_demo")
    search_fields = ("username", "display_name")
    ordering = ("-pk",)
    actions = ("close",)
    readonly_when_there = ("username", "is_active", "is_staff", "joined_on")

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        return ("display_name", "language", *self.readonly_when_there) if obj else tuple(InviteForm().fields)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        return self.readonly_when_there if obj else ()

    def get_form(self, request: HttpRequest, obj: User | None = None, **options: Any) -> Any:
        return super().get_form(request, obj, **(options | ({"form": forms.ModelForm} if obj else {})))

    @admin.display(boolean=True)
    def verified(self, user: User) -> bool:
        return user.is_verified

    @admin.display(description=_("joined"))
    def joined_on(self, user: User) -> Any:
        """The day: a moment would name whoever said something at that moment."""
        return timezone.localdate(user.date_joined)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Citizens' names are their own."""
        return super().has_change_permission(request, obj) and (obj is None or obj.is_by_badge)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """People are closed, or erase themselves; rows that cases point at are never deleted."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        technician = cast(User, request.user)
        if change:
            obj.save(update_fields=["display_name", "language"])
            audit.record("office.changed", obj, by=technician, fields=sorted(form.changed_data))
            return
        said = form.cleaned_data
        asked = admission.add_staff(
            said["username"], said["display_name"], phone=said["phone"], reason=said["reason"], by=technician
        )
        obj.pk = asked.user_id

    @admin.action(description=_("Close these accounts now"), permissions=["change"])
    def close(self, request: HttpRequest, people: QuerySet[User]) -> None:
        _each(request, people, partial(admission.close, reason=str(_("closed in the back office"))))


def _each(request: HttpRequest, rows: QuerySet[Any], verb: Any) -> None:
    """Do it to every row; what the house refuses is told by row."""
    for row in rows:
        try:
            verb(row, by=cast(User, request.user))
        except DomainError as error:
            messages.error(request, f"{row}: {error.message}")


class ProposalForm(forms.ModelForm):
    """What is asked for somebody's account; the service checks it once more."""

    phone = forms.CharField(
        label=_("new number of theirs"),
        max_length=phones.LONGEST,
        required=False,
        help_text=_("Only when the number on record is gone, or there is none. The second person compares it."),
    )
    by: Any = None

    class Meta:
        model = AccountRequest
        fields = ("user", "kind", "phone", "reason")

    def clean_phone(self) -> str:
        return PhoneForm.clean_phone(self) if self.cleaned_data["phone"] else ""  # type: ignore[arg-type]

    def clean(self) -> dict[str, Any]:
        """Ask the service, within a transaction that is rolled back: its refusals stand by their fields."""
        said = super().clean() or self.cleaned_data
        if self.errors:
            return said
        try:
            with transaction.atomic():
                admission.propose(by=self.by, **said)
                transaction.set_rollback(True)
        except Invalid as error:
            for field, words in error.fields.items():
                for word in words:
                    self.add_error(field, str(word))
        except DomainError as error:
            raise ValidationError(str(error.message)) from error
        return said


class ProposedAdmin(ModelAdmin):
    """A table of what takes two: proposed here, confirmed by somebody else at the desk, never changed or removed."""

    def get_form(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        form = super().get_form(request, obj, **options)
        form.by = request.user
        return form

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        one_button = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, {**one_button, **(extra_context or {})})

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(AccountRequest)
class AccountRequestAdmin(ProposedAdmin):
    """Lost passwords and factors, new technicians, closed accounts: asked for here, confirmed at the desk."""

    form = ProposalForm
    list_display = ("user", "kind", "reason", "proposed_by", "confirmed_by", "refused_by", "used_at")
    list_filter = ("kind",)
    list_select_related = ("user", "proposed_by", "confirmed_by", "refused_by")
    search_fields = ("user__username", "user__display_name")
    autocomplete_fields = ("user",)
    fields = ("user", "kind", "phone", "reason")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.list_display if obj else ("user", "kind", "phone", "reason")

    def save_model(self, request: HttpRequest, obj: AccountRequest, form: Any, change: bool) -> None:
        obj.pk = admission.propose(by=cast(User, request.user), **form.cleaned_data).pk


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """Whether messages go out: by channel and day. Not to whom, not about what, not at which moment."""

    list_display = ("pk", "channel", "state", "attempts", "last_error", "day")
    list_filter = ("channel", "state")
    ordering = ("-pk",)
    fields = readonly_fields = list_display

    @admin.display(description=_("written"))
    def day(self, row: Notification) -> Any:
        return timezone.localdate(row.created_at)


@admin.register(ApiClient)
class ApiClientAdmin(ModelAdmin):
    """Programmes of partners and pollsters, by name."""

    list_display = ("name", "contact", "account_name")
    list_select_related = ("account",)
    search_fields = ("name", "contact")
    fields = ("name", "contact")

    @admin.display(description=_("goes by"))
    def account_name(self, client: ApiClient) -> str:
        """What a pollster's list of people calls it."""
        return client.account.username

    def save_model(self, request: HttpRequest, obj: ApiClient, form: Any, change: bool) -> None:
        obj.pk = tokens.add_client(obj.name, obj.contact, by=cast(User, request.user)).pk

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ApiTokenForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        label=_("good for"), choices=[(scope, scope) for scope in policy.SCOPES], widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ApiToken
        fields = ("client", "name", "scopes", "expires_at")

    def clean_expires_at(self) -> Any:
        until = self.cleaned_data["expires_at"]
        if not timezone.now() < until <= timezone.now() + TOKEN_LIFE:
            raise ValidationError(_("A token ends within a year from today."))
        return until


@admin.register(ApiToken)
class ApiTokenAdmin(ProposedAdmin):
    """Tokens of programmes: proposed here, confirmed and shown once at the desk, revoked here."""

    form = ApiTokenForm
    list_display = (
        "client", "name", "scopes", "hint", "proposed_by", "confirmed_by", "expires_at", "used_on", "revoked_at",
    )  # fmt: skip
    list_filter = ("revoked_at",)
    list_select_related = ("client", "proposed_by", "confirmed_by")
    search_fields = ("name", "client__name")
    autocomplete_fields = ("client",)
    ordering = ("-pk",)
    actions = ("revoke",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.list_display if obj else ("client", "name", "scopes", "expires_at")

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        obj.pk = tokens.propose(by=cast(User, request.user), **form.cleaned_data).pk

    @admin.action(description=_("Revoke"), permissions=["view"])
    def revoke(self, request: HttpRequest, rows: QuerySet[ApiToken]) -> None:
        _each(request, rows, tokens.revoke)

"""The technicians' tables of the directory: areas to look up, units and officers to keep, roles to start and end."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSplitDateTimeWidget

from accounts.admin import ProposedAdmin
from core.admin import ReadOnlyAdmin, ReferenceAdmin
from core.errors import DomainError, Invalid
from directory import services
from directory.models import Area, Membership, Officer, Posting, Unit


@admin.register(Area)
class AreaAdmin(ReadOnlyAdmin):
    """The statistical areas of the city; they come from the official table alone."""

    list_display = ("code", "name", "name_en", "level", "parent")
    list_filter = ("level",)
    list_select_related = ("parent",)
    search_fields = ("code", "name", "name_en")
    ordering = ("code",)


@admin.register(Unit)
class UnitAdmin(ReferenceAdmin):
    """What the public reads of stations and departments. What a unit is, and for which places, decides where cases go:
    that comes from ``manage.py load_reference`` alone."""

    from_the_shell = ("code", "kind", "function", "parent", "is_active", "area", "areas")
    private = ("phone",)
    list_display = ("name", "code", "kind", "function", "parent", "is_active")
    list_filter = ("kind", "function", "service_zone", "is_active")
    list_select_related = ("parent",)
    search_fields = ("code", "name", "name_en")
    ordering = ("path",)
    fieldsets = (
        (None, {"fields": ("code", "name", "name_en", "kind", "function", "parent", "is_active")}),
        (_("Where and when"), {"fields": ("area", "areas", "address", "phone", "hours", "hours_en", "lng", "lat")}),
        (_("For the public"), {"fields": ("intro", "service_zone")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Unit | None = None) -> tuple[str, ...]:
        return self.from_the_shell

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Officer)
class OfficerAdmin(ReferenceAdmin):
    """Officers as the public knows them. In which unit one serves and as whom one signs in takes two: a posting."""

    private = ("name", "phone")
    list_display = ("badge_number", "name", "unit", "position", "is_active")
    list_filter = ("position", "is_active")
    list_select_related = ("unit",)
    search_fields = ("badge_number", "name", "unit__name")
    ordering = ("badge_number",)
    autocomplete_fields = ("unit", "beats")
    fields = ("badge_number", "name", "unit", "position", "phone", "beats", "user", "is_active")

    def get_readonly_fields(self, request: HttpRequest, obj: Officer | None = None) -> tuple[str, ...]:
        return ("badge_number", "unit", "user") if obj else ("user",)


class PostingForm(forms.ModelForm):
    """Where an officer serves from now on, and as whom they sign in; the service says what does not fit."""

    by: Any = None

    class Meta:
        model = Posting
        fields = ("officer", "unit", "user")

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                services.check_posting(**said, by=self.by)
            except Invalid as error:
                for name, why in error.fields.items():
                    self.add_error(name, [str(one) for one in why])
            except DomainError as error:
                self.add_error(None, str(error.message))
        return said


@admin.register(Posting)
class PostingAdmin(ProposedAdmin):
    """Officers' units and accounts: proposed here, confirmed by somebody else at the desk."""

    form = PostingForm
    list_display = ("officer", "unit", "user", "proposed_by", "confirmed_by", "refused_by")
    list_select_related = ("officer", "unit", "user", "proposed_by", "confirmed_by", "refused_by")
    search_fields = ("officer__badge_number", "officer__name", "unit__name")
    autocomplete_fields = ("officer", "unit", "user")
    fields = ("officer", "unit", "user")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.list_display if obj else self.fields

    def save_model(self, request: HttpRequest, obj: Posting, form: Any, change: bool) -> None:
        obj.pk = services.propose_posting(by=request.user, **form.cleaned_data).pk


class StartForm(forms.ModelForm):
    """A new role; what the database would refuse is told by field."""

    by: Any = None  # who starts it

    class Meta:
        model = Membership
        fields = ("user", "role", "unit", "starts", "ends")

    def _get_validation_exclusions(self) -> set[str]:
        """The database compares only with roles that were not refused: so does the form."""
        return super()._get_validation_exclusions() - {"refused_at"}  # type: ignore[misc]  # unknown to the stubs

    def clean_user(self) -> Any:
        if self.cleaned_data["user"] == self.by:
            raise ValidationError(_("Nobody gives a role to themselves."))
        return self.cleaned_data["user"]

    def clean(self) -> dict[str, Any]:
        """An end before the beginning is told here: the database cannot even compare such a range with others."""
        content = super().clean() or self.cleaned_data
        starts, ends = content.get("starts"), content.get("ends")
        if starts and ends and ends <= starts:
            self.add_error("ends", _("The end must be after the beginning."))
        return content


class EndForm(forms.ModelForm):
    """Of a role that exists only the end can be set."""

    ends = forms.SplitDateTimeField(label=_("to"), widget=UnfoldAdminSplitDateTimeWidget)

    class Meta:
        model = Membership
        fields = ("ends",)


@admin.register(Membership)
class MembershipAdmin(ModelAdmin):
    """Roles in time boxes: proposed and ended through the services, confirmed at the desk by somebody else."""

    list_display = ("user", "role", "unit", "starts", "ends", "proposed_by", "confirmed_by", "refused_by")
    list_filter = ("role",)
    list_select_related = ("user", "unit", "proposed_by", "confirmed_by", "refused_by")
    search_fields = ("user__username", "user__display_name", "unit__name", "unit__code")
    ordering = ("-starts",)
    autocomplete_fields = ("user", "unit")
    fields = ("user", "role", "unit", "starts", "ends")
    actions = ("end_now",)

    def get_form(self, request: HttpRequest, obj: Membership | None = None, **options: Any) -> Any:
        form = super().get_form(request, obj, **options | {"form": EndForm if obj else StartForm})
        form.by = request.user
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        return ("user", "role", "unit", "starts") if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        """What is over stays as it was."""
        over = obj is not None and obj.ends is not None and obj.ends <= timezone.now()
        return not over and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Membership, form: forms.ModelForm, change: bool) -> None:
        if change:
            services.end_membership(obj, by=request.user, ends=obj.ends)
            return
        proposed = services.propose_membership(
            user=obj.user, role=obj.role, unit=obj.unit, starts=obj.starts, ends=obj.ends, by=request.user
        )
        obj.pk = proposed.pk

    @admin.action(description=_("End these roles now"), permissions=["change"])
    def end_now(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        ended = 0
        for membership in queryset:
            try:
                services.end_membership(membership, by=request.user)
                ended += 1
            except DomainError as error:
                self.message_user(request, f"{membership}: {error.message}", messages.WARNING)
        self.message_user(request, ngettext("%(n)s role ended.", "%(n)s roles ended.", ended) % {"n": ended})

"""The back office: reference data by technicians, every change in the ledger, nothing removed, no business read."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from core import audit
from core.models import CalendarDay


class ReferenceAdmin(ModelAdmin):
    """A table of reference data: who changed what into what is recorded; a row that is pointed at is never deleted.

    Of ``private`` fields (names and numbers of people) the ledger says only that they changed.
    """

    private: tuple[str, ...] = ()

    def save_related(self, request: HttpRequest, form: forms.ModelForm, formsets: Any, change: bool) -> None:
        """Rows and their links are written; so is who did it. One transaction holds all of it."""
        super().save_related(request, form, formsets, change)
        verb = "changed" if change else "added"
        values = {
            name: [_plain(form.initial.get(name)), _plain(form.cleaned_data.get(name))]
            for name in sorted(form.changed_data)
            if name not in self.private
        }
        fields = sorted(form.changed_data)
        audit.record(f"office.{verb}", form.instance, by=request.user, fields=fields, values=values)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def _plain(value: Any) -> Any:
    """A value of a form as JSON keeps it: numbers and truth as they are, rows by their key, the rest in words."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, Iterable):
        return sorted((_plain(one) for one in value), key=str)
    return str(value)


class ReadOnlyAdmin(ModelAdmin):
    """A table to look things up in."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(CalendarDay)
class CalendarDayAdmin(ReferenceAdmin):
    """Corrections of the national calendar: every deadline that is set from now on counts with them."""

    list_display = ("date", "is_workday", "note", "who")
    list_filter = ("is_workday",)
    date_hierarchy = "date"
    ordering = ("-date",)
    list_select_related = ("changed_by",)
    fields = ("date", "is_workday", "note")

    @admin.display(description=_("changed by"))
    def who(self, obj: CalendarDay) -> str:
        return str(obj.changed_by or "")

    def save_model(self, request: HttpRequest, obj: CalendarDay, form: forms.ModelForm, change: bool) -> None:
        obj.changed_by = request.user  # type: ignore[assignment]  # nobody else reaches the admin
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A correction may be taken back, one at a time, by whoever may change it."""
        return obj is not None and self.has_change_permission(request, obj)

    def delete_model(self, request: HttpRequest, obj: CalendarDay) -> None:
        audit.record("office.deleted", obj, by=request.user, date=obj.date.isoformat())
        super().delete_model(request, obj)

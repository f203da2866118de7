"""The back office of listening and handling: the categories, and nothing anybody said.

Cases, identities, replies and whatever else belongs to a case have no table here: a technician reads no business data.
Routing rules and saved texts are the desk's own pages.
"""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin import ReferenceAdmin
from suggestions.models import Category, SameMeaning

LAST_RESORT = "other"  # where a voice goes whose words say nothing
MOST_DAYS = 60
COMPLAINT = "complaint"  # the kind of what is about the police


class CategoryForm(forms.ModelForm):
    """A category always allows some time, and the last resort is always there."""

    class Meta:
        model = Category
        fields = ("code", "name", "name_en", "kind", "complexity", "reply_days", "keywords", "order", "is_active")

    def clean_reply_days(self) -> int:
        days = self.cleaned_data["reply_days"]
        if not 1 <= days <= MOST_DAYS:
            raise ValidationError(_("Between 1 and %(n)s working days."), params={"n": MOST_DAYS})
        return days

    def clean_kind(self) -> str:
        if self.cleaned_data["kind"] == COMPLAINT:
            raise ValidationError(_("Complaints about the police have their category already."))
        return self.cleaned_data["kind"]

    def clean_is_active(self) -> bool:
        if self.instance.pk == LAST_RESORT and not self.cleaned_data["is_active"]:
            raise ValidationError(_("Voices that fit nowhere else go here, so this category stays in use."))
        return self.cleaned_data["is_active"]


@admin.register(Category)
class CategoryAdmin(ReferenceAdmin):
    """What a voice can be about, and how many working days the answer may take from now on.

    What is a complaint about the police, and who therefore answers, comes from ``manage.py load_reference`` alone.
    """

    form = CategoryForm
    list_display = ("name", "code", "complexity", "reply_days", "order", "is_active")
    list_filter = ("complexity", "is_active")
    search_fields = ("code", "name", "name_en")
    ordering = ("order", "code")

    def get_readonly_fields(self, request: HttpRequest, obj: Category | None = None) -> tuple[str, ...]:
        """The code is in addresses, rules and programs, and the kind decides who answers: both are chosen once."""
        if obj is None:
            return ()
        return ("code", "kind", "is_active") if obj.kind == COMPLAINT else ("code", "kind")


@admin.register(SameMeaning)
class SameMeaningAdmin(ReferenceAdmin):
    """Words by which people look for the same thing, separated by commas."""

    list_display = ("__str__",)
    search_fields = ("words",)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nothing points at them."""
        return bool(request.user.is_superuser)

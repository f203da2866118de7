"""What to look for in the inbox."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import policy
from core.fields import CleanText
from core.policy import Role, Scope
from directory.fields import area_choices
from directory.models import Area, Unit
from directory.queries import led_by
from suggestions.forms.verb import INDENT
from suggestions.models import Category
from suggestions.states import Channel


class InboxForm(forms.Form):
    """What to look for in the inbox. A value that makes no sense is as good as none."""

    q = CleanText(label=_("Words or number"), required=False, max_length=100)
    category = forms.ModelChoiceField(
        Category.objects.all(), label=_("Category"), required=False, empty_label=_("All categories")
    )
    area = forms.ModelChoiceField(Area.objects.all(), label=_("Area"), required=False)
    unit = forms.ModelChoiceField(Unit.objects.none(), label=_("Unit"), required=False, to_field_name="code")
    channel = forms.ChoiceField(label=_("Channel"), required=False, choices=[("", _("All channels")), *Channel.choices])

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].widget.choices = [("", _("The whole city")), *area_choices()[1:]]
        units = list(_units_read_by(user))
        if len(units) > 1:
            field = cast("forms.ModelChoiceField", self.fields["unit"])
            field.queryset = Unit.objects.filter(pk__in=[unit.pk for unit in units])
            by_code = ((u.code, f"{INDENT * (u.path.count('/') - 2)}{u.local_name}") for u in units)
            field.widget.choices = [("", _("All units")), *by_code]
        else:
            del self.fields["unit"]

    @property
    def wanted(self) -> dict[str, str]:
        """The filters that make sense, as codes."""
        self.full_clean()
        return {name: str(getattr(value, "code", value)) for name, value in self.cleaned_data.items() if value}


def _units_read_by(user: Any) -> Iterable[Unit]:
    """The units whose cases the user may read, in the order of their tree; one statement."""
    units = Unit.objects.active().order_by("path")
    if policy.scopes(user, "read", "suggestion") & {Scope.ALL, Scope.SAMPLE}:
        return units
    return units.filter(led_by(user) | Q(pk__in=[unit.pk for unit in policy.units_with(user, Role.OFFICER)]))

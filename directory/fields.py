"""Where it is: the field of an area, and the areas as a select shows them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.fields import FROM_THE_LIST
from directory.models import Area


def area_field() -> forms.ModelChoiceField:
    """Where it is, where the citizen knows."""
    return forms.ModelChoiceField(
        Area.objects.all(), label=_("Which part of the city?"), required=False, error_messages=FROM_THE_LIST
    )


def area_choices(selected: Area | None = None) -> list[tuple[str, Any]]:
    """Counties as groups with their towns in them; a chosen community is put in as well."""
    groups: dict[str, list[tuple[str, str]]] = {}
    names: dict[str, str] = {}
    for area in Area.objects.filter(level__in=[Area.Level.COUNTY, Area.Level.TOWN]).order_by("code"):
        if area.level == Area.Level.COUNTY:
            names[area.code] = area.local_name
            groups[area.code] = [(area.code, _("%(county)s (whole)") % {"county": area.local_name})]
        elif area.county_code in groups:
            groups[area.county_code].append((area.code, area.local_name))
    if selected and selected.level == Area.Level.COMMUNITY and selected.county_code in groups:
        groups[selected.county_code].append((selected.code, selected.local_name))
    return [("", _("Not sure, or the whole city")), *((names[code], towns) for code, towns in groups.items())]

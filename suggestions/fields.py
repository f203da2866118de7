"""Fields about a case: what it is about, and the subjects of a complaint."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.fields import FROM_THE_LIST
from core.text import ascii_digits, clean
from directory.models import Officer, Unit
from suggestions.models import Category

MOST_SUBJECTS = 5

SubjectPair = tuple[Unit, Officer | None]


class Subjects(forms.Field):
    """Who a complaint names, repeated: ``unit:<code>``, ``officer:<badge number>`` or a bare badge number."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[SubjectPair]:
        wanted = list(dict.fromkeys(item for item in value or [] if item))
        if len(wanted) > MOST_SUBJECTS:
            raise ValidationError(_("Please name at most %(n)d units or officers."), params={"n": MOST_SUBJECTS})
        return resolve(wanted)


def category_field() -> forms.ModelChoiceField:
    """What it is about, where the citizen knows."""
    return forms.ModelChoiceField(
        Category.objects.filter(is_active=True),
        label=_("What is it about?"),
        required=False,
        empty_label=_("Not sure, please sort it for me"),
        error_messages=FROM_THE_LIST,
    )


def resolve(values: Sequence[str]) -> list[SubjectPair]:
    """The units and officers behind ``unit:<code>`` and ``officer:<badge number>``.

    Raises: ValidationError for one that does not exist.
    """
    pairs = [_kind_and_key(value) for value in values]
    units = _by_key(Unit.objects.active(), "code", [key for kind, key in pairs if kind == "unit"])
    officers = _by_key(
        Officer.objects.filter(is_active=True).select_related("unit"),
        "badge_number",
        [key for kind, key in pairs if kind == "officer"],
    )
    return [_pair(kind, key, units, officers) for kind, key in pairs]


def _kind_and_key(value: str) -> tuple[str, str]:
    kind, colon, key = ascii_digits(clean(value)).partition(":")
    return (kind, key) if colon else ("officer", kind)


def _by_key(queryset: Any, field: str, keys: list[str]) -> dict[str, Any]:
    return {getattr(row, field): row for row in queryset.filter(**{f"{field}__in": keys})} if keys else {}


def _pair(kind: str, key: str, units: dict[str, Unit], officers: dict[str, Officer]) -> SubjectPair:
    if kind == "unit" and key in units:
        return units[key], None
    officer = officers.get(key) if kind == "officer" else None
    if officer is not None:
        return officer.unit, officer
    if kind == "officer":
        raise ValidationError(_("There is no officer with badge number %(key)s."), params={"key": key[:20]})
    raise ValidationError(_("There is no unit “%(key)s”. Please choose one from the list."), params={"key": key[:40]})


def subject_value(pair: SubjectPair) -> str:
    """What a form sends for it: ``unit:<code>`` or ``officer:<badge number>``."""
    unit, officer = pair
    return f"officer:{officer.badge_number}" if officer else f"unit:{unit.code}"


def subject_name(pair: SubjectPair) -> str:
    """The name of a unit, or of an officer with the badge number and the unit."""
    unit, officer = pair
    return f"{officer.name} {officer.badge_number} · {unit.local_name}" if officer else unit.local_name

"""The voter's forms: choose, give the vote, check a receipt."""

import re
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from core.fields import CleanText
from directory.models import Area
from voting.receipts import SHORTEST_CODE
from voting.states import AgeBand

LONGEST_CODE = 64
UNKNOWN = _("One of these is not on the ballot. Please choose again.")
AGE_BANDS = [("", _("I would rather not say")), *AgeBand.choices]


class Numbers(forms.TypedMultipleChoiceField):
    """Candidate numbers as they come: unknown ones are told from known ones by the service, with everything else."""

    def __init__(self, **options: Any) -> None:
        super().__init__(coerce=int, **options)

    def valid_value(self, value: str) -> bool:
        return value.isascii() and value.isdecimal() and len(value) < 4


class ChoiceForm(forms.Form):
    """The choices and the ticket of the form they stand in."""

    choices = Numbers(label=_("Your choice"), required=False, error_messages={"invalid_choice": UNKNOWN})
    ticket = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)

    @property
    def chosen(self) -> set[int]:
        """The numbers that were sent, right or wrong, to show them again."""
        return {int(value) for value in self["choices"].value() or [] if str(value).isdecimal()}


@dataclass(frozen=True, slots=True)
class Given:
    """A vote as it was sent."""

    choices: list[int]
    ticket: str
    county: str
    age_band: int | None


def read_vote(data: QueryDict) -> Given:
    """The vote in what a browser sent. It is on every voter's way, so it is read without building a form.

    Raises: Invalid by field.
    """
    chosen, county, age = data.getlist("choices"), data.get("county", ""), data.get("age_band", "")
    if not all(value.isascii() and value.isdecimal() and len(value) < 4 for value in chosen):
        raise Invalid("choices", UNKNOWN)
    if county and not Area.objects.filter(pk=county, level=Area.Level.COUNTY).exists():
        raise Invalid("county", _("Please choose a county from the list."))
    if age and age not in {str(band.value) for band in AgeBand}:
        raise Invalid("age_band", _("Please choose one of these ages."))
    return Given([int(value) for value in chosen], data.get("ticket", ""), county, int(age) if age else None)


class VoteForm(ChoiceForm):
    """The choices, looked at once more, and what the voter may tell for the statistics; to be shown."""

    county = forms.ModelChoiceField(
        Area.objects.filter(level=Area.Level.COUNTY),
        label=_("County or district you live in"),
        required=False,
        empty_label=_("I would rather not say"),
    )
    age_band = forms.TypedChoiceField(
        label=_("Your age"), choices=AGE_BANDS, coerce=int, empty_value=None, required=False
    )


class ReceiptForm(forms.Form):
    """A receipt code, whole or its beginning."""

    code = CleanText(
        label=_("Receipt code"),
        help_text=_("The first 16 letters and digits are enough. Spaces do not matter."),
        max_length=120,
        widget=forms.TextInput(
            {
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
                "data-prefill-code": True,
                "data-private": True,
            }
        ),
        error_messages={"required": _("Please enter the code from your receipt.")},
    )

    def clean_code(self) -> str:
        code = re.sub(r"[\s-]", "", self.cleaned_data["code"]).lower()
        if not re.fullmatch(r"[0-9a-f]+", code):
            raise forms.ValidationError(_("A receipt code has only the digits 0 to 9 and the letters a to f."))
        if not SHORTEST_CODE <= len(code) <= LONGEST_CODE:
            raise forms.ValidationError(
                _("A receipt code has at least %(least)s and at most %(most)s characters; these are %(n)s."),
                params={"least": SHORTEST_CODE, "most": LONGEST_CODE, "n": len(code)},
            )
        return code

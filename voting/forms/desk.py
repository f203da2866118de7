"""What the desk sends: a roll file, sheets, stubs, batches, and what is read on a sheet."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annual_projects.models import Edition
from annual_projects.states import Voters
from core.fields import CleanText
from directory.models import Unit
from voting import marks, paper
from voting.models.paper import LARGEST_BATCH
from voting.paper import Sheet
from voting.services.sheets import MOST_AT_ONCE
from voting.states import AgeBand, Fault

# What a clerk types instead of choices. A ballot with too few or too many marks is keyed as it is.
SIGNS = {"0": Fault.BLANK, "?": Fault.UNCLEAR, "/": Fault.TORN, "#": Fault.SIGNED}
WIDE_SIGNS = str.maketrans("？／＃０", "?/#0")
PLAIN = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "data-private": True}


class RollForm(forms.Form):
    """A roll file."""

    file = forms.FileField(
        label=_("Roll file"),
        help_text=_(
            "One column of text in UTF-8, headed fingerprint or id_number. A bad line anywhere, and nothing is taken."
        ),
        widget=forms.ClearableFileInput({"accept": ".csv,.txt"}),
    )


class IssueForm(forms.Form):
    """Sheets for a unit."""

    unit = forms.ModelChoiceField(Unit.objects.active(), label=_("Unit"))
    count = forms.IntegerField(label=_("How many sheets"), min_value=1, max_value=MOST_AT_ONCE)


class SpoilForm(forms.Form):
    """A sheet that was spoiled before it was counted."""

    serial = CleanText(label=_("Serial"), max_length=20, widget=forms.TextInput(PLAIN))
    reason = CleanText(label=_("What happened to it"), max_length=100)


class StubForm(forms.Form):
    """Who is given a paper ballot. What is typed here is never shown again."""

    field_order = ("unit", "voter")
    voter = CleanText(
        label=_("ID number on the card"), max_length=64, widget=forms.TextInput(PLAIN | {"autofocus": True})
    )

    def __init__(self, edition: Edition, windows: Sequence[Unit], *args: Any, **kwargs: Any) -> None:
        """``windows``: the units at which this clerk gives out ballots; one alone is not asked for."""
        super().__init__(*args, **kwargs)
        self.fields["unit"] = forms.ModelChoiceField(
            Unit.objects.filter(pk__in=[one.pk for one in windows]),
            label=_("Given out at"),
            empty_label=None,
            initial=windows[0].pk if windows else None,
            widget=forms.HiddenInput() if len(windows) == 1 else forms.Select(),
        )
        if edition.who_may_vote == Voters.PHONE:
            self.fields["voter"].label = _("Mobile number")
        self.order_fields(self.field_order)


class BatchForm(forms.Form):
    """A pile of ballots, counted by hand."""

    unit = forms.ModelChoiceField(Unit.objects.active(), label=_("From"))
    declared = forms.IntegerField(label=_("Ballots in it, as counted by hand"), min_value=1, max_value=LARGEST_BATCH)


class CountForm(forms.Form):
    """The pile was counted wrongly."""

    declared = forms.IntegerField(label=_("Ballots in it, as counted by hand"), min_value=1, max_value=LARGEST_BATCH)
    reason = CleanText(label=_("Why the count changes"), max_length=200)


class SheetForm(forms.Form):
    """One sheet: its serial, the keys of what is marked, and the age if it was told."""

    serial = CleanText(label=_("Serial"), max_length=20, widget=forms.TextInput(PLAIN))
    choices = CleanText(
        label=_("Marked"),
        max_length=200,
        required=False,
        widget=forms.TextInput(PLAIN),
    )
    age_band = forms.TypedChoiceField(
        label=_("Age"),
        choices=[("", "—"), *((band.value, f"{band.value}  {band.label}") for band in AgeBand)],
        coerce=int,
        empty_value=None,
        required=False,
    )

    def __init__(self, candidates: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.candidates = candidates

    def clean_choices(self) -> str:
        typed = self.cleaned_data["choices"].translate(WIDE_SIGNS)
        if not typed:
            raise forms.ValidationError(_("Type the keys of what is marked, or 0 if nothing is."))
        if typed in SIGNS:
            return typed
        try:
            paper.read_choices(typed, self.candidates)
        except paper.Unreadable as unread:
            words = _("“%(key)s” stands for no candidate, or stands there twice.")
            raise forms.ValidationError(words, params={"key": unread.token}) from unread
        return typed

    @property
    def sheet(self) -> Sheet:
        """What was read on the sheet."""
        typed, age = self.cleaned_data["choices"], self.cleaned_data["age_band"]
        if typed in SIGNS:
            return Sheet((), SIGNS[typed].value, age)
        return Sheet(paper.read_choices(typed, self.candidates), "", age)


def typed_for(sheet: Sheet) -> str:
    """What a clerk would type for a sheet."""
    signs = {fault.value: sign for sign, fault in SIGNS.items()}
    if sheet.fault in signs and not sheet.choices:
        return signs[sheet.fault]
    return "".join(paper.key_of(number) for number in sheet.choices)


def candidates_on(poll: Any) -> int:
    """How many numbers a ballot has."""
    return max(marks.unpack(poll.candidates))

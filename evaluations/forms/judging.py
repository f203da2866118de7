"""What the pages of promotion and accountability ask for: a post, reasons, a record, an answer."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.fields import CleanText, Digits
from directory.models import Officer
from evaluations.models import Gate

LONGEST = 2000


def _words(label: Any, hint: Any = "", longest: int = LONGEST) -> CleanText:
    return CleanText(label=label, help_text=hint, max_length=longest, widget=forms.Textarea({"rows": 5}))


class PromotionForm(forms.Form):
    """To which post, on the appraisal of which year."""

    year = forms.TypedChoiceField(label=_("on the appraisal of"), coerce=int)
    to_position = CleanText(label=_("to the post of"), max_length=60)

    def __init__(self, *args: Any, gates: list[Gate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [(gate.year, str(gate.year)) for gate in gates]  # type: ignore[attr-defined]


class OpenForm(forms.Form):
    reasons = _words(_("Why this is a case"), _("Whom it is about reads this. Name nobody who complained."))


class HearForm(forms.Form):
    record = _words(_("Record of the hearing"), _("Whom it is about reads this. Name nobody who complained."))


class DecideForm(forms.Form):
    outcome = _words(_("What follows"), _("The public reads this. Name the unit, no officer."))


class AnswerForm(forms.Form):
    answer = _words(_("Answer to the public"), _("Short and plain. Name the unit, no officer."))


class DropForm(forms.Form):
    reasons = _words(_("Why nothing follows"))


class SpeakForm(forms.Form):
    statement = _words(_("Your side"), _("Who handles the case reads it. It stays in the record."))


class ByRankForm(forms.Form):
    """Whom, and what is to be looked into."""

    officer = Digits(label=_("badge number"), max_length=10)
    facts = _words(_("What is to be looked into"), _("Whom it is about reads this. Name nobody who complained."))

    def clean_officer(self) -> Officer:
        badge = self.cleaned_data["officer"]
        found = Officer.objects.select_related("unit__parent", "user").filter(badge_number=badge, is_active=True)
        officer = found.first()
        if officer is None:
            raise ValidationError(_("There is no officer with this badge number."))
        return officer

"""The desk's form for an edition: when each phase begins, how many are chosen, and by whom."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annual_projects.models import Edition
from annual_projects.models.edition import STARTS
from annual_projects.services import Plan
from annual_projects.states import Voters
from core.fields import CleanText

TYPED = "%Y-%m-%dT%H:%M"
NUMBERS = {"choose_min": _("choose at least"), "choose_max": _("choose at most"), "winners": _("projects of the year")}


class MomentField(forms.DateTimeField):
    """A day and an hour of Shanghai, as the browser's own control gives them."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput({"type": "datetime-local"}, format=TYPED)
        super().__init__(widget=widget, input_formats=[TYPED, "%Y-%m-%d %H:%M", "%Y-%m-%d"], **options)


class PlanForm(forms.Form):
    """All of an edition's plan; the year only for a new one."""

    year = forms.IntegerField(label=_("year"), min_value=2000, max_value=2100)
    intro = CleanText(
        label=_("a word to the public"), required=False, max_length=300, widget=forms.Textarea({"rows": 2})
    )
    who_may_vote = forms.ChoiceField(label=_("who may vote"), choices=Voters, widget=forms.RadioSelect)

    def __init__(self, *args: Any, edition: Edition | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {field.name: field.verbose_name for field in Edition._meta.fields}
        for name in STARTS.values():
            self.fields[name] = MomentField(label=labels[name])
        for name, label in NUMBERS.items():
            self.fields[name] = forms.IntegerField(label=label, min_value=1, max_value=100)
        if edition is not None:
            del self.fields["year"]
        self._fill(edition)

    def _fill(self, edition: Edition | None) -> None:
        """What the edition says now; for a new one the usual numbers."""
        for name, field in self.fields.items():
            value = getattr(edition, name, None) if edition else None
            if isinstance(field, MomentField) and value is not None:
                value = timezone.localtime(value)
            field.initial = value
        if edition is None:
            usual = Edition()
            for name in (*NUMBERS, "who_may_vote"):
                self.fields[name].initial = getattr(usual, name)

    @property
    def moments(self) -> list[forms.BoundField]:
        """The eight fields of the timetable, in order."""
        return [self[name] for name in STARTS.values()]

    @property
    def numbers(self) -> list[forms.BoundField]:
        return [self[name] for name in NUMBERS]

    def plan(self, edition: Edition | None = None) -> Plan:
        """What the valid form says. A moment shown to the minute and not touched keeps its seconds."""
        said = {name: value for name, value in self.cleaned_data.items() if name != "year"}
        for name in STARTS.values():
            if edition is not None and name not in self.changed_data:
                said[name] = getattr(edition, name)
        return Plan(**said)

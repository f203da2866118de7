"""What a clerk, a leader and the triage desk send from the smaller desk pages."""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.forms.models import model_to_dict
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.day_words import day
from core.fields import CleanText
from core.said import limit
from directory.fields import area_choices
from directory.models import Area, Unit
from plaza.models import ActivityDay
from suggestions import limits
from suggestions.forms.citizen import SpeakForm
from suggestions.models import Category, FollowUp, IdentityOpening, ReplyTemplate, RoutingRule
from suggestions.states import Channel

DAYS_BACK = timedelta(days=60)  # how long after a plaza day its paper slips may still be typed in
AT_THE_DESK = (Channel.WINDOW, Channel.PHONE, Channel.PLAZA)


class IntakeForm(SpeakForm):
    """A citizen's voice, written down by a clerk: the citizen's own form, with how it came in."""

    channel = forms.ChoiceField(
        label=_("How does it come in?"),
        choices=[(channel.value, channel.label) for channel in AT_THE_DESK],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please say how it came in.")},
    )
    plaza_day = forms.ModelChoiceField(
        ActivityDay.objects.none(),
        label=_("Which plaza day?"),
        required=False,
        error_messages={"invalid_choice": _("Please choose one from the list.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        days = ActivityDay.objects.filter(date__range=(today - DAYS_BACK, today))
        self.days = list(days.order_by("-date"))
        self.today = next((held for held in self.days if held.date == today), None)
        which = cast("forms.ModelChoiceField", self.fields["plaza_day"])
        which.queryset, which.initial = days, self.today
        which.widget.choices = [("", _("None")), *((held.pk, _day_name(held)) for held in self.days)]
        channel = cast("forms.ChoiceField", self.fields["channel"])
        channel.initial = Channel.PLAZA if self.today else Channel.WINDOW
        if not self.days:
            channel.choices = [(one.value, one.label) for one in AT_THE_DESK if one != Channel.PLAZA]
            channel.help_text = _("There was no plaza day of late, so none can be chosen.")
        if self.today:
            which.help_text = _("Today, unless you choose another one.")
        for name, (label, hint) in ASKED_BY_A_CLERK.items():
            self.fields[name].label, self.fields[name].help_text = label, hint
        self.fields["body"].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        content = super().clean() or self.cleaned_data
        if content.get("channel") != Channel.PLAZA:
            content["plaza_day"] = None
        elif not content.get("plaza_day") and "plaza_day" not in self.errors:
            content["plaza_day"] = self.today
            if self.today is None:
                self.add_error("plaza_day", _("Please choose the plaza day it was said on."))
        return content


ASKED_BY_A_CLERK: dict[str, tuple[Any, Any]] = {
    "body": (_("What does the citizen say?"), _("In their own words: what it is, where it is, what they wish for.")),
    "contact_name": (_("Name"), ""),
    "contact_phone": (_("Mobile number"), _("They get a message when there is an answer.")),
    "anonymous": (_("Anonymous: keep no name and no number"), ""),
    "publish": (_("They said yes"), ""),
    "subjects": (_("Who is it about?"), ""),
    "who": (_("Name of the unit or officer, or badge number"), _("Not in the list? It is kept as you write it.")),
}


def _day_name(held: ActivityDay) -> str:
    in_english = (get_language() or "").startswith("en")
    return f"{day(held.date)} {held.title_en if in_english and held.title_en else held.title}"


class FollowUpForm(forms.Form):
    """What came of it, after the leader has looked into it once more."""

    note = CleanText(
        label=_("What came of it?"),
        help_text=_("What you looked into, what you found, what is done now. Only staff read it."),
        max_length=limit(FollowUp, "note"),
        widget=forms.Textarea({"rows": 6}),
        error_messages={"required": _("Please write down what came of it.")},
    )


class DecideForm(forms.Form):
    """Yes or no to one request."""

    extension = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    grant = forms.TypedChoiceField(choices=[("yes", ""), ("no", "")], coerce=lambda value: value == "yes")
    reason = CleanText(required=False, max_length=limits.REASON)


class ReasonForm(forms.Form):
    """Why somebody must know who said it. ``newest`` is the newest request the page had shown."""

    reason = CleanText(
        label=_("Why do you need to know who it is?"),
        help_text=_("One full sentence. The citizen reads it word for word, and it stays in the ledger for good."),
        max_length=limit(IdentityOpening, "reason"),
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": _("Please give the reason in a full sentence; the citizen will read it.")},
    )
    newest = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1, widget=forms.HiddenInput)

    def show_newest(self, newest: int) -> None:
        """What the page drawn now has shown, also where an old form is drawn again."""
        self.initial["newest"] = newest
        if self.is_bound:
            data = cast("QueryDict", self.data).copy()
            data["newest"] = str(newest)
            self.data = data


def unit_choices(empty: Any) -> list[tuple[Any, Any]]:
    """Every active unit, those below indented under those above."""
    units = Unit.objects.active().order_by("path")
    return [("", empty), *((unit.pk, f"{'　' * (unit.path.count('/') - 2)}{unit.local_name}") for unit in units)]


class RuleForm(forms.Form):
    """One routing rule; what a target needs and whether the place is free, the service says by field."""

    category = forms.ModelChoiceField(
        Category.objects.all(), label=_("Category"), required=False, empty_label=_("Any category")
    )
    area = forms.ModelChoiceField(Area.objects.all(), label=_("Area"), required=False)
    target = forms.ChoiceField(
        label=_("Goes to"),
        choices=RoutingRule.Target.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose where it goes.")},
    )
    unit = forms.ModelChoiceField(Unit.objects.active(), label=_("Which unit?"), required=False)
    function = forms.ChoiceField(
        label=_("Which department?"), choices=[("", _("None")), *Unit.Function.choices], required=False
    )
    order = forms.IntegerField(
        label=_("Order among rules for the same category and area"),
        help_text=_("The lowest comes first."),
        min_value=0,
        max_value=32767,
        initial=100,
    )
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, data: Any = None, *, rule: RoutingRule) -> None:
        super().__init__(data, initial=model_to_dict(rule))
        self.rule = rule
        code = str(self["area"].value() or "")
        chosen = Area.objects.filter(code=code).first() if code.isdigit() else None
        self.fields["area"].widget.choices = [("", _("The whole city")), *area_choices(chosen)[1:]]
        self.fields["unit"].widget.choices = unit_choices(_("None"))
        for field in self.fields.values():
            field.error_messages["invalid_choice"] = _("Please choose one from the list.")

    def filled(self) -> RoutingRule:
        """The rule with what the valid form says, not yet saved."""
        for name, value in self.cleaned_data.items():
            setattr(self.rule, name, value)
        return self.rule


class RuleTestForm(forms.Form):
    """Where would this go?"""

    category = forms.ModelChoiceField(
        Category.objects.all(), label=_("Category"), required=False, empty_label=_("Any category")
    )
    area = forms.ModelChoiceField(Area.objects.all(), label=_("Area"), required=False)
    named = forms.ModelChoiceField(Unit.objects.active(), label=_("Complains of"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].widget.choices = [("", _("The whole city")), *area_choices()[1:]]
        self.fields["named"].widget.choices = unit_choices(_("Nobody"))


class TemplateForm(forms.ModelForm):
    """A saved text; whose it is, is chosen only by who may choose."""

    title = CleanText(
        label=_("Title"),
        max_length=limit(ReplyTemplate, "title"),
        error_messages={"required": _("Please give it a title.")},
    )
    text = CleanText(
        label=_("Text"),
        help_text=_("Write {{…}} where the officer has to fill something in."),
        max_length=limit(ReplyTemplate, "text"),
        widget=forms.Textarea({"rows": 9}),
        error_messages={"required": _("Please write the text.")},
    )

    class Meta:
        model = ReplyTemplate
        fields = ("title", "text", "category", "unit")
        labels = {"category": _("For which category?"), "unit": _("Who can use it?")}

    def __init__(self, *args: Any, units: list[Unit | None], **kwargs: Any) -> None:
        """``units``: for whom this person may write, None standing for the whole city."""
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField", self.fields["category"]).empty_label = _("Any category")
        own = [unit.pk for unit in units if unit is not None]
        cast("forms.ModelChoiceField", self.fields["unit"]).queryset = Unit.objects.filter(pk__in=own)
        self.fields["unit"].widget.choices = [
            (unit.pk, unit.local_name) if unit else ("", _("The whole city")) for unit in units
        ]
        self.fields["unit"].required = None not in units
        if len(units) == 1:
            del self.fields["unit"]
            self.instance.unit = self.instance.unit if self.instance.pk else units[0]

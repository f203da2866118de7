"""The desk's forms: what is asked of the board, a candidate's description and review, and the work on a project."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annual_projects.models import Candidate, Edition, Topic
from annual_projects.queries.demand import Demand, Period, year_before
from annual_projects.services import Description, Verdict
from annual_projects.states import UNDECIDED, CandidateState
from core.fields import CleanText, Files
from core.text import clean
from directory.fields import area_choices
from directory.models import Area, Unit
from suggestions.models import Category

MOST_WORDS = 8
MONTH = "%Y-%m"
NOT_CHOSEN = _("Not chosen yet")


def day_field(**options: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **options)


def area_field(**options: Any) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(Area.objects.all(), required=False, label=_("area"), **options)


class DemandForm(forms.Form):
    """What the board is about; every field may be empty, and nonsense in the address counts as empty."""

    starts = day_field(label=_("from"), required=False)
    ends = day_field(label=_("to"), required=False)
    category = forms.ModelChoiceField(
        Category.objects.all(), label=_("category"), required=False, empty_label=_("All categories")
    )
    area = area_field()
    topic = forms.ModelChoiceField(Topic.objects.all(), label=_("topic"), required=False, widget=forms.HiddenInput)
    words = CleanText(
        label=_("words"), required=False, max_length=100, help_text=_("Several words, spaces between: any of them.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = clean(str(self["area"].value() or ""))
        chosen = Area.objects.filter(code=code).first() if len(code) == 12 else None
        self.fields["area"].widget.choices = area_choices(chosen)

    def demand(self) -> Demand:
        """The demand that was asked for: the last twelve months of everything where nothing was."""
        self.is_valid()
        said = self.cleaned_data
        usual = year_before(timezone.localdate())
        starts, ends = said.get("starts") or usual.starts, said.get("ends") or usual.ends
        period = Period(starts, ends) if starts <= ends and (ends - starts).days < 3_660 else usual
        return Demand(
            period,
            category=said.get("category"),
            area=said.get("area"),
            topic=said.get("topic"),
            words=tuple(said.get("words", "").split()[:MOST_WORDS]),
        )


class DescriptionForm(forms.Form):
    """What voters read of a candidate."""

    title = CleanText(label=_("title"), max_length=60)
    summary = CleanText(
        label=_("in plain words"),
        help_text=_("At most 120 characters; it stands on the ballot."),
        required=False,
        max_length=120,
        widget=forms.Textarea({"rows": 2}),
    )
    outcome = CleanText(
        label=_("what will be different by December"),
        required=False,
        max_length=300,
        widget=forms.Textarea({"rows": 2}),
    )
    target = forms.IntegerField(label=_("target"), required=False, min_value=1, max_value=2_000_000_000)
    target_unit = CleanText(label=_("of what"), required=False, max_length=40)
    lead_unit = forms.ModelChoiceField(
        Unit.objects.active(), label=_("lead unit"), required=False, empty_label=NOT_CHOSEN
    )
    category = forms.ModelChoiceField(
        Category.objects.all(), label=_("category"), required=False, empty_label=NOT_CHOSEN
    )
    area = area_field()
    slug = forms.CharField(
        label=_("address"), max_length=60, help_text=_("Small letters, digits and hyphens: it stands in the link.")
    )

    def __init__(self, *args: Any, candidate: Candidate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {name: getattr(candidate, f"{name}_id", getattr(candidate, name)) for name in self.fields}
        chosen = candidate.area if candidate.area_id and len(candidate.area_id) == 12 else None
        self.fields["area"].widget.choices = area_choices(chosen)

    def description(self) -> Description:
        return Description(**self.cleaned_data)


class ReviewForm(forms.Form):
    """What the feasibility review found."""

    verdict = forms.ChoiceField(
        label=_("verdict"),
        choices=[("accept", _("It can be done: put it on the ballot")), ("reject", _("It cannot be done"))],
        widget=forms.RadioSelect,
    )
    reasons = CleanText(
        label=_("reasons"),
        help_text=_("They are public."),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
    )
    cost = forms.IntegerField(label=_("cost in yuan"), required=False, min_value=0, max_value=10**12)
    law = CleanText(label=_("legal basis"), required=False, max_length=300)

    def found(self) -> Verdict:
        said = self.cleaned_data
        return Verdict(said["verdict"] == "accept", said["reasons"], said["cost"], said["law"])


class MergeForm(forms.Form):
    """Which candidate of the same year it goes into."""

    into = forms.ModelChoiceField(Candidate.objects.none(), label=_("put together with"), empty_label=NOT_CHOSEN)

    def __init__(self, *args: Any, candidate: Candidate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        standing = Candidate.objects.filter(
            edition=candidate.edition, state__in=[*UNDECIDED, CandidateState.ACCEPTED]
        ).exclude(pk=candidate.pk)
        self.fields["into"].queryset = standing.order_by("title")  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Why; it is public."""

    reason = CleanText(label=_("reasons"), max_length=300, widget=forms.Textarea({"rows": 2}))


class MilestoneForm(forms.Form):
    """A step somebody promises by a date."""

    title = CleanText(label=_("step"), max_length=80)
    unit = forms.ModelChoiceField(Unit.objects.active(), label=_("responsible"), empty_label=NOT_CHOSEN)
    due_on = day_field(label=_("due"))


class MoveForm(ReasonForm):
    """Another date for a step, with the reason."""

    due_on = day_field(label=_("new date"))
    field_order = ["due_on", "reason"]


class FinishForm(forms.Form):
    """When a step was done."""

    done_on = day_field(label=_("done on"))
    note = CleanText(label=_("note"), required=False, max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["done_on"].initial = timezone.localdate()


class ReportForm(forms.Form):
    """What has been done, with photos."""

    text = CleanText(label=_("what has been done"), max_length=2000, widget=forms.Textarea({"rows": 4}))
    photos = Files(label=_("Photos"), required=False, help_text=_("Nobody should be recognised without having agreed."))


class MeasureForm(forms.Form):
    """A rule or measure that was issued."""

    title = CleanText(label=_("title"), max_length=120)
    document_number = CleanText(label=_("document number"), max_length=40)
    issued_on = day_field(label=_("issued on"))
    summary = CleanText(label=_("what it changes"), required=False, max_length=300)


class MonthField(forms.DateField):
    """A month, as the browser's own control gives it; the value is its first day."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            widget=forms.DateInput({"type": "month"}, format=MONTH), input_formats=[MONTH, "%Y-%m-%d"], **options
        )

    def clean(self, value: Any) -> date | None:
        day = super().clean(value)
        return day.replace(day=1) if day else None


class BeneficiaryForm(forms.Form):
    """How many people were served in a month, by which definition and from which source."""

    month = MonthField(label=_("month"))
    definition = CleanText(
        label=_("who is counted"),
        max_length=80,
        help_text=_("For example: people whose household registration was moved."),
        widget=forms.TextInput({"list": "definitions"}),
    )
    number = forms.IntegerField(label=_("people"), min_value=0, max_value=3_000_000)
    source = CleanText(label=_("source of the figure"), max_length=80, widget=forms.TextInput({"list": "sources"}))


class SettleForm(forms.Form):
    """Whether it was delivered, how far the target was reached, and what came of it."""

    outcome = forms.ChoiceField(
        label=_("outcome"),
        choices=[("delivered", _("Delivered")), ("not_delivered", _("Not delivered"))],
        widget=forms.RadioSelect,
    )
    achieved = forms.IntegerField(label=_("reached"), min_value=0, max_value=2_000_000_000)
    closing_words = CleanText(
        label=_("what came of it"), max_length=500, widget=forms.Textarea({"rows": 3}), help_text=_("It is public.")
    )


def first_year_free() -> int:
    """The year a new edition would be for."""
    newest = Edition.objects.order_by("-year").values_list("year", flat=True).first()
    return (newest or timezone.localdate().year) + 1

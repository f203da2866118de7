"""What is asked for before anybody is asked: a wave, its population, questions, pollsters and their keys."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from evaluations.models import Pollster, Questionnaire, Wave
from evaluations.services import Question
from evaluations.states import Indicator, SubjectKind, WaveKind

ABOUT = [("", _("the city as a whole")), *SubjectKind.choices]
FEWEST_ROWS, MORE_ROWS, MOST_ROWS = 5, 5, 40
DAY = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
MARGINS_HELP = _("CSV or Excel with the columns margin, category, people; a margin is area or age_sex.")


class MarginsForm(forms.Form):
    """The population, as a file."""

    margins = forms.FileField(label=_("population (CSV or XLSX)"), help_text=MARGINS_HELP)


class FrameFileForm(forms.Form):
    """A frame drawn elsewhere."""

    file = forms.FileField(
        label=_("frame (CSV or XLSX)"),
        help_text=_("Columns reference, area, age_sex, subjects; several subjects with a blank between them."),
    )


class WaveForm(forms.Form):
    """One round of asking."""

    title = forms.CharField(label=_("title"), max_length=80)
    code = forms.SlugField(label=_("code"), max_length=32, help_text=_("Short, with a digit, as 2026-1."))
    kind = forms.ChoiceField(
        label=_("kind"),
        choices=WaveKind.choices,
        help_text=_("The two kinds are never averaged with one another."),
    )
    year = forms.IntegerField(label=_("year"), min_value=2009, max_value=2100)
    starts = forms.DateField(label=_("from"), widget=DAY)
    ends = forms.DateField(label=_("to"), widget=DAY)
    pollster = forms.ModelChoiceField(Pollster.objects.none(), label=_("pollster"))
    questionnaire = forms.ModelChoiceField(Questionnaire.objects.none(), label=_("questionnaire"))
    positive_levels = forms.TypedMultipleChoiceField(
        label=_("answers that count as positive"),
        choices=[(n, str(n)) for n in range(1, 6)],
        coerce=int,
        initial=[4, 5],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("1 is the worst, 5 the best. This is written beside every figure."),
    )
    margins = forms.FileField(label=_("population (CSV or XLSX)"), required=False, help_text=MARGINS_HELP)
    like = forms.ModelChoiceField(
        Wave.objects.none(),
        label=_("or the population of an earlier wave"),
        required=False,
        to_field_name="code",
        empty_label=_("none"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = {
            "pollster": Pollster.objects.filter(is_active=True).order_by("code"),
            "questionnaire": Questionnaire.objects.order_by("code", "-version"),
            "like": Wave.objects.order_by("-starts", "code"),
        }
        for name, rows in choices.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        self.fields["like"].label_from_instance = lambda wave: wave.title  # type: ignore[attr-defined]
        self.fields["questionnaire"].label_from_instance = _named  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not said.get("margins") and not said.get("like") and "margins" not in self.errors:
            self.add_error("margins", _("Please choose a file, or an earlier wave below."))
        return said


def _named(asked: Questionnaire) -> str:
    return f"{asked.title} · {asked.code}-{asked.version}"


class QuestionnaireForm(forms.Form):
    """What a version of the questions is called."""

    code = forms.SlugField(
        label=_("code"), max_length=32, help_text=_("The same code again makes the next version of it.")
    )
    title = forms.CharField(label=_("title"), max_length=80)


class QuestionForm(forms.Form):
    """One question; a row left empty is none."""

    text = forms.CharField(label=_("question"), max_length=200)
    text_en = forms.CharField(label=_("question in English"), max_length=300, required=False)
    code = forms.SlugField(label=_("column in the file"), max_length=32)
    indicator = forms.ChoiceField(label=_("indicator"), choices=[("", "—"), *Indicator.choices])
    about = forms.ChoiceField(label=_("asked about"), choices=ABOUT, required=False)
    is_reversed = forms.BooleanField(label=_("turned round: 1 is the best"), required=False)
    is_foil = forms.BooleanField(label=_("names somebody who does not exist"), required=False)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("is_foil") and said.get("indicator") not in ("", None, Indicator.FAMILIARITY):
            self.add_error("indicator", _("Whether people know somebody who does not exist measures familiarity."))
        if said.get("is_foil") and said.get("about"):
            self.add_error("about", _("Somebody who does not exist is no officer and no unit."))
        return said

    def as_question(self) -> Question:
        return Question(**self.cleaned_data)


class _Questions(forms.BaseFormSet):
    """Codes are unique; at least one row is filled in."""

    def clean(self) -> None:
        seen: set[str] = set()
        for form in self.filled():
            code = form.cleaned_data.get("code", "")
            if code and code in seen:
                form.add_error("code", _("Every question has a code of its own."))
            seen.add(code)
        if not seen and not any(self.errors):
            raise forms.ValidationError(_("A questionnaire has at least one question."))

    def filled(self) -> list[QuestionForm]:
        return [form for form in self.forms if form.has_changed() and hasattr(form, "cleaned_data")]


Questions = forms.formset_factory(QuestionForm, formset=_Questions, extra=0, max_num=MOST_ROWS, absolute_max=MOST_ROWS)


class PollsterForm(forms.Form):
    """A company that polls."""

    name = forms.CharField(label=_("name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    code = forms.SlugField(label=_("code"), max_length=32)


class MemberForm(forms.Form):
    """Somebody who hands in for a pollster."""

    login = forms.CharField(label=_("badge number or account"), max_length=40)


class KeyForm(forms.Form):
    """The public half of a key."""

    public_key = forms.CharField(label=_("public key"), max_length=64, help_text=_("64 hexadecimal digits"))


class RevokeForm(forms.Form):
    """Why a key is not to be trusted any more."""

    reason = forms.CharField(label=_("reason"), max_length=200)

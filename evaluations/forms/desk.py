"""What the desk of polls and appraisals asks for."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from directory.models import Officer
from evaluations.services import SchemePlan
from evaluations.services.appeals import LONGEST
from evaluations.sources import SOURCES
from evaluations.states import SubjectKind


class GroupsForm(forms.Form):
    """Which groups of officers and stations a wave asks about."""

    groups = forms.MultipleChoiceField(label=_("whom we ask about"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, groups: Sequence[tuple[str, str, int]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["groups"]
        field.choices = [(code, f"{words} · {count}") for code, words, count in groups]  # type: ignore[attr-defined]
        field.initial = [code for code, _words, _count in groups]


class FrameForm(forms.Form):
    """How many interviews, and the seed of the draw."""

    size = forms.IntegerField(label=_("interviews to be done"), min_value=1, max_value=200_000, initial=3_000)
    seed = forms.CharField(
        label=_("seed"), max_length=64, help_text=_("Any words or digits: the same seed draws the same people.")
    )


class HandInForm(forms.Form):
    """A file with its signature."""

    file = forms.FileField(label=_("file (CSV or XLSX)"))
    key = forms.RegexField(r"^[0-9a-fA-F]{64}$", label=_("public key"), help_text=_("64 hexadecimal digits"))
    signature = forms.RegexField(
        r"^[0-9a-fA-F]{128}$",
        label=_("signature"),
        help_text=_("Ed25519 over the SHA-256 of the file, 128 hexadecimal digits"),
        widget=forms.Textarea({"rows": 3}),
    )


class SchemeForm(forms.Form):
    """Whom a scheme is for, and the weight of every source in basis points; empty is nought."""

    year = forms.IntegerField(label=_("year"))
    about = forms.ChoiceField(label=_("for"), choices=SubjectKind.choices)
    role = forms.ChoiceField(
        label=_("position"),
        choices=[("", _("every position, or a unit")), *Officer.Position.choices],
        required=False,
    )
    title = forms.CharField(label=_("name of the scheme"), max_length=80)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].initial = timezone.localdate().year
        for key, source in SOURCES.items():
            field = forms.IntegerField(label=source.label, min_value=0, max_value=10_000, required=False)
            field.widget.attrs["data-weight"] = "public" if source.is_public else "house"
            self.fields[f"w_{key}"] = field

    def public(self) -> Iterator[forms.BoundField]:
        return (self[f"w_{key}"] for key, source in SOURCES.items() if source.is_public)

    def house(self) -> Iterator[forms.BoundField]:
        return (self[f"w_{key}"] for key, source in SOURCES.items() if not source.is_public)

    def sums(self) -> tuple[int, int]:
        """The whole and the public's part of what was typed, as far as it is numbers."""
        said = getattr(self, "cleaned_data", {})
        weights = {key: said.get(f"w_{key}") or 0 for key in SOURCES}
        return sum(weights.values()), sum(n for key, n in weights.items() if SOURCES[key].is_public)

    def plan(self) -> SchemePlan:
        said = self.cleaned_data
        weights = {key: said[f"w_{key}"] for key in SOURCES if said[f"w_{key}"]}
        return SchemePlan(said["year"], said["about"], said["title"], weights, said["role"])


class AppealForm(forms.Form):
    """What is wrong."""

    text = forms.CharField(
        label=_("What is wrong?"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 5}),
        help_text=_("Say which line, and why. If it is about a case, please give its number."),
    )


class DecideForm(forms.Form):
    """The decision on an appeal."""

    outcome = forms.ChoiceField(
        label=_("What is decided about the appeal"),
        choices=[("upheld", _("Right: work everything out again")), ("rejected", _("Not right: the figures stand"))],
        widget=forms.RadioSelect,
    )
    reasons = forms.CharField(
        label=_("Reasons"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 5}),
        help_text=_("The appraised reads this."),
    )
    not_counted = forms.CharField(
        label=_("Cases that no longer count"),
        required=False,
        max_length=1_000,
        help_text=_("Numbers of cases of the appraised, with spaces between; only where the appeal is right."),
    )

    def decision(self) -> dict[str, Any]:
        said = self.cleaned_data
        numbers = said["not_counted"].replace(",", " ").replace("，", " ").split()
        return {"uphold": said["outcome"] == "upheld", "reasons": said["reasons"], "not_counted": numbers}

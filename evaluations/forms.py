"""What the desk of polls asks for."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


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

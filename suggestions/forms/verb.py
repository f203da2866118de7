"""What every form of the desk has: the step its page had shown, choices that fit the case, saved texts."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from core.fields import FROM_THE_LIST, CleanText
from directory.models import Unit
from suggestions import limits
from suggestions.models import Suggestion
from suggestions.redaction import Piece
from suggestions.services.routing import is_conflicted, looks_into_conduct

BIGGEST = 2**63 - 1
SLOT = re.compile(r"\{\{[^{}]*\}\}")
INDENT = "\u3000"


def words(label: Any, *, rows: int = 5, longest: int = limits.REASON, **options: Any) -> CleanText:
    """A text of several lines."""
    return CleanText(label=label, max_length=longest, widget=forms.Textarea({"rows": rows}), **options)


def unit_choices(units: Iterable[Unit], empty: Any) -> list[tuple[Any, Any]]:
    """Units in the order of their tree, those below indented under those above."""
    indented = ((unit.pk, f"{INDENT * (unit.path.count('/') - 2)}{unit.local_name}") for unit in units)
    return [("", empty), *indented]


def unit_field(label: Any, **options: Any) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(Unit.objects.active(), label=label, error_messages=FROM_THE_LIST, **options)


class VerbForm(forms.Form):
    """What one verb asks for; ``seen`` is the newest step of the case that the page had shown.

    ``saved_texts_for``: the field that a saved text can be put into. ``originals``: by field, the words that it is made
    from, cut where something is marked.
    """

    saved_texts_for: ClassVar[str] = ""
    originals: Mapping[str, Sequence[Piece]] = {}
    seen = forms.IntegerField(required=False, min_value=0, max_value=BIGGEST, widget=forms.HiddenInput)

    def __init__(self, *args: Any, case: Suggestion, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case, self.user = case, user
        self.prepare()

    def prepare(self) -> None:
        """Fill in what depends on the case: choices, first values, fields that do not apply."""

    def saw(self, step: int) -> None:
        """The page drawn now shows this step, also where an older form is drawn again."""
        self.initial["seen"] = step
        if self.is_bound:
            self._put("seen", str(step))

    def insert(self, text: str) -> None:
        """Put a saved text behind what was typed."""
        typed = self.data.get(self.add_prefix(self.saved_texts_for), "").rstrip()
        self._put(self.saved_texts_for, f"{typed}\n\n{text}" if typed else text)

    def _put(self, name: str, value: str) -> None:
        data = cast("QueryDict", self.data).copy()
        data[self.add_prefix(name)] = value
        self.data = data

    def _units(self, name: str, empty: Any, *, among: QuerySet[Unit] | None = None, current: bool = False) -> None:
        """Offer the units that may answer for this case; the one that does already only where it is ``current``."""
        units = (Unit.objects.active() if among is None else among).select_related("parent").order_by("path")
        subjects = [(subject.unit, subject.officer) for subject in self.case.subjects.all()]
        offered = [u for u in units if (current or u.pk != self.case.unit_id) and not is_conflicted(u, subjects)]
        if self.case.seems_complaint:
            offered = [unit for unit in offered if looks_into_conduct(unit)]
        self.fields[name].widget.choices = unit_choices(offered, empty)


def without_slots(text: str) -> str:
    """Raises: ValidationError naming the {{slots}} of a saved text that nobody has filled in."""
    slots = list(dict.fromkeys(SLOT.findall(text)))
    if slots:
        raise ValidationError(_("Please fill in what stands in braces: %(slots)s"), params={"slots": " ".join(slots)})
    return text

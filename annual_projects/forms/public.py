"""The citizen's forms: propose, join, rate."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from annual_projects.services import Idea
from core.fields import CleanText
from core.text import clean
from directory.fields import area_choices, area_field
from directory.models import Area
from suggestions.fields import category_field
from suggestions.states import RATING_LEVELS

KEY_LENGTH = 64


class OnceForm(forms.Form):
    """A form that counts once, however often it is sent."""

    idempotency_key = CleanText(required=False, max_length=KEY_LENGTH, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["idempotency_key"].initial = uuid4().hex

    def clean_idempotency_key(self) -> str:
        return self.cleaned_data["idempotency_key"] or uuid4().hex


class NominateForm(OnceForm):
    """What somebody wishes the police would do next year."""

    title = CleanText(
        label=_("What should be done?"),
        help_text=_("In one line, for example: keep the household window open on Saturdays."),
        max_length=60,
    )
    text = CleanText(
        label=_("Why, and for whom?"),
        help_text=_("Say it in your own words. What happens today, and how often?"),
        max_length=1000,
        widget=forms.Textarea({"rows": 5}),
    )
    outcome = CleanText(
        label=_("What would be different by the end of the year?"),
        required=False,
        max_length=300,
        widget=forms.Textarea({"rows": 2}),
    )
    category = category_field()
    area = area_field()
    organisation = CleanText(
        label=_("If you speak for an organisation, its name"),
        help_text=_("The name of the organisation is shown; your own name never is."),
        required=False,
        max_length=80,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = clean(str(self["area"].value() or ""))
        chosen = Area.objects.filter(code=code).first() if len(code) == 12 else None
        self.fields["area"].widget.choices = area_choices(chosen)

    def idea(self) -> Idea:
        """What the valid form proposes, as the service takes it."""
        said = self.cleaned_data
        return Idea(**{name: said[name] for name in ("title", "text", "outcome", "category", "area", "organisation")})


class JoinForm(OnceForm):
    """«I want this too», with a word of one's own."""

    text = CleanText(
        label=_("Why do you want this too?"),
        help_text=_("One sentence is enough."),
        max_length=1000,
        widget=forms.Textarea({"rows": 2}),
    )


class RateForm(forms.Form):
    """What a project was worth, on the national five levels."""

    level = forms.TypedChoiceField(  # type: ignore[call-arg]  # the stubs do not know template_name yet
        label=_("What do you think of this project?"),
        choices=RATING_LEVELS,
        coerce=int,
        widget=forms.RadioSelect,
        template_name="components/rating.html",
        error_messages={"invalid_choice": _("Please choose one of the five.")},
    )
    comment = CleanText(
        label=_("Is there something you want to add?"),
        required=False,
        max_length=300,
        widget=forms.Textarea({"rows": 2}),
    )

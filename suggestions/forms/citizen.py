"""The citizen's forms: speak, find, rate, reopen, add, answer, withdraw."""

from typing import Any, cast
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts import phones
from core.errors import Invalid
from core.fields import CleanText, Digits, Files
from core.said import limit
from core.text import clean
from directory.fields import area_choices, area_field
from directory.models import Area
from suggestions import limits
from suggestions.fields import MOST_SUBJECTS, Subjects, category_field, resolve, subject_name, subject_value
from suggestions.models import Category, Rating, Suggestion
from suggestions.queries.accused import Accused, accused, named
from suggestions.services import Voice, listen
from suggestions.services.listen import LONGEST_WHOM
from suggestions.states import RATING_LEVELS, State

LONGEST_BODY = listen.LONGEST
KEY_LENGTH = 64
FIRST_YEAR = 2009  # since when the city's police have worked to this idea

RATING_REASONS = (
    ("solved", _("It is solved")),
    ("quick", _("It went quickly")),
    ("kind", _("I was treated well")),
    ("clear", _("The answer was clear")),
    ("unsolved", _("It is not solved")),
    ("slow", _("It took too long")),
    ("unkind", _("I was treated badly")),
    ("unclear", _("The answer says nothing")),
)


class SpeakForm(forms.Form):
    """Everything a citizen may say at once; only the words themselves are required."""

    body = CleanText(
        label=_("What do you want to tell us?"),
        help_text=_("Put it in your own words: what it is, where it is, what you wish for."),
        max_length=LONGEST_BODY,
        widget=forms.Textarea({"rows": 7}),
        error_messages={
            "required": _("Please write what you want to tell us."),
            "max_length": _("This is too long: at most %(limit_value)d characters, and you wrote %(show_value)d."),
        },
    )
    category = category_field()
    area = area_field()
    place = CleanText(
        label=_("The exact place"),
        help_text=_("For example a street and number, a crossing, a housing estate."),
        required=False,
        max_length=limit(Suggestion, "place"),
    )
    title = CleanText(
        label=_("A title"),
        help_text=_("Leave it empty and we take your first sentence."),
        required=False,
        max_length=limit(Suggestion, "title"),
    )
    attachments = Files(
        label=_("Photos or papers"),
        help_text=_("Up to 6 photos or PDF files. Where and when a photo was taken is removed from it."),
        required=False,
    )
    contact_name = CleanText(
        label=_("How shall we call you?"),
        required=False,
        max_length=listen.LONGEST_NAME,
        widget=forms.TextInput({"autocomplete": "name", "data-private": True}),
    )
    contact_phone = CleanText(
        label=_("Mobile number"),
        help_text=_("We send a message when there is an answer. Nobody you complain about ever sees it."),
        required=False,
        max_length=phones.LONGEST,
        widget=forms.TextInput({"autocomplete": "tel", "inputmode": "tel", "data-private": True}),
    )
    anonymous = forms.BooleanField(
        label=_("Stay anonymous: keep no name and no number"),
        required=False,
    )
    subjects = Subjects(label=_("Who is it about?"), required=False)
    who = CleanText(
        label=_("Name of the unit or officer, or badge number"),
        help_text=_("You do not know the name? Write what you know: the station, and what the officer looked like."),
        required=False,
        max_length=LONGEST_WHOM,
    )
    is_complaint = forms.TypedChoiceField(
        choices=[("yes", _("Yes, and they shall not handle it")), ("no", _("No, it is not"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    publish = forms.BooleanField(
        label=_("You may show it, with the answer, on the public board"),
        help_text=_("Without my name and number. Others with the same trouble can find the answer and support it."),
        required=False,
    )
    idempotency_key = CleanText(required=False, max_length=KEY_LENGTH, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["idempotency_key"].initial = uuid4().hex
        self.fields["area"].widget.choices = area_choices(self._chosen_area())

    def _chosen_area(self) -> Area | None:
        code = str(self["area"].value() or "")
        return Area.objects.filter(code=code).first() if len(code) == 12 and code.isdigit() else None

    def clean_contact_phone(self) -> str:
        typed = self.cleaned_data["contact_phone"]
        if not typed or self.data.get("anonymous"):
            return ""
        try:
            return phones.normalise(typed)
        except Invalid as error:
            raise ValidationError(error.message) from error

    def clean_idempotency_key(self) -> str:
        return self.cleaned_data["idempotency_key"] or uuid4().hex

    def voice(self) -> Voice:
        """What the valid form says, as the service takes it."""
        words = {name: value for name, value in self.cleaned_data.items() if name not in _NOT_IN_THE_VOICE}
        return Voice(**{"channel": "web", **words, **self._about_whom()})

    def _about_whom(self) -> dict[str, Any]:
        """Whom it is about. Whoever the page had only suggested counts as named once the citizen has said yes; and what
        was typed is an answer, too, whether the directory knows it or not."""
        answer, typed, ticked = (self.cleaned_data[name] for name in ("is_complaint", "who", "subjects"))
        if not answer and ticked:
            suggested = self.accused.subjects
            ticked = [pair for pair in ticked if pair not in suggested]
        found = [pair for pair in named(typed) if pair not in ticked] if typed else []
        subjects = [*ticked, *found][:MOST_SUBJECTS]
        unknown = "" if any(typed in subject_name(pair) for pair in subjects) else typed
        contradicts = answer is False and bool(subjects or unknown)
        return {"subjects": subjects, "about_whom": unknown, "is_complaint": None if contradicts else answer}

    @cached_property
    def accused(self) -> Accused:
        """Whom the words as sent seem to complain of."""
        code = str(self["area"].value() or "")
        area = Area.objects.filter(code=code).first() if code.isdigit() else None
        words = f"{self['title'].value() or ''}\n{self['body'].value() or ''}"
        return accused(clean(words[: LONGEST_BODY + 100]), area=area)

    @property
    def suggested(self) -> list[tuple[str, str, bool]]:
        """Whom the page asks about, as (value, name, ticked): named in the words, until it is unticked."""
        sent, shown = self["subjects"].value() or [], self._sent("suggested")
        return [
            (value, subject_name(pair), value in sent or (value not in shown and self.accused.named))
            for pair in self.accused.subjects
            for value in [subject_value(pair)]
        ]

    @property
    def whom(self) -> str:
        """The names that stand in the words, for the question."""
        pairs = self.accused.subjects if self.accused.named else ()
        return str(_(", ")).join(officer.name if officer else unit.local_name for unit, officer in pairs)

    def _sent(self, name: str) -> list[str]:
        return cast(QueryDict, self.data).getlist(name) if self.is_bound else []

    @property
    def named(self) -> list[tuple[str, str]]:
        """The subjects as sent, with their names, to show them again; unknown ones are left out."""
        found = []
        for value in self["subjects"].value() or []:
            try:
                found += [(value, subject_name(pair)) for pair in resolve([value])]
            except ValidationError:
                continue
        return found

    @property
    def ticked(self) -> list[tuple[str, str]]:
        """Those named besides whom the page asks about."""
        asked = {value for value, _name, _ticked in self.suggested}
        return [(value, name) for value, name in self.named if value not in asked]

    def renew_key(self) -> None:
        """A fresh key for the next sending: the old one stands for a case that is already written down."""
        fresh = cast(QueryDict, self.data).copy()
        fresh["idempotency_key"] = uuid4().hex
        self.data = fresh


_NOT_IN_THE_VOICE = ("attachments", "idempotency_key", "who")


class FindForm(forms.Form):
    """The two things that open one's own case."""

    code = CleanText(
        label=_("Tracking code"),
        help_text=_("13 letters and digits from your receipt. Small letters and spaces do not matter."),
        max_length=60,
        widget=forms.TextInput(
            {
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "data-prefill-code": True,
                "data-private": True,
            }
        ),
        error_messages={"required": _("Please enter the tracking code from your receipt.")},
    )
    phone_tail = Digits(
        label=_("Last four digits of your mobile number"),
        help_text=_("Only if you left a number."),
        required=False,
        max_length=8,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "data-private": True}),
    )


class RateForm(forms.Form):
    """The five levels of the national scale, reasons to tick, and words."""

    level = forms.TypedChoiceField(
        label=_("How satisfied are you with this answer?"),
        choices=RATING_LEVELS,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Please choose one of the five."),
            "invalid_choice": _("Please choose one of the five."),
        },
    )
    reasons = forms.MultipleChoiceField(
        label=_("What was it?"),
        choices=RATING_REASONS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    comment = CleanText(
        label=_("In your words"),
        required=False,
        max_length=limit(Rating, "comment"),
        widget=forms.Textarea({"rows": 3}),
    )


class ReopenForm(forms.Form):
    """Why the answer is not enough."""

    reason = CleanText(
        label=_("What is still not right?"),
        help_text=_("The unit has to work on it again, with a new promised date."),
        max_length=limits.REASON,
        widget=forms.Textarea({"rows": 5}),
        error_messages={"required": _("Please say what is still not right.")},
    )


class AddForm(forms.Form):
    """Something more to say, or something to show."""

    text = CleanText(
        label=_("What do you want to add?"), required=False, max_length=limits.ADDED, widget=forms.Textarea({"rows": 5})
    )
    attachments = Files(label=_("Photos or papers"), required=False)

    def clean(self) -> dict[str, Any]:
        content = super().clean() or self.cleaned_data
        if not self.errors and not content.get("text") and not content.get("attachments"):
            self.add_error("text", _("Please write something or choose a photo."))
        return content


class AnswerForm(AddForm):
    """The citizen's answer to a question of the police."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("Your answer")
        self.fields["text"].required = True


class WithdrawForm(forms.Form):
    """Why it is taken back; may stay empty."""

    reason = CleanText(
        label=_("Why do you take it back?"),
        required=False,
        max_length=limits.REASON,
        widget=forms.Textarea({"rows": 3}),
    )


HIDDEN_STATES = (State.WITHDRAWN, State.MERGED)
STATES_TO_CHOOSE = [
    ("", _("All states")),
    *((state.value, state.label) for state in State if state not in HIDDEN_STATES),
]


def years_to_choose() -> list[tuple[Any, Any]]:
    """The years the board has, the newest first."""
    years = range(timezone.localdate().year, FIRST_YEAR - 1, -1)
    return [("", _("All years")), *((year, str(year)) for year in years)]


class BoardForm(forms.Form):
    """What to look for on the public board. A value that makes no sense is as good as none."""

    q = CleanText(label=_("Words"), required=False, max_length=100)
    category = forms.ModelChoiceField(
        Category.objects.filter(is_active=True), label=_("Subject"), required=False, empty_label=_("All subjects")
    )
    area = forms.ModelChoiceField(Area.objects.all(), label=_("Place"), required=False)
    unit = forms.SlugField(required=False, widget=forms.HiddenInput)
    state = forms.ChoiceField(label=_("State"), required=False, choices=STATES_TO_CHOOSE)
    year = forms.TypedChoiceField(
        label=_("Year"), required=False, choices=years_to_choose, coerce=int, empty_value=None
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].widget.choices = [("", _("The whole city")), *area_choices()[1:]]

    @property
    def wanted(self) -> dict[str, Any]:
        """The filters that make sense."""
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value}

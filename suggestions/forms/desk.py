"""What the desk fills in: one small form a verb."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.fields import FROM_THE_LIST, CleanText
from core.said import limit
from core.text import clean
from directory.fields import area_choices
from directory.models import Area, Officer, Unit
from suggestions import access, limits, services
from suggestions.fields import resolve, subject_name
from suggestions.forms.citizen import LONGEST_BODY
from suggestions.forms.verb import VerbForm, unit_choices, unit_field, without_slots, words
from suggestions.models import Category, Extension, Question, Reply, Subject, Suggestion
from suggestions.models.desk import LONGEST_EXTENSION
from suggestions.queries import desk_case
from suggestions.services.subjects import is_unread, named_in_the_words
from suggestions.states import ReplyState, StandingAnswer


class PlainForm(VerbForm):
    """A verb that asks for nothing but the press of its button."""


class ClassifyForm(VerbForm):
    """What it is about, and where."""

    category = forms.ModelChoiceField(
        Category.objects.filter(is_active=True),
        label=_("Category"),
        empty_label=None,
        error_messages=FROM_THE_LIST,
    )
    area = forms.ModelChoiceField(Area.objects.all(), label=_("Area"), required=False, error_messages=FROM_THE_LIST)

    def prepare(self) -> None:
        self.fields["category"].initial, self.fields["area"].initial = self.case.category_id, self.case.area_id
        self.fields["area"].widget.choices = area_choices(self.case.area)


class GivenToUnit(VerbForm):
    """A case that goes to a unit: where its words name one, or could be about the police, somebody has to say that it
    is no complaint about them."""

    no_complaint = forms.BooleanField(required=False)

    def prepare(self) -> None:
        super().prepare()
        field = self.fields["no_complaint"]
        names = gettext(", ").join(unit.local_name for unit in named_in_the_words(self.case))
        if names:
            label = _("The words name %(names)s. I have read them: it is no complaint about them.")
            field.label = label % {"names": names}
        elif is_unread(self.case):
            field.label = _("This could be about the police. I have read it: it is no complaint about them.")
        else:
            del self.fields["no_complaint"]


class AssignForm(GivenToUnit):
    """Who answers; by the rules if nobody is chosen."""

    unit = unit_field(_("Give it to"), required=False)
    note = words(
        _("A note for the unit"), rows=2, longest=limits.NOTE, required=False, help_text=_("Only staff read it.")
    )
    field_order = ["unit", "note", "no_complaint"]

    def prepare(self) -> None:
        super().prepare()
        self._units("unit", _("By the rules, as suggested"), current=True)


class AcceptAndAssignForm(GivenToUnit, ClassifyForm):
    """Both at once."""

    unit = unit_field(_("Give it to"), required=False)
    field_order = ["category", "area", "unit", "no_complaint"]

    def prepare(self) -> None:
        super().prepare()
        self._units("unit", _("By the rules, as suggested"), current=True)


class DeclineForm(VerbForm):
    """The reason, for the citizen."""

    saved_texts_for = "reason"
    reason = words(
        _("Why it is not ours to do, and who can help"),
        longest=limit(Reply, "text"),
        help_text=_("The citizen reads this word for word."),
        error_messages={"required": _("Say why, in words the citizen understands.")},
    )

    def clean_reason(self) -> str:
        return without_slots(self.cleaned_data["reason"])


class MergeForm(GivenToUnit):
    """The case it follows from now on."""

    into = CleanText(
        label=_("Number of the case that goes on"),
        help_text=_("The answer there is then the answer here, and this citizen is told too."),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    standing_answer = forms.ChoiceField(choices=StandingAnswer, widget=forms.RadioSelect)
    field_order = ["into", "standing_answer", "no_complaint"]

    def prepare(self) -> None:
        """Where the other case has its answer already, that answer is read before this citizen is given it."""
        super().prepare()
        named = self.data.get("into", "") if self.is_bound else self.initial.get("into", "")
        self.leader = Suggestion.objects.visible_to(self.user).filter(number=clean(named).strip()).first()
        self.standing = services.answer_standing(self.leader) if self.leader else None
        if self.standing is None:
            del self.fields["standing_answer"]
            return
        field, asked = self.fields["standing_answer"], services.asks_about(self.standing)
        field.label, field.error_messages["required"] = asked, asked

    def clean_into(self) -> Suggestion:
        if self.leader is None:
            raise ValidationError(_("There is no case with this number."))
        return self.leader


class SplitForm(ClassifyForm):
    """The words that become a case of their own."""

    body = words(
        _("The words of the new case"),
        rows=7,
        longest=LONGEST_BODY,
        help_text=_("Keep only what the new case is about. The first case keeps all its words."),
        error_messages={"required": _("Copy the words that the new case is about.")},
    )
    field_order = ["body", "category", "area"]

    def prepare(self) -> None:
        super().prepare()
        self.fields["body"].initial = self.case.body


class NameSubjectForm(VerbForm):
    """The unit, or by badge number the officer, that is complained of."""

    needed = True

    unit = unit_field(_("Unit"), required=False)
    badge = CleanText(
        label=_("Badge number of an officer"),
        required=False,
        max_length=10,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )

    def prepare(self) -> None:
        units = Unit.objects.active().order_by("path")
        self.fields["unit"].widget.choices = unit_choices(units, _("The officer's own"))

    def clean(self) -> dict[str, Any]:
        content = super().clean() or self.cleaned_data
        badge = content.pop("badge", "")
        if badge and not self.errors:
            try:
                content["unit"], content["officer"] = resolve([f"officer:{badge}"])[0]
            except ValidationError as error:
                self.add_error("badge", error)
        elif self.needed and not content.get("unit") and not self.errors:
            self.add_error("unit", _("Choose a unit or enter a badge number."))
        return content


class SettleForm(NameSubjectForm):
    """Whether what seems to be a complaint about the police is one, and of whom."""

    needed = False
    is_complaint = forms.TypedChoiceField(
        label=_("Is it a complaint about the police?"),
        choices=[("yes", _("Yes: those ticked do not handle it")), ("no", _("No, nobody of the police is accused"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Please decide: yes or no.")},
    )
    kept = forms.MultipleChoiceField(
        label=_("About whom?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("This has changed meanwhile. Please look once more.")},
    )
    reason = words(
        _("Why, where it is none or somebody is not meant"),
        rows=2,
        required=False,
        help_text=_("Only staff read it, and it stays in the ledger."),
    )
    field_order = ["is_complaint", "kept", "unit", "badge", "reason"]

    def prepare(self) -> None:
        super().prepare()
        suspects = [one for one in self.case.subjects.all() if one.source == Subject.Source.WORDS]
        self.suspects = {str(one.pk): (one.unit, one.officer) for one in suspects}
        kept = cast("forms.MultipleChoiceField", self.fields["kept"])
        kept.choices = [(str(one.pk), subject_name((one.unit, one.officer))) for one in suspects]
        kept.initial = list(self.suspects)
        self.fields["unit"].label = _("Somebody else: unit")
        if not suspects:
            del self.fields["kept"]

    def clean(self) -> dict[str, Any]:
        content = super().clean()
        named = [self.suspects[pk] for pk in content.pop("kept", [])]
        unit, officer = content.pop("unit", None), content.pop("officer", None)
        content["subjects"] = [*named, *([(unit, officer)] if unit else [])]
        return content


class ReasonForm(VerbForm):
    """Why; only staff read it."""

    reason = words(_("Reason"), rows=3, help_text=_("Only staff read it."))


class TransferForm(GivenToUnit, ReasonForm):
    """Another unit, and why."""

    unit = unit_field(_("Pass it on to"))
    field_order = ["unit", "reason", "no_complaint"]

    def prepare(self) -> None:
        super().prepare()
        self._units("unit", _("Choose a unit"), among=access.passes_on_to(self.user))


class SetHandlerForm(VerbForm):
    """An officer of the unit."""

    officer = forms.ModelChoiceField(
        Officer.objects.none(), label=_("Officer"), empty_label=_("Choose an officer"), error_messages=FROM_THE_LIST
    )

    def prepare(self) -> None:
        named = [subject.officer_id for subject in self.case.subjects.all() if subject.officer_id]
        officers = Officer.objects.filter(unit=self.case.unit_id, is_active=True).exclude(pk__in=named)
        cast("forms.ModelChoiceField", self.fields["officer"]).queryset = officers.order_by("badge_number")
        self.fields["officer"].initial = self.case.handler_id


class CoHandlerForm(GivenToUnit):
    """A unit that helps."""

    unit = unit_field(_("Unit that helps"))
    field_order = ["unit", "no_complaint"]

    def prepare(self) -> None:
        super().prepare()
        self._units("unit", _("Choose a unit"))


class NoteForm(VerbForm):
    """Words for colleagues."""

    text = words(_("Note"), longest=limits.NOTE, help_text=_("Only staff read it."))


class AskForm(VerbForm):
    """A question to the citizen."""

    saved_texts_for = "question"
    question = words(
        _("What do you need to know?"),
        longest=limit(Question, "text"),
        help_text=_("The citizen reads this word for word. Until they answer, the clock stands still."),
    )

    def clean_question(self) -> str:
        return without_slots(self.cleaned_data["question"])


class ExtensionForm(VerbForm):
    """How much more time, and why."""

    days = forms.IntegerField(
        label=_("Working days more"),
        min_value=1,
        max_value=LONGEST_EXTENSION,
        help_text=_("At most 15, once. More than 5 are approved by two people."),
    )
    reason = words(
        _("Reason"),
        rows=3,
        longest=limit(Extension, "reason"),
        help_text=_("If it is granted, the citizen reads it word for word."),
    )


class ReplyForm(VerbForm):
    """The answer to the citizen: a new one, the draft to be changed, or the one that came back."""

    saved_texts_for = "text"
    text = words(
        _("Answer to the citizen"),
        rows=9,
        longest=limit(Reply, "text"),
        help_text=_("What was found, what was done, what comes next, and whom to call."),
        error_messages={"required": _("Please write the answer.")},
    )

    def prepare(self) -> None:
        replies = list(self.case.replies.all())
        draft = next((reply for reply in replies if reply.state == ReplyState.DRAFT), desk_case.returned_draft(replies))
        self.fields["text"].initial = draft.text if draft else ""
        self.fields["text"].widget.attrs["data-key"] = "r"

    def clean_text(self) -> str:
        return without_slots(self.cleaned_data["text"])


class ReturnForm(VerbForm):
    """What is missing in a draft."""

    reason = words(
        _("What is missing?"),
        rows=3,
        longest=limit(Reply, "returned_because"),
        help_text=_("The officer who wrote it reads this."),
    )

"""Words for others than who spoke: what is marked in them is shown above the field in which they are edited."""

from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.fields import CleanText
from core.said import limit
from suggestions.forms.citizen import LONGEST_BODY
from suggestions.forms.desk import ReplyForm
from suggestions.forms.verb import VerbForm, words
from suggestions.models import Attachment, Reply, Suggestion
from suggestions.redaction import Known, Piece, marks, neutral, pieces
from suggestions.services import knowing
from suggestions.services.listen import title_from
from suggestions.states import ReplyState

SHOW, KEEP = "show", "keep"
CHOICES = ((SHOW, _("I have read it: show it")), (KEEP, _("Keep it back")))


class PublishForm(VerbForm):
    """Title, words, every signed answer and the pictures, each read, edited, and shown or kept back.

    The marks come from the stored words: what is typed into the form is not compared with the sealed record here.
    """

    title = CleanText(label=_("Title"), max_length=limit(Suggestion, "public_title"))
    body = words(
        _("What everybody reads"),
        rows=8,
        longest=LONGEST_BODY,
        help_text=_("Take out names, house numbers and whatever shows who it is."),
    )
    pictures = forms.ModelMultipleChoiceField(
        Attachment.objects.none(),
        label=_("Pictures that everybody sees"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    all_the_same = forms.BooleanField(
        label=_("I have looked at these numbers and names: show them"),
        help_text=_("Only what everybody may know, such as the telephone of a station."),
        required=False,
    )
    reason = words(_("Why an answer is kept back"), rows=2, required=False, help_text=_("Only staff read it."))

    def prepare(self) -> None:
        case, known = self.case, knowing.known(self.case)
        self.originals: dict[str, list[Piece]] = {}
        for name, said, shown in (("title", case.title, case.public_title), ("body", case.body, case.public_body)):
            self.fields[name].initial = shown or self._proposed(name, said, known)
            self.originals[name] = pieces(said, marks(said, known))
        self.answers = [reply for reply in case.replies.all() if reply.state == ReplyState.SIGNED]
        for number, reply in enumerate(self.answers, 1):
            self._ask_of(reply, number)
            self.originals[f"answer_{reply.pk}"] = pieces(reply.text, marks(reply.text, known))
        if not self.answers:
            del self.fields["reason"]
        if not self._told():
            del self.fields["all_the_same"]
        self._offer_pictures()
        last = [name for name in ("reason", "pictures", "all_the_same") if name in self.fields]
        self.order_fields([*(name for name in self.fields if name not in last), *last])

    def _proposed(self, name: str, said: str, known: Known) -> str:
        """What is proposed to be shown; a title that was cut from the words is cut anew from what is left of them."""
        if name == "title" and said == title_from(self.case.body):
            return title_from(neutral(self.case.body, known))
        return neutral(said, known)

    def _ask_of(self, reply: Reply, number: int) -> None:
        """What an answer says to everybody, and whether it is shown: neither is said for who reads it."""
        name = f"answer_{reply.pk}"
        label = gettext("Answer %(n)s") % {"n": number} if len(self.answers) > 1 else gettext("The answer")
        self.fields[name] = words(label, rows=7, longest=LONGEST_BODY, required=False, initial=reply.neutral_text)
        self.fields[f"{name}_is"] = forms.ChoiceField(
            label=_("Is this answer shown?"),
            choices=CHOICES,
            widget=forms.RadioSelect,
            initial=SHOW if reply.published_at else KEEP if reply.public_read_at else None,
            error_messages={"required": _("Read the answer, then say whether it is shown.")},
        )

    def _offer_pictures(self) -> None:
        case = self.case
        pictures = [file for file in case.attachments.all() if file.width]
        if not pictures:
            del self.fields["pictures"]
            return
        field = cast("forms.ModelMultipleChoiceField", self.fields["pictures"])
        field.queryset = case.attachments.filter(width__isnull=False)
        field.initial = [file.pk for file in pictures if file.is_public]
        field.widget.choices = [(file.pk, gettext("Photo %(n)s") % {"n": n}) for n, file in enumerate(pictures, 1)]

    def _told(self) -> dict[str, str]:
        """By field, what was sent and still tells who somebody is, and what of it."""
        shown = [name for name in self.originals if self.is_bound and self.data.get(f"{name}_is") != KEEP]
        sent = {name: self.data.get(name, "") for name in shown}
        found = {name: [said[mark.start : mark.end] for mark in marks(said)] for name, said in sent.items()}
        return {name: str(_(", ")).join(told) for name, told in found.items() if told}

    def clean(self) -> dict[str, Any]:
        content = super().clean() or self.cleaned_data
        if not content.pop("all_the_same", False):
            for name, told in self._told().items():
                self.add_error(name, _("This still stands there: %(told)s") % {"told": told})
        content["answers"] = dict(self._said(content))
        if not all(content["answers"].values()) and not content.get("reason"):
            self.add_error("reason", _("Say why the answer is kept back."))
        return content

    def _said(self, content: dict[str, Any]) -> Iterator[tuple[int, str]]:
        """By reply, the words it is shown in, or none; the fields themselves are taken out of the content."""
        for reply in self.answers:
            name = f"answer_{reply.pk}"
            said, shown = content.pop(name, ""), content.pop(f"{name}_is", KEEP)
            if shown == SHOW and not said and name not in self.errors:
                self.add_error(name, _("Without words nothing can be shown."))
            yield reply.pk, said if shown == SHOW else ""


class SignForm(ReplyForm):
    """The draft, perhaps in better words, and beside it the same for others, without whom it greets."""

    saved_texts_for = ""
    public_text = words(
        _("The same for others"),
        rows=7,
        longest=LONGEST_BODY,
        help_text=_("It greets nobody. Whoever told us the same reads it; the public only once the desk has read it."),
    )

    def prepare(self) -> None:
        super().prepare()
        draft = self.fields["text"].initial
        self.fields["public_text"].initial = neutral(draft)
        self.originals = {"public_text": pieces(draft, marks(draft))}

    def clean(self) -> dict[str, Any]:
        """Whoever changes the answer sees what the others will read of it before it is signed."""
        content = super().clean() or self.cleaned_data
        draft, answer = self.fields["text"].initial, content.get("text", "")
        unchanged = content.get("public_text") == neutral(draft)
        if not self.errors and answer != draft and unchanged and neutral(answer) != neutral(draft):
            self.originals = {"public_text": pieces(answer, marks(answer))}
            self._put("public_text", neutral(answer))
            self.add_error("public_text", _("You have changed the answer. Please look at this wording too, then sign."))
        return content

"""Fields that forms share: cleaned text, digits, several files."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, TooMany, Unavailable
from core.files import ACCEPTED, LARGEST, CleanFile, clean_uploads
from core.text import ascii_digits, clean, is_readable

UNREADABLE = _("Some characters did not arrive; they are shown as �. Please write them anew.")
FROM_THE_LIST = {"invalid_choice": _("Please choose one from the list.")}


class CleanText(forms.CharField):
    """Text without NUL, control characters and bidi tricks; lengths are counted after cleaning. All of it arrived."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, **options)

    def to_python(self, value: Any) -> str:
        text = clean(super().to_python(value) or "")
        if not is_readable(text):
            raise ValidationError(UNREADABLE, code="unreadable")
        return text

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """A browser would cut a long paste at ``maxlength`` without a word; a text area only counts."""
        attrs = super().widget_attrs(widget)
        if isinstance(widget, forms.Textarea) and "maxlength" in attrs:
            attrs["data-limit"] = attrs.pop("maxlength")
        return attrs


class Digits(CleanText):
    """A short number as people type it: full-width digits are as good as plain ones."""

    def to_python(self, value: Any) -> str:
        return ascii_digits(super().to_python(value))


class ManyFiles(forms.ClearableFileInput):
    """A file input that takes several."""

    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__({"accept": ACCEPTED, "data-max-bytes": LARGEST})


class Files(forms.FileField):
    """Photos and papers, each looked at by content and made anew; the value is a list of ``CleanFile``."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[CleanFile]:
        uploads = [file for file in (data if isinstance(data, (list, tuple)) else [data]) if file]
        try:
            return clean_uploads(uploads)
        except (Invalid, TooMany, Unavailable) as error:
            raise ValidationError(error.message) from error

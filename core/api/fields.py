"""Fields of request bodies."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.text import clean, is_readable

UNREADABLE = _("Some characters did not arrive (�). Send it in UTF-8, or name its encoding in Content-Type.")


class CleanCharField(serializers.CharField):
    """Text without NUL, control characters and bidi tricks; lengths are counted after cleaning.

    A number is not words, and words that did not arrive whole are refused.
    """

    default_error_messages = {"unreadable": UNREADABLE}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if not is_readable(data):
            self.fail("unreadable")
        return clean(super().to_internal_value(data))

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation(clean(data) if isinstance(data, str) else data)


class MomentField(serializers.DateTimeField):
    """A moment in ISO 8601; one that no calendar holds is wrong and not an accident."""

    def to_internal_value(self, value: Any) -> Any:
        try:
            return super().to_internal_value(value)
        except OverflowError:
            return self.fail("overflow", timezone=self.timezone)

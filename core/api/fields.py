"""Fields of request bodies."""

from typing import Any

from rest_framework import serializers

from core.text import clean


class CleanCharField(serializers.CharField):
    """Text without NUL, control characters and bidi tricks; lengths are counted after cleaning."""

    def to_internal_value(self, data: Any) -> str:
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

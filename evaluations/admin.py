"""The technicians' table of what others assessed. Polls, scores and appraisals have none: no business is read here."""

from django.contrib import admin

from core.admin import ReferenceAdmin
from evaluations.models import ExternalAssessment


@admin.register(ExternalAssessment)
class ExternalAssessmentAdmin(ReferenceAdmin):
    """Year, body, indicator, percent, and where it can be read; shown apart from the polls."""

    list_display = ("year", "body", "indicator", "value", "source")
    list_filter = ("year",)
    search_fields = ("body", "indicator", "source")
    ordering = ("-year", "body", "indicator")

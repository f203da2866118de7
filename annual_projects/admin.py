"""The technicians' table of topics: the words by which the demand board knows a matter."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from annual_projects.models import Topic


@admin.register(Topic)
class TopicAdmin(ModelAdmin):
    """A topic is switched off rather than deleted: evidence points at it."""

    list_display = ("code", "name", "category", "order", "is_active")
    list_filter = ("category", "is_active")
    search_fields = ("code", "name", "name_en")
    ordering = ("order", "code")

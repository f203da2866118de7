"""The technicians' tables of the plaza: where the activity days are held, and when."""

from django.contrib import admin

from core.admin import ReferenceAdmin
from plaza.models import ActivityDay, Place


@admin.register(Place)
class PlaceAdmin(ReferenceAdmin):
    """Squares, parks and halls."""

    list_display = ("name", "name_en", "area", "address")
    list_select_related = ("area",)
    search_fields = ("name", "name_en", "area__name")
    autocomplete_fields = ("area",)
    fields = ("name", "name_en", "area", "address")


@admin.register(ActivityDay)
class ActivityDayAdmin(ReferenceAdmin):
    """The fixed days; a day that was mistyped is corrected, not removed, since voices may belong to it."""

    list_display = ("date", "title", "hours")
    date_hierarchy = "date"
    search_fields = ("title", "title_en")
    autocomplete_fields = ("places", "units")
    fields = ("date", "title", "title_en", "hours", "places", "units")

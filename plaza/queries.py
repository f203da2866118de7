"""Reads about the plaza days; each says how many statements it takes. What was said on them, a higher room knows."""

from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from plaza.models import ActivityDay


def days() -> QuerySet[ActivityDay]:
    """Every day with its places and units; three statements."""
    return ActivityDay.objects.prefetch_related("places__area", "units")


def year_of(today: date | None = None) -> list[ActivityDay]:
    """The days of this year in order; three statements, four with the areas of the places."""
    today = today or timezone.localdate()
    return list(days().filter(date__year=today.year).order_by("date"))


def next_day(today: date | None = None) -> ActivityDay | None:
    """The next day to come, today included; three statements."""
    today = today or timezone.localdate()
    return days().filter(date__gte=today).order_by("date").first()


def past_days(today: date | None = None) -> QuerySet[ActivityDay]:
    """The days gone by, newest first."""
    today = today or timezone.localdate()
    return days().filter(date__lt=today).order_by("-date")


def day_on(written: str) -> ActivityDay:
    """The day with this ISO date; four statements. Raises: ActivityDay.DoesNotExist for any other text."""
    try:
        wanted = date.fromisoformat(written)
    except ValueError:
        raise ActivityDay.DoesNotExist from None
    if wanted.isoformat() != written:  # weeks and dates without dashes are ISO too, but no address of ours
        raise ActivityDay.DoesNotExist
    return days().get(date=wanted)

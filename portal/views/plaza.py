"""The six days of the year on which the police stand on the squares, and what was said there."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core import keyset, policy
from directory.queries import service_zones
from plaza import queries
from plaza.models import ActivityDay
from portal.queries.front import published_on, voices_of


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The next day first, the rest of the year, the zones, and the days gone by with how many spoke."""
    today = timezone.localdate()
    coming = [one for one in queries.year_of(today) if one.date >= today]
    following = coming[0] if coming else queries.next_day(today)
    past = keyset.page(queries.past_days(today), key=("-date",), cursor=request.GET.get("cursor"), size=6)
    context = {
        "next_day": following,
        "later": [one for one in coming if one != following],
        "zones": service_zones(),
        "page": past,
        "voices": voices_of(past.items),
    }
    return render(request, "plaza/index.html", context)


@require_safe
def day(request: HttpRequest, date: str) -> HttpResponse:
    """One day: where, who attends, how many spoke and were answered, what was published of it."""
    try:
        shown = queries.day_on(date)
    except ActivityDay.DoesNotExist:
        raise Http404 from None
    context = {
        "day": shown,
        "is_past": shown.date < timezone.localdate(),
        "voices": voices_of([shown]).get(shown.pk),
        "cases": published_on(shown),
        "may_take_in": policy.can(request.user, "intake", "suggestion"),
    }
    return render(request, "plaza/day.html", context)

"""The home page: where to press, what is on, how it is going, what the last voices changed."""

from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import front
from core.thread import Node
from plaza import queries as plaza
from portal.queries import figures
from portal.queries.front import what_voices_changed
from portal.tiles import tiles


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Five statements at most, seven when the figures are counted anew, and those of what is on now."""
    counted, as_of = figures.city()
    context = {
        "on_now": front.on_now(),
        "next_day": plaza.next_day(),
        "tiles": tiles(counted),
        "as_of": as_of,
        "changed": what_voices_changed(),
        "course": course(),
        "key": uuid4().hex,
    }
    return render(request, "portal/home.html", context)


def course() -> list[Node]:
    """What happens to a voice, as the thread everybody meets again on their own case."""
    return [
        Node(_("You say it"), text=_("You get a tracking code and a date."), kind="said", current=True),
        Node(_("We take it up"), text=_("Within one working day you know."), kind="accepted", done=False),
        Node(_("We answer"), text=_("By the promised date, signed by a police unit."), kind="reply", done=False),
        Node(_("You judge"), text=_("Not content? We take it up again."), kind="rated", done=False),
    ]

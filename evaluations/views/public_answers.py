"""What the public reads of who was called to account: the unit, what was found, what followed. No officer's name."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from evaluations.queries import accountable


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Answered cases, the newest first."""
    page = accountable.public_answers(request.GET.get("cursor"))
    rows = [(case, accountable.found(case)) for case in page.items]
    return render(request, "evaluations/public_answers.html", {"page": page, "rows": rows})

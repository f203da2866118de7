"""The year's report on paper."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from core import pdf
from evaluations.report import report_data


@require_safe
def yearly(request: HttpRequest, year: int) -> HttpResponse:
    """What was published about a year, as PDF; the same bytes until something more is published."""
    data = report_data(year)
    if data is None:
        raise Http404
    made = pdf.render("evaluations", data, at=data.pop("at"))
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="evaluations-{year}.pdf"'
    return response

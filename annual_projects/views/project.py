"""One of the ten: what was done, what it changed, and what the public thinks of it."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from annual_projects import services, thread
from annual_projects.forms.public import RateForm
from annual_projects.models import ProgressPhoto, Project, ProjectRating
from annual_projects.queries import delivery as deliveries
from annual_projects.queries import editions
from annual_projects.states import Phase
from core import policy
from core.pages import SeeOther, submit_form
from core.requests import absolute
from core.text import clean


def project_or_404(year: int, slug: str) -> Project:
    """The project of an address."""
    try:
        return deliveries.project_for(year, clean(slug))
    except Project.DoesNotExist:
        raise Http404 from None


@require_safe
def project(request: HttpRequest, year: int, slug: str) -> HttpResponse:
    """The whole way from the voices to the public's judgement."""
    return _page(request, project_or_404(year, slug), RateForm())


def _page(request: HttpRequest, shown: Project, form: RateForm, *, status: int = 200) -> HttpResponse:
    behind, seen = editions.backing(shown.candidate), deliveries.delivery(shown)
    judging = shown.edition.phase == Phase.JUDGED
    rated = judging and request.user.is_authenticated and ProjectRating.objects.filter(
        project=shown, user=request.user
    ).exists()  # fmt: skip
    may_rate = judging and policy.can(request.user, "rate", "project")
    context = {
        "project": shown,
        "candidate": shown.candidate,
        "edition": shown.edition,
        "backing": behind,
        "delivery": seen,
        "thread": thread.project_nodes(shown, behind, seen),
        "judging": judging,
        "rated": rated,
        "rate": form if may_rate and not rated else None,
        "address": absolute(request, shown.get_absolute_url()),
    }
    return render(request, "annual_projects/project.html", context, status=status)


@require_POST
def rate(request: HttpRequest, year: int, slug: str) -> HttpResponse:
    """A verified citizen rates it, once."""
    shown = project_or_404(year, slug)
    form = RateForm(request.POST)
    result = submit_form(form, lambda said: services.rate_project(shown, user=request.user, **said))
    if not result.done:
        return _page(request, shown, form, status=result.status)
    messages.success(request, _("Thank you. Your rating counts."))
    return SeeOther(f"{shown.get_absolute_url()}#rate")


@require_safe
def photo(request: HttpRequest, year: int, slug: str, pk: int) -> FileResponse:
    """A picture of a report that is shown."""
    shown = project_or_404(year, slug)
    found = ProgressPhoto.objects.filter(pk=pk, report__project=shown, report__hidden_at=None).first()
    if found is None:
        raise Http404
    suffix = "png" if found.mime == "image/png" else "jpg"
    response = FileResponse(found.file.open("rb"), content_type=found.mime, filename=f"{slug}-{pk}.{suffix}")
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response

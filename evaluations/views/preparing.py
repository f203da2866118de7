"""Before anybody is asked: a new wave, its population, and a frame drawn elsewhere."""

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core import policy
from core.errors import DomainError, Invalid, NotAllowed
from core.pages import SeeOther, add_domain_error, private_response
from evaluations import services
from evaluations.errors import ImportRefused, Problem
from evaluations.forms.preparing import FrameFileForm, MarginsForm, WaveForm
from evaluations.importing.reading import LARGEST
from evaluations.models import Wave
from evaluations.services import WavePlan
from evaluations.services.margins import Margins
from evaluations.views.pages import wave_or_404

PAGE = require_http_methods(["GET", "HEAD", "POST"])
LISTED = 200


def problems_of(form: Form, error: DomainError, field: str | None = None) -> list[Problem]:
    """Put what a service refused to its field; return the faults by line where a file was refused."""
    if isinstance(error, NotAllowed):
        raise error
    add_domain_error(form, error, field if isinstance(error, Invalid | ImportRefused) else None)
    return error.problems if isinstance(error, ImportRefused) else []


@PAGE
@private_response
def new_wave(request: HttpRequest) -> HttpResponse:
    """Set a wave up; what was typed is kept, all but the file."""
    form = WaveForm(request.POST or None, request.FILES or None)
    problems: list[Problem] = []
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_wave(_plan(form), by=request.user)
        except DomainError as error:
            problems = problems_of(form, error, "margins")
        else:
            messages.success(request, _("The wave is set up. Next: whom we ask about."))
            return SeeOther(reverse("evaluations:desk_wave", args=[made.code]))
    status = 422 if request.method == "POST" else 200
    return render(request, "evaluations/desk_new_wave.html", {"form": form, **listed(problems)}, status=status)


def listed(problems: list[Problem]) -> dict[str, object]:
    """Faults by line for the page, not more than one reads."""
    return {"problems": problems[:LISTED], "count": len(problems), "more": max(0, len(problems) - LISTED)}


def _plan(form: WaveForm) -> WavePlan:
    said = dict(form.cleaned_data)
    file, like = said.pop("margins"), said.pop("like")
    margins: Margins = services.read_margins(file.read(LARGEST + 1)) if file else like.margins
    return WavePlan(**said | {"positive_levels": tuple(said["positive_levels"])}, margins=margins)


@PAGE
@private_response
def margins(request: HttpRequest, code: str) -> HttpResponse:
    """The population of a wave, and another file for it while no frame is drawn from it."""
    wave = wave_or_404(request, code, "inspect")
    form, problems = MarginsForm(request.POST or None, request.FILES or None), []
    if request.method == "POST" and form.is_valid():
        try:
            people = services.read_margins(form.cleaned_data["margins"].read(LARGEST + 1))
            services.set_margins(wave, people, by=request.user)
        except DomainError as error:
            problems = problems_of(form, error, "margins")
        else:
            messages.success(request, _("The population is written down."))
            return SeeOther(reverse("evaluations:desk_margins", args=[code]))
    status = 422 if request.method == "POST" else 200
    return render(request, "evaluations/desk_margins.html", _people(request, wave, form, problems), status=status)


def _people(request: HttpRequest, wave: Wave, form: Form, problems: list[Problem]) -> dict[str, object]:
    tables = [(name, sorted(people.items()), sum(people.values())) for name, people in sorted(wave.margins.items())]
    may = policy.can(request.user, "prepare", "wave") and wave.state == "draft"
    open_ = may and getattr(wave, "frame", None) is None
    return {"wave": wave, "form": form, "tables": tables, "may_change": open_, **listed(problems)}


@PAGE
@private_response
def frame_file(request: HttpRequest, code: str) -> HttpResponse:
    """Upload a frame drawn elsewhere, checked by line."""
    wave = wave_or_404(request, code, "prepare")
    form, problems = FrameFileForm(request.POST or None, request.FILES or None), []
    if request.method == "POST" and form.is_valid():
        try:
            services.upload_frame(wave, form.cleaned_data["file"].read(LARGEST + 1), by=request.user)
        except DomainError as error:
            problems = problems_of(form, error, "file")
        else:
            messages.success(request, _("The frame is written down."))
            return SeeOther(reverse("evaluations:desk_wave", args=[code]))
    status = 422 if request.method == "POST" else 200
    context = {"wave": wave, "form": form, **listed(problems)}
    return render(request, "evaluations/desk_frame_file.html", context, status=status)

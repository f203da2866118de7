"""A pollster hands in a file: first as a trial, with every fault by line, then for good."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import DomainError, NotAllowed
from core.pages import SeeOther, private_response
from evaluations import progress, services
from evaluations.errors import ImportRefused, Problem
from evaluations.forms.desk import HandInForm
from evaluations.importing.reading import LARGEST
from evaluations.models import Wave
from evaluations.services import HandedIn
from evaluations.views.pages import wave_or_404
from evaluations.views.preparing import listed


@require_http_methods(["GET", "HEAD", "POST"])
@private_response
def hand_in(request: HttpRequest, code: str) -> HttpResponse:
    """The form; with faults it lists them and nothing was kept."""
    wave = wave_or_404(request, code, "hand in")
    if request.method != "POST":
        return _page(request, wave, HandInForm())
    form = HandInForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, wave, form, status=422)
    trial = request.POST.get("trial") == "1"
    try:
        done = _take(request, wave, form, trial)
    except NotAllowed:
        raise
    except ImportRefused as error:
        form.add_error("file", str(error.message))
        return _page(request, wave, form, error.problems, status=error.status)
    except DomainError as error:
        form.add_error(None, str(error.message))
        return _page(request, wave, form, status=error.status)
    if trial and not done.again:
        return _page(request, wave, form, done=done)
    words = _("This file was handed in before.") if done.again else _("Taken: %(n)s interviews.")
    messages.success(request, words % {"n": f"{done.responses:,}"} if not done.again else words)
    return SeeOther(reverse("evaluations:desk_wave", args=[code]))


def _take(request: HttpRequest, wave: Wave, form: HandInForm, trial: bool) -> HandedIn:
    said = form.cleaned_data
    content = said["file"].read(LARGEST + 1)
    return services.hand_in(wave, content, signature=said["signature"], key=said["key"], by=request.user, dry_run=trial)


def _page(
    request: HttpRequest,
    wave: Wave,
    form: HandInForm,
    problems: list[Problem] | None = None,
    done: HandedIn | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "wave": wave,
        "form": form,
        **listed(problems or []),
        "done": done,
        "items": list(wave.questionnaire.items.all()),
    }
    return render(request, "evaluations/desk_hand_in.html", context, status=status)


@require_safe
@private_response
def reading(request: HttpRequest, code: str) -> HttpResponse:
    """How far the file that is being handed in is read; asked for while the form is under way."""
    wave = wave_or_404(request, code)
    return render(request, "evaluations/desk_reading.html", {"wave": wave, "reading": progress.of_wave(wave)})

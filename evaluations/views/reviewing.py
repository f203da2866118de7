"""Looking twice: the flags to decide on, and the interviews to call again."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import keyset, policy
from core.pages import act_and_return, private_response
from evaluations import services
from evaluations.models import CallBack, Flag
from evaluations.states import FlagKind, FlagState
from evaluations.views.pages import wave_or_404

SIZE = 25
SAID = {"same": (True, True), "other": (True, False), "none": (False, None)}


@require_safe
@private_response
def review(request: HttpRequest, code: str) -> HttpResponse:
    """Open flags of one kind or all, and the calls still to be made."""
    wave = wave_or_404(request, code, "inspect")
    kind = request.GET.get("kind", "")
    flags = Flag.objects.filter(response__wave=wave, state=FlagState.OPEN).select_related("response")
    if kind in FlagKind.values:
        flags = flags.filter(kind=kind)
    calls = CallBack.objects.filter(response__wave=wave, called_at=None).select_related("response")
    context = {
        "wave": wave,
        "kinds": FlagKind,
        "kind": kind,
        "flags": keyset.page(flags, key=("pk",), cursor=request.GET.get("cursor"), size=SIZE),
        "calls": keyset.page(calls, key=("pk",), cursor=request.GET.get("calls"), size=SIZE),
        "may_review": policy.can(request.user, "review", "wave") and wave.state in ("checked", "weighted", "scored"),
    }
    return render(request, "evaluations/desk_review.html", context)


@require_POST
@private_response
def flag(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Uphold or dismiss one flag."""
    wave = wave_or_404(request, code, "review")
    found = get_object_or_404(Flag.objects.select_related("response__wave"), pk=pk, response__wave=wave)
    uphold, note = request.POST.get("uphold") == "1", request.POST.get("note", "")
    back = reverse("evaluations:desk_review", args=[code])
    return act_and_return(
        request, lambda: services.decide_flag(found, uphold=uphold, note=note, by=request.user), _("Decided."), back
    )


@require_POST
@private_response
def call(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Write down what a second call said."""
    wave = wave_or_404(request, code, "review")
    found = get_object_or_404(CallBack.objects.select_related("response__wave"), pk=pk, response__wave=wave)
    if request.POST.get("said") not in SAID:
        raise Http404
    took, same = SAID[request.POST["said"]]
    back = f"{reverse('evaluations:desk_review', args=[code])}#calls"
    return act_and_return(
        request,
        lambda: services.record_call_back(found, took_place=took, same_answers=same, by=request.user),
        _("Written down."),
        back,
    )

"""The desk of polls: all waves, one wave with its one next step, and the frame for the pollster."""

from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from core import policy
from core.pages import act_and_return, private_response
from evaluations import progress, services
from evaluations.access.figures import visible_waves
from evaluations.forms.desk import FrameForm, GroupsForm
from evaluations.models import CallBack, Flag, Score, Wave
from evaluations.states import WAVE_ORDER, FlagState, Indicator, WaveState
from evaluations.views.pages import how_far, under_way, wave_or_404

FOR_GOOD = {"close", "freeze", "publish"}
NEXT = {
    WaveState.FIELDING: (
        "close", _("Close the field"), _("The pollster has handed in everything. Nothing more is taken then."),
    ),
    WaveState.IMPORTED: (
        "check", _("Check the interviews"), _("Odd interviews are flagged, and one in ten is called again."),
    ),
    WaveState.CHECKED: (
        "weight", _("Weigh the interviews"), _("Those who answered are made to look like the population."),
    ),
    WaveState.WEIGHTED: ("score", _("Work out the scores"), _("With and without the flagged interviews.")),
    WaveState.SCORED: ("freeze", _("Freeze the figures"), _("From then on nobody can change them.")),
    WaveState.FROZEN: ("publish", _("Publish the figures"), _("Somebody other than who scored the wave does this.")),
}  # fmt: skip
STEPS = {
    "start": (services.start_fielding, _("The wave is in the field now.")),
    "close": (services.close_fielding, _("Closed. Nothing more is taken.")),
    "check": (services.check, _("Checked. Please look at what was flagged.")),
    "weight": (services.weight, _("Weighted.")),
    "score": (services.ask_for_scores, _("The scores are being worked out. You may close this page.")),
    "freeze": (services.freeze, _("Frozen. Somebody else publishes.")),
    "publish": (services.publish, _("Published.")),
}


@require_safe
@private_response
def index(request: HttpRequest) -> HttpResponse:
    """Every wave the user sees, the newest first; the list is as long as there were half-years."""
    waves = visible_waves(request.user).select_related("pollster").annotate(n=Count("responses"))
    context = {
        "waves": waves.order_by("-starts", "code")[:100],
        "may_prepare": policy.can(request.user, "prepare", "wave"),
        "may_inspect": policy.can(request.user, "inspect", "wave"),
    }
    return render(request, "evaluations/desk_index.html", context)


@require_safe
@private_response
def wave(request: HttpRequest, code: str) -> HttpResponse:
    """Where the wave stands, and what comes next."""
    return _page(request, wave_or_404(request, code), FrameForm())


def _page(
    request: HttpRequest, shown: Wave, form: FrameForm, groups: GroupsForm | None = None, status: int = 200
) -> HttpResponse:
    may_score = policy.can(request.user, "score", "wave")
    counts = _counts(shown)
    next_step = NEXT.get(WaveState(shown.state)) if may_score else None
    if groups is None and may_score and shown.state == WaveState.DRAFT and not counts["subjects"]:
        groups = GroupsForm(services.peer_groups(shown))
    context = {
        "wave": shown,
        "frame": getattr(shown, "frame", None),
        "form": form,
        "groups": groups,
        "reading": progress.of_wave(shown) if shown.state == WaveState.FIELDING else None,
        "steps": [str(state.label) for state in WAVE_ORDER],
        "step": WAVE_ORDER.index(WaveState(shown.state)) + 1,
        "next": next_step,
        "for_good": next_step is not None and next_step[0] in FOR_GOOD,
        "may_score": may_score,
        "may_hand_in": visible_waves(request.user, "hand in").filter(pk=shown.pk).exists(),
        "may_inspect": policy.can(request.user, "inspect", "wave"),
        "own_score": shown.state == WaveState.FROZEN and shown.scored_by_id == request.user.pk,
        "labels": dict(Indicator.choices),
        "batches": list(shown.batches.all()[:20]),
        "counts": counts,
        **_running(shown),
    }
    return render(request, "evaluations/desk_wave.html", context, status=status)


def _counts(shown: Wave) -> dict[str, int]:
    """Subjects, interviews, flags to look at and calls to make; four statements."""
    calls = CallBack.objects.filter(response__wave=shown)
    return {
        "subjects": shown.subjects.count(),
        "responses": shown.responses.count(),
        "flags": Flag.objects.filter(response__wave=shown, state=FlagState.OPEN).count(),
        "calls": calls.filter(called_at=None).count(),
    }


def _running(shown: Wave) -> dict[str, Any]:
    """The run on its way, or the figures by indicator of the current ones; three statements."""
    runs = list(shown.runs.order_by("-pk")[:2])
    failed = next((run.failed for run in runs if run.failed), "")
    figures = (
        Score.objects.filter(run__wave=shown, run__is_current=True, run__without_flagged=False)
        .order_by()
        .values("indicator")
        .annotate(all=Count("pk"), shown=Count("pk", filter=Q(is_shown=True)))
        .order_by("indicator")
    )
    done = [run for run in runs if run.is_current][:1]
    pooled = done[0].pooled_scores.count() if done and done[0].pooled_waves else 0
    return {"working": under_way(runs), "failed": failed, "figures": figures, "current": done, "pooled": pooled}


@require_safe
@private_response
def scoring_progress(request: HttpRequest, code: str) -> HttpResponse:
    """How far the working-out of the scores is."""
    shown = wave_or_404(request, code)
    here = {"ask": request.path, "here": reverse("evaluations:desk_wave", args=[code])}
    return how_far(request, under_way(shown.runs.all()), here)


@require_safe
@private_response
def frame(request: HttpRequest, code: str) -> HttpResponse:
    """The interviews to be done, as CSV; its SHA-256 is the frame's."""
    shown = wave_or_404(request, code)
    if getattr(shown, "frame", None) is None:
        raise Http404
    response = HttpResponse(services.frame_csv(shown.frame), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="frame-{shown.code}.csv"'
    return response


@require_POST
@private_response
def step(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Take the next step."""
    shown = wave_or_404(request, code)
    back = reverse("evaluations:desk_wave", args=[code])
    if name == "frame":
        return _build_frame(request, shown, back)
    if name == "subjects":
        return _take_subjects(request, shown, back)
    if name not in STEPS:
        raise Http404
    act, done = STEPS[name]
    return act_and_return(request, lambda: act(shown, by=request.user), done, back)


def _build_frame(request: HttpRequest, shown: Wave, back: str) -> HttpResponse:
    form = FrameForm(request.POST)
    if not form.is_valid():
        return _page(request, shown, form, status=422)
    said = form.cleaned_data
    return act_and_return(
        request, lambda: services.build_frame(shown, by=request.user, **said), _("The frame is drawn."), back
    )


def _take_subjects(request: HttpRequest, shown: Wave, back: str) -> HttpResponse:
    form = GroupsForm(services.peer_groups(shown), request.POST)
    if not form.is_valid():
        return _page(request, shown, FrameForm(), form, status=422)
    chosen = form.cleaned_data["groups"]
    return act_and_return(
        request, lambda: services.take_subjects(shown, by=request.user, groups=chosen), _("Written down."), back
    )

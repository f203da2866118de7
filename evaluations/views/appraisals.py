"""Appraisals: the runs for who works them out, one's own and those of one's units, and one with how it came about."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import policy
from core.errors import DomainError, NotAllowed
from core.pages import SeeOther, act_and_return, add_domain_error, private_response
from core.policy import Scope
from core.text import clean
from evaluations import explaining, services
from evaluations.access.figures import visible_appraisals
from evaluations.forms.desk import AppealForm
from evaluations.models import Appraisal, AppraisalRun
from evaluations.queries import appraisal_files
from evaluations.queries import appraisals as queries
from evaluations.services.appeals import appeal_until, is_open_to
from evaluations.states import APPRAISAL_ORDER, AppraisalState
from evaluations.views.pages import how_far, under_way

STEPS = {
    "freeze": (services.freeze_appraisals, _("Frozen. The figures stand.")),
    "publish": (services.publish_appraisals, _("Made known to those it is about.")),
}
TYPES = {"inputs.jsonl": "application/x-ndjson; charset=utf-8", "results.csv": "text/csv; charset=utf-8"}
FILES = {"inputs": "inputs.jsonl", "results": "results.csv"}


@require_safe
@private_response
def index(request: HttpRequest) -> HttpResponse:
    """The runs, for who sees them all; else one's own, and those of the units one leads."""
    if policy.can(request.user, "inspect", "appraisal"):
        return render(request, "evaluations/desk_runs.html", {"runs": list(queries.runs()[:200])})
    team = queries.of_my_units(request.user)
    page = queries.table(team, request.GET.get("cursor"), clean(request.GET.get("q", "")), key=("-pk",))
    context = {"own": queries.own(request.user), "page": page, "q": request.GET.get("q", "")}
    return render(request, "evaluations/desk_appraisals.html", context)


def _run_or_404(pk: int) -> AppraisalRun:
    return get_object_or_404(AppraisalRun.objects.select_related("scheme"), pk=pk)


@require_safe
@private_response
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody of one run, what the public really decides, and the next step."""
    shown = _run_or_404(pk)
    components = list(shown.scheme.components.all())
    q = clean(request.GET.get("q", ""))
    context = {
        "run": shown,
        "working": under_way([shown]),
        "q": q,
        "page": queries.table(shown.appraisals.all(), request.GET.get("cursor"), q),
        "counts": queries.runs().get(pk=pk),
        "newest": not shown.scheme.runs.filter(number__gt=shown.number).exists(),
        "public": explaining.percent(queries.public_weight(components)),
        "effective": _percent(shown),
        "alarm": queries.alarm(shown.effective_public),
        "steps": [str(state.label) for state in APPRAISAL_ORDER],
        "step": APPRAISAL_ORDER.index(AppraisalState(shown.state)) + 1,
        "may_freeze": policy.can(request.user, "freeze", "appraisal"),
        "own_work": shown.by_id == request.user.pk,
        "may_export": _exports_all(request),
    }
    return render(request, "evaluations/desk_run.html", context)


def _exports_all(request: HttpRequest) -> bool:
    """Whether the whole run is theirs to take away, not only their own part."""
    return Scope.ALL in policy.scopes(request.user, "export", "appraisal")


def _percent(shown: AppraisalRun) -> str:
    return "" if shown.effective_public is None else f"{shown.effective_public * 100:.1f}%"


@require_safe
@private_response
def run_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the working-out of the appraisals is."""
    here = {"ask": request.path, "here": reverse("evaluations:run", args=[pk])}
    return how_far(request, under_way([_run_or_404(pk)]), here)


@require_POST
@private_response
def step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Freeze or make known."""
    if name not in STEPS:
        raise Http404
    act, done = STEPS[name]
    shown = _run_or_404(pk)
    return act_and_return(request, lambda: act(shown, by=request.user), done, reverse("evaluations:run", args=[pk]))


@require_http_methods(["GET", "HEAD", "POST"])
@private_response
def appraisal(request: HttpRequest, pk: int) -> HttpResponse:
    """One appraisal, how it came about, and the appeal of the appraised."""
    shown = queries.one(request.user, pk)
    if shown is None:
        raise Http404
    form = AppealForm(request.POST or None)
    if request.method != "POST":
        return _page(request, shown, AppealForm())
    if not form.is_valid():
        return _page(request, shown, form, status=422)
    try:
        services.appeal(shown.appraisal, text=form.cleaned_data["text"], by=request.user)
    except NotAllowed:
        raise
    except DomainError as error:
        add_domain_error(form, error)
        return _page(request, shown, form, status=error.status)
    return SeeOther(f"{reverse('evaluations:appraisal', args=[pk])}#appeal")


def _page(request: HttpRequest, shown: queries.One, form: AppealForm, status: int = 200) -> HttpResponse:
    one = shown.appraisal
    until = appeal_until(one.run)
    own = visible_appraisals(request.user, "own").filter(pk=one.pk).exists()
    may_appeal = own and is_open_to(one, until)
    context = {
        "shown": shown,
        "appraisal": one,
        "run": one.run,
        "parts": explaining.parts(one, shown.components),
        "story": explaining.story(one, shown.waves, shown.appeals, shown.newer),
        "public": explaining.percent(queries.public_weight(shown.components)),
        "most": f"/ {explaining.percent(queries.public_weight(shown.components)).rstrip('%')}",
        "effective": _percent(one.run),
        "alarm": queries.alarm(one.run.effective_public),
        "own": own,
        "may_export": visible_appraisals(request.user, "export").filter(pk=one.pk).exists(),
        "may_inspect": policy.can(request.user, "inspect", "appraisal"),
        "form": form if may_appeal else None,
        "unsent": form if form.errors and not may_appeal else None,
        "until": until,
    }
    return render(request, "evaluations/desk_appraisal.html", context, status=status)


@require_safe
@private_response
def run_file(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The whole run, for the auditor: everything that is needed to work it out again."""
    shown = _run_or_404(pk)
    if not _exports_all(request):
        raise Http404
    return _file(shown, name, None)


@require_safe
@private_response
def own_file(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """One's own part; of the others it holds hashes only."""
    rows = visible_appraisals(request.user, "export").select_related("run__scheme")
    one = get_object_or_404(rows, pk=pk)
    return _file(one.run, name, one)


def _file(shown: AppraisalRun, name: str, only: Appraisal | None) -> HttpResponse:
    if name not in FILES:
        raise Http404
    file = FILES[name]
    response = HttpResponse(appraisal_files.files(shown, only)[file], content_type=TYPES[file])
    part = f"-{only.pk}" if only else ""
    response["Content-Disposition"] = f'attachment; filename="appraisals-{shown.scheme.year}-{shown.pk}{part}-{file}"'
    return response

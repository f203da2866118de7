"""The desk of projects: the ten with their progress, and one with its steps, reports, measures and people served."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annual_projects import access, services
from annual_projects.forms import desk
from annual_projects.models import Milestone, ProgressReport, Project
from annual_projects.pages import desk_page, edition_or_404
from annual_projects.queries import delivery as deliveries
from annual_projects.queries import editions
from annual_projects.states import MilestoneState, Phase
from annual_projects.views.project import project_or_404
from core import policy
from core.pages import FormResult, SeeOther, private_response, submit_form


@dataclass(frozen=True)
class Verb:
    """What is recorded of a project: its form, the service, and the words after it."""

    form: Callable[..., forms.Form]
    run: Callable[..., Any]
    done: Promise


def _settle(project: Project, said: dict[str, Any], by: Any) -> Project:
    return services.settle_project(
        project,
        by=by,
        delivered=said["result"] == "delivered",
        achieved=said["achieved"],
        words=said["closing_words"],
    )


VERBS: dict[str, Verb] = {
    "report": Verb(
        desk.ReportForm,
        lambda project, said, by: services.report_progress(project, by=by, words=said["text"], photos=said["photos"]),
        _("Published on the project's page."),
    ),
    "milestone": Verb(
        desk.MilestoneForm,
        lambda project, said, by: services.add_milestone(project, by=by, **said),
        _("Added. Who is responsible is reminded a week before."),
    ),
    "measure": Verb(
        desk.MeasureForm,
        lambda project, said, by: services.issue_measure(project, by=by, **said),
        _("Recorded."),
    ),
    "beneficiaries": Verb(
        desk.BeneficiaryForm,
        lambda project, said, by: services.count_beneficiaries(project, by=by, **said),
        _("Recorded."),
    ),
    "settle": Verb(desk.SettleForm, _settle, _("Settled. Everybody whose voice stood behind it is told.")),
}
STEP_VERBS: dict[str, Verb] = {
    "finish": Verb(desk.FinishForm, lambda step, said, by: services.finish_milestone(step, by=by, **said), _("Done.")),
    "move": Verb(desk.MoveForm, lambda step, said, by: services.move_milestone(step, by=by, **said), _("Moved.")),
    "drop": Verb(desk.ReasonForm, lambda step, said, by: services.drop_milestone(step, by=by, **said), _("Dropped.")),
}


@require_safe
@private_response
def index(request: HttpRequest, year: int) -> HttpResponse:
    """The ten with their progress."""
    shown = edition_or_404(request, year)
    return desk_page(request, "desk_projects", {"edition": shown, "ten": editions.ten(shown)})


@require_safe
@private_response
def project(request: HttpRequest, year: int, slug: str) -> HttpResponse:
    """One project with all that can be recorded of it."""
    return _page(request, project_or_404(year, slug))


def _able(user: Any, shown: Project) -> set[str]:
    """The verbs whose forms the page shows."""
    if shown.edition.phase == Phase.ARCHIVED:
        return set()
    able = {"report", "milestone", "measure", "beneficiaries"} if access.may_report(user, shown) else set()
    if policy.can(user, "settle", "project"):
        able |= {"settle"}
    return able - {"milestone", "settle"} if shown.is_settled else able


def _page(
    request: HttpRequest, shown: Project, refused: dict[str, forms.Form] | None = None, status: int = 200
) -> HttpResponse:
    able = _able(request.user, shown)
    refused = refused or {}
    seen = deliveries.delivery(shown, hidden=True)
    context = {
        "project": shown,
        "candidate": shown.candidate,
        "edition": shown.edition,
        "delivery": seen,
        "able": able,
        "forms": {name: refused.get(name) or VERBS[name].form() for name in able},
        "may_settle_steps": {step.pk for step in seen.steps if _may_settle(request.user, shown, step)},
        "is_admin": policy.can(request.user, "settle", "project"),
    }
    return desk_page(request, "desk_project", context, status=status)


def _may_settle(user: Any, shown: Project, step: Milestone) -> bool:
    open_step = step.state == MilestoneState.OPEN
    return open_step and access.reports_for(user, {step.unit, shown.candidate.lead_unit})


@require_POST
@private_response
def act(request: HttpRequest, year: int, slug: str, verb: str) -> HttpResponse:
    """Record something; what was typed stays where it is refused."""
    if verb not in VERBS:
        raise Http404
    shown = project_or_404(year, slug)
    form = VERBS[verb].form(request.POST, request.FILES)
    result = submit_form(form, lambda said: VERBS[verb].run(shown, said, by=request.user))
    return _after(request, shown, result, VERBS[verb], lambda: _page(request, shown, {verb: form}, result.status))


def _after(
    request: HttpRequest, shown: Project, result: FormResult, verb: Verb, refused: Callable[[], HttpResponse]
) -> HttpResponse:
    if not result.done:
        return refused()
    messages.success(request, str(verb.done))
    return SeeOther(reverse("annual_projects:desk_project", args=[shown.edition.year, shown.candidate.slug]))


def _step_or_404(shown: Project, pk: int) -> Milestone:
    return get_object_or_404(Milestone.objects.select_related("unit", "project__candidate"), project=shown, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@private_response
def step(request: HttpRequest, year: int, slug: str, pk: int, verb: str) -> HttpResponse:
    """A step is done, moved or dropped: a small page with its form, then back to the project."""
    if verb not in STEP_VERBS:
        raise Http404
    shown = project_or_404(year, slug)
    found = _step_or_404(shown, pk)
    form = STEP_VERBS[verb].form(request.POST if request.method == "POST" else None)
    result = FormResult(200)
    if request.method == "POST":
        result = submit_form(form, lambda said: STEP_VERBS[verb].run(found, said, by=request.user))
    context = {"project": shown, "edition": shown.edition, "step": found, "verb": verb, "form": form}
    return _after(
        request,
        shown,
        result,
        STEP_VERBS[verb],
        lambda: desk_page(request, "desk_step", context, status=result.status),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@private_response
def hide(request: HttpRequest, year: int, slug: str, pk: int) -> HttpResponse:
    """Take a report off the public page, with the reason."""
    shown = project_or_404(year, slug)
    report = get_object_or_404(ProgressReport, project=shown, pk=pk)
    form = desk.ReasonForm(request.POST if request.method == "POST" else None)
    result = FormResult(200)
    if request.method == "POST":
        result = submit_form(form, lambda said: services.hide_report(report, by=request.user, reason=said["reason"]))
    context = {"project": shown, "edition": shown.edition, "report": report, "form": form}
    hidden = Verb(desk.ReasonForm, services.hide_report, _("Hidden."))
    return _after(
        request,
        shown,
        result,
        hidden,
        lambda: desk_page(request, "desk_hide", context, status=result.status),
    )

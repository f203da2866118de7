"""Tasks after bad ratings, and requests for more time: what a leader decides beside the cases themselves."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core import policy
from core.errors import Invalid, WrongState
from core.pages import SeeOther, add_domain_error, private_response
from suggestions import services
from suggestions.forms.citizen import RATING_REASONS
from suggestions.forms.office import DecideForm, FollowUpForm
from suggestions.models import Extension, FollowUp
from suggestions.queries import office
from suggestions.states import ExtensionState

form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@private_response
def index(request: HttpRequest) -> HttpResponse:
    """Open tasks by deadline, or done ones, the latest first."""
    done = request.GET.get("done") == "1"
    context = {
        "page": office.follow_ups(request.user, done=done, cursor=request.GET.get("cursor")),
        "done": done,
        "tabs": [
            {"label": _("To do"), "url": reverse("suggestions:follow_ups"), "current": not done},
            {"label": _("Done"), "url": f"{reverse('suggestions:follow_ups')}?done=1", "current": done},
        ],
    }
    return render(request, "suggestions/follow_ups.html", context)


@form_page
@private_response
def done(request: HttpRequest, pk: int) -> HttpResponse:
    """One task: what the citizen thinks of which answer; and, once looked into again, what came of it."""
    task = get_object_or_404(office.tasks(request.user), pk=pk)
    if request.method != "POST":
        return _task_page(request, task, FollowUpForm())
    form = FollowUpForm(request.POST)
    if not form.is_valid():
        return _task_page(request, task, form, status=422)
    try:
        services.finish_follow_up(task, by=request.user, note=form.cleaned_data["note"])
    except (Invalid, WrongState) as error:
        add_domain_error(form, error)
        return _task_page(request, task, form, status=error.status)
    messages.success(request, _("Written down. The task is done."))
    return SeeOther(reverse("suggestions:follow_ups"))


def _task_page(request: HttpRequest, task: FollowUp, form: FollowUpForm, *, status: int = 200) -> HttpResponse:
    words = dict(RATING_REASONS)
    context: dict[str, Any] = {
        "task": task,
        "form": form,
        "reasons": [words.get(reason, reason) for reason in task.rating.reasons],
    }
    return render(request, "suggestions/follow_up.html", context, status=status)


@form_page
@private_response
def extensions(request: HttpRequest) -> HttpResponse:
    """Requests for more time that wait for this person: a leader first, the public-work admin for the long ones."""
    deciding = ("approve extension", "approve extension again")
    if not any(policy.can(request.user, action, "suggestion") for action in deciding):
        raise PermissionDenied
    if request.method != "POST":
        return _extensions_page(request)
    form = DecideForm(request.POST)
    if not form.is_valid():
        return _extensions_page(request, refused=_("Please press one of the two buttons."), status=422)
    try:
        extension = office.extension_within_reach(request.user, form.cleaned_data["extension"])
    except Extension.DoesNotExist:
        raise Http404 from None
    try:
        said = form.cleaned_data
        decided = services.decide_extension(extension, by=request.user, grant=said["grant"], reason=said["reason"])
    except (Invalid, WrongState) as error:
        return _extensions_page(request, refused=error.message, status=error.status)
    messages.success(request, _decision(decided))
    return SeeOther(reverse("suggestions:extensions"))


def _extensions_page(request: HttpRequest, *, refused: Any = "", status: int = 200) -> HttpResponse:
    context = {"waiting": office.extensions_to_decide(request.user), "refused": refused}
    return render(request, "suggestions/extensions.html", context, status=status)


def _decision(extension: Extension) -> str:
    said = {
        ExtensionState.GRANTED: _("Granted. The citizen is told the new date and the reason."),
        ExtensionState.APPROVED: _("Approved. So long an extension also waits for the public-work admin."),
        ExtensionState.REFUSED: _("Refused. The deadline stays."),
    }
    return said[ExtensionState(extension.state)]

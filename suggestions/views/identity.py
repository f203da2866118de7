"""Who said it: asked for with a reason, agreed to by a second person where somebody is named, shown once (P11).

The opened name and number are in the answer to one POST and nowhere else: no address, no title, no session, no cache.
"""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import Invalid, NotAllowed, Stale, WrongState
from core.pages import SeeOther, add_domain_error, private_response
from core.text import clean
from suggestions import services
from suggestions.forms.office import ReasonForm
from suggestions.models import Identity, IdentityOpening, Suggestion
from suggestions.queries import desk, office


@require_safe
@private_response
def index(request: HttpRequest) -> HttpResponse:
    """For the second person: requests that wait. Of the case there is number, unit and reason, and no more."""
    context = {"page": office.openings_to_approve(request.user, request.GET.get("cursor"))}
    return render(request, "suggestions/openings.html", context)


@require_POST
@private_response
def decide(request: HttpRequest, pk: int, word: str) -> HttpResponse:
    """The second person agrees, and whoever asked can then open it, once; or does not, and says why."""
    try:
        opening = office.opening_to_approve(request.user, pk)
    except IdentityOpening.DoesNotExist:
        raise Http404 from None
    try:
        if word == "approve":
            services.approve_opening(opening, by=request.user)
            said = _("Approved. Whoever asked can now open it, once; the citizen sees that it happened.")
        else:
            services.refuse_opening(opening, by=request.user, reason=clean(request.POST.get("reason", "")))
            said = _("Not approved. Whoever asked reads why.")
    except Invalid:
        messages.error(request, _("Please say why you do not agree."))
    except WrongState as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, said)
    return SeeOther(reverse("suggestions:openings"))


@require_http_methods(["GET", "HEAD", "POST"])
@private_response
def open_identity(request: HttpRequest, number: str) -> HttpResponse:
    """Give the reason; then it is shown, or waits for the second person."""
    case = _case(request, number)
    if request.method != "POST":
        return _page(request, case, ReasonForm())
    if request.POST.get("opening", "").isdecimal():
        return _show_requested(request, case, int(request.POST["opening"]))
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, case, form, status=422)
    try:
        opening = _ask(request, case, form)
    except (Invalid, Stale) as error:
        add_domain_error(form, error)
        return _page(request, case, form, status=error.status)
    if opening.needs_second:
        messages.success(request, _("Asked for. A second person must agree, because somebody is named in this case."))
        return SeeOther(reverse("suggestions:identity", args=[case.number]))
    return _show(request, case, opening)


def _case(request: HttpRequest, number: str) -> Suggestion:
    """The case, for who may read it; a conflicted person learns nothing, not even that it exists."""
    try:
        return desk.case_for(request.user, clean(number))
    except Suggestion.DoesNotExist:
        raise Http404 from None


def _ask(request: HttpRequest, case: Suggestion, form: ReasonForm) -> IdentityOpening:
    """Raises: Stale when the form is an old one: a reload must not open the same identity again."""
    seen = form.cleaned_data["newest"]
    if seen is not None and seen != _newest(office.openings_of(case)):
        raise Stale(_("This was asked for already. Ask again if you must."))
    return services.request_opening(case, by=request.user, reason=form.cleaned_data["reason"])


def _newest(openings: list[IdentityOpening]) -> int:
    return openings[0].pk if openings else 0


def _show_requested(request: HttpRequest, case: Suggestion, pk: int) -> HttpResponse:
    """Open what was asked for before, once it may be opened."""
    opening = case.openings.filter(pk=pk).first()
    if opening is None:
        raise Http404
    return _show(request, case, opening)


@sensitive_variables()
def _show(request: HttpRequest, case: Suggestion, opening: IdentityOpening) -> HttpResponse:
    try:
        person = services.open_identity(opening, by=request.user)
    except (NotAllowed, WrongState) as error:
        return _page(request, case, ReasonForm(), refused=str(error.message), status=error.status)
    context = {"case": case, "opening": opening, "person": person, "phone": _as_dialled(person.phone)}
    return render(request, "suggestions/identity_shown.html", context)


@sensitive_variables()
def _as_dialled(phone: str) -> str:
    """+8619900001234 → 199 0000 1234."""
    national = phone.removeprefix("+86")
    return f"{national[:3]} {national[3:7]} {national[7:]}" if len(national) == 11 else national


def _page(
    request: HttpRequest, case: Suggestion, form: ReasonForm, *, refused: str = "", status: int = 200
) -> HttpResponse:
    openings = office.openings_of(case)
    mine = [one for one in openings if one.requested_by_id == request.user.pk and not (one.opened_at or one.refused_at)]
    form.show_newest(_newest(openings))
    named = case.complains
    context = {
        "case": case,
        "form": form,
        "openings": openings,
        "mine": mine[0] if mine else None,
        "may_show": bool(mine) and (mine[0].approved_at is not None or not (mine[0].needs_second or named)),
        "named": named,
        "something_to_open": Identity.objects.filter(pk=case.pk).exists(),
        "refused": refused,
    }
    return render(request, "suggestions/identity.html", context, status=status)

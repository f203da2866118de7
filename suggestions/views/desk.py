"""One case on the staff desk, and everything that can be done with it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from core import policy
from core.errors import Invalid
from core.pages import FormResult, SeeOther, private_response, submit_form
from core.policy import Role
from core.requests import HtmxHttpRequest
from core.text import clean
from directory.models import Area
from suggestions import access, services
from suggestions.forms.verb import VerbForm
from suggestions.models import Category, Suggestion
from suggestions.queries import desk, desk_case
from suggestions.queries.desk_case import DeskCase
from suggestions.queries.similar import answered
from suggestions.services import Routed
from suggestions.views.desk_verbs import GROUPS, VERBS
from suggestions.views.pages import send_file
from suggestions.views.verbs import Verb

BY_RULES = frozenset({"accept_and_assign", "assign"})
BESIDE = {"sign_reply": {"sign_reply", "return_draft"}}  # what the first form shows besides itself
FIRST_OF_ALL = ("settle_complaint", "accept_and_assign", "assign", "sign_reply", "draft_reply", "set_handler")


def _visible(user: Any, number: str) -> Suggestion:
    """The case, with all its page shows. Raises: Http404 for one that does not exist for this user."""
    try:
        return desk.case_for(user, clean(number))
    except Suggestion.DoesNotExist:
        raise Http404 from None


@require_safe
@private_response
def case(request: HttpRequest, number: str) -> HttpResponse:
    """What was said, the whole thread, and what this person can do now: one thing first, the rest quietly."""
    shown = _visible(request.user, number)
    page = desk_case.desk_case(request.user, shown)
    first = _first(request.user, shown, page)
    context = {
        "case": shown,
        "page": page,
        "groups": _groups(page.actions - BESIDE.get(first.name, {first.name}) if first else page.actions),
        "similar": desk_case.similar(request.user, shown) if "merge" in page.actions else [],
        "answered": answered(shown) if "draft_reply" in page.actions else [],
        "may": {
            "open_identity": policy.can(request.user, "open", "identity"),
            "extend": policy.can(request.user, "approve extension", "suggestion"),
            "read_about_whom": access.reads_about_whom(request.user),
        },
    }
    if first is not None:
        form = _form(request, shown, first)
        form.saw(page.seen)
        context |= _around(request, shown, first, form)
    return render(request, "suggestions/desk_case.html", context)


def _first(user: Any, shown: Suggestion, page: DeskCase) -> Verb | None:
    """The one thing that this person does next with this case, if there is one."""
    offered = (name for name in FIRST_OF_ALL if name in page.actions)
    return next((VERBS[name] for name in offered if _is_next(name, user, shown, page)), None)


def _is_next(name: str, user: Any, shown: Suggestion, page: DeskCase) -> bool:
    match name:
        case "draft_reply":  # a unit that only helps does not write the answer first
            return page.draft is None and shown.unit in policy.units_with(user, Role.OFFICER)
        case "set_handler":
            return page.draft is None and shown.handler is None and shown.unit in policy.units_with(user, Role.LEADER)
    return True


def _groups(names: set[str]) -> list[tuple[Any, list[Verb]]]:
    """The other verbs, in their groups; empty groups are left out."""
    grouped = ((label, [VERBS[name] for name in verbs if name in names]) for label, verbs in GROUPS)
    return [(label, verbs) for label, verbs in grouped if verbs]


def _form(request: HttpRequest, shown: Suggestion, verb: Verb) -> VerbForm:
    """The verb's form, with what was sent, or with what the link to it proposes."""
    return verb.form(
        request.POST if request.method == "POST" else None,
        case=shown,
        user=request.user,
        initial={"into": clean(request.GET.get("into", ""))[:20]},
        auto_id=f"{verb.name}_%s",
    )


def _around(request: HttpRequest, shown: Suggestion, verb: Verb, form: VerbForm) -> dict[str, Any]:
    """What stands around a form: where the rules would send it, saved texts, cases it could follow."""
    around: dict[str, Any] = {"verb": verb, "form": form}
    if verb.name in BY_RULES:
        around["routed"] = _routed(request, shown)
    if form.saved_texts_for:
        around["saved_texts"] = desk.templates_for(request.user, shown)
    return around


def _routed(request: HttpRequest, shown: Suggestion) -> Routed | None:
    """Where the rules send it by category and area, as chosen so far; None when nobody could answer."""
    chosen = {name: clean(request.GET.get(name, "")) for name in ("category", "area")}
    category = Category.objects.filter(pk=chosen["category"]).first() if chosen["category"] else None
    area = Area.objects.filter(pk=chosen["area"]).first() if chosen["area"] else None
    try:
        return services.route_case(shown, category, area)
    except Invalid:
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@private_response
def act(request: HtmxHttpRequest, number: str, verb: str) -> HttpResponse:
    """Show a verb's form, or do it and go back to the case. What was typed is kept, whatever is refused."""
    what = VERBS.get(verb)
    if what is None:
        raise Http404
    shown = _reached(request.user, number, what)
    form = _form(request, shown, what)
    if "insert" in request.POST:
        result = _insert_saved_text(request, shown, form)
    else:
        result = submit_form(form, lambda data: what.run(shown, by=request.user, **data))
    if result.done:
        messages.success(request, str(what.done))
        return SeeOther(_address_after(request.user, shown, what))
    if request.method == "POST":
        shown = _reached(request.user, number, what)  # as others have left it meanwhile
    return _verb_page(request, shown, what, form, result)


def _reached(user: Any, number: str, verb: Verb) -> Suggestion:
    """The case, if it exists for this user and the verb is theirs; who only counts may supervise without reading.

    Raises: Http404, PermissionDenied.
    """
    if verb.name == "escalate" and not desk.reads_cases(user):
        try:
            shown = desk.countable_case(user, clean(number))
        except Suggestion.DoesNotExist:
            raise Http404 from None
    else:
        shown = _visible(user, number)
    if not access.reaches(user, desk.ACTIONS[verb.name].policy, shown):
        raise PermissionDenied
    return shown


def _insert_saved_text(request: HttpRequest, shown: Suggestion, form: VerbForm) -> FormResult:
    """Without scripts: the chosen text behind what was typed, and nothing is sent yet."""
    chosen = request.POST.get("saved_text", "")
    if form.saved_texts_for and chosen.isdecimal() and len(chosen) < 19:
        saved = desk.templates_for(request.user, shown).filter(pk=chosen).first()
        if saved is not None:
            form.insert(saved.text)
    return FormResult(200)


def _address_after(user: Any, shown: Suggestion, verb: Verb) -> str:
    """The folder that the verb empties, or the case, unless it has just gone out of this person's sight."""
    if verb.folder:
        return f"{reverse('suggestions:desk')}?folder={verb.folder}"
    still_there = Suggestion.objects.visible_to(user).filter(pk=shown.pk).exists()
    return shown.get_absolute_url() if still_there else reverse("suggestions:desk")


def _verb_page(
    request: HtmxHttpRequest, shown: Suggestion, verb: Verb, form: VerbForm, result: FormResult
) -> HttpResponse:
    """The form on a page of its own, or alone to be opened in the page of the case."""
    possible = verb.name in desk.actions(request.user, shown)
    status = result.status if possible or result.status != 200 else 409
    reads = desk.reads_cases(request.user)
    steps = desk.thread(shown)
    form.saw(desk_case.newest(steps))
    context = {
        "case": shown,
        "possible": possible,
        "changes": result.changes,
        "reads": reads,
        "later_words": desk_case.later_words(steps) if reads else [],
        "similar": desk_case.similar(request.user, shown) if verb.name == "merge" else [],
        **_around(request, shown, verb, form),
    }
    response = render(request, _template(request), context, status=status)
    if request.htmx and not possible:
        response["HX-Redirect"] = request.path  # the whole page says why
    return response


def _template(request: HtmxHttpRequest) -> str:
    """The page, or the part of it that a script asked for."""
    if not request.htmx:
        return "suggestions/desk_act.html"
    return "suggestions/desk_routed.html" if request.htmx.target == "routed" else "suggestions/desk_act.html#act"


@require_safe
@private_response
def attachment(request: HttpRequest, number: str, pk: int) -> FileResponse:
    """A file of a case that this person may read, or of one that follows it."""
    file = desk.readable_files(request.user).filter(suggestion__number=clean(number), pk=pk).first()
    if file is None:
        raise Http404
    return send_file(file)

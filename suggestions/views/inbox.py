"""The inbox: cases in folders by deadline, several of them taken on at once; and counts for who only counts."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from core import policy, refusals
from core.errors import DomainError, Text
from core.pages import SeeOther, private_response
from core.policy import Role
from core.text import ascii_digits, clean
from suggestions import services
from suggestions.forms.inbox import InboxForm
from suggestions.models import Suggestion
from suggestions.queries import desk
from suggestions.queries.desk import Folder

NUMBER = re.compile(r"\d{4}-\d{6,12}")
TONES = {"due_soon": "amber", "overdue": "red"}
FIRST_FOLDER = ((Role.TRIAGE, "to_accept"), (Role.LEADER, "to_sign"), (Role.OFFICER, "mine"))
MOST_AT_ONCE = 100

NOTHING: dict[str, tuple[Text, Text]] = {
    "to_accept": (_("Nothing waits to be accepted. Good."), _("A new voice appears here at once.")),
    "complaints": (
        _("Nothing waits that seems to be a complaint about the police"),
        _("What may accuse somebody of the police waits here until you decide."),
    ),
    "to_assign": (
        _("Nothing waits to be assigned. Good."),
        _("What is accepted and has no unit yet comes here."),
    ),
    "to_publish": (
        _("Nothing waits to be published. Good."),
        _("What citizens agreed to show comes here, and each new answer, until somebody has read it."),
    ),
    "to_sign": (_("No answer waits for a signature"), _("Drafts of your officers come here.")),
    "mine": (_("Nothing is in hand"), _("What the triage desk assigns comes here.")),
    "due_soon": (_("Nothing is due within two days"), _("Deadlines that come close show here first.")),
    "overdue": (_("Nothing is overdue. Good."), _("What is late stands here until it is answered.")),
    "waiting": (_("No citizen is being asked"), _("Cases wait here for an answer; their clock stands still.")),
    "replied": (
        _("No answer waits to be confirmed"),
        _("Answered cases stay here until the citizen confirms."),
    ),
    "all": (_("There is no case yet"), _("Every case that you may read is listed here.")),
}


@require_safe
@private_response
def inbox(request: HttpRequest) -> HttpResponse:
    """A folder of cases; a case number that was typed opens its case; who only counts sees counts."""
    counts = desk.counts_cases(request.user)
    if not desk.reads_cases(request.user) or (counts and "counts" in request.GET):
        return _counts(request)
    form = InboxForm(request.GET, user=request.user)
    wanted = form.wanted
    number = _number(wanted.get("q", ""))
    found = Suggestion.objects.visible_to(request.user).filter(number=number).first() if number else None
    if found is not None:
        return redirect(found)
    if number and counts:
        return _counts(request)
    folders = desk.folders(request.user)
    folder = _chosen(request, [one.key for one in folders], searching=bool(wanted))
    page = desk.inbox(request.user, folder, wanted, request.GET.get("cursor"))
    context = {
        "form": form,
        "page": page,
        "folder": folder,
        "title": next(one.label for one in folders if one.key == folder),
        "tabs": [_tab(one, folder) for one in folders],
        "counts": counts,
        "filtered": bool(wanted or form.errors),
        "reset": f"?folder={folder}" if wanted else "",
        "by_time": desk.FOLDERS[folder][2] == desk.NEWEST_FIRST,
        "nothing": NOTHING[folder],
        "helping": _helping(request.user, page.items),
        "unread": desk.unread(page.items) if policy.can(request.user, "triage", "suggestion") else (),
        "bulk": _bulk_of(request.user, folder) if page.items else [],
        "may": {action: policy.can(request.user, action, "suggestion") for action in ("triage", "draft", "sign")},
    }
    return render(request, "suggestions/inbox.html", context)


def _number(typed: str) -> str:
    """The number of a case, where one was typed."""
    number = ascii_digits(clean(typed)).strip()
    return number if NUMBER.fullmatch(number) else ""


def _chosen(request: HttpRequest, keys: Sequence[str], *, searching: bool) -> str:
    """The folder of the address; else all of them for a search, and the first that is the reader's work."""
    wanted = request.GET.get("folder", "")
    if wanted in keys:
        return wanted
    if searching:
        return "all"
    roles = policy.roles_of(request.user)
    return next((folder for role, folder in FIRST_FOLDER if role in roles), "all")


def _tab(folder: Folder, current: str) -> dict[str, Any]:
    return {
        "label": folder.label,
        "url": f"?folder={folder.key}",
        "count": folder.count,
        "tone": TONES.get(folder.key, "") if folder.count else "",
        "current": folder.key == current,
    }


def _helping(user: Any, cases: Sequence[Suggestion]) -> set[int]:
    """The cases that another unit answers for and that the reader's own unit only helps with."""
    own = policy.units_with(user, Role.OFFICER, Role.LEADER)
    if Role.TRIAGE in policy.roles_of(user):
        return set()
    return {
        case.pk
        for case in cases
        if getattr(case, "has_helpers", False) and not any(case.unit.is_under(unit) for unit in own)
    }


def _counts(request: HttpRequest) -> HttpResponse:
    """Open cases by unit; a case may be put under supervision by its number, without being read."""
    number = _number(request.GET.get("q", ""))
    found = Suggestion.objects.countable_by(request.user).filter(number=number).first() if number else None
    if found is not None and policy.can(request.user, "escalate", "suggestion"):
        return redirect("suggestions:desk_act", found.number, "escalate")
    rows = desk.counts_by_unit(request.user)
    total = {name: sum(row[name] for row in rows) for name in ("open", "overdue", "waiting", "supervised")}
    context = {
        "rows": rows,
        "total": total,
        "missing": number if number and found is None else "",
        "reads": desk.reads_cases(request.user),
    }
    return render(request, "suggestions/inbox_counts.html", context)


BULK: dict[str, tuple[str, Text, str, Callable[..., Any]]] = {
    "accept": ("to_accept", _("Accept them"), "a", services.accept),
    "accept_and_assign": ("to_accept", _("Accept and assign them by the rules"), "s", services.accept_and_assign),
    "assign": ("to_assign", _("Assign them by the rules"), "s", services.assign),
}


def _bulk_of(user: Any, folder: str) -> list[tuple[str, Text, str]]:
    """What can be done with several cases of this folder at once: verb, words, key."""
    if not policy.can(user, "triage", "suggestion"):
        return []
    return [(verb, words, key) for verb, (where, words, key, _do) in BULK.items() if where == folder]


@require_POST
@private_response
def bulk(request: HttpRequest) -> HttpResponse:
    """Take on every case that is ticked, each by itself; which were not done is said, and why."""
    folder, _words, _key, do = BULK.get(request.POST.get("do", ""), ("", "", "", None))
    numbers = list(dict.fromkeys(clean(number) for number in request.POST.getlist("case")))
    back = SeeOther(f"{reverse('suggestions:desk')}?folder={folder or 'to_accept'}")
    if do is None or not numbers:
        messages.warning(request, _("Tick the cases first, then press what is to be done."))
        return back
    refused = _do_each(request.user, numbers[:MOST_AT_ONCE], do)
    refused |= dict.fromkeys(numbers[MOST_AT_ONCE:], _("At most 100 at once. Send the rest again."))
    done = len(numbers) - len(refused)
    if done:
        messages.success(request, ngettext("%(n)s case is done.", "%(n)s cases are done.", done) % {"n": done})
    for number, why in refused.items():
        messages.warning(request, _("Not done, %(number)s: %(why)s") % {"number": number[:20], "why": why})
    return back


def _seems_complaint(case: Suggestion) -> str:
    """Why a case is left out: whether it accuses somebody is decided by reading it."""
    named = [subject.unit.local_name for subject in case.subjects.select_related("unit")]
    if not named:
        return gettext("It seems to complain of the police. Open it and decide first.")
    return gettext("It seems to complain of %(whom)s. Open it and decide first.") % {"whom": gettext(", ").join(named)}


def _do_each(user: Any, numbers: Sequence[str], do: Callable[..., Any]) -> dict[str, Any]:
    """By number, why a case was not done; the others are."""
    found = {case.number: case for case in Suggestion.objects.visible_to(user).filter(number__in=numbers)}
    refused: dict[str, Any] = {}
    for number in numbers:
        if number not in found:
            refused[number] = _("There is no case with this number.")
            continue
        if found[number].seems_complaint:
            refused[number] = _seems_complaint(found[number])
            continue
        try:
            with refusals.told():
                do(found[number], by=user)
        except DomainError as error:
            refused[number] = error.message
    return refused

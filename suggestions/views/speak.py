"""Speak: say it, be shown who said it before, and get the receipt."""

import io
from dataclasses import replace
from typing import Any

import segno
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import ratelimit, text
from core.day_words import day
from core.errors import Invalid, TooMany, Unavailable
from core.files import LARGEST_TOGETHER, MEGABYTE
from core.pages import SeeOther, add_domain_error, private_response
from core.requests import absolute
from core.text import mask_phone
from core.thread import Node
from core.views import TOO_BIG
from directory.models import Area, Officer, Unit
from suggestions import deadlines, services, tracking
from suggestions.fields import subject_name
from suggestions.forms.citizen import LONGEST_BODY, SpeakForm
from suggestions.queries import guess as guesses
from suggestions.queries import similar as similar_cases
from suggestions.queries import tracked
from suggestions.queries.accused import named
from suggestions.services import Voice

PAGE = "suggestions/new.html"
LARGEST_REQUEST = LARGEST_TOGETHER + 2 * MEGABYTE
HOUR = 3600
FROM_ONE_ADDRESS = 600
MOST_WORDS_READ = 5000
ENOUGH_TO_GUESS = 4
LONGEST_SEARCH = 60


@csrf_exempt  # the page below is protected; only here can a body too big to be read get a readable answer
@require_http_methods(["GET", "HEAD", "POST"])
@private_response
def new(request: HttpRequest) -> HttpResponse:
    """Say something. What is too big to be read at all is answered with the empty form and what to do."""
    length = str(request.META.get("CONTENT_LENGTH", ""))
    if length.isdecimal() and int(length) > LARGEST_REQUEST:
        return _too_big(request)
    try:
        return _new(request)
    except TOO_BIG:
        return _too_big(request)


def _too_big(request: HttpRequest) -> HttpResponse:
    return _page(request, SpeakForm(), status=413, too_big=True)


@csrf_protect
def _new(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _listen(request)
    begun = text.clean(request.GET.get("body", ""))[:LONGEST_BODY]  # another page may lay words ready
    return _page(request, SpeakForm(initial={"body": begun}))


def _page(request: HttpRequest, form: SpeakForm, *, status: int = 200, **more: Any) -> HttpResponse:
    account = mask_phone(request.user.phone) if request.user.is_authenticated else ""
    context = {"form": form, "account": account, "units": units_to_name(), **more}
    return render(request, PAGE, context, status=status)


def units_to_name() -> list[tuple[str, str]]:
    """For who has no scripts: every unit to choose from."""
    return [(f"unit:{unit.code}", unit.local_name) for unit in Unit.objects.active().order_by("path")]


def _listen(request: HttpRequest) -> HttpResponse:
    try:
        _slow_down(request)  # before anything that was sent is decoded
    except TooMany as error:
        return _refused(request, SpeakForm(request.POST), error)
    form = SpeakForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=422, files_lost=bool(request.FILES))
    if _wants_to_check(request, form):
        return _show_guess(request, form)
    try:
        receipt = services.submit(
            sorted_by_its_words(form.voice(), request),
            idempotency_key=form.cleaned_data["idempotency_key"],
            user=request.user if request.user.is_authenticated else None,
            files=form.cleaned_data["attachments"],
        )
    except (Invalid, Unavailable) as error:
        return _refused(request, form, error)
    tracking.keep_receipt(request, receipt)
    return SeeOther(reverse("suggestions:receipt"))


def _refused(request: HttpRequest, form: SpeakForm, error: Invalid | TooMany | Unavailable) -> HttpResponse:
    """Everything typed is still there; a used key is renewed, so that sending once more makes a second case."""
    if isinstance(error, Invalid) and "idempotency_key" in error.fields:
        form.renew_key()
        error = Invalid(
            "idempotency_key",
            _("You sent this form before, with other words. Send it again: it then counts as a second case."),
        )
    add_domain_error(form, error)
    minutes = error.minutes if isinstance(error, TooMany) else None
    response = _page(request, form, status=error.status, files_lost=bool(request.FILES), minutes=minutes)
    if isinstance(error, TooMany | Unavailable):
        response["Retry-After"] = str(error.retry_after)
    return response


def _slow_down(request: HttpRequest) -> None:
    """Raises: TooMany. One address may be a whole village behind one telephone mast, so it gets much room.

    A browser is not counted by its session: the count would lead from an account to what was said without a name.
    """
    ratelimit.hit(request, group="speak-address", limit=FROM_ONE_ADDRESS, seconds=HOUR)


def _wants_to_check(request: HttpRequest, form: SpeakForm) -> bool:
    """Without scripts the guess is confirmed in a second step; chosen files would be lost there, so they go at once."""
    chosen = form.cleaned_data["category"] or form.cleaned_data["attachments"]
    return request.POST.get("step") == "check" and not chosen


def _show_guess(request: HttpRequest, form: SpeakForm) -> HttpResponse:
    guessed = sorted_by_its_words(form.voice(), request)
    data = request.POST.copy()
    data["category"] = guessed.category.pk if guessed.category else ""
    data["area"] = guessed.area.pk if guessed.area else ""
    found = similar_cases.similar(guessed.body, area=guessed.area)
    return _page(request, SpeakForm(data), confirming=True, similar=found)


def sorted_by_its_words(voice: Voice, request: HttpRequest) -> Voice:
    """The voice with the category and place its words speak of, where the citizen chose none."""
    guessed = guesses.guess_category(voice.body, is_complaint=True if voice.subjects else voice.is_complaint)
    category = voice.category or next(iter(guessed), None)
    area = voice.area
    if area is None and "guessed_area" not in request.POST:  # where a guess was shown, an empty place is a choice
        area = guesses.guess_area(f"{voice.place} {voice.body}")
    return replace(voice, category=category, area=area)


def _words(request: HttpRequest) -> str:
    return text.clean(request.POST.get("body", "")[:MOST_WORDS_READ])


@require_POST
def guess(request: HttpRequest) -> HttpResponse:
    """While typing: category and place guessed from the words, unless the citizen has already chosen."""
    words = _words(request)
    enough = len(words) >= ENOUGH_TO_GUESS
    categories = guesses.guess_category(words) if enough else []
    area = _guessed_area(request, words) if enough else None
    category = _chosen_or(request, "category", categories[0].pk if categories else "")
    place = _chosen_or(request, "area", area.pk if area else "")
    form = SpeakForm(initial={"category": category, "area": place})
    context = {"form": form, "guessed_category": category, "guessed_area": place, "guessed": bool(category)}
    return render(request, f"{PAGE}#guess", context)


def _guessed_area(request: HttpRequest, words: str) -> Area | None:
    return guesses.guess_area(f"{request.POST.get('place', '')[:120]} {words}")


def _chosen_or(request: HttpRequest, name: str, guessed: str) -> str:
    """What the citizen chose in the page, or the guess while the field still holds our last one."""
    chosen = request.POST.get(name, "")
    return guessed if chosen == request.POST.get(f"guessed_{name}", "") else chosen


@require_POST
def similar(request: HttpRequest) -> HttpResponse:
    """While typing: who has said this before, to support it instead; in the chosen place first, or the guessed one."""
    words, chosen = _words(request), text.clean(request.POST.get("area", ""))
    found = []
    if len(words) >= ENOUGH_TO_GUESS:
        area = Area.objects.filter(code=chosen).first() if chosen else _guessed_area(request, words)
        found = similar_cases.similar(words, area=area)
    return render(request, f"{PAGE}#similar", {"similar": found})


@require_POST
def about(request: HttpRequest) -> HttpResponse:
    """While typing: whether it is a complaint about the police, and of whom, once the words sound like one.

    What was ticked or typed there already stays. A POST for the same reason as ``who``.
    """
    data = request.POST.copy()
    data["body"] = _words(request)
    form = SpeakForm(data)
    if not form.accused and "asked" not in data:
        return HttpResponse(status=204)  # nothing is asked: what is open or typed there stays as it is
    return render(request, f"{PAGE}#about", {"form": form})


@require_POST
def who(request: HttpRequest) -> HttpResponse:
    """While naming somebody: those already ticked, and who else has this name or badge number.

    A POST, because an address would carry the name into every log on the way.
    """
    ticked = SpeakForm(request.POST).named
    others = [pair for pair in _people_and_units(request.POST.get("who", "")) if pair not in ticked]
    return render(request, f"{PAGE}#who", {"ticked": ticked, "found": others})


def _people_and_units(words: str) -> list[tuple[str, str]]:
    """Up to eight units and officers whose name or badge number has these words, as (value, name)."""
    words = text.ascii_digits(text.clean(words[:LONGEST_SEARCH]))
    if not words:
        return []
    found = named(words)
    spoken = [unit.pk for unit, _officer in found]
    named_so = Q(name__icontains=words) | Q(name_en__icontains=words)
    units = Unit.objects.active().filter(named_so | Q(pk__in=spoken))[:4]
    officers = Officer.objects.filter(is_active=True).select_related("unit")
    known = [officer.pk for _unit, officer in found if officer is not None]
    typed = Q(badge_number__startswith=words) | Q(name__startswith=words)
    officers = officers.filter(typed | Q(pk__in=known))[:4]
    return [
        *((f"unit:{unit.code}", subject_name((unit, None))) for unit in units),
        *((f"officer:{officer.badge_number}", subject_name((officer.unit, officer))) for officer in officers),
    ]


@require_safe
@private_response
def receipt(request: HttpRequest) -> HttpResponse:
    """The tracking code, the promised date, and what happens next; readable for half an hour."""
    kept = tracking.kept_receipt(request)
    if kept is None:
        return render(request, "suggestions/receipt_gone.html", {"here": reverse("suggestions:new")}, status=404)
    return render(request, "suggestions/receipt.html", on_the_receipt(request, kept))


def on_the_receipt(request: HttpRequest, kept: tracking.KeptReceipt) -> dict[str, Any]:
    """What stands on a receipt, on the citizen's screen or on the clerk's paper."""
    case = kept.case
    promised = deadlines.promised(case.created_at, case.category.reply_days)
    return {
        "case": case,
        "code": kept.code,
        "again": kept.again,
        "subjects": tracked.subjects_of(case),
        "needs_phone_tail": tracked.needs_phone_tail(case),
        "promised": promised,
        "address": track_address(request, kept.code),
        "site": _site(request),
        "next_steps": _what_happens_next(case.created_at, case.due_at, promised),
        "here": reverse("suggestions:new"),
    }


def _what_happens_next(received: Any, accept_by: Any, promised: Any) -> list[Node]:
    accepted = _("By %(day)s you know whether we take it up.") % {"day": day(accept_by)}
    answered = _("By %(day)s the unit answers you.") % {"day": day(promised)}
    judged = _("You say how good the answer is. If it is not, we take it up again.")
    return [
        Node(_("You told us"), at=received, kind="said", current=True),
        Node(_("We take it up"), text=accepted, kind="accepted", done=False),
        Node(_("We answer"), text=answered, kind="reply", done=False),
        Node(_("You judge"), text=judged, kind="rated", done=False),
    ]


def track_address(request: HttpRequest, code: str) -> str:
    """The address in the QR code. The code stands behind ``#``: it stays in the phone and out of every log."""
    return f"{_site(request)}{reverse('suggestions:track')}#{code}"


def _site(request: HttpRequest) -> str:
    """The address of this portal as people know it, without a slash at its end."""
    return absolute(request, "/").rstrip("/")


@require_safe
@private_response
def receipt_qr(request: HttpRequest) -> HttpResponse:
    """The QR code of the receipt as a picture to save."""
    kept = tracking.kept_receipt(request)
    if kept is None:
        raise Http404
    picture = io.BytesIO()
    segno.make(track_address(request, kept.code), error="m", micro=False).save(picture, kind="svg", scale=8, border=2)
    return HttpResponse(picture.getvalue(), content_type="image/svg+xml")

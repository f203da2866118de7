"""Pollsters: the companies, the people who hand in for them, and the keys they sign with."""

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import policy
from core.errors import DomainError
from core.pages import SeeOther, private_response
from evaluations import services
from evaluations.forms.preparing import KeyForm, MemberForm, PollsterForm, RevokeForm
from evaluations.models import Pollster, SigningKey
from evaluations.views.preparing import PAGE, problems_of


@require_safe
@private_response
def index(request: HttpRequest) -> HttpResponse:
    """Every company; there are a handful."""
    pollsters = Pollster.objects.order_by("-is_active", "code").prefetch_related("keys")[:200]
    may_make = policy.can(request.user, "prepare", "wave")
    return render(request, "evaluations/desk_pollsters.html", {"pollsters": pollsters, "may_make": may_make})


@PAGE
@private_response
def new(request: HttpRequest) -> HttpResponse:
    """Take a company on."""
    form = PollsterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_pollster(by=request.user, **form.cleaned_data)
        except DomainError as error:
            problems_of(form, error)
        else:
            messages.success(request, _("Written down. Next: its people and its key."))
            return SeeOther(_address(made))
    status = 422 if request.method == "POST" else 200
    return render(request, "evaluations/desk_new_pollster.html", {"form": form}, status=status)


def _address(pollster: Pollster) -> str:
    return reverse("evaluations:desk_pollster", args=[pollster.code])


@require_safe
@private_response
def show(request: HttpRequest, code: str) -> HttpResponse:
    """One company with its people and keys."""
    return _page(request, get_object_or_404(Pollster, code=code))


def _page(request: HttpRequest, pollster: Pollster, status: int = 200, **forms: Form) -> HttpResponse:
    context = {
        "pollster": pollster,
        "members": list(pollster.members.order_by("username")),
        "keys": list(pollster.keys.order_by("-since", "pk")),
        "may_make": policy.can(request.user, "prepare", "wave"),
        "member_form": forms.get("member", MemberForm(auto_id="member_%s")),
        "key_form": forms.get("key", KeyForm(auto_id="key_%s")),
    }
    return render(request, "evaluations/desk_pollster.html", context, status=status)


@require_POST
@private_response
def act(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """``member`` and ``key`` add one, ``leave`` takes a person away, ``let-go`` and ``take-on`` the company."""
    pollster = get_object_or_404(Pollster, code=code)
    by = request.user
    if name == "member":
        form: Form = MemberForm(request.POST, auto_id="member_%s")
        return _do(request, pollster, name, form, lambda said: services.add_member(pollster, said["login"], by=by))
    if name == "key":
        form = KeyForm(request.POST, auto_id="key_%s")
        return _do(request, pollster, name, form, lambda said: services.add_key(pollster, said["public_key"], by=by))
    if name == "leave":
        wanted = request.POST.get("person", "")
        person = get_object_or_404(pollster.members, pk=int(wanted) if wanted.isdecimal() and len(wanted) < 10 else 0)
        services.remove_member(pollster, person, by=by)
    elif name in ("let-go", "take-on"):
        services.set_active(pollster, active=name == "take-on", by=by)
    else:
        raise Http404
    messages.success(request, _("Written down."))
    return SeeOther(_address(pollster))


def _do(
    request: HttpRequest, pollster: Pollster, name: str, form: Form, change: Callable[[dict[str, str]], object]
) -> HttpResponse:
    if form.is_valid():
        try:
            change(form.cleaned_data)
        except DomainError as error:
            problems_of(form, error)
        else:
            messages.success(request, _("Written down."))
            return SeeOther(_address(pollster))
    return _page(request, pollster, status=422, **{name: form})


@PAGE
@private_response
def revoke(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Trust a key no more, with the reason."""
    key = get_object_or_404(SigningKey.objects.select_related("pollster"), pk=pk, pollster__code=code)
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.revoke_key(key, by=request.user, reason=form.cleaned_data["reason"])
        except DomainError as error:
            problems_of(form, error)
        else:
            messages.success(request, _("Revoked. Nothing signed with this key is taken any more."))
            return SeeOther(_address(key.pollster))
    status = 422 if request.method == "POST" else 200
    return render(request, "evaluations/desk_revoke.html", {"form": form, "key": key}, status=status)

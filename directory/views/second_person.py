"""The page of the second person."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import ApiToken
from accounts.requests import SignedInRequest
from core.errors import DomainError
from directory.second_person import KINDS, waiting_for


@require_safe
def index(request: SignedInRequest) -> HttpResponse:
    """What waits for a second person."""
    return render(request, "directory/second.html", {"waiting": waiting_for(request.user)})


@require_POST
def decide(request: SignedInRequest, kind: str, pk: int) -> HttpResponse:
    """Agree, or not. The words of a key are on the answer, this once: no message carries them."""
    if kind not in KINDS:
        raise Http404
    chosen = KINDS[kind]
    row = get_object_or_404(chosen.model, pk=pk)
    try:
        if "refuse" in request.POST:
            chosen.refuse(row, by=request.user)
            messages.success(request, _("It is refused."))
        elif kind == "key":
            return _key_issued(request, *chosen.confirm(row, by=request.user))
        else:
            chosen.confirm(row, by=request.user)
            messages.success(request, _("It is confirmed."))
    except DomainError as error:
        messages.error(request, str(error.message))
    return redirect("directory:second")


def _key_issued(request: HttpRequest, token: ApiToken, words: str) -> HttpResponse:
    response = render(request, "directory/key_issued.html", {"token": token, "words": words})
    add_never_cache_headers(response)
    return response

"""One's own receipt, shown in this browser until sign-out or half an hour, and the check of any receipt by anybody."""

import json
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.pages import SeeOther, private_response
from core.requests import absolute
from directory.queries import inspectorates
from voting import receipts
from voting.forms.citizen import ReceiptForm
from voting.models import Poll
from voting.queries import polls, proofs
from voting.queries.polls import Stage
from voting.receipts import Receipt
from voting.services.sealing import next_seal
from voting.views.pages import handed_over, poll_or_404, take_back

PAGE = "voting/receipt.html"


@require_http_methods(["GET", "HEAD", "POST"])
@private_response
def receipt(request: HttpRequest, year: int) -> HttpResponse:
    """Show this browser's own receipt; check a code that was sent; forget the receipt on this device."""
    poll = poll_or_404(request, year)
    if request.method != "POST":
        return _page(request, poll, ReceiptForm(), own=handed_over(request, year))
    if "forget" in request.POST:
        return take_back(SeeOther(reverse("voting:receipt", args=[year])))
    form = ReceiptForm(request.POST)
    if not form.is_valid():
        return _page(request, poll, form, status=422)
    return _checked(request, poll, form)


def _checked(request: HttpRequest, poll: Poll, form: ReceiptForm) -> HttpResponse:
    code = form.cleaned_data["code"]
    proof = proofs.inclusion(poll, code)
    if proof is not None and request.POST.get("as") == "file":
        return _download(
            json.dumps(proof.as_json, indent=1) + "\n", f"proof-{poll.edition.year}-{proof.code[:16]}.json"
        )
    if proof is not None:
        return _page(request, poll, form, proof=proof)
    if proofs.is_waiting(poll, code):
        return _page(request, poll, form, waiting=True)
    other_year = proofs.elsewhere(poll, code)
    if other_year:
        return _page(request, poll, form, status=404, other_year=other_year)
    to_whom = _tell_us(poll.edition.year)
    return _page(request, poll, form, status=404, unknown=True, tell_us=to_whom, inspectorate=inspectorates().first())


def _tell_us(year: int) -> str:
    """Where to say that a ballot is missing, with the first words laid ready; the code is in neither."""
    words = _("In the vote on the ten projects of %(year)s my receipt is not found in the public record.")
    return f"{reverse('suggestions:new')}?{urlencode({'body': words % {'year': year}})}"


def _page(
    request: HttpRequest, poll: Poll, form: ReceiptForm, *, own: Receipt | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    chosen = [one for one in polls.candidates(poll) if one.number in own.choices] if own else []
    context = {
        "edition": poll.edition,
        "form": form,
        "own": own,
        "code": receipts.spaced(own.code) if own else "",
        "address": address(request, poll, own) if own else "",
        "chosen": chosen,
        "next_seal": next_seal(poll) if own or more.get("waiting") else None,
        "published": polls.stage(poll.edition, poll) is Stage.PUBLISHED,
        **more,
    }
    return render(request, PAGE, context, status=status)


def address(request: HttpRequest, poll: Poll, own: Receipt) -> str:
    """What the QR code leads to. The code stands behind ``#``: it stays in the phone and out of every log."""
    path = f"{reverse('voting:receipt', args=[poll.edition.year])}#{own.code}"
    return absolute(request, path)


@require_safe
@private_response
def private(request: HttpRequest, year: int) -> HttpResponse:
    """What opens one's own receipt, as a file for oneself: id, choices and nonce."""
    own = handed_over(request, year)
    if own is None:
        raise Http404
    opening = {"edition": year, "code": own.code, "id": own.ballot_id, "choices": own.choices, "nonce": own.nonce}
    return _download(json.dumps(opening, indent=1) + "\n", f"my-vote-{year}.json")


def _download(text: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response

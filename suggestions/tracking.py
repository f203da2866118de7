"""What a browser may still open after its tracking code was right, and how often a code may be wrong.

The session remembers which cases were opened, never the code. The receipt keeps the code for half an hour so that a
reload shows it again. Both lie there sealed: a session is a row like any other, beside the account of whoever is signed
in, and must not lead from it to a case that was sent without a name.
"""

import json
import time
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _

from core import ratelimit, seals
from core.errors import Invalid, TooMany
from core.text import clean
from suggestions import services
from suggestions.models import Suggestion
from suggestions.numbers import case_number
from suggestions.services import Receipt, listen

TRACKED = "tracked"
RECEIPT = "receipt"
MOST_TRACKED = 20
IT_IS_A_NUMBER = _(
    "This is the number of the case. The tracking code stands on the receipt too: 13 letters and digits."
)
RECEIPT_SECONDS = 30 * 60
WRONG_LIMIT, WRONG_SECONDS = 600, 60 * 60  # wrong codes of one address, which may be a whole village
CODE_LIMIT, CODE_SECONDS = 20, 60 * 60  # tries at one code: four digits are soon guessed
CODE_DAY_LIMIT, DAY = 120, 24 * 60 * 60


def grant(request: HttpRequest, case: Suggestion) -> None:
    """This browser may open this case from now on, until the session ends."""
    others = [pk for pk in _tracked(request) if pk != case.pk]
    request.session[TRACKED] = _sealed([*others, case.pk][-MOST_TRACKED:], TRACKED)


def _tracked(request: HttpRequest) -> list[int]:
    return _unsealed(request, TRACKED) or []


def _sealed(content: Any, name: str) -> str:
    return b64encode(seals.seal(json.dumps(content), context=f"session:{name}")).decode()


def _unsealed(request: HttpRequest, name: str) -> Any:
    """What was sealed into the session under this name, or None: not there, or not ours to open any more."""
    kept = request.session.get(name)
    if not isinstance(kept, str):
        return None
    try:
        return json.loads(seals.unseal(b64decode(kept), context=f"session:{name}"))
    except (InvalidTag, KeyError):
        return None


def granted(request: HttpRequest, number: str) -> Suggestion:
    """The case, for who showed its code, or the code of the case it was split from, or owns it by their account.

    Raises: Http404 otherwise; whether the number exists does not show.
    """
    tracked = _tracked(request)
    mine = Q(pk__in=tracked) | Q(split_from__in=tracked)
    if request.user.is_authenticated:
        mine |= Q(identity__user=request.user)
    case = _shown().filter(mine, number=clean(number)).first()
    if case is None:
        raise Http404
    return case


def find(request: HttpRequest, code: str, phone_tail: str) -> Suggestion:
    """The case of a tracking code, granted to this browser. Raises: as ``look_up``."""
    case = look_up(request, code, phone_tail)
    grant(request, case)
    return case


def look_up(request: HttpRequest, code: str, phone_tail: str) -> Suggestion:
    """The case of a tracking code, with all its page shows.

    A right code is never refused for what others typed: a code has 65 bits, nobody finds one by trying. The four digits
    have few, so tries at one code are counted, but for a browser that has the case open already.

    Raises: Invalid, the same for an unknown code and a wrong or missing number; TooMany for a wrong one after many from
    one address, and after many tries at one code.
    """
    if case_number(code):
        raise Invalid("code", IT_IS_A_NUMBER)
    try:
        count_try(code)
    except TooMany:
        case = _opened_here(request, code)
        if case is None:
            raise
        return fresh(case)
    try:
        case = services.find_by_code(code, phone_tail)
    except Invalid:
        count_wrong(request)
        raise
    return fresh(case)


def count_try(code: str) -> None:
    """Count a try at one code. Raises: TooMany."""
    fingerprint = seals.fingerprint(listen.normal_code(code), purpose="track-limit")
    ratelimit.hit(fingerprint, group="track-code", limit=CODE_LIMIT, seconds=CODE_SECONDS)
    ratelimit.hit(fingerprint, group="track-code-day", limit=CODE_DAY_LIMIT, seconds=DAY)


def count_wrong(request: HttpRequest) -> None:
    """Count a wrong code of one address. Raises: TooMany."""
    ratelimit.hit(request, group="track-wrong", limit=WRONG_LIMIT, seconds=WRONG_SECONDS)


def _opened_here(request: HttpRequest, code: str) -> Suggestion | None:
    """The case of this code if this browser has it open: it showed the right digits once."""
    case = Suggestion.objects.filter(tracking_mac=listen.tracking_mac(code)).first()
    return case if case is not None and case.pk in _tracked(request) else None


def fresh(case: Suggestion) -> Suggestion:
    """The case as it is now; one statement."""
    return _shown().get(pk=case.pk)


def _shown() -> QuerySet[Suggestion]:
    return Suggestion.objects.select_related("category", "area", "unit", "merged_into__unit", "identity")


@dataclass(frozen=True)
class KeptReceipt:
    """What the receipt page shows."""

    case: Suggestion
    code: str
    again: bool


def keep_receipt(request: HttpRequest, receipt: Receipt) -> None:
    """Let the next page show the tracking code, for half an hour."""
    kept = {
        "case": receipt.suggestion.pk,
        "code": receipt.tracking_code,
        "again": receipt.again,
        "until": int(time.time()) + RECEIPT_SECONDS,
    }
    request.session[RECEIPT] = _sealed(kept, RECEIPT)
    grant(request, receipt.suggestion)


def kept_receipt(request: HttpRequest) -> KeptReceipt | None:
    """The receipt of this browser's last case, or None when it is older than half an hour."""
    kept = _unsealed(request, RECEIPT)
    if kept is None:
        return None
    case = Suggestion.objects.select_related("category", "area", "unit").filter(pk=kept["case"]).first()
    if case is None or kept["until"] < time.time():
        del request.session[RECEIPT]
        return None
    return KeptReceipt(case, kept["code"], kept["again"])

"""An unsafe call with an ``Idempotency-Key`` is done once, however often it comes: a retry gets the first answer again.

The answer is remembered, sealed, in the transaction that does the work; only what succeeded is. The same key with
another body is refused (422), and while the first call still runs the second is told to wait (409).
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from core import seals
from core.errors import DomainError, Invalid
from core.locks import take_if_free
from core.models import IdempotentCall

HEADER = "Idempotency-Key"
LONGEST_KEY = 255
KEPT = timedelta(days=2)
REPLAYED = {"Idempotent-Replayed": "true"}
Handler = Callable[..., Response]


class StillRunning(DomainError):
    """The first call with this key has not ended yet."""

    code = "still-running"
    retry_after = 2
    default = gettext_lazy("The first call with this key is still running. Please try again in a moment.")


def key_of(request: Request) -> str:
    """The key that the caller sent, quoted or bare, or empty. Raises: Invalid when it is too long."""
    key = request.headers.get(HEADER, "").strip().strip('"')
    if len(key) > LONGEST_KEY:
        raise Invalid(HEADER, _("This key is too long: at most %(n)s characters.") % {"n": LONGEST_KEY})
    return key


def fresh_key() -> str:
    """A key for who sent none."""
    return uuid4().hex


def caller_of(request: Request) -> str:
    """Whose keys these are: one caller's never meet another's."""
    return f"user:{request.user.pk}" if request.user.is_authenticated else "anybody"


def once_per_key(handler: Handler) -> Handler:
    """Make an endpoint's method honour the header; without one it runs each time."""

    @wraps(handler)
    def once(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = key_of(request)
        if not key:
            return handler(view, request, *args, **kwargs)
        named = "\n".join([caller_of(request), request.method or "", request.path, key])
        mac = seals.fingerprint(named, purpose="idempotent-call")
        return _once(mac, digest_of(request), lambda: handler(view, request, *args, **kwargs))

    return once


@transaction.atomic
def _once(mac: str, digest: str, run: Callable[[], Response]) -> Response:
    if not take_if_free(int(mac[:15], 16)):
        raise StillRunning
    earlier = IdempotentCall.objects.filter(key=mac).first()
    if earlier is None:
        return _remember(mac, digest, run())
    if earlier.digest != digest:
        raise Invalid(HEADER, _("This key was used with another body."))
    body = json.loads(seals.unseal(earlier.body_sealed, context=f"call:{mac}"))
    return Response(body, status=earlier.status, headers=REPLAYED)


def _remember(mac: str, digest: str, response: Response) -> Response:
    body = JSONRenderer().render(response.data).decode() or "null"
    sealed = seals.seal(body, context=f"call:{mac}")
    IdempotentCall.objects.create(key=mac, digest=digest, status=response.status_code, body_sealed=sealed)
    return response


def digest_of(request: Request) -> str:
    """A keyed digest of the body, files by their content."""
    data = request.data
    pairs: Iterable[tuple[str, Any]] = data.lists() if hasattr(data, "lists") else [("", data)]
    content = [[name, value] for name, value in sorted(pairs, key=lambda pair: pair[0])]
    plain = json.dumps(content, sort_keys=True, ensure_ascii=True, default=_file_digest)
    return seals.fingerprint(plain, purpose="idempotent-body")


def _file_digest(value: Any) -> str:
    if not isinstance(value, UploadedFile):
        return str(value)
    digest = hashlib.sha256(value.read()).hexdigest()
    value.seek(0)
    return digest


def forget_old_calls() -> int:
    """Delete what is remembered for longer than two days; returns how many."""
    gone, _by_model = IdempotentCall.objects.filter(at__lt=Now() - KEPT).delete()
    return gone

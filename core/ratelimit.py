"""How often something may be tried. Counters live in Redis under hashed keys; losing them only forgives.

When Redis is away each web process counts for itself (:mod:`core.cache`): guessing and flooding stay slow, a little
less so, and nobody is shut out.
"""

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from core.errors import TooMany
from core.seals import fingerprint


def client_of(request: HttpRequest) -> str:
    """A keyed fingerprint of the address a request comes from, past the proxies that we run ourselves."""
    return fingerprint(_address(request), purpose="client")


def _address(request: HttpRequest) -> str:
    """The address that the outermost of our own proxies saw; a header that others could forge is not read."""
    trusted = settings.TRUSTED_PROXIES
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    if trusted and len(hops) >= trusted:
        return hops[-trusted]
    return str(request.META.get("REMOTE_ADDR", ""))


def hit(who: HttpRequest | str, *, group: str, limit: int, seconds: int) -> None:
    """Count one try by ``who`` (a request's address, or any key) in ``group``.

    Raises: TooMany at the try after ``limit`` within ``seconds`` of the first one.
    """
    name = client_of(who) if isinstance(who, HttpRequest) else fingerprint(who, purpose="rate-limit")
    key = f"limit:{group}:{name}"
    if cache.add(key, 1, seconds):
        return
    try:
        tries = cache.incr(key)
    except ValueError:  # it expired between the two calls
        cache.add(key, 1, seconds)
        return
    if tries > limit:
        raise TooMany(retry_after=seconds)

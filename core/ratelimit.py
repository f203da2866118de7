"""How often something may be tried. Counters live in Redis under hashed keys; losing them only forgives.

When Redis is away each web process counts for itself (:mod:`core.cache`): guessing and flooding stay slow, a little
less so, and nobody is shut out.

No counter tells when somebody came: it ends on a mark of the clock, which many share, and holds a number alone. What is
said without a name is counted by address, never by account or session.
"""

import ipaddress
import time
from typing import cast

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from core.cache import ForgivingRedisCache
from core.errors import TooMany
from core.seals import fingerprint

IPV6_PREFIX = 64
MARKS = 6  # of the clock in a window, on one of which a count ends
HOUR = 3600


def client_of(request: HttpRequest) -> str:
    """A keyed fingerprint of the address a request comes from, past the proxies that we run ourselves."""
    return fingerprint(_place(address_of(request)), purpose="client")


def address_of(request: HttpRequest) -> str:
    """The address that the outermost of our own proxies saw; a header that others could forge is not read.

    Everything that counts by address asks here, allauth too.
    """
    trusted = settings.TRUSTED_PROXIES
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")] if trusted else []
    if len(hops) >= trusted > 0 and _is_address(hops[-trusted]):
        return hops[-trusted]
    return str(request.META.get("REMOTE_ADDR", ""))


def _is_address(words: str) -> bool:
    try:
        ipaddress.ip_address(words)
    except ValueError:
        return False
    return True


def _place(address: str) -> str:
    """Of an IPv6 address the network, which one customer has to themselves: it holds more addresses than any count."""
    if ":" not in address or not _is_address(address):
        return address
    return str(ipaddress.ip_network(f"{address.split('%')[0]}/{IPV6_PREFIX}", strict=False))


def hit(who: HttpRequest | str, *, group: str, limit: int, seconds: int) -> None:
    """Count one try by ``who`` (a request's address, or any key) in ``group``.

    Raises: TooMany at the try after ``limit`` within ``seconds`` of the first one.
    """
    if count(who, group=group, seconds=seconds) > limit:
        raise TooMany(retry_after=seconds)


def count(who: HttpRequest | str, *, group: str, seconds: int, much: int = 1) -> int:
    """Count one try, or as ``much`` as it costs, and return how much there was in this window.

    A window ends on the last mark of the clock within ``seconds`` of its first try: it lasts a sixth less at most.
    """
    key, counters = _key(who, group), cast(ForgivingRedisCache, cache)
    end = _last_mark(time.time() + seconds, seconds)
    if counters.add_until(key, much, end):
        return much
    try:
        return int(counters.incr(key, much))
    except ValueError:  # it expired between the two calls
        counters.add_until(key, much, end)
        return much


def _last_mark(moment: float, seconds: int) -> int:
    apart = max(min(seconds // MARKS, HOUR), 1)
    return int(moment // apart * apart)


def counted(who: HttpRequest | str, *, group: str) -> int:
    """How many tries stand, without adding one."""
    return int(cache.get(_key(who, group), 0))


def _key(who: HttpRequest | str, group: str) -> str:
    name = client_of(who) if isinstance(who, HttpRequest) else fingerprint(who, purpose="rate-limit")
    return f"limit:{group}:{name}"

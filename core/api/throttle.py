"""How often an endpoint may be called, by the rates in the settings; the counters' keys name nobody."""

from typing import Any, cast

from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import ScopedRateThrottle

from core import ratelimit
from core.errors import TooMany


class ScopedThrottle(ScopedRateThrottle):
    """Counts a machine by its account, everybody else by address: what is said leaves no trace at a citizen's."""

    seconds = 0

    def allow_request(self, request: Request, view: Any) -> bool:
        scope = getattr(view, "throttle_scope", "read")
        scope = scope[request.method] if isinstance(scope, dict) else scope
        rate = self.parse_rate(str(api_settings.DEFAULT_THROTTLE_RATES[scope]))
        limit, self.seconds = cast(tuple[int, int], rate)
        who = request._request if request.auth is None else f"machine:{request.user.pk}"
        try:
            ratelimit.hit(who, group=f"api-{scope}", limit=limit, seconds=self.seconds)
        except TooMany:
            return False
        return True

    def wait(self) -> float:
        return self.seconds

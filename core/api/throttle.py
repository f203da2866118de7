"""How often an endpoint may be called, by the rates in the settings; the counters' keys name nobody."""

from typing import Any

from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import ScopedRateThrottle, SimpleRateThrottle

from core import ratelimit


class ScopedThrottle(ScopedRateThrottle):
    """Counts by account, or by a fingerprint of the address past our own proxies."""

    def allow_request(self, request: Request, view: Any) -> bool:
        scope = getattr(view, "throttle_scope", "read")
        self.scope = scope[request.method] if isinstance(scope, dict) else scope
        self.rate = self.get_rate()
        self.num_requests, self.duration = self.parse_rate(self.rate)
        return SimpleRateThrottle.allow_request(self, request, view)

    def get_rate(self) -> Any:
        return api_settings.DEFAULT_THROTTLE_RATES[str(self.scope)]

    def get_ident(self, request: Request) -> str:
        return ratelimit.client_of(request._request)

    def get_cache_key(self, request: Request, view: Any) -> str:
        who = f"user-{request.user.pk}" if request.user.is_authenticated else self.get_ident(request)
        return f"throttle:{self.scope}:{who}"

"""What every API endpoint stands on: who may, how lists turn pages, how errors read, how often, and once only."""

from core.api.fields import CleanCharField, MomentField
from core.api.idempotency import once_per_key
from core.api.pagination import KeysetPagination
from core.api.permission import PolicyPermission
from core.api.problems import ProblemSerializer, problem_response
from core.api.throttle import ScopedThrottle

__all__ = [
    "CleanCharField",
    "KeysetPagination",
    "MomentField",
    "PolicyPermission",
    "ProblemSerializer",
    "ScopedThrottle",
    "once_per_key",
    "problem_response",
]

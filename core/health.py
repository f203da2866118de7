"""Is the house well? ``live`` for a process manager, ``ready`` for a load balancer, ``deep`` for a person on duty."""

import hmac
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView
from redis.exceptions import RedisError

from core import clock, workdays
from core.models import AuditEntry, Heartbeat, OutboxEvent

LONGEST_SILENCE = timedelta(minutes=3)
LONGEST_QUEUE = timedelta(minutes=10)
FARTHEST_DEADLINE = timedelta(days=60)  # what is promised today may end so far ahead
LEAST_DISK = 1024**3  # bytes


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, and a figure or word that says why."""

    name: str
    ok: bool
    says: str
    attention: bool = False  # well, but somebody should look at it


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """PostgreSQL answers and every migration is applied; without Redis the portal still serves."""
    return _report([_database(), _migrations()])


@require_safe
@never_cache
def deep(request: HttpRequest) -> HttpResponse:
    """All of ``ready``, Redis, and whether the clockwork behind it moves."""
    findings = [_database(), _redis(), _migrations()]
    if all(finding.ok for finding in findings):
        findings += [look() for look in CLOCKWORK]
    return _report([*findings, _disk()])


def _report(findings: list[Finding]) -> HttpResponse:
    well = all(finding.ok for finding in findings)
    calm = not any(finding.attention for finding in findings)
    body = {
        finding.name: {"ok": finding.ok, "attention": finding.attention, "says": finding.says} for finding in findings
    }
    status = ("ok" if calm else "attention") if well else "failing"
    return JsonResponse({"status": status, "checks": body}, status=200 if well else 503)


def _database() -> Finding:
    try:
        clock.now()
    except DatabaseError as error:
        return Finding("database", False, type(error).__name__)
    return Finding("database", True, "answers")


def _redis() -> Finding:
    try:
        cache.require()  # type: ignore[attr-defined]
    except (RedisError, OSError) as error:
        return Finding("redis", False, type(error).__name__)
    return Finding("redis", True, "answers")


def _migrations() -> Finding:
    try:
        executor = MigrationExecutor(connection)
    except DatabaseError as error:
        return Finding("migrations", False, type(error).__name__)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    return Finding("migrations", not missing, f"{missing} to apply")


def _aged(name: str, since: datetime | None, limit: timedelta) -> Finding:
    """Well while nothing is older than ``limit``; None means that there is nothing to be old."""
    age = clock.now() - since if since else timedelta()
    return Finding(name, age <= limit, f"{int(age.total_seconds())} s")


def _beat() -> Finding:
    beat = Heartbeat.objects.filter(pk="beat").first()
    return _aged("scheduler", beat.at, LONGEST_SILENCE) if beat else Finding("scheduler", False, "never ticked")


def _outbox() -> Finding:
    oldest = OutboxEvent.objects.filter(delivered_at=None).order_by("due_at").values_list("due_at", flat=True).first()
    return _aged("outbox", min(oldest, clock.now()) if oldest else None, LONGEST_QUEUE)


def _seal() -> Finding:
    oldest = AuditEntry.objects.filter(link=None).order_by("pk").values_list("at", flat=True).first()
    return _aged("audit seal", oldest, LONGEST_QUEUE)


def _calendar() -> Finding:
    year = (clock.now() + FARTHEST_DEADLINE).year
    known = workdays.is_announced(year)
    says = "announced" if known else "not announced: Monday to Friday but for what the law fixes"
    return Finding("calendar", True, f"{year} {says}", attention=not known)


def _disk() -> Finding:
    free = shutil.disk_usage(settings.MEDIA_ROOT if settings.MEDIA_ROOT.exists() else settings.BASE_DIR).free
    return Finding("disk", free >= LEAST_DISK, f"{free // 1024**2} MB free")


CLOCKWORK: tuple[Callable[[], Finding], ...] = (_beat, _outbox, _seal, _calendar)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus metrics, for the machine itself or whoever shows ``METRICS_TOKEN`` as a bearer token."""
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    token = settings.METRICS_TOKEN
    is_local = not settings.TRUSTED_PROXIES and request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1")
    if is_local or (token and hmac.compare_digest(sent.encode(), token.encode())):
        return ExportToDjangoView(request)
    return HttpResponseForbidden()

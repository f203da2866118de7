"""Small worlds of what follows from the public's judgement: appraisals of several officers, and proven grounds."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction
from django.utils import timezone

from core.workdays import SHANGHAI
from evaluations import services
from evaluations.models import (
    Appraisal,
    AppraisalLine,
    AppraisalRun,
    Component,
    Pollster,
    Questionnaire,
    Scheme,
    Score,
    ScoringRun,
    Subject,
    Wave,
)
from suggestions.models import Suggestion
from tests import factories

PARTS = (
    ("satisfaction", "满意度", 4000, True),
    ("attitude", "服务态度", 2000, True),
    ("on_time", "按时办结", 4000, False),
)
ORDER = ("draft", "fielding", "imported", "checked", "weighted", "scored", "frozen", "published")


def make_scheme(city, year=2025):
    """Of 10,000 basis points 6,000 are the public's."""
    with transaction.atomic():
        scheme = Scheme.objects.create(year=year, about="officer", title=f"{year} 年考评", proposed_by=city.admin)
        for order, (key, label, weight, public) in enumerate(PARTS):
            Component.objects.create(
                scheme=scheme, key=key, label=label, weight=weight, is_public=public, order=order
            )  # fmt: skip
    scheme.locked_by, scheme.locked_at = city.admin2, timezone.now()
    scheme.save()
    return scheme


def make_run(city, scores, *, year=2025, state="published", scheme=None, number=1):
    """``scores``: {officer: (satisfaction, attitude, on time)}, None where too few people answered."""
    scheme = scheme or make_scheme(city, year)
    AppraisalRun.objects.filter(scheme=scheme, is_current=True).update(is_current=False)
    run = AppraisalRun.objects.create(
        scheme=scheme, number=number, version="1", inputs_sha256="0" * 64, by=city.admin, is_current=True
    )
    parts = list(scheme.components.order_by("order"))
    with transaction.atomic():
        for officer, given in scores.items():
            appraisal = Appraisal.objects.create(run=run, officer=officer, unit=officer.unit)
            lines = [_line(appraisal, part, one) for part, one in zip(parts, given, strict=True) if one is not None]
            AppraisalLine.objects.bulk_create(lines)
            total = sum(line.points for line in lines) if len(lines) == len(parts) else None
            Appraisal.objects.filter(pk=appraisal.pk).update(total=total)
    if state != "draft":
        AppraisalRun.objects.filter(pk=run.pk).update(state="frozen", frozen_by=city.admin2)
    if state == "published":
        AppraisalRun.objects.filter(pk=run.pk).update(state="published", published_at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    run.refresh_from_db()
    return run


def _line(appraisal, part, score):
    points = (Decimal(score) * part.weight / 10_000).quantize(Decimal("0.01"))
    return AppraisalLine(appraisal=appraisal, component=part, score=Decimal(score), points=points)


def gated(city, satisfaction=90, *, officer=None, year=2025, attitude=90):
    """A gate recorded by the service, of the officer of Yuehe."""
    officer = officer or city.officer.officer
    services.record_gates(make_run(city, {officer: (satisfaction, attitude, 80)}, year=year))
    return officer.gates.get(year=year)


def make_signal(city, *, officer=None, unit=None, code="2025-1", year=2025, signal=-1, without=-1, **score):
    """A published wave in which somebody is below the funnel (and, with ``without``, without the flagged ones too)."""
    pollster, _new = Pollster.objects.get_or_create(code="demo", defaults={"name": "演示民调公司", "is_demo": True})
    asked, _new = Questionnaire.objects.get_or_create(code="resident", version=1, defaults={"title": "居民问卷"})
    month = 1 + int(code.rsplit("-", 1)[1]) % 12
    wave = Wave.objects.filter(code=code).first() or Wave.objects.create(
        code=code, title=code, kind="population", year=year, pollster=pollster, questionnaire=asked,
        starts=f"{year}-{month:02d}-01", ends=f"{year}-{month:02d}-20", positive_levels=[4, 5],
    )  # fmt: skip
    about = {"kind": "officer", "code": officer.badge_number} if officer else {"kind": "unit", "code": unit.code}
    subject = Subject.objects.create(
        wave=wave, officer=officer, unit=officer.unit if officer else unit, peer_group="x", **about
    )
    indicator = score.pop("indicator", "attitude")
    values = {"n": 60, "n_eff": 50, "points": 55, "low": 42, "high": 67, "reliability": "0.80",
              "rank": 18, "rank_low": 15, "rank_high": 20, "peers": 20, "is_shown": True} | score  # fmt: skip
    for flagged, beyond in ((False, signal), (True, without)):
        run, _new = ScoringRun.objects.get_or_create(
            wave=wave, without_flagged=flagged,
            defaults={"version": "1", "inputs_sha256": "0" * 64, "finished_at": timezone.now(), "is_current": True},
        )  # fmt: skip
        Score.objects.create(
            run=run, subject=subject, indicator=indicator, positive_levels=[4, 5], signal=beyond, **values
        )
    return wave


def publish(city, wave):
    """Take a bare wave to the end of its way."""
    Wave.objects.filter(pk=wave.pk).update(
        scored_by=city.admin, published_by=city.admin2, published_at=timezone.now(), frozen_at=timezone.now()
    )
    for state in ORDER[ORDER.index(wave.state) + 1 :]:
        Wave.objects.filter(pk=wave.pk).update(state=state)


def signal_twice(city, officer=None, *, codes=("2025-1", "2025-2"), **kind):
    """Twice in a year below the funnel; returns the key of the finding."""
    officer = officer or city.officer.officer
    for code in codes:
        publish(city, make_signal(city, officer=officer, code=code, **kind))
    return f"signal:o{officer.pk}:2025:{kind.get('indicator', 'attitude')}"


def late_replies(city, count=3, *, handler=True, year=2026):
    """Replies that came three days after their deadline; returns the key of the finding."""
    due = datetime(year, 3, 2, 12, tzinfo=SHANGHAI)
    for n in range(count):
        case = factories.case(city, "replied", body=f"第 {n} 件,晚上噪音太吵。", key=f"late-{n}-{handler}")
        Suggestion.objects.filter(pk=case.pk).update(
            due_at=due + timedelta(days=n), replied_at=due + timedelta(days=n + 3),
            handler=city.officer.officer if handler else None,
        )  # fmt: skip
    who = f"o{city.officer.officer.pk}" if handler else f"u{city.yuehe.pk}"
    return f"late:{who}:{year}"


def buried(city):
    """The desk declines a complaint, and then turns out to be whom it is about; returns case and step."""
    from suggestions import services as voices

    case = factories.say(city, category=city.conduct, body="态度恶劣,挂我电话。", publish=False).suggestion
    voices.decline(case, by=city.triage, reason="不属于受理范围。")
    step = case.steps.get(kind="declined")
    case.subjects.create(unit=city.desk, officer=city.triage.officer)
    return case, step


def opened(city, **kind):
    """A case of the officer of Yuehe that the inspector opened on three late replies."""
    inquiry = services.open_inquiry(late_replies(city, **kind), by=city.inspector)
    return services.open_case(inquiry, reasons="三次逾期属实。", by=city.inspector)


def decided(city):
    case = services.hear(opened(city), record="本人承认逾期。", by=city.inspector)
    return services.decide(case, outcome="书面检查,取消当年评优。", by=city.inspector)

"""Many cases at once, written as rows of a past month, so that figures can be computed by hand."""

from datetime import date, datetime, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

import pgtrigger

from core.workdays import SHANGHAI
from suggestions.models import Rating, Reply, Suggestion

_serial = count(1)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)


def voices(
    c: SimpleNamespace, n: int, on: date, *, answered: int | None = None, late: int = 0, days: int = 3, **kind: Any
) -> list[Suggestion]:
    """``n`` cases received on a day; ``answered`` of them (all) after ``days`` days, ``late`` of these too late.

    ``levels`` are ratings of the first of the answered ones; ``area``, ``category``, ``unit``, ``plaza_day`` as in a
    case; ``public`` publishes them.
    """
    levels, public = kind.pop("levels", ()), kind.pop("public", False)
    answered = n if answered is None else answered
    received, replied = noon(on), noon(on) + timedelta(days=days)
    rows = []
    for place in range(n):
        done = place < answered
        serial = next(_serial)
        due = replied - timedelta(days=1) if place < late else replied + timedelta(days=1)
        fields = {"category": c.noise, "area": c.yuehe_area, "unit": c.yuehe, "title": f"第{serial}件事", **kind}
        rows.append(
            Suggestion(
                number=f"T{serial:07d}",
                tracking_mac=f"mac{serial}",
                idempotency_key=f"key{serial}",
                body_digest="",
                body=f"第{serial}件事,晚上太吵。",
                state="closed" if done else "assigned",
                clock_from=received,
                due_at=due,
                created_at=received,
                replied_at=replied if done else None,
                publish=public,
                published_at=received if public else None,
                public_read_by=c.triage if public else None,
                public_read_at=received if public else None,
                public_title=f"第{serial}件事" if public else "",
                public_body="晚上太吵。" if public else "",
                **fields,
            )
        )
    with pgtrigger.ignore():
        made = Suggestion.objects.bulk_create(rows)
        replies = Reply.objects.bulk_create(_reply(c, case, replied) for case in made[:answered])
        Rating.objects.bulk_create(
            Rating(suggestion=reply.suggestion, reply=reply, level=level, at=replied)
            for reply, level in zip(replies, levels, strict=False)
        )
    return made


def _reply(c: SimpleNamespace, case: Suggestion, at: datetime) -> Reply:
    signed = {"state": "signed", "drafted_by": c.officer, "signed_by": c.leader, "signed_at": at, "drafted_at": at}
    words = "您好,民警已到现场劝导。"
    read = {"published_at": at, "public_read_by": c.triage, "public_read_at": at} if case.published_at else {}
    return Reply(suggestion=case, unit=case.unit, text=words, public_text=words, **signed, **read)

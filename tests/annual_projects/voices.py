"""Voices in numbers, written in one statement past the services: for counting what is counted, not what is said."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pgtrigger
from django.db import connection

SQL = """
INSERT INTO suggestions_suggestion (
    number, tracking_mac, idempotency_key, body_digest, title, body, category_id, area_id, place, channel,
    anonymous, publish, state, unit_id, complexity, clock_from, due_at, escalation, created_at, reopened_times,
    paused_from, public_title, public_body, is_demo
)
SELECT s.tag || '-' || n, s.tag || 'm' || n, s.tag || 'k' || n, '', left(s.body, 60), s.body, s.category,
       s.area, '', 'web', true, false, s.state, s.unit, 'simple', s.at, s.at, 0, s.at, 0, '', '', '', false
FROM (
    SELECT %s::text tag, %s::int many, %s::text category, %s::text body, %s::text area, %s::text state,
           %s::bigint unit, %s::timestamptz at
) s, generate_series(1, s.many) n
"""
_tags = iter(f"v{n}" for n in range(1, 1_000_000))


def voices(c: SimpleNamespace, many: int, *, category: Any, at: datetime, **said: Any) -> None:
    """``many`` voices with the same words, category, area, moment and state."""
    body, area = said.get("body", "想问一下怎么办理。"), said.get("area", c.yuehe_area)
    row = [next(_tags), many, category.pk, body, area.pk, said.get("state", "accepted"), c.yuehe.pk, at]
    with pgtrigger.ignore("suggestions.Suggestion:starts_received"), connection.cursor() as cursor:
        cursor.execute(SQL, row)

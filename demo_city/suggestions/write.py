"""Writes told stories to the database in sets, as the triggers want it.

Every case goes in as received, then come replies and all that hangs on it, then the states move along the table in as
many passes as the longest story has moves. No trigger is switched off.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models

from core.models import AuditEntry
from demo_city.suggestions.story import MOVED, Story
from suggestions.kept import CASE
from suggestions.models import Identity
from suggestions.redaction import cut, neutral
from suggestions.services.publishing import searchable
from suggestions.states import State, StepKind, Who

BATCH = 1_000
READ_WITHIN = timedelta(days=1)
_SET = ", ".join(f"{name} = v.{name}" for name in MOVED)
# one statement for every pass; what is public comes with the last one
MOVE = f"""
    UPDATE suggestions_suggestion c
    SET {_SET}, published_at = v.published_at, public_read_by_id = v.public_read_by_id,
        public_read_at = v.public_read_at, public_title = COALESCE(v.public_title, ''),
        public_body = COALESCE(v.public_body, ''), search = to_tsvector('simple', row ->> 'document')
    FROM jsonb_array_elements(%s) row, jsonb_populate_record(NULL::suggestions_suggestion, row) v
    WHERE c.id = v.id
"""  # noqa: S608  names of columns only


def reserve(count: int) -> list[int]:
    """Take that many keys from the sequence of cases, so that numbers can be given before rows are written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('suggestions_suggestion', 'id')) FROM generate_series(1, %s)",
            [count],
        )
        return [pk for (pk,) in cursor.fetchall()]


def write(stories: Sequence[Story], identities: Sequence[Identity]) -> None:
    """All rows of all stories."""
    for story in stories:
        _read(story)
    _insert(story.first for story in stories)
    _insert(identities)
    _insert(story.subject for story in stories if story.subject)
    _insert(reply for story in stories for reply in story.replies)
    _insert(rating for story in stories for rating in story.ratings)
    for story in stories:
        story.steps.sort(key=lambda step: step.at)
    for name in ("steps", "questions", "extensions", "follow_ups", "helpers", "openings"):
        _insert(row for story in stories for row in getattr(story, name))
    _insert(reminder for story in stories for reminder in story.reminders.rows.values())
    _make_ready()
    _move(stories)


def _insert(rows: Iterable[models.Model]) -> None:
    kept = list(rows)
    if kept:
        type(kept[0])._default_manager.bulk_create(kept, batch_size=BATCH)


def _make_ready() -> None:
    """Tell the planner what is there now, or triggers would read whole tables for every row that moves."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE suggestions_suggestion, suggestions_reply, suggestions_subject, suggestions_cohandling")


def _move(stories: Sequence[Story]) -> None:
    """Pass by pass: the first move of every case, the second of every case, …, and what is true now."""
    for story in stories:
        now = story.snapshot()
        if story.moves and story.moves[-1] == now:
            story.moves.pop()
        story.moves.append(now | (_public(story, story.public_from) if story.public_from else {}))
    for number in range(max((len(story.moves) for story in stories), default=0)):
        _send([story.moves[number] for story in stories if number < len(story.moves)])


def _public(story: Story, since: Any) -> dict[str, Any]:
    """As the service shows it: masked, and cut into words for the search."""
    title, body = neutral(story.case.title, story.known), neutral(story.case.body, story.known)
    places = [story.city.areas[code].name for code in story.area.lineage_codes]
    answers = [reply.public_text for reply in story.replies if reply.published_at]
    document = searchable(title, body, [*places, *answers])
    words = {"public_title": cut(title, 60), "public_body": body, "document": document}
    return words | {"published_at": since, "public_read_at": since, "public_read_by_id": story.reader.pk}


def _read(story: Story) -> None:
    """What the desk has shown, it has read: the case when it was accepted, each answer when it was signed.

    What came within the last day waits in its folder.
    """
    still_waits = story.now - READ_WITHIN
    if story.public_from is None or story.public_from > still_waits:
        story.public_from = None
        return
    story.step(StepKind.PUBLISHED, who=Who.TRIAGE, by=story.reader, at=story.public_from)
    story.steps[-1].from_state = story.steps[-1].to_state = State.ACCEPTED  # as it was then
    for reply in story.replies:
        if reply.signed_at and reply.signed_at <= still_waits:
            reply.published_at = reply.public_read_at = reply.signed_at
            reply.public_read_by = story.reader


def _send(rows: list[dict[str, Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(MOVE, [json.dumps(rows, cls=DjangoJSONEncoder, ensure_ascii=False)])


def record(stories: Sequence[Story]) -> None:
    """One entry a case in the audit ledger, at the time of loading: an honest ledger cannot be dated back."""
    kept = CASE.digests([story.case.pk for story in stories])
    AuditEntry.objects.bulk_create(
        (
            AuditEntry(
                actor="system",
                action="demo.loaded",
                object_type="suggestions.suggestion",
                object_id=str(story.case.pk),
                data={"demo": True, "steps": len(story.steps), "kept": kept[story.case.pk]},
            )
            for story in stories
        ),
        batch_size=BATCH,
    )

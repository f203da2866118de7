"""Batches of paper: who reads what, where two readings differ, and the balance of every unit."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from annual_projects.models import Edition
from directory.models import Unit
from voting import paper
from voting.models import KeyedSheet, PaperBatch, PaperSheet
from voting.paper import Balance, Difference, Sheet
from voting.states import FIRST, SECOND, SETTLED, SheetState


def reading_of(batch: PaperBatch, clerk: Any) -> int | None:
    """Which of the two readings is this person's."""
    if clerk.pk == batch.first_clerk_id:
        return FIRST
    return SECOND if clerk.pk == batch.second_clerk_id else None


def is_done(batch: PaperBatch, clerk: Any) -> bool:
    """Whether this person's reading is complete."""
    reading = reading_of(batch, clerk)
    return batch.first_done if reading == FIRST else reading == SECOND and batch.second_done


def keyed_by(batch: PaperBatch, clerk: Any) -> QuerySet[KeyedSheet]:
    """What this person has entered, newest first."""
    return batch.keyed.filter(reading=reading_of(batch, clerk) or 0).order_by("-pk")


def readings(batch: PaperBatch) -> dict[int, dict[str, Sheet]]:
    """Every reading by serial: {reading: {serial: what was read}}; one statement."""
    read: dict[int, dict[str, Sheet]] = defaultdict(dict)
    for keyed in batch.keyed.all():
        read[keyed.reading][keyed.sheet_id] = keyed.as_sheet
    return read


@dataclass(frozen=True)
class Settling:
    """A difference with what a third person decided, if anybody has."""

    difference: Difference
    settled: Sheet | None


def differences(batch: PaperBatch) -> list[Settling]:
    """Where the two readings differ, by serial; one statement."""
    read = readings(batch)
    return [
        Settling(difference, read[SETTLED].get(difference.serial))
        for difference in paper.compare(read[FIRST], read[SECOND])
    ]


def final_sheets(batch: PaperBatch) -> dict[str, Sheet]:
    """What counts of every sheet: what was settled, or what was read; one statement."""
    read = readings(batch)
    return {**read[FIRST], **read[SECOND], **read[SETTLED]}


def batches_of(edition: Edition) -> QuerySet[PaperBatch]:
    """All batches with their units and people and how many sheets each clerk has entered, newest first."""
    people = ("unit", "first_clerk", "second_clerk", "closed_by")
    counted = edition.batches.select_related(*people).annotate(
        first_count=Count("keyed", filter=Q(keyed__reading=FIRST)),
        second_count=Count("keyed", filter=Q(keyed__reading=SECOND)),
    )
    return counted.order_by("-number")


@dataclass(frozen=True)
class UnitBalance:
    """The sheets of one unit."""

    unit: Unit
    balance: Balance


def balances(edition: Edition) -> list[UnitBalance]:
    """Sheets of every unit by what became of them, in the order of the units; two statements."""
    rows = (
        PaperSheet.objects.filter(edition=edition)
        .values("unit")
        .annotate(
            issued=Count("pk"),
            returned=Count("pk", filter=Q(state=SheetState.RETURNED)),
            spoiled=Count("pk", filter=Q(state=SheetState.SPOILED)),
            unreturned=Count("pk", filter=Q(state=SheetState.UNRETURNED)),
        )
    )
    by_unit = {
        row["unit"]: Balance(row["issued"], row["returned"], row["spoiled"], row["unreturned"])
        for row in rows.order_by()
    }
    units = Unit.objects.filter(pk__in=by_unit)
    return [UnitBalance(unit, by_unit[unit.pk]) for unit in units]

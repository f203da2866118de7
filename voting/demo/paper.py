"""The paper of a demo vote: sheets with stations, batches read by two, one with differences, one half read."""

from collections.abc import Sequence
from typing import Any

from voting import paper
from voting.demo.people import People
from voting.models import KeyedSheet, PaperBatch, PaperSheet, Poll
from voting.models.paper import LARGEST_BATCH
from voting.states import FIRST, SECOND, BatchState, Fault, SheetState

SPOILED = "填错，已当场换票"


class Paper:
    """Writes sheets and batches of one edition; rows are collected and written in bulk."""

    def __init__(self, poll: Poll, people: People) -> None:
        self.poll, self.people = poll, people
        self.sheets: list[PaperSheet] = []
        self.keyed: list[KeyedSheet] = []
        self.numbers = 0

    def sheet(self, unit: Any, state: SheetState, reason: str = "") -> PaperSheet:
        made = PaperSheet(
            serial=paper.new_serial(),
            edition=self.poll.edition,
            unit=unit,
            state=state,
            issued_by=self.people.desk,
            issued_at=self.poll.edition.notice_from,
            reason=reason,
        )
        self.sheets.append(made)
        return made

    def left_over(self, unit: Any, *, spoiled: int, unreturned: int = 0, issued: int = 0) -> None:
        """Sheets that no batch holds."""
        for _n in range(spoiled):
            self.sheet(unit, SheetState.SPOILED, SPOILED)
        for _n in range(unreturned):
            self.sheet(unit, SheetState.UNRETURNED)
        for _n in range(issued):
            self.sheet(unit, SheetState.ISSUED)

    def closed(self, unit: Any, marked: Sequence[int], *, faulty: int) -> None:
        """Batches of a unit that hold these marks, and some sheets that do not count."""
        piles = [list(marked[start : start + 200]) for start in range(0, len(marked), 200)]
        for place, pile in enumerate(piles):
            bad = faulty if place == 0 else 0
            batch = self._batch(unit, len(pile) + bad, BatchState.CLOSED)
            for bits, fault in [*((bits, "") for bits in pile), *((0, Fault.UNCLEAR) for _n in range(bad))]:
                sheet = self.sheet(unit, SheetState.RETURNED)
                self._key(batch, FIRST, sheet, bits, fault)
                self._key(batch, SECOND, sheet, bits, fault)

    def comparing(self, unit: Any, marked: Sequence[int]) -> None:
        """A batch both have read, differently on two sheets."""
        batch = self._batch(unit, len(marked), BatchState.COMPARING)
        for place, bits in enumerate(marked):
            sheet = self.sheet(unit, SheetState.ISSUED)
            self._key(batch, FIRST, sheet, bits)
            seen = marked[place - 1] if place == 3 else bits
            self._key(batch, SECOND, sheet, 0 if place == 7 else seen, Fault.UNCLEAR if place == 7 else "")

    def keying(self, unit: Any, marked: Sequence[int], *, declared: int) -> None:
        """A batch the first clerk has begun."""
        batch = self._batch(unit, declared, BatchState.KEYING)
        for bits in marked:
            self._key(batch, FIRST, self.sheet(unit, SheetState.ISSUED), bits)

    def write(self) -> None:
        PaperSheet.objects.bulk_create(self.sheets, batch_size=5_000)
        KeyedSheet.objects.bulk_create(self.keyed, batch_size=5_000)

    def _batch(self, unit: Any, declared: int, state: BatchState) -> PaperBatch:
        self.numbers += 1
        is_closed, is_read = state == BatchState.CLOSED, state != BatchState.KEYING
        return PaperBatch.objects.create(
            edition=self.poll.edition,
            number=self.numbers,
            unit=unit,
            declared=min(declared, LARGEST_BATCH),
            state=state,
            opened_by=self.people.first,
            opened_at=self.poll.edition.voting_opens,
            first_clerk=self.people.first,
            second_clerk=self.people.second if is_read else None,
            first_done=is_read,
            second_done=is_read,
            closed_by=self.people.admin if is_closed else None,
            closed_at=self.poll.edition.voting_closes if is_closed else None,
        )

    def _key(self, batch: PaperBatch, reading: int, sheet: PaperSheet, bits: int, fault: str = "") -> None:
        clerk = self.people.first if reading == FIRST else self.people.second
        self.keyed.append(
            KeyedSheet(batch=batch, reading=reading, sheet=sheet, marks=bits, fault=fault, keyed_by=clerk)
        )

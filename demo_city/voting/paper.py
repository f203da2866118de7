"""The paper of a demo vote: sheets with stations, batches read by two, one with differences, one half read."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain

from core.copying import copy_in
from demo_city.voting.people import People, Station
from voting import paper
from voting.models import KeyedSheet, PaperBatch, PaperSheet, Poll
from voting.models.paper import LARGEST_BATCH
from voting.states import FIRST, SECOND, BatchState, Fault, SheetState

SPOILED = "填错，已当场换票"


class Paper:
    """Tells what became of the paper of one edition: rows are collected, written in bulk as they begin, then moved."""

    def __init__(self, poll: Poll, people: People) -> None:
        self.edition, self.people = poll.edition, people
        self.sheets: dict[SheetState, list[tuple[str, Station]]] = defaultdict(list)  # by what becomes of them
        self.batches: dict[BatchState, list[PaperBatch]] = defaultdict(list)
        self.keyed: list[tuple[PaperBatch, int, str, int, str]] = []

    def sheet(self, at: Station, becomes: SheetState) -> str:
        """The serial of one more sheet."""
        serial = paper.new_serial()
        self.sheets[becomes].append((serial, at))
        return serial

    def left_over(self, at: Station, *, spoiled: int, unreturned: int = 0, issued: int = 0) -> None:
        """Sheets that no batch holds."""
        fates = {SheetState.SPOILED: spoiled, SheetState.UNRETURNED: unreturned, SheetState.ISSUED: issued}
        for becomes, count in fates.items():
            for _n in range(count):
                self.sheet(at, becomes)

    def closed(self, at: Station, marked: Sequence[int], *, faulty: int) -> None:
        """Batches of a station that hold these marks, and some sheets that do not count."""
        piles = [list(marked[start : start + 200]) for start in range(0, len(marked), 200)]
        for place, pile in enumerate(piles):
            bad = faulty if place == 0 else 0
            batch = self._batch(at, len(pile) + bad, BatchState.CLOSED)
            for bits, fault in [*((bits, "") for bits in pile), *((0, Fault.UNCLEAR) for _n in range(bad))]:
                sheet = self.sheet(at, SheetState.RETURNED)
                self._key(batch, FIRST, sheet, bits, fault)
                self._key(batch, SECOND, sheet, bits, fault)

    def comparing(self, at: Station, marked: Sequence[int]) -> None:
        """A batch both have read, differently on two sheets."""
        batch = self._batch(at, len(marked), BatchState.COMPARING)
        for place, bits in enumerate(marked):
            sheet = self.sheet(at, SheetState.ISSUED)
            self._key(batch, FIRST, sheet, bits)
            seen = marked[place - 1] if place == 3 else bits
            self._key(batch, SECOND, sheet, 0 if place == 7 else seen, Fault.UNCLEAR if place == 7 else "")

    def keying(self, at: Station, marked: Sequence[int], *, declared: int) -> None:
        """A batch the first clerk has begun."""
        batch = self._batch(at, declared, BatchState.KEYING)
        for bits in marked:
            self._key(batch, FIRST, self.sheet(at, SheetState.ISSUED), bits)

    def write(self) -> None:
        """Issue, open, key, compare, close and settle, in this order."""
        self._issue()
        PaperBatch.objects.bulk_create(chain(*self.batches.values()))
        self._key_all()
        closed, compared = self.batches[BatchState.CLOSED], self.batches[BatchState.COMPARING]
        self._move(closed + compared, state=BatchState.COMPARING, first_done=True, second_done=True)
        closing = self.edition.voting_closes
        self._move(closed, state=BatchState.CLOSED, closed_by=self.people.admin, closed_at=closing)
        for becomes in (SheetState.RETURNED, SheetState.SPOILED, SheetState.UNRETURNED):
            reason = SPOILED if becomes == SheetState.SPOILED else ""
            serials = [serial for serial, _at in self.sheets[becomes]]
            PaperSheet.objects.filter(pk__in=serials).update(state=becomes, reason=reason)

    def _issue(self) -> None:
        since, by = self.edition.notice_from, self.people.desk.pk
        rows = (
            (serial, self.edition.pk, at.unit.pk, SheetState.ISSUED, by, since, "")
            for serial, at in chain(*self.sheets.values())
        )
        columns = ("serial", "edition_id", "unit_id", "state", "issued_by_id", "issued_at", "reason")
        copy_in(PaperSheet._meta.db_table, columns, rows)

    def _key_all(self) -> None:
        rows = (
            (
                batch.pk,
                reading,
                serial,
                bits,
                fault,
                batch.first_clerk_id if reading == FIRST else batch.second_clerk_id,
            )
            for batch, reading, serial, bits, fault in self.keyed
        )
        columns = ("batch_id", "reading", "sheet_id", "marks", "fault", "keyed_by_id")
        copy_in(KeyedSheet._meta.db_table, columns, rows)

    def _move(self, batches: Sequence[PaperBatch], **changes: object) -> None:
        PaperBatch.objects.filter(pk__in=[batch.pk for batch in batches]).update(**changes)

    def _batch(self, at: Station, declared: int, becomes: BatchState) -> PaperBatch:
        made = PaperBatch(
            edition=self.edition,
            number=sum(map(len, self.batches.values())) + 1,
            unit=at.unit,
            declared=min(declared, LARGEST_BATCH),
            opened_by=at.first,
            opened_at=self.edition.voting_opens,
            first_clerk=at.first,
            second_clerk=None if becomes == BatchState.KEYING else at.second,
        )
        self.batches[becomes].append(made)
        return made

    def _key(self, batch: PaperBatch, reading: int, serial: str, bits: int, fault: str = "") -> None:
        self.keyed.append((batch, reading, serial, bits, fault))

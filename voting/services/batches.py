"""A batch of paper ballots: declared, read by two, settled by a third, closed by another, and then it stands."""

import secrets
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from core import audit, clock, policy, refusals
from core.errors import Invalid, NotAllowed, WrongState
from core.locks import locked
from core.said import LONGEST_REASON, required
from directory.models import Unit
from voting import marks, paper, receipts
from voting.models import Ballot, KeyedSheet, PaperBatch, PaperSheet, Poll
from voting.models.paper import LARGEST_BATCH
from voting.paper import Sheet
from voting.queries import batches as readings
from voting.services import sheets
from voting.states import FIRST, SETTLED, BatchState, Channel, Fault, SheetState


@transaction.atomic
def open_batch(poll: Poll, *, unit: Unit, declared: int, by: Any) -> PaperBatch:
    """Begin a batch of a unit with the number of ballots counted by hand. Raises: NotAllowed, Invalid, WrongState."""
    sheets.require(by, "key", unit)
    sheets.require_open(poll)
    _check_count(declared)
    last = poll.edition.batches.aggregate(last=Max("number"))["last"] or 0
    batch = PaperBatch.objects.create(edition=poll.edition, number=last + 1, unit=unit, declared=declared, opened_by=by)
    audit.record("voting.batch_opened", batch, by=by, declared=declared)
    return batch


def _check_count(declared: int) -> None:
    if not 1 <= declared <= LARGEST_BATCH:
        raise Invalid("declared", _("A batch holds between 1 and %(n)s ballots.") % {"n": LARGEST_BATCH})


@transaction.atomic
def begin_reading(batch: PaperBatch, *, by: Any) -> PaperBatch:
    """Take one of the two readings of a batch; again changes nothing.

    Raises: NotAllowed when both are taken by others, or when the first reading was already this person's.
    """
    batch = lock(batch)
    sheets.require(by, "key", batch.unit)
    if batch.state != BatchState.KEYING:
        raise WrongState(_("This batch is not being read any more."))
    if by.pk in (batch.first_clerk_id, batch.second_clerk_id):
        if readings.is_done(batch, by):
            raise NotAllowed(_("You have read this batch. The second reading is for somebody else."))
        return batch
    if batch.first_clerk_id is None:
        batch.first_clerk = by
    elif batch.second_clerk_id is None:
        batch.second_clerk = by
    else:
        raise NotAllowed(_("Two others are reading this batch."))
    batch.save(update_fields=["first_clerk", "second_clerk"])
    return batch


@transaction.atomic
def key_sheet(batch: PaperBatch, *, serial: str, read: Sheet, by: Any) -> KeyedSheet:
    """Write what a clerk read on one sheet; the same serial again corrects it.

    Too few or too many choices become a fault by themselves.
    Raises: NotAllowed, WrongState, Invalid("serial") when never issued, issued elsewhere, or used before.
    """
    batch = lock(batch)
    reading = readings.reading_of(batch, by)
    if reading is None or readings.is_done(batch, by):
        raise NotAllowed(_("You are not reading this batch."))
    sheet = _usable(batch, serial)
    read = judged(batch, read)
    values = {"marks": marks.pack(read.choices), "fault": read.fault, "age_band": read.age_band, "keyed_by": by}
    with refusals.told(), transaction.atomic():
        keyed, _new = KeyedSheet.objects.update_or_create(batch=batch, reading=reading, sheet=sheet, defaults=values)
    return keyed


def judged(batch: PaperBatch, read: Sheet) -> Sheet:
    """The sheet with the fault that its number of choices makes, where no other was seen."""
    count, edition = len(read.choices), batch.edition
    if read.fault:
        return read
    if count == 0:
        return Sheet((), Fault.BLANK, read.age_band)
    if count < edition.choose_min:
        return Sheet(read.choices, Fault.FEW, read.age_band)
    return Sheet(read.choices, Fault.MANY, read.age_band) if count > edition.choose_max else read


def _usable(batch: PaperBatch, serial: str) -> PaperSheet:
    sheet = sheets.find(batch.edition, serial)
    if sheet.unit_id != batch.unit_id:
        raise Invalid(
            "serial",
            _("This ballot paper was issued to %(unit)s, not to the unit of this batch.") % {"unit": sheet.unit},
        )
    if sheet.state == SheetState.SPOILED:
        raise Invalid("serial", _("This ballot paper was reported as spoiled."))
    elsewhere = KeyedSheet.objects.filter(sheet=sheet).exclude(batch=batch).select_related("batch").first()
    if elsewhere is not None or sheet.state == SheetState.RETURNED:
        number = elsewhere.batch.number if elsewhere else ""
        raise Invalid("serial", _("This ballot paper was already used, in batch %(n)s.") % {"n": number})
    return sheet


@transaction.atomic
def remove_sheet(batch: PaperBatch, *, serial: str, by: Any) -> PaperBatch:
    """Take back one's own line. Raises: NotAllowed, WrongState, Invalid."""
    batch = lock(batch)
    reading = readings.reading_of(batch, by)
    if reading is None or batch.state != BatchState.KEYING or readings.is_done(batch, by):
        raise NotAllowed(_("You are not reading this batch."))
    gone, _by_model = batch.keyed.filter(reading=reading, sheet=paper.read_serial(serial)).delete()
    if not gone:
        raise Invalid("serial", _("You have not entered this ballot paper."))
    return batch


@transaction.atomic
def finish_reading(batch: PaperBatch, *, by: Any) -> PaperBatch:
    """Say that one's reading is complete; after both the batch is compared.

    Raises: NotAllowed, Invalid("declared") when the number is not the one declared.
    """
    batch = lock(batch)
    reading = readings.reading_of(batch, by)
    if reading is None or batch.state != BatchState.KEYING:
        raise NotAllowed(_("You are not reading this batch."))
    keyed = batch.keyed.filter(reading=reading).count()
    if keyed != batch.declared:
        words = _("You have entered %(keyed)s ballots, but the batch was declared with %(declared)s. Count again.")
        raise Invalid("declared", words % {"keyed": keyed, "declared": batch.declared})
    field = "first_done" if reading == FIRST else "second_done"
    setattr(batch, field, True)
    if batch.first_done and batch.second_done:
        batch.state = BatchState.COMPARING
    batch.save(update_fields=["state", field])
    audit.record("voting.batch_read", batch, by=by, reading=reading)
    return batch


@transaction.atomic
def settle(batch: PaperBatch, *, serial: str, read: Sheet, by: Any) -> KeyedSheet:
    """Decide a difference by looking at the paper again.

    Raises: NotAllowed for one of the two clerks, WrongState, Invalid.
    """
    batch = _for_settling(batch, by)
    sheet = sheets.find(batch.edition, serial)
    if not batch.keyed.filter(sheet=sheet, reading__lt=SETTLED).exists():
        raise Invalid("serial", _("Nobody has entered this ballot paper in this batch."))
    read = judged(batch, read)
    values = {"marks": marks.pack(read.choices), "fault": read.fault, "age_band": read.age_band, "keyed_by": by}
    with refusals.told(), transaction.atomic():
        keyed, _new = KeyedSheet.objects.update_or_create(batch=batch, reading=SETTLED, sheet=sheet, defaults=values)
    audit.record("voting.sheet_settled", batch, by=by, sheet=sheet.pk)
    return keyed


@transaction.atomic
def drop(batch: PaperBatch, *, serial: str, by: Any) -> PaperBatch:
    """Decide that a sheet is not in this batch at all: somebody read its serial wrongly. Raises: as for ``settle``."""
    batch = _for_settling(batch, by)
    gone, _by_model = batch.keyed.filter(sheet=paper.read_serial(serial)).delete()
    if not gone:
        raise Invalid("serial", _("Nobody has entered this ballot paper in this batch."))
    audit.record("voting.sheet_dropped", batch, by=by, sheet=paper.read_serial(serial))
    return batch


def _for_settling(batch: PaperBatch, by: Any) -> PaperBatch:
    batch = lock(batch)
    sheets.require(by, "key", batch.unit)
    if by.pk in (batch.first_clerk_id, batch.second_clerk_id):
        raise NotAllowed(_("You have read this batch yourself. A third person settles what was read differently."))
    if batch.state != BatchState.COMPARING:
        raise WrongState(_("There is nothing to settle in this batch now."))
    return batch


@transaction.atomic
def correct_count(batch: PaperBatch, *, declared: int, reason: str, by: Any) -> PaperBatch:
    """The pile was counted wrongly by hand. Raises: NotAllowed for who reads it, Invalid, WrongState when closed."""
    batch = lock(batch)
    policy.require(by, "issue", "paper ballot")
    if by.pk in (batch.first_clerk_id, batch.second_clerk_id):
        raise NotAllowed(_("Who reads a batch does not change its count."))
    if batch.state == BatchState.CLOSED:
        raise WrongState(_("This batch is closed."))
    _check_count(declared)
    reason = required(reason, "reason", LONGEST_REASON, _("Please say why the count changes."))
    before, batch.declared = batch.declared, declared
    batch.save(update_fields=["declared"])
    audit.record("voting.batch_counted_again", batch, by=by, reason=reason, before=before, declared=declared)
    return batch


@transaction.atomic
def reopen_readings(batch: PaperBatch, *, by: Any) -> PaperBatch:
    """Back from comparing to reading, when sheets are missing from both. Raises: NotAllowed, WrongState."""
    batch = _for_settling(batch, by)
    batch.state, batch.first_done, batch.second_done = BatchState.KEYING, False, False
    batch.save(update_fields=["state", "first_done", "second_done"])
    audit.record("voting.batch_reopened", batch, by=by)
    return batch


@transaction.atomic
def close_batch(batch: PaperBatch, *, by: Any) -> PaperBatch:
    """Count the batch: its sheets are back, its valid ballots are cast in random order under random ids.

    Raises: NotAllowed for who has read it, WrongState while a difference is open or the number is not the declared one.
    """
    batch = lock(batch)
    policy.require(by, "verify", "paper ballot")
    if batch.state != BatchState.COMPARING:
        raise WrongState(_("This batch is not ready to be closed."))
    result = readings.final_sheets(batch)
    with refusals.told(), transaction.atomic():
        batch.state, batch.closed_by, batch.closed_at = BatchState.CLOSED, by, clock.now()
        batch.save(update_fields=["state", "closed_by", "closed_at"])
        _cast([sheet for sheet in result.values() if not sheet.fault], batch)
    PaperSheet.objects.filter(Q(state=SheetState.ISSUED) | Q(state=SheetState.UNRETURNED), pk__in=result).update(
        state=SheetState.RETURNED
    )
    audit.record("voting.batch_closed", batch, by=by, ballots=len(result))
    return batch


def _cast(valid: list[Sheet], batch: PaperBatch) -> None:
    secrets.SystemRandom().shuffle(valid)
    county = batch.unit.area.county_code if batch.unit.area else ""
    ballots = []
    for sheet in valid:
        receipt = receipts.new_receipt(sheet.choices)
        ballots.append(
            Ballot(
                id=receipt.ballot_id,
                edition=batch.edition,
                marks=receipts.bits(receipt),
                nonce=receipt.nonce,
                commitment=receipt.code,
                channel=Channel.PAPER,
                county=county,
                age_band=sheet.age_band,
            )
        )
    Ballot.objects.bulk_create(ballots)


def lock(batch: PaperBatch) -> PaperBatch:
    """The row, locked and read anew, with its edition and unit."""
    return locked(PaperBatch.objects.select_related("edition", "unit__area"), batch.pk)

"""Sheets of paper: issued to units, handed out to people, spoiled, or never come back."""

from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from annual_projects.models import Edition
from core import audit, policy, refusals
from core.errors import Invalid, NotAllowed, WrongState
from core.locks import Lock, take
from core.policy import Role, Scope
from core.said import limit, required
from directory.models import Unit
from voting import paper, voters
from voting.errors import AlreadyVoted, NotEligible
from voting.models import KeyedSheet, PaperSheet, Poll, RollEntry, Stubs
from voting.states import Channel, SheetState

MOST_AT_ONCE = 2_000


def windows(user: Any) -> list[Unit]:
    """The units at which this clerk gives out ballots: their own."""
    return policy.units_with(user, Role.OFFICER, Role.TRIAGE)


def reaches(user: Any, action: str, unit: Unit) -> bool:
    """Whether the user may do this with the paper of a unit: the desk with any, an officer with their own unit's."""
    if Scope.ALL in policy.scopes(user, action, "paper ballot"):
        return True
    return policy.can(user, action, "paper ballot") and any(unit.pk == own.pk for own in windows(user))


def require(user: Any, action: str, unit: Unit) -> None:
    """Raises: NotAllowed unless the user may do this with the paper of the unit."""
    if not reaches(user, action, unit):
        raise NotAllowed


@transaction.atomic
def issue(poll: Poll, *, unit: Unit, count: int, by: Any) -> list[PaperSheet]:
    """Make so many sheets for a unit, each with a serial nobody can guess.

    Raises: NotAllowed, Invalid("count"), WrongState when the count is complete.
    """
    policy.require(by, "issue", "paper ballot")
    require_open(poll)
    if not 1 <= count <= MOST_AT_ONCE:
        raise Invalid("count", _("Between 1 and %(n)s sheets at a time.") % {"n": MOST_AT_ONCE})
    serials = {paper.new_serial() for _n in range(count)}
    while len(serials) < count:
        serials.add(paper.new_serial())
    sheets = [PaperSheet(serial=serial, edition=poll.edition, unit=unit, issued_by=by) for serial in sorted(serials)]
    made = PaperSheet.objects.bulk_create(sheets, batch_size=1_000)
    audit.record("voting.sheets_issued", poll, by=by, unit=unit.pk, count=count)
    return made


COUNT_ONE_MORE = """
    INSERT INTO voting_stubs (edition_id, unit_id, clerk_id, written) VALUES (%s, %s, %s, 1)
    ON CONFLICT (edition_id, unit_id, clerk_id, day) DO UPDATE SET written = voting_stubs.written + 1
    RETURNING day
"""


def hand_out(poll: Poll, *, voter: str, unit: Unit, by: Any) -> RollEntry:
    """Write the stub: this person is given a paper ballot at this unit, and so has voted.

    ``voter`` is the ID number (or phone, where the edition goes by phones) as typed; only its fingerprint is kept. That
    the clerk wrote one more is counted apart.
    Raises: NotAllowed; Invalid("voter"); NotEligible; AlreadyVoted with the day and channel; NotOpen; WrongState when
    the unit has no sheet left.
    """
    require(by, "hand out", unit)
    edition = poll.edition
    base = voters.read_stub(edition, voter)
    if not voters.is_eligible(edition, base):
        raise NotEligible(_("This person is not on the voter roll of this edition."))
    fingerprint = voters.on_roll(edition, base)
    entry = RollEntry(edition=edition, fingerprint=fingerprint, channel=Channel.PAPER)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(COUNT_ONE_MORE, [edition.pk, unit.pk, by.pk])
            [entry.day] = cursor.fetchone()
            entry.save(force_insert=True)
    except IntegrityError as error:
        earlier = voters.entry_of(edition, fingerprint)
        if earlier is not None:
            raise AlreadyVoted(earlier.day, earlier.channel) from error
        with refusals.told():
            raise
    return entry


def record_stubs(poll: Poll) -> None:
    """Put into the ledger who wrote how many stubs, where and on which day: after the last, so that no time tells."""
    for row in Stubs.objects.filter(edition_id=poll.pk).select_related("clerk"):
        day = row.day.isoformat()
        audit.record("voting.stubs_written", poll, by=row.clerk, unit=row.unit_id, day=day, count=row.written)


@transaction.atomic
def spoil(poll: Poll, *, serial: str, reason: str, by: Any) -> PaperSheet:
    """A sheet was spoiled before it was counted, and says why.

    Raises: NotAllowed, Invalid("serial"), Invalid("reason"), WrongState when it is in a batch or settled already.
    """
    sheet = find(poll.edition, serial)
    require(by, "hand out", sheet.unit)
    reason = required(reason, "reason", limit(PaperSheet, "reason"), _("Please say what happened to the sheet."))
    if sheet.state != SheetState.ISSUED or KeyedSheet.objects.filter(sheet=sheet).exists():
        raise WrongState(_("This ballot paper is already accounted for."))
    sheet.state, sheet.reason = SheetState.SPOILED, reason
    sheet.save(update_fields=["state", "reason"])
    audit.record("voting.sheet_spoiled", sheet, by=by)
    return sheet


@transaction.atomic
def report_unreturned(poll: Poll, *, unit: Unit, by: Any) -> int:
    """Every sheet of a unit that is in no batch and was not spoiled never came back; return how many.

    Raises: NotAllowed, WrongState while a batch of the unit is open.
    """
    policy.require(by, "issue", "paper ballot")
    if poll.edition.batches.filter(unit=unit).exclude(state="closed").exists():
        raise WrongState(_("A batch of this unit is still open."))
    missing = PaperSheet.objects.filter(edition=poll.edition, unit=unit, state=SheetState.ISSUED)
    count = missing.update(state=SheetState.UNRETURNED)
    audit.record("voting.sheets_unreturned", poll, by=by, unit=unit.pk, count=count)
    return count


def find(edition: Edition, serial: str) -> PaperSheet:
    """The sheet with this serial, locked. Raises: Invalid("serial") when it was mistyped or never issued."""
    read = paper.read_serial(serial)
    if not read:
        raise Invalid("serial", _("This serial is mistyped. Please compare it with the paper."))
    sheet = PaperSheet.objects.order_by("pk").select_for_update().filter(edition=edition, serial=read).first()
    if sheet is None:
        raise Invalid("serial", _("No ballot paper with this serial was ever issued for this edition."))
    return PaperSheet.objects.select_related("unit").get(pk=sheet.pk)


def require_open(poll: Poll) -> None:
    """Hold the paper of an edition for this transaction. Raises: WrongState when the count is complete."""
    take(Lock.ISSUING_SHEETS, poll.pk)
    if Poll.objects.filter(pk=poll.pk, closed_at__isnull=False).exists():
        raise WrongState(_("The count is already complete."))

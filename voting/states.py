"""How one votes, what becomes of a sheet of paper, and the life of a batch, as tables that everything reads."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class Channel(TextChoices):
    ONLINE = "online", _("online")
    PAPER = "paper", _("on paper")


class AgeBand(IntegerChoices):
    """Only ever told by the voter, if at all."""

    YOUNG = 1, _("18 to 34")
    MIDDLE = 2, _("35 to 59")
    OLD = 3, _("60 and over")


class HeadState(TextChoices):
    OPEN = "open", _("voting")
    COUNTING = "counting", _("voting has ended, paper is counted")
    FINAL = "final", _("complete")


class SheetState(TextChoices):
    ISSUED = "issued", _("with the unit")
    RETURNED = "returned", _("in a counted batch")
    SPOILED = "spoiled", _("spoiled")
    UNRETURNED = "unreturned", _("never came back")


class BatchState(TextChoices):
    KEYING = "keying", _("being keyed")
    COMPARING = "comparing", _("being compared")
    CLOSED = "closed", _("closed")


class Fault(TextChoices):
    """Why a sheet that came back does not count."""

    BLANK = "blank", _("nothing is marked")
    FEW = "few", _("too few are marked")
    MANY = "many", _("too many are marked")
    UNCLEAR = "unclear", _("it is unclear what is meant")
    TORN = "torn", _("torn or unreadable")
    SIGNED = "signed", _("carries a name or a sign")


S, B = SheetState, BatchState
SHEETS: dict[str, tuple[str, ...]] = {S.ISSUED: (S.RETURNED, S.SPOILED, S.UNRETURNED), S.UNRETURNED: (S.ISSUED,)}
BATCHES: dict[str, tuple[str, ...]] = {B.KEYING: (B.COMPARING,), B.COMPARING: (B.CLOSED, B.KEYING)}
FIRST, SECOND, SETTLED = 1, 2, 3  # the readings of a sheet

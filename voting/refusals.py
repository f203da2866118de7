"""The rules of the database, told to a person: which error a refused write becomes."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError, Invalid, NotAllowed, WrongState
from voting.errors import NotOpen


def rule_of(error: IntegrityError) -> str:
    """The name of the constraint or trigger rule that refused."""
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""


def _as_domain_error(rule: str) -> DomainError | None:
    match rule:
        case "voting_is_not_open":
            return NotOpen()
        case "ballot_names_candidates":
            return Invalid("choices", _("One of these is not on the ballot. Please choose again."))
        case "ballot_has_so_many_choices":
            return Invalid("choices", _("These are too few or too many. Please choose again."))
        case "paper_ballots_have_stubs":
            return WrongState(_("There are more paper ballots than people who were given one. Count the stubs again."))
        case "stubs_have_sheets":
            return WrongState(_("Your unit has no ballot paper left to give out. Please ask the desk for more."))
        case "batch_is_keyed_by_two" | "keyed_by_two_and_settled_by_a_third":
            return NotAllowed(_("Two different people read a batch, and a third settles what they read differently."))
        case "batch_is_closed_by_another":
            return NotAllowed(_("Who has read the batch does not close it."))
        case "keyed_while_the_batch_is_open" | "closed_batch_stands":
            return WrongState(_("This batch is not being read any more."))
        case "batch_is_whole":
            return WrongState(_("Not every ballot of this batch has been read alike or settled."))
        case "sheet_is_of_the_unit":
            return Invalid("serial", _("This ballot paper was issued to another unit."))
        case "sheet_is_keyed_once_a_reading":
            return Invalid("serial", _("This ballot paper has already been entered."))
        case "poll_closes_after_voting":
            return WrongState(_("Voting has not ended yet."))
        case "poll_closes_balanced":
            return WrongState(_("A batch is still open, or a ballot paper is not accounted for."))
        case "heads_hold_votes_of_people":
            return WrongState(_("There are not as many ballots as people who voted. Please tell the auditor."))
        case "paper_is_as_it_was_read":
            return WrongState(_("The ballots on paper are not those that were read. Please tell the auditor."))
        case _:
            return None


@contextmanager
def told() -> Iterator[None]:
    """Turn a refusal of the database into the error a person reads; one it does not know stays as it is."""
    try:
        yield
    except IntegrityError as error:
        known = _as_domain_error(rule_of(error))
        if known is None:
            raise
        raise known from error

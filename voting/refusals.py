"""The guards of the ballot, in words: what a person reads when one refuses."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, NotAllowed, Text, WrongState
from core.refusals import told_as
from voting.errors import NotOpen

BY_FIELD: dict[str, tuple[str, Text]] = {
    "ballot_names_candidates": ("choices", _("One of these is not on the ballot. Please choose again.")),
    "ballot_has_so_many_choices": ("choices", _("These are too few or too many. Please choose again.")),
    "sheet_is_of_the_unit": ("serial", _("This ballot paper was issued to another unit.")),
    "sheet_is_keyed_once_a_reading": ("serial", _("This ballot paper has already been entered.")),
}
ONE_READS_ANOTHER_SETTLES = _("Two different people read a batch, and a third settles what they read differently.")
NOT_THEIRS: dict[str, Text] = {
    "batch_is_keyed_by_two": ONE_READS_ANOTHER_SETTLES,
    "keyed_by_two_and_settled_by_a_third": ONE_READS_ANOTHER_SETTLES,
    "batch_is_closed_by_another": _("Who has read the batch does not close it."),
}
NOT_NOW: dict[str, Text] = {
    "paper_ballots_have_stubs": _(
        "There are more paper ballots than people who were given one. Count the stubs again."
    ),
    "stubs_have_sheets": _("Your unit has no ballot paper left to give out. Please ask the desk for more."),
    "keyed_while_the_batch_is_open": _("This batch is not being read any more."),
    "closed_batch_stands": _("This batch is not being read any more."),
    "batch_is_whole": _("Not every ballot of this batch has been read alike or settled."),
    "poll_closes_after_voting": _("Voting has not ended yet."),
    "poll_closes_balanced": _("A batch is still open, or a ballot paper is not accounted for."),
    "heads_hold_votes_of_people": _("There are not as many ballots as people who voted. Please tell the auditor."),
    "paper_is_as_it_was_read": _("The ballots on paper are not those that were read. Please tell the auditor."),
}

told_as({"voting_is_not_open": NotOpen})
told_as({guard: partial(Invalid, field, words) for guard, (field, words) in BY_FIELD.items()})
told_as({guard: partial(NotAllowed, words) for guard, words in NOT_THEIRS.items()})
told_as({guard: partial(WrongState, words) for guard, words in NOT_NOW.items()})

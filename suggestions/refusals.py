"""The guards of a case, in words: what a person reads when somebody else was faster and one refuses."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, Text, WrongState
from core.refusals import told_as

CONFLICTED = _("This unit is complained of, or stands under one that is. Choose another.")
ONE_BY_ONE = _("Complaints about somebody are always answered one by one.")

BY_FIELD: dict[str, tuple[str, Text]] = {
    "follower_has_a_leader": ("into", _("That case does not stand on its own any more. Choose another one.")),
    "follower_complains_of_the_same": ("into", ONE_BY_ONE),
    "subject_of_all_that_follow": ("into", ONE_BY_ONE),
    "not_judged_by_its_subject": ("unit", CONFLICTED),
    "co_handler_is_no_subject": ("unit", CONFLICTED),
    "subject_does_not_judge": ("unit", CONFLICTED),
}
NOT_NOW: dict[str, Text] = {
    "answered_means_signed": WrongState.default,
    "rated_once_a_reply": _("You have rated this reply already. Thank you."),
    "one_extension_a_round": _("More time was asked for already; there is one extension only."),
}

told_as({guard: partial(Invalid, field, words) for guard, (field, words) in BY_FIELD.items()})
told_as({guard: partial(WrongState, words) for guard, words in NOT_NOW.items()})

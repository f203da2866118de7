"""The lives of a wave, a flag, an appraisal, an appeal and an accountability case, each as one table."""

from itertools import pairwise

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class WaveKind(TextChoices):
    POPULATION = "population", _("asked of the population")
    CONTACT = "contact", _("asked of people the police had to do with")


class WaveState(TextChoices):
    DRAFT = "draft", _("being prepared")
    FIELDING = "fielding", _("in the field")
    IMPORTED = "imported", _("handed in")
    CHECKED = "checked", _("checked")
    WEIGHTED = "weighted", _("weighted")
    SCORED = "scored", _("scored")
    FROZEN = "frozen", pgettext_lazy("figures", "frozen")
    PUBLISHED = "published", _("published")


WAVE_ORDER = tuple(WaveState)
WAVE_TRANSITIONS = {start: (to,) for start, to in pairwise(WAVE_ORDER)}  # one way, one step


class Indicator(TextChoices):
    VISIBILITY = "visibility", _("visibility")
    ATTITUDE = "attitude", _("service attitude")
    FAMILIARITY = "familiarity", _("familiarity")
    SATISFACTION = "satisfaction", _("satisfaction")
    SAFETY = "safety", _("safety")


class Said(TextChoices):
    LEVEL = "level", _("an answer of one to five")
    DONT_KNOW = "dont_know", _("does not know")
    REFUSED = "refused", _("does not want to say")


class SubjectKind(TextChoices):
    OFFICER = "officer", _("an officer")
    UNIT = "unit", _("a unit")


class FlagKind(TextChoices):
    DUPLICATE_PHONE = "duplicate_phone", _("the same telephone twice")
    STRAIGHT_LINE = "straight_line", _("the same answer to everything")
    SPEEDING = "speeding", _("answered too fast to have listened")
    OVERLAP = "overlap", _("two interviews of one interviewer at once")
    OUTLIER_INTERVIEWER = "outlier_interviewer", _("an interviewer unlike all others")
    NEAR_DUPLICATE = "near_duplicate", _("nearly the same answers as another")
    COACHED_WEEK = "coached_week", _("a week in which a unit was suddenly better")


class FlagState(TextChoices):
    OPEN = "open", _("to be looked at")
    UPHELD = "upheld", _("upheld")
    DISMISSED = "dismissed", _("dismissed")


class BatchState(TextChoices):
    """What the API says of a file; the database knows only those that were taken."""

    READING = "reading", _("being read")
    IN_ORDER = "in_order", _("in order, nothing kept")
    TAKEN = "taken", _("taken")


class AppraisalState(TextChoices):
    DRAFT = "draft", _("worked out")
    FROZEN = "frozen", pgettext_lazy("figures", "frozen")
    PUBLISHED = "published", _("made known")


APPRAISAL_ORDER = tuple(AppraisalState)
APPRAISAL_TRANSITIONS = {start: (to,) for start, to in pairwise(APPRAISAL_ORDER)}


class AppealState(TextChoices):
    OPEN = "open", _("waits for a decision")
    UPHELD = "upheld", _("upheld: worked out again")
    REJECTED = "rejected", _("rejected with reasons")


class GateReason(TextChoices):
    TOO_FEW = "too_few", _("too few answers: nothing may be published")
    BELOW = "below", _("below the threshold")


class CaseState(TextChoices):
    INQUIRY = "inquiry", _("inquiry")
    OPENED = "opened", _("case opened")
    HEARD = "heard", _("heard")
    DECIDED = "decided", _("decided")
    ANSWERED = "answered", _("answered in public")
    DROPPED = "dropped", _("dropped with reasons")


CASE_TRANSITIONS = {
    CaseState.INQUIRY: (CaseState.OPENED, CaseState.DROPPED),
    CaseState.OPENED: (CaseState.HEARD, CaseState.DROPPED),
    CaseState.HEARD: (CaseState.DECIDED,),
    CaseState.DECIDED: (CaseState.ANSWERED,),
}
CASE_DAYS = {
    CaseState.INQUIRY: 10,  # working days until it is a case or dropped
    CaseState.OPENED: 10,  # … until the hearing
    CaseState.HEARD: 15,  # … until the decision
    CaseState.DECIDED: 5,  # … until the public is answered
}
RUNNING_CASES = tuple(CASE_DAYS)


class Ground(TextChoices):
    RANK = "rank", _("a low rank alone: opens an inquiry, never a case")
    SIGNAL_TWICE = "signal_twice", _("a statistical signal twice in a year")
    COACHING = "coaching", _("respondents were coached")
    BURIED = "buried", _("a complaint was buried")
    LATE_THREE_TIMES = "late_three_times", _("late three times")


PROVEN = (Ground.SIGNAL_TWICE, Ground.COACHING, Ground.BURIED, Ground.LATE_THREE_TIMES)

"""What must hold of every edition, asked of the rows themselves."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Now

from annual_projects.models import CandidateVoice, Edition, MilestoneReminder
from annual_projects.services import digest
from annual_projects.states import CandidateState, MilestoneState, Phase
from core.promises import promise


@promise("P6")
def milestone_reminders_are_sent() -> Iterable[object]:
    """No reminder of an open milestone is more than an hour late."""
    late = MilestoneReminder.objects.filter(sent_at=None, cancelled_at=None, milestone__state=MilestoneState.OPEN)
    return late.filter(due_at__lt=Now() - timedelta(hours=1)).values_list("milestone", "kind")


@promise("P8")
def a_frozen_list_is_the_one_two_persons_froze() -> Iterable[object]:
    """Every frozen list, with the rules it is voted by, still has the digest that two persons agreed on."""
    for edition in Edition.objects.filter(frozen_at__isnull=False):
        if digest(edition) != edition.freeze_digest or edition.frozen_by_id == edition.freeze_proposed_by_id:
            yield edition.year


@promise("P8")
def the_ten_are_as_many_as_announced() -> Iterable[object]:
    """From delivery on, an edition has as many projects as it announced winners, each from its own list."""
    after = Edition.objects.filter(phase__in=[Phase.DELIVERING, Phase.JUDGED, Phase.ARCHIVED])
    listed = Q(projects__candidate__edition=F("pk"), projects__candidate__state=CandidateState.ACCEPTED)
    return after.annotate(n=Count("projects", filter=listed)).exclude(n=F("winners")).values_list("year", flat=True)


@promise("P1")
def voices_put_together_are_not_lost() -> Iterable[object]:
    """Every voice behind a merged candidate stands behind the one it was merged into."""
    followers = CandidateVoice.objects.filter(candidate__state=CandidateState.MERGED)
    kept = CandidateVoice.objects.filter(
        candidate=OuterRef("candidate__merged_into"), suggestion=OuterRef("suggestion")
    )
    return followers.filter(~Exists(kept)).values_list("candidate", "suggestion")

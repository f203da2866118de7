"""Writes the four editions of the demo city, once, with the stamps of their own time: past the triggers, as history is.

The voices behind a candidate are counted from the voices of the demo; votes come from the ballots of the room above.
"""

from collections.abc import Mapping
from random import Random
from typing import Any

import pgtrigger

from accounts import demo as people
from accounts.models import User
from annual_projects.demo import story
from annual_projects.demo.delivered import deliver
from annual_projects.demo.story import Piece, Year
from annual_projects.models import Candidate, CandidateVoice, Edition, Evidence, Nomination, Project, Topic
from annual_projects.queries import demand as demands
from annual_projects.queries.demand import Demand
from annual_projects.reference import load_topics
from annual_projects.services import digest
from annual_projects.services.candidates import attach_evidence
from annual_projects.states import CandidateState, Phase, Source
from core import audit
from core.policy import Role
from directory.models import Membership, Unit
from suggestions.models import Category

FEWEST_VOICES = 3  # fewer are no demand
WINNERS = 10


class Stage:
    """Who and what the story needs, read once."""

    def __init__(self, context: Any) -> None:
        self.now, self.today, self.rng = context.now, context.today, Random(context.seed)
        self.units = {unit.code: unit for unit in Unit.objects.all()}
        self.categories = Category.objects.in_bulk()
        self.topics = Topic.objects.select_related("category").in_bulk()
        self.bureau = Unit.objects.filter(parent=None).order_by("pk").first()
        self.first, self.second = self._admins()
        self.citizens = people.citizens()

    def _admins(self) -> tuple[User, User]:
        """Two persons who freeze together."""
        holding = Membership.objects.current().filter(role=Role.ADMIN).select_related("user").order_by("pk")
        admins = list({one.user_id: one.user for one in holding}.values())
        while len(admins) < 2:
            number = len(admins) + 1
            admins.append(people.staff(f"demo-admin-{number}", f"演示管理员{number}"))
        return admins[0], admins[1]

    def unit(self, code: str) -> Unit:
        found = self.units.get(code) or self.bureau
        if found is None:
            raise LookupError("the units of the bureau must be loaded first")
        return found


def load(context: Any) -> dict[str, Any]:
    """The four editions with all that belongs to them; what is there already stays as it is.

    ``context`` has the moment (``now``, ``today``) and the seed, and ``say`` for progress.
    """
    load_topics()
    stage = Stage(context)
    with pgtrigger.ignore():
        for told in sorted(story.years(stage.today), key=lambda year: year.year):
            if not Edition.objects.filter(year=told.year).exists():
                context.say(f"the ten projects of {told.year}")
                _write(stage, told)
    newest = Edition.objects.filter(is_demo=True, phase=Phase.VOTING).order_by("-year").first()
    under_way = Edition.objects.filter(is_demo=True, phase=Phase.DELIVERING).order_by("-year").first()
    return {
        "accounts": [],
        "objects": {
            "edition": newest.year if newest else None,
            "candidate": "green-light-seconds",
            "delivering_edition": under_way.year if under_way else None,
            "project": "household-one-trip",
        },
        "counts": {
            "editions": Edition.objects.count(),
            "candidates": Candidate.objects.count(),
            "voices_behind_candidates": CandidateVoice.objects.count(),
            "projects": Project.objects.count(),
        },
    }


def _write(stage: Stage, told: Year) -> Edition:
    starts = story.timetable(told, stage.today)
    edition = Edition.objects.create(
        year=told.year, intro=told.intro, is_demo=True, created_at=starts["collecting_from"], **starts
    )
    by_slug = {piece.slug: _candidate(stage, edition, piece) for piece in (*told.chosen, *told.others)}
    for piece in told.left_out:
        _candidate(stage, edition, piece, into=by_slug.get(piece.into))
    _freeze(stage, edition, told.phase)
    for rank, piece in enumerate(told.chosen, start=1):
        project = Project.objects.create(
            edition=edition, candidate=by_slug[piece.slug], rank=rank, created_at=starts["voting_closes"]
        )
        deliver(stage, project, piece)
    audit.record("edition.demo_loaded", edition, by=stage.first, year=edition.year)
    return edition


def _candidate(stage: Stage, edition: Edition, piece: Piece, into: Candidate | None = None) -> Candidate:
    decided = piece.state in ("accepted", "rejected")
    topic = stage.topics.get(piece.topic)
    candidate = Candidate.objects.create(
        edition=edition,
        slug=piece.slug,
        state=piece.state,
        source=piece.source,
        title=piece.title,
        summary=piece.summary,
        outcome=piece.outcome,
        category=stage.categories.get(piece.category),
        lead_unit=stage.unit(piece.lead) if piece.lead else None,
        target=piece.target,
        target_unit=piece.of,
        merged_into=into,
        reasons=piece.reasons,
        cost=piece.cost,
        law=piece.law,
        decided_by=stage.first if decided else None,
        decided_at=edition.notice_from if decided else None,
        created_at=edition.collecting_from,
    )
    counted = _evidence(edition, candidate, topic) if topic and piece.source == Source.DEMAND else False
    if not counted:
        _nominations(stage, edition, candidate, piece)
    return candidate


def _evidence(edition: Edition, candidate: Candidate, topic: Topic) -> bool:
    """The demand behind it, counted from the voices there are; whether there were any."""
    demand = Demand(story.asked_until(edition.reviewing_from), topic=topic)
    counted = demands.count(demand)
    if counted.count < FEWEST_VOICES:
        return False
    attach_evidence(candidate, demand, counted)
    Evidence.objects.filter(candidate=candidate).update(taken_at=edition.reviewing_from)
    return True


def _nominations(stage: Stage, edition: Edition, candidate: Candidate, piece: Piece) -> None:
    """Somebody proposed it, and for a citizen's idea a few neighbours too."""
    source = Source.STAFF if piece.source == Source.DEMAND else piece.source
    if source != candidate.source:
        Candidate.objects.filter(pk=candidate.pk).update(source=source)
    many = stage.rng.randint(2, 9) if source == Source.CITIZEN else 1
    for number, person in enumerate(stage.rng.sample(stage.citizens, many)):
        Nomination.objects.create(
            candidate=candidate,
            source=source,
            user=person if source == Source.CITIZEN else None,
            organisation=piece.organisation,
            text=piece.words if number == 0 and piece.words else piece.reasons or piece.title,
            idempotency_key=f"demo:{edition.year}:{piece.slug}:{number}",
            at=edition.collecting_from,
        )


def _freeze(stage: Stage, edition: Edition, phase: str) -> None:
    """Number the list, and let two persons freeze it on the day the candidates became public."""
    listed = edition.candidates.filter(state=CandidateState.ACCEPTED).order_by("category__order", "slug")
    for number, candidate in enumerate(list(listed), start=1):
        Candidate.objects.filter(pk=candidate.pk).update(number=number)
    edition.refresh_from_db()
    Edition.objects.filter(pk=edition.pk).update(
        freeze_proposed_by=stage.first,
        freeze_proposed_at=edition.notice_from,
        freeze_digest=digest(edition),
        frozen_by=stage.second,
        frozen_at=edition.notice_from,
        phase=phase,
    )
    edition.refresh_from_db()


def record_votes(edition: Edition, votes: Mapping[int, int]) -> None:
    """Note on the demo's projects how many votes their candidates got, by candidate id, as the ballots say."""
    with pgtrigger.ignore("annual_projects.Project:comes_from_a_result"):
        for candidate, count in votes.items():
            Project.objects.filter(edition=edition, candidate=candidate).update(votes=count)

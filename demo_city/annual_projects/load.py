"""Tells the four editions of the demo city in the order in which it all happened, with the stamps of their own time.

Every guard of the database watches. ``load`` tells each year up to the vote; the room above, where people vote, hands
the result to ``carry_out``. The voices behind a candidate are counted from the voices of the demo.
"""

from collections.abc import Mapping
from datetime import datetime
from random import Random
from typing import Any

from accounts.models import User
from annual_projects.models import Candidate, CandidateVoice, Edition, Nomination, Project, Topic
from annual_projects.queries import demand as demands
from annual_projects.queries.demand import Demand
from annual_projects.reference import load_topics
from annual_projects.services import digest
from annual_projects.services.candidates import evidence_of, link_voices
from annual_projects.states import CandidateState, Phase, Source
from core import audit
from core.policy import Role
from demo_city import accounts as people
from demo_city.annual_projects import story
from demo_city.annual_projects.delivered import deliver, rate
from demo_city.annual_projects.story import Piece, Year
from directory.models import Membership, Unit
from suggestions.models import Category

FEWEST_VOICES = 3  # fewer are no demand
WINNERS = 10


class Stage:
    """Who and what the story needs, read once."""

    def __init__(self, context: Any, year: int = 0) -> None:
        self.now, self.today, self.rng = context.now, context.today, Random(context.seed + year)
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
    """The four editions, their candidates and their frozen lists; what is there already stays as it is.

    ``context`` has the moment (``now``, ``today``) and the seed, and ``say`` for progress.
    """
    load_topics()
    stage = Stage(context)
    for told in sorted(story.years(stage.today), key=lambda year: year.year):
        if not Edition.objects.filter(year=told.year).exists():
            context.say(f"the candidates of {told.year}")
            _write(stage, told)
    newest = Edition.objects.filter(is_demo=True).order_by("-year").first()
    return {
        "accounts": [],
        "objects": {"edition": newest.year if newest else None, "candidate": "green-light-seconds"},
        "counts": {
            "editions": Edition.objects.count(),
            "candidates": Candidate.objects.count(),
            "voices_behind_candidates": CandidateVoice.objects.count(),
        },
    }


def _write(stage: Stage, told: Year) -> Edition:
    """One year up to the vote."""
    starts = story.timetable(told, stage.today)
    edition = Edition.objects.create(
        year=told.year, intro=told.intro, is_demo=True, created_at=starts["collecting_from"], **starts
    )
    pieces = [*told.chosen, *told.others, *told.left_out]
    proposed = {piece.slug: _propose(stage, edition, piece) for piece in pieces}
    begin(edition, Phase.REVIEWING)
    for piece in pieces:
        _decide(stage, proposed[piece.slug], piece, into=proposed.get(piece.into))
    _freeze(stage, edition)
    begin(edition, Phase.PUBLIC_NOTICE)
    begin(edition, Phase.VOTING)
    audit.record("edition.demo_loaded", edition, by=stage.first, year=edition.year)
    return edition


def begin(edition: Edition, phase: Phase) -> None:
    """The next phase, whose hour is over; unlike the service this tells nobody today."""
    edition.phase = phase
    edition.save(update_fields=["phase"])


def _propose(stage: Stage, edition: Edition, piece: Piece) -> Candidate:
    topic = stage.topics.get(piece.topic)
    candidate = Candidate.objects.create(
        edition=edition,
        slug=piece.slug,
        source=piece.source,
        title=piece.title,
        summary=piece.summary,
        outcome=piece.outcome,
        category=stage.categories.get(piece.category),
        lead_unit=stage.unit(piece.lead) if piece.lead else None,
        target=piece.target,
        target_unit=piece.of,
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
    evidence = evidence_of(candidate, demand, counted)
    evidence.taken_at = edition.reviewing_from
    evidence.save()
    link_voices(candidate, demand)
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


def _decide(stage: Stage, candidate: Candidate, piece: Piece, *, into: Candidate | None) -> None:
    """Looked at and decided, or put together with another."""
    row = Candidate.objects.filter(pk=candidate.pk)
    if into is not None:
        row.update(state=CandidateState.MERGED, merged_into=into)
        return
    row.update(state=CandidateState.UNDER_REVIEW)
    row.update(
        state=piece.state,
        reasons=piece.reasons,
        cost=piece.cost,
        law=piece.law,
        decided_by=stage.first,
        decided_at=candidate.edition.notice_from,
    )


def _freeze(stage: Stage, edition: Edition) -> None:
    """Number the list, and let two persons freeze it on the day the candidates became public."""
    listed = edition.candidates.filter(state=CandidateState.ACCEPTED).order_by("category__order", "slug")
    for number, candidate in enumerate(list(listed), start=1):
        Candidate.objects.filter(pk=candidate.pk).update(number=number)
    edition.refresh_from_db()  # the digest is over the hours as they are kept
    edition.freeze_proposed_by, edition.freeze_proposed_at = stage.first, edition.notice_from
    edition.frozen_by, edition.frozen_at = stage.second, edition.notice_from
    edition.freeze_digest = digest(edition)
    edition.save()


# --- after the vote -----------------------------------------------------------------------------------------------


def chosen(edition: Edition, context: Any) -> list[Candidate]:
    """Whom the story lets win, first place first; nobody where people still vote."""
    slugs = [piece.slug for piece in _told(edition, context).chosen]
    found = {candidate.slug: candidate for candidate in edition.candidates.on_the_ballot()}
    return [found[slug] for slug in slugs]


def carry_out(edition: Edition, votes: Mapping[int, int], context: Any, *, since: datetime) -> None:
    """The winners by candidate id with their votes, first place first, become projects; then all that came of them.

    They are projects ``since`` the day of the result.
    """
    told, stage = _told(edition, context), Stage(context, edition.year)
    by_slug = {piece.slug: piece for piece in told.chosen}
    projects = [
        Project.objects.create(edition=edition, candidate_id=pk, rank=rank, votes=count, created_at=since)
        for rank, (pk, count) in enumerate(votes.items(), start=1)
    ]
    begin(edition, Phase.DELIVERING)
    for project in projects:
        deliver(stage, project, by_slug[project.candidate.slug])
    if told.phase == Phase.ARCHIVED:
        begin(edition, Phase.JUDGED)
        for project in projects:
            rate(stage, project, by_slug[project.candidate.slug])
        begin(edition, Phase.ARCHIVED)


def _told(edition: Edition, context: Any) -> Year:
    return next(told for told in story.years(context.today) if told.year == edition.year)

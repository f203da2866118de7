"""A small year of appraisals for tests: a published poll, voices that were handled, a scheme, a run in any state."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pgtrigger

from accounts.models import User
from core.workdays import SHANGHAI
from directory.models import Membership, Officer
from evaluations import services
from evaluations.services import SchemePlan
from suggestions.models import Rating, Reply, Suggestion
from tests import factories
from tests.evaluations import polls

MARCH = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
WEIGHTS = {"satisfaction": 3100, "attitude": 2000, "on_time": 2900, "post_reply": 2000}


def voices(city, officer, *, on_time=9, late=3, open_and_late=0, content=8, angry=2, days=2, at=MARCH):
    """Cases of ``officer`` as rows: answered by or after the deadline, or never; the first ones rated."""
    whole = on_time + late + open_and_late
    cases = []
    for n in range(whole):
        due = at + timedelta(days=5)
        answered = at + timedelta(days=days if n < on_time else 9) if n < on_time + late else None
        cases.append(Suggestion(
            number=f"{at.year}-{officer.pk:03d}{n:03d}", tracking_mac=f"{officer.pk}-{at:%j}-{n}",
            idempotency_key=f"{officer.pk}-{at:%j}-{n}", body_digest="0" * 64, title="路灯", body="路灯不亮。",
            category=city.lights, area=city.yuehe_area, unit=officer.unit, handler=officer, clock_from=at, due_at=due,
            created_at=at, replied_at=answered, state="closed" if answered else "assigned",
        ))  # fmt: skip
    with pgtrigger.ignore():
        Suggestion.objects.bulk_create(cases)
        replies = [
            Reply(
                suggestion=case, state="signed", text="已修。", drafted_by=city.officer, unit=officer.unit,
                signed_by=city.leader, signed_at=case.replied_at,
            )
            for case in cases[: on_time + late]
        ]  # fmt: skip
        Reply.objects.bulk_create(replies)
        Rating.objects.bulk_create(
            Rating(suggestion=r.suggestion, reply=r, level=5 if n < content else 1, at=r.signed_at + timedelta(days=1))
            for n, r in enumerate(replies[: content + angry])
        )
    return cases


def plan(weights=WEIGHTS, **more):
    values = {"year": 2026, "about": "officer", "role": "community_officer", "title": "社区民警考评"} | more
    return SchemePlan(weights=weights, **values)


def locked_scheme(city, weights=WEIGHTS, **more):
    return services.lock_scheme(services.propose_scheme(plan(weights, **more), by=city.admin), by=city.admin2)


def appraised_year(city, *, state="published", officers=6, count=600, wave="published", weights=WEIGHTS, **more):
    """A poll about community officers of Yuehe, voices for each, and a run that the services brought to ``state``."""
    made = SimpleNamespace(wave=polls.scored_wave(city, state=wave, count=count, officers=officers))
    made.officers = list(Officer.objects.filter(position="community_officer").order_by("badge_number"))
    for n, officer in enumerate(made.officers):
        voices(city, officer, on_time=9 + n, late=3, content=8, angry=2 + n % 2)
    made.scheme = locked_scheme(city, weights, **more)
    made.run = advance(city, services.run_appraisals(made.scheme, by=city.admin), state)
    made.appraisals = list(
        made.run.appraisals.select_related("officer__user", "unit").order_by("officer__badge_number")
    )
    made.complete = [one for one in made.appraisals if one.total is not None]
    return made


def advance(city, run, state):
    if state != "draft":
        run = services.freeze_appraisals(run, by=city.admin2)
    if state == "published":
        run = services.publish_appraisals(run, by=city.admin2)
    return run


def person(appraisal) -> User:
    """The appraised, as they sign in."""
    return User.objects.get(pk=appraisal.officer.user_id)


def leads(user, unit):
    return Membership.objects.create(
        user=user, role=factories.Role.LEADER, unit=unit, starts=MARCH - timedelta(days=400)
    )

"""From the first idea to the verdict: proposed once, joined, put together, reviewed with reasons."""

import pytest

from annual_projects import services
from annual_projects.errors import NotNow
from annual_projects.models import Candidate, Nomination
from annual_projects.services import Idea, Verdict
from core.errors import Invalid, NotAllowed
from core.models import AuditEntry
from tests import factories
from tests.annual_projects import worlds

IDEA = Idea(title="周六也开窗口", text="上班的人请假太难。")


@pytest.fixture
def edition(city):
    return worlds.edition(city)


def nominate(edition, user, key="k1", **changes):
    from dataclasses import replace

    return services.nominate(edition, replace(IDEA, **changes), user=user, idempotency_key=key)


def test_somebody_proposes_something(city, edition):
    made = nominate(edition, city.citizen, category=city.lights)
    assert (made.candidate.state, made.candidate.title, made.candidate.slug) == (
        "nominated", "周六也开窗口", "traffic-lights-1",
    )  # fmt: skip
    assert (made.source, made.user) == ("citizen", city.citizen)


def test_the_same_form_twice_is_one_proposal(city, edition):
    assert nominate(edition, city.citizen) == nominate(edition, city.citizen)
    assert Candidate.objects.count() == 1


def test_a_form_of_somebody_else_is_not_taken(city, edition):
    nominate(edition, city.citizen)
    with pytest.raises(Invalid) as refused:
        nominate(edition, factories.citizen())
    assert list(refused.value.fields) == ["idempotency_key"]


def test_five_a_person_are_enough(city, edition):
    for number in range(5):
        nominate(edition, city.citizen, f"k{number}")
    with pytest.raises(Invalid):
        nominate(edition, city.citizen, "k5")
    assert Nomination.objects.count() == 5


@pytest.mark.parametrize("field", ["title", "text"])
def test_nothing_said_is_no_proposal(city, edition, field):
    with pytest.raises(Invalid) as refused:
        nominate(edition, city.citizen, **{field: " ​ "})
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize("phase", ["reviewing", "voting", "archived"])
def test_outside_its_time_nothing_is_taken(city, phase):
    with pytest.raises(NotNow):
        nominate(worlds.edition(city, phase), city.citizen)


def test_partners_and_staff_are_known_as_such(city, edition):
    assert nominate(edition, city.officer).source == "staff"
    assert nominate(edition, city.citizen, "k2", organisation="童装商会(演示)").source == "partner"


def test_another_joins_once(city, edition):
    first = nominate(edition, city.citizen).candidate
    other = factories.citizen()
    services.join(first, user=other, words="我也是上班的。", idempotency_key="j1")
    assert first.nominations.count() == 2
    with pytest.raises(Invalid):
        services.join(first, user=other, words="再说一次。", idempotency_key="j2")


def test_a_decided_one_is_not_joined(city, edition):
    decided = worlds.candidate(city, edition, "rejected")
    with pytest.raises(NotNow):
        services.join(decided, user=city.citizen, words="我也要。", idempotency_key="j1")


def test_whoever_proposed_it_alone_takes_it_back(city, edition):
    mine = nominate(edition, city.citizen).candidate
    with pytest.raises(NotAllowed):
        services.take_back(mine, user=factories.citizen())
    services.take_back(mine, user=city.citizen)
    assert Candidate.objects.get().state == "withdrawn"


def test_not_when_others_joined(city, edition):
    mine = nominate(edition, city.citizen).candidate
    services.join(mine, user=factories.citizen(), words="我也要。", idempotency_key="j1")
    with pytest.raises(NotAllowed):
        services.take_back(mine, user=city.citizen)


def test_nor_once_it_is_looked_at(city, edition):
    mine = nominate(edition, city.citizen).candidate
    services.take_up(mine, by=city.triage)
    with pytest.raises(NotNow):
        services.take_back(mine, user=city.citizen)


def test_the_desk_describes_and_the_admin_decides(city, edition):
    one = worlds.candidate(city, edition, "under_review")
    verdict = Verdict(True, "能办。", 1000, "《条例》")
    with pytest.raises(NotAllowed):
        services.review(one, verdict, by=city.triage)
    decided = services.review(one, verdict, by=city.admin)
    assert (decided.state, decided.decided_by, decided.cost) == ("accepted", city.admin, 1000)
    assert AuditEntry.objects.filter(action="candidate.accepted", reason="能办。").exists()


@pytest.mark.parametrize("missing", ["summary", "outcome", "lead_unit", "target", "target_unit"])
def test_half_a_description_is_not_put_on_the_ballot(city, edition, missing):
    one = worlds.candidate(
        city, edition, "under_review", **{missing: None if missing in ("lead_unit", "target") else ""}
    )
    with pytest.raises(Invalid) as refused:
        services.review(one, Verdict(True, "能办。"), by=city.admin)
    assert list(refused.value.fields) == [missing]
    assert services.review(one, Verdict(False, "没有人手。"), by=city.admin).state == "rejected"


def test_a_verdict_without_reasons_is_none(city, edition):
    one = worlds.candidate(city, edition, "under_review")
    with pytest.raises(Invalid):
        services.review(one, Verdict(False, " "), by=city.admin)


def test_a_description_is_checked_by_field(city, edition):
    one, other = worlds.candidate(city, edition, "under_review"), worlds.candidate(city, edition)
    for field, value in (("slug", "有汉字"), ("slug", other.slug), ("summary", "长" * 121), ("title", "")):
        with pytest.raises(Invalid) as refused:
            services.describe(one, worlds.description(city, **{field: value}), by=city.triage)
        assert list(refused.value.fields) == [field]


def test_an_accepted_one_stays_whole(city, edition):
    one = worlds.candidate(city, edition, "accepted")
    with pytest.raises(Invalid):
        services.describe(one, worlds.description(city, summary=""), by=city.triage)


def test_only_the_admin_takes_up_again_what_was_decided(city, edition):
    one = worlds.candidate(city, edition, "rejected")
    with pytest.raises(NotAllowed):
        services.take_up(one, by=city.triage)
    assert services.take_up(one, by=city.admin).state == "under_review"


def test_put_together_and_apart_again(city, edition):
    one, two = worlds.candidate(city, edition), worlds.candidate(city, edition, "under_review")
    merged = services.merge(one, into=two, by=city.triage)
    assert (merged.state, merged.merged_into) == ("merged", two)
    with pytest.raises(Invalid):
        services.merge(two, into=worlds.candidate(city, edition), by=city.triage)
    apart = services.take_up(one, by=city.triage)
    assert (apart.state, apart.merged_into) == ("under_review", None)


def test_not_with_itself(city, edition):
    one = worlds.candidate(city, edition)
    with pytest.raises(Invalid):
        services.merge(one, into=one, by=city.triage)


def test_a_person_who_leaves_is_forgotten(city, edition):
    from accounts.services import erase_person
    from annual_projects.events import forget_the_person

    made = nominate(edition, city.citizen)
    erase_person(city.citizen, by=city.citizen)
    forget_the_person(user_id=city.citizen.pk)
    made.refresh_from_db()
    assert made.user is None
    assert made.text == IDEA.text


@pytest.mark.parametrize(("field", "longest"), [("title", 60), ("outcome", 300), ("organisation", 80), ("text", 1000)])
def test_what_is_too_long_is_refused_by_its_field_and_what_fits_is_whole(city, edition, field, longest):
    said = {"title": "路灯", "text": "晚上看不见"}
    with pytest.raises(Invalid) as refused:
        services.nominate(
            edition, Idea(**said | {field: "长" * (longest + 1)}), user=city.citizen, idempotency_key="long"
        )
    assert list(refused.value.fields) == [field]
    made = services.nominate(edition, Idea(**said | {field: "长" * longest}), user=city.citizen, idempotency_key="ok")
    kept = made if field in ("organisation", "text") else made.candidate
    assert getattr(kept, field) == "长" * longest

"""A candidate made from what people said."""

from types import SimpleNamespace

import pytest
from django.utils import timezone

from annual_projects import services
from annual_projects.models import Topic
from annual_projects.queries.demand import Demand, year_before
from suggestions.models import Category
from tests import factories
from tests.annual_projects import worlds


@pytest.fixture
def backed(city: SimpleNamespace) -> SimpleNamespace:
    """A candidate from demand with three voices, one of them published, in an edition under way."""
    city.household = Category.objects.create(code="household", name="户籍办理", kind="administrative", order=1)
    Topic.objects.create(code="household-moves", name="户籍迁移", category=city.household, words=["迁"])
    shown = factories.case(city, "replied", category=city.household, body="户口迁到月河要跑几趟?", publish=True)
    hidden = factories.case(city, "replied", category=city.household, body="孩子的户口迁不进来。", publish=False)
    factories.say(city, category=city.household, body="迁户口排队太久。", publish=False, user=city.citizen)
    city.edition = worlds.edition(city)
    demand = Demand(year_before(timezone.localdate()), topic=Topic.objects.get())
    city.made = services.candidate_from_demand(city.edition, demand, by=city.triage, title="户籍迁移一次办成")
    city.shown, city.hidden = shown, hidden
    return city

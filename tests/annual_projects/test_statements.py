"""How many statements a page takes: a fixed number, however many rows there are."""

import pytest

from tests.annual_projects import worlds
from tests.annual_projects.test_pages import DESK, signed_in


def statements(client, address, django_assert_max_num_queries, most):
    client.get(address)
    with django_assert_max_num_queries(most):
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("n", [4, 9])
def test_the_candidates_take_the_same_statements_however_many(client, city, django_assert_max_num_queries, n):
    worlds.edition(city, "voting", n=n)
    statements(client, "/annual/2027/", django_assert_max_num_queries, 2)


def test_the_ten_take_the_same_statements(client, city, django_assert_max_num_queries):
    made = worlds.edition(city, "delivering")
    for project in made.projects.all():
        worlds.milestone(city, project)
    statements(client, "/annual/2027/", django_assert_max_num_queries, 3)
    project = made.projects.select_related("edition", "candidate").first()
    statements(client, project.get_absolute_url(), django_assert_max_num_queries, 9)


def test_the_desk_takes_a_fixed_number_too(backed, django_assert_max_num_queries):
    client = signed_in(backed.admin)
    statements(client, f"{DESK}candidates/", django_assert_max_num_queries, 10)
    statements(client, f"{DESK}demand/", django_assert_max_num_queries, 16)
    statements(client, f"{DESK}candidates/household-moves-1/", django_assert_max_num_queries, 17)

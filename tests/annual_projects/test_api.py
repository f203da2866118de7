"""The year's ten for programs: the same figures as the pages, and nothing more."""

import importlib.util

import pytest
from django.test import Client

from annual_projects import services
from tests.annual_projects import worlds

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("core.api") is None, reason="the frame of the API is not in this tree"
)
V1 = "/api/v1/editions/"


@pytest.fixture
def made(city):
    made = worlds.edition(city, "delivering")
    services.count_beneficiaries(
        made.projects.first(),
        by=city.admin,
        month=worlds.date(2026, 5, 1),
        definition="办事的人",
        source="系统",
        number=82,
    )
    return made


def test_an_edition_says_how_it_is_voted(client: Client, made):
    said = client.get(f"{V1}2027/").json()
    assert (said["phase"], said["choose_max"], said["freeze_digest"]) == ("delivering", 3, made.freeze_digest)
    assert [moment["phase"] for moment in said["timetable"]] == [str(phase) for phase in worlds.PHASES]
    assert [one["year"] for one in client.get(V1).json()["results"]] == [2027]


def test_candidates_and_projects_are_those_of_the_pages(client, made):
    candidates = client.get(f"{V1}2027/candidates/").json()["results"]
    assert {one["slug"] for one in candidates} == set(made.candidates.values_list("slug", flat=True))
    assert candidates[0]["evidence"] is None
    projects = client.get(f"{V1}2027/projects/").json()["results"]
    assert [(one["rank"], one["votes"]) for one in projects] == [(1, 900), (2, 890), (3, 880)]


def test_one_project_counts_the_people_it_served(client, made):
    slug = made.projects.first().candidate.slug
    said = client.get(f"{V1}2027/projects/{slug}/").json()
    assert said["beneficiaries"] == [
        {"definition": "办事的人", "sources": ["系统"], "people": 82, "months": [{"month": "2026-05-01", "people": 82}]}
    ]
    assert said["ratings"] == {"count": 0, "average": None, "satisfied": None}


@pytest.mark.parametrize("address", ["2030/", "2030/candidates/", "2027/candidates/none/", "2027/projects/none/"])
def test_what_does_not_exist_is_a_problem(client, made, address):
    answer = client.get(f"{V1}{address}")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_a_proposal_nobody_looked_at_is_not_there(client, city):
    one = worlds.candidate(city, worlds.edition(city))
    assert client.get(f"{V1}2027/candidates/").json()["results"] == []
    assert client.get(f"{V1}2027/candidates/{one.slug}/").status_code == 404

"""A walk of the whole house: every address, as everybody, by every method, and the door answers as the table says."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, path, resolve
from django.utils import timezone

from accounts.models import User
from config import urls
from core import policy
from core.middleware import route_for
from core.policy import Role
from suggestions import services
from tests import factories

PAGES, API = ("GET", "POST"), ("GET", "POST", "PUT", "PATCH", "DELETE")
SAMPLES = {
    "number": "2026-000000",
    "year": "2026",
    "date": "2026-01-01",
    "verb": "accept",
    "suffix": "json",
    "app_label": "core",
    "content_type_id": "1",
}
SAMPLE_BY_TYPE = {
    "int": "999999999",
    "slug": "none",
    "str": "none",
    "path": "none",
    "uuid": "0" * 8 + "-0000" * 3 + "-" + "0" * 12,
}
# an address whose view asks for more than the table can say, and what a person whom the table lets in may meet there
ASKS_MORE = {
    ("api:open311_requests", "POST"): {"403"},  # the specification wants a key
    ("suggestions:extensions", "GET"): {"403"},  # two rows of the table lead here: the leader's word and the admin's
    ("suggestions:extensions", "POST"): {"403"},
    ("portal:delete", "GET"): {"403"},  # accounts of staff are closed, not erased
    ("portal:delete", "POST"): {"403"},
}
# behind the door of sign-in the steps have an order of their own: out of turn one is sent back or refused
SIGN_IN = ("account_", "mfa_", "socialaccount_")
OUT_OF_TURN = {"login", "401", "403"}
BUSINESS = [*Role, "conflicted"]


@dataclass(frozen=True)
class Address:
    """One address of the house: its name in the route table, an example, and whether the API answers there."""

    name: str
    at: str
    is_api: bool
    guards_itself: bool


def addresses(patterns: Any = None, before: str = "", names: tuple[str, ...] = ()) -> Iterator[Address]:
    """Every address there is, found from the URL patterns themselves."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        written = before + example(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inside = (*names, pattern.namespace) if pattern.namespace else names
            yield from addresses(pattern.url_patterns, written, inside)
        elif isinstance(pattern, URLPattern):
            name = ":".join([*names, pattern.name or pattern.lookup_str])
            yield Address(name, f"/{written}", hasattr(pattern.callback, "cls"), names[:1] == ("admin",))


def example(pattern: Any) -> str:
    """A path that the pattern matches, of things that do not exist."""
    written = str(pattern)
    for group, name in re.findall(r"(\(\?P<(\w+)>[^)]*\))", written):
        written = written.replace(group, SAMPLES.get(name, "none"))
    written = re.sub(r"<(?:(\w+):)?(\w+)>", lambda m: _sample(m[1] or "str", m[2]), written)
    return re.sub(r"^\^|\$$|\\|\.\*|\?", "", written) if hasattr(pattern, "_regex") else written


def _sample(kind: str, name: str) -> str:
    sample = SAMPLES.get(name, SAMPLE_BY_TYPE[kind])
    return sample if kind != "int" or sample.isdigit() else SAMPLE_BY_TYPE[kind]


def without_row() -> list[str]:
    return [address.name for address in addresses() if not any(route_for(resolve(address.at), m) for m in API)]


# --- the table is complete --------------------------------------------------------------------------------------------


def test_every_address_has_a_row():
    assert without_row() == []


def test_every_example_leads_to_its_address():
    lost = [a for a in addresses() if not a.guards_itself and resolve(a.at).view_name != a.name]
    assert lost == []


def test_every_row_has_its_address_and_names_a_right_that_exists():
    from config.access import ROUTES

    names = {address.name for address in addresses()}
    assert [name for name in ROUTES if not name.endswith(":*") and name not in names] == []
    for row in ROUTES.values():
        for thing, action in row.values() if isinstance(row, dict) else [row]:
            assert action in policy.TABLE[thing]


@pytest.fixture
def a_hole_in_the_wall(settings):
    """The house with one more address that nobody wrote into the table."""
    house = ModuleType("house_with_a_hole")
    hole = path("hole/", lambda request: HttpResponse("in"), name="hole")
    house.urlpatterns = [hole, *urls.urlpatterns]
    settings.ROOT_URLCONF = house


@pytest.mark.usefixtures("a_hole_in_the_wall")
def test_an_address_without_a_row_is_noticed_and_does_not_open(db, client):
    assert without_row() == ["hole"]
    assert client.get("/hole/").status_code == 403
    client.force_login(User.objects.create_superuser("technician"))
    assert client.get("/hole/").status_code == 403


@pytest.mark.usefixtures("a_hole_in_the_wall")
def test_without_the_door_it_would_open(client, settings, db):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != "core.middleware.PolicyMiddleware"]
    assert client.get("/hole/").status_code == 200


# --- the door answers as the table says -------------------------------------------------------------------------------


@pytest.fixture
def people(city) -> dict[str, Any]:
    """One person of each role, and one whom a case complains of."""
    verified = User.objects.create_citizen(phone="19900000009")
    verified.id_fingerprint, verified.id_verified_at = "f" * 64, timezone.now()
    verified.save()
    roles = ("citizen", "officer", "triage", "leader", "admin", "pollster", "auditor")
    found = {Role(name): getattr(city, name) for name in roles}
    return {Role.ANONYMOUS: None, Role.VERIFIED: verified, "conflicted": city.chaoyang_leader, **found}


def should(address: Address, method: str, user: Any) -> str:
    """What the table says happens at the door."""
    match = resolve(address.at)
    if address.is_api and method.lower() not in dir(match.func.cls):
        return "405"
    route = route_for(match, method)
    if route is None:
        return "405" if any(route_for(match, other) for other in PAGES) else "403"
    person = user or _nobody()
    if policy.can(person, route[1], route[0]):
        return "open"
    return "403" if user is not None else "401" if address.is_api else "login"


def _nobody() -> Any:
    from django.contrib.auth.models import AnonymousUser

    return AnonymousUser()


def also(address: Address, method: str) -> set[str]:
    """What else somebody may meet whom the table lets in: a view with fewer methods than its row, or one with steps."""
    steps = OUT_OF_TURN if address.name.startswith(SIGN_IN) else set()
    return {"405"} | steps | ASKS_MORE.get((address.name, method), set())


def happened(response: Any) -> str:
    if response.status_code == 302 and response["Location"].startswith(("/accounts/login/", "/accounts/staff/")):
        return "login"
    return str(response.status_code) if response.status_code in (401, 403, 405) else "open"


def knock(client: Client, address: Address, method: str) -> Any:
    """One request, after which everything is as before."""
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    with transaction.atomic():
        response = client.generic(method, address.at, b"{}", "application/json" if address.is_api else "text/plain")
        transaction.set_rollback(True)
    client.cookies.clear()
    client.cookies.load(cookies)
    return response


def errands(role: str) -> Iterator[tuple[Address, str]]:
    """Every address by GET and POST; what is the same for everybody is tried by a few."""
    for address in addresses():
        if address.guards_itself and role not in (Role.ANONYMOUS, Role.TRIAGE):
            continue
        methods = API if address.is_api and role in (Role.ANONYMOUS, Role.TRIAGE) else PAGES
        yield from ((address, method) for method in methods)


@pytest.fixture
def in_silence() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.slow
@pytest.mark.usefixtures("in_silence")
@pytest.mark.parametrize("role", BUSINESS)
def test_everybody_meets_what_the_table_says(people, role):
    user, client, wrong = people[role], Client(), []
    if user is not None:
        client.force_login(user)
    for address, method in errands(role):
        response = knock(client, address, method)
        assert response.status_code != 500, (address.name, method)
        if address.guards_itself:
            if response.status_code == 200:
                wrong.append(f"{method} {address.name}: a business role in the back office")
            continue
        told, met = should(address, method, user), happened(response)
        if met != told and not (told == "open" and met in also(address, method)):
            wrong.append(f"{method} {address.name}: {told} expected, {met} met")
    assert not wrong, "\n".join(wrong)


@pytest.mark.usefixtures("in_silence")
def test_whom_a_case_complains_of_finds_nothing_wherever_they_knock(city):
    """Even as officer, leader and triage desk at once: no address that leads to the case is there."""
    case = factories.case(city, "assigned", unit=city.wuxing, subjects=[(city.chaoyang, None)])
    for role in (Role.OFFICER, Role.TRIAGE):
        factories.Membership.objects.create(user=city.chaoyang_leader, role=role, unit=city.chaoyang)
    client, found = Client(), []
    client.force_login(city.chaoyang_leader)
    there = [address for address in addresses() if SAMPLES["number"] in address.at]
    for address in there:
        here = replace(address, at=address.at.replace(SAMPLES["number"], case.number))
        for method in PAGES:
            response = knock(client, here, method)
            if response.status_code not in (404, 405):
                found.append(f"{method} {address.name}: {response.status_code}")
    assert len(there) > 40
    assert not found, "\n".join(found)


# --- a case that exists -----------------------------------------------------------------------------------------------


def test_a_case_shows_to_whom_the_table_says_and_never_to_whom_it_complains_of(city, people):
    case = factories.say(city, category=city.conduct, subjects=[(city.chaoyang, None)], publish=False).suggestion
    services.accept_and_assign(case, by=city.triage, unit=city.wuxing)
    for user in (city.chaoyang_officer, city.chaoyang_leader):
        assert meets(user, case) == {404}
    assert meets(people[Role.TRIAGE], case) == {200}
    assert meets(city.sub_leader, case) == {200}
    assert meets(people[Role.OFFICER], case) == {404}
    assert meets(people[Role.ADMIN], case) == {404}
    assert meets(people[Role.CITIZEN], case) == {403}
    assert meets(people[Role.POLLSTER], case) == {403}
    assert meets(None, case) == {401}


def meets(user: Any, case: Any) -> set[int]:
    """What the person meets at the case itself, by program."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return {client.get(f"/api/v1/desk/suggestions/{case.number}/").status_code}


def test_the_technician_has_the_back_office_and_no_business(db, client):
    client.force_login(User.objects.create_superuser("technician"))
    assert client.get("/admin/").status_code == 200
    assert client.get("/api/v1/desk/suggestions/").status_code == 403
    assert client.get("/desk/").status_code == 403

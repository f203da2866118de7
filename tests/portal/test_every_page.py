"""Every page opens for every kind of person, in both languages, also when the house is empty."""

import re

import pytest
from django.test import Client

from plaza.models import ActivityDay, Place
from tests import factories
from tests.pages import page_of

OPEN_PAGES = (
    "/",
    "/open/",
    "/open/data/",
    "/open/data/datapackage.json",
    "/officers/",
    "/officers/?q=yue",
    "/officers/?area=330502",
    "/officers/?area=330502001",
    "/officers/?area=330502001001",
    "/officers/?area=330502001001&print=card",
    "/officers/?area=330502001001&print=poster",
    "/areas/",
    "/areas/?parent=330502",
    "/units/",
    "/units/wuxing-yuehe/",
    "/units/wuxing-yuehe/?print=poster",
    "/plaza/",
    "/plaza/days/2026-01-10/",
)
FILES = ("answers", "figures", "units", "areas", "categories", "plaza-days")
NOWHERE = (
    "/units/none/",
    "/officers/?area=9999",
    "/officers/?area=3305",
    "/officers/?area=%00",
    "/officers/?officer=999999",
    "/areas/?parent=9999",
    "/areas/?parent=x",
    "/plaza/days/2026-02-30/",
    "/plaza/days/2026-12-31/",
    "/plaza/days/yesterday/",
    "/plaza/days/20260110x/",
    "/open/data/secrets.csv",
)


@pytest.fixture
def day(city):
    square = Place.objects.create(name="爱山广场", name_en="Aishan Square", area=city.wuxing_area)
    made = ActivityDay.objects.create(date="2026-01-10", title="警察节:听您说", title_en="Police Day: we listen")
    made.places.add(square)
    made.units.add(city.yuehe)
    return made


def test_every_open_page_opens_for_everybody(visitor, day, city):
    factories.case(city, "replied", plaza_day=day)
    for path in OPEN_PAGES:
        assert visitor.get(path).status_code == 200, path


@pytest.mark.parametrize("path", OPEN_PAGES)
def test_in_english_no_chinese_word_of_ours_is_left(client, day, city, path):
    client.cookies["django_language"] = "en"
    response = client.get(path)
    assert response.status_code == 200
    if response["Content-Type"].startswith("text/html"):
        page = page_of(response)
        assert '<html lang="en"' in page
        titles = re.findall(r"<h[12][^>]*>(.*?)</h[12]>", page, re.DOTALL)
        names = ("月河", "吴兴", "湖州", "公安", "朝阳", "练市", "南浔", "民意", "督察", "交", "演示")
        assert [title for title in titles if re.search("[一-鿿]", title) and not any(n in title for n in names)] == []


@pytest.mark.parametrize("path", [*OPEN_PAGES[:4], "/officers/", "/units/", "/plaza/"])
def test_an_empty_house_has_pages_too(client, db, path):
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("name", FILES)
def test_every_file_has_the_columns_of_its_dictionary(client, day, city, name):
    factories.case(city, "replied")
    text = b"".join(client.get(f"/open/data/{name}.csv").streaming_content).decode()
    header = text.lstrip("\ufeff").splitlines()[0].split(",")
    assert header == [column["name"] for column in fields_of(client, name)]
    assert len(text.splitlines()) > 1


def fields_of(client, name):
    package = client.get("/open/data/datapackage.json").json()
    return next(one for one in package["resources"] if one["name"] == name)["schema"]["fields"]


@pytest.mark.parametrize("path", NOWHERE)
def test_what_does_not_exist_is_not_found(client, day, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", [path for path in OPEN_PAGES if "?" not in path])
def test_open_pages_are_only_read(client, day, path):
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("path", ["/me/", "/me/export/", "/me/delete/"])
def test_ones_own_pages_ask_a_stranger_to_sign_in(db, path):
    response = Client().get(path)
    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/")


def test_ones_own_pages_open_for_everybody_signed_in(visitor):
    if "_auth_user_id" not in visitor.session:
        return
    assert visitor.get("/me/").status_code == 200
    assert visitor.get("/me/export/").status_code == 200
    assert visitor.get("/me/delete/").status_code in (200, 403)


@pytest.mark.parametrize("query", ["\x00", "'", "a&|!b:*", "🚦", "长" * 5000, "%", "_", "\\", "(", "000001"])
def test_nonsense_in_the_search_breaks_nothing(client, city, query):
    assert client.get("/officers/", {"q": query}).status_code == 200

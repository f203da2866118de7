"""Open311 GeoReport v2: the shapes of the specification in JSON and XML, and only what is published."""

from datetime import timedelta
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from directory.models import Area
from suggestions import services
from suggestions.models import Suggestion
from tests import factories
from tests.suggestions.speaking import photo

BASE = "/api/open311/v2/"
REQUEST = {
    "service_code": "noise",
    "description": "晚上广场舞音响太吵。\n老人睡不好。",
    "address_string": "月河社区三号楼",
    "first_name": "秀英",
    "last_name": "李",
    "phone": "19900007788",
}


def xml(answer) -> ElementTree.Element:
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    assert answer.content.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    return ElementTree.fromstring(answer.content)  # noqa: S314  our own


def spark(element: ElementTree.Element):
    """The JSON that the specification makes of an XML element: lists lose the name of their items."""
    children = list(element)
    if not children:
        return element.text
    if element.tag in ("services", "service_requests", "errors", "attributes", "values"):
        return [spark(child) for child in children]
    return {child.tag: spark(child) for child in children}


def as_text(value):
    if isinstance(value, dict):
        return {name: as_text(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [as_text(inner) for inner in value]
    return None if value in (None, "") else str(value).lower() if isinstance(value, bool) else str(value)


@pytest.fixture
def key(city, token_of):
    return token_of()


# --- services ---------------------------------------------------------------------------------------------------------


def test_services_are_the_categories(api, city):
    answer = api.get(f"{BASE}services.json")
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    listed = answer.json()
    assert [one["service_code"] for one in listed] == ["conduct", "noise", "traffic_lights", "other"]
    assert listed[1] == {
        "service_code": "noise",
        "service_name": "噪音扰民",
        "description": "我们在 5 个工作日内答复。",
        "metadata": True,
        "type": "realtime",
        "keywords": "噪音, 太吵",
        "group": "other",
    }


def test_a_definition_has_the_attributes_of_the_specification(api, city):
    content = api.get(f"{BASE}services/noise.json").json()
    assert content["service_code"] == "noise"
    (attribute,) = content["attributes"]
    assert set(attribute) == {
        "variable", "code", "datatype", "required", "datatype_description", "order", "description", "values",
    }  # fmt: skip
    assert [value["key"] for value in attribute["values"]] == ["no", "yes"]


@pytest.mark.parametrize(
    "path", ["services", "services/noise", "requests", "requests/{number}", "tokens/{number}", "services/gone"]
)
def test_json_is_the_xml_without_its_root(api, city, path):
    number = factories.case(city, "replied").number
    path = path.format(number=number)
    answer = api.get(f"{BASE}{path}.json")
    assert spark(xml(api.get(f"{BASE}{path}.xml"))) == as_text(answer.json())


def test_discovery_names_the_formats(api, city):
    found = api.get(f"{BASE}discovery.json").json()["endpoints"][0]
    assert found["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert found["formats"] == ["text/xml", "application/json"]
    assert xml(api.get(f"{BASE}discovery.xml")).find("endpoints/endpoint/url").text.endswith("/api/open311/v2")


# --- reading requests -------------------------------------------------------------------------------------------------


def ids(answer) -> list[str]:
    assert answer.status_code == 200
    return [row["service_request_id"] for row in answer.json()]


def test_a_request_says_what_the_board_says(api, city):
    case = factories.case(city, "replied", contact_name="李秀英", contact_phone="19900007788", place="三号楼")
    (row,) = api.get(f"{BASE}requests/{case.number}.json").json()
    assert (row["status"], row["service_code"], row["address_id"]) == ("closed", "noise", "330502001")
    assert "劝导舞队" in row["status_notes"]
    assert row["agency_responsible"] == "月河派出所"
    assert parse_datetime(row["requested_datetime"]).utcoffset() == timedelta(hours=8)
    assert parse_datetime(row["updated_datetime"]) >= parse_datetime(row["requested_datetime"])
    assert row["expected_datetime"] is None
    assert "李秀英" not in str(row)
    assert "三号楼" not in str(row)


@pytest.mark.parametrize(
    "hidden",
    [
        lambda city: factories.case(city, "received"),
        lambda city: factories.case(city, "replied", publish=False),
        lambda city: factories.case(city, "accepted", subjects=[(city.chaoyang, None)]),
    ],
)
def test_what_is_not_published_is_nowhere(api, city, hidden):
    case = hidden(city)
    assert ids(api.get(f"{BASE}requests.json")) == []
    assert ids(api.get(f"{BASE}requests.json", {"service_request_id": case.number})) == []
    for what in ("requests", "tokens"):
        answer = api.get(f"{BASE}{what}/{case.number}.json")
        assert answer.status_code == 404
        assert answer.json()[0]["code"] == 404


def test_filters(api, city):
    open_one = factories.case(city, "accepted", category=city.lights).number
    closed = factories.case(city, "replied").number
    address = f"{BASE}requests.json"
    assert ids(api.get(address)) == [closed, open_one]
    assert ids(api.get(address, {"status": "open"})) == [open_one]
    assert ids(api.get(address, {"status": "closed"})) == [closed]
    assert ids(api.get(address, {"status": "open,closed"})) == [closed, open_one]
    assert ids(api.get(address, {"service_code": "noise"})) == [closed]
    assert ids(api.get(address, {"service_code": "noise,traffic_lights", "status": ""})) == [closed, open_one]
    assert ids(api.get(address, {"service_request_id": f"{open_one},x", "status": "closed"})) == [open_one]


def test_dates_span_ninety_days_at_most(api, city):
    number = factories.case(city, "accepted").number
    address, now = f"{BASE}requests.json", timezone.now()
    days = lambda n: (now + timedelta(days=n)).isoformat()  # noqa: E731
    assert ids(api.get(address, {"start_date": days(-80), "end_date": days(1)})) == [number]
    assert ids(api.get(address, {"end_date": days(-1)})) == []
    assert ids(api.get(address, {"start_date": days(-200)})) == []
    for wrong in (
        {"start_date": days(-100), "end_date": days(0)},
        {"start_date": "x"},
        {"end_date": "0001-01-01T00:00:00+23:00"},
        {"end_date": "1999-01-01"},
    ):
        answer = api.get(address, wrong)
        assert answer.status_code == 400
        assert answer.json()[0].keys() == {"code", "description"}


def test_a_list_takes_a_fixed_number_of_statements(api, city, django_assert_num_queries):
    for _n in range(4):
        factories.case(city, "replied")
    with django_assert_num_queries(3):
        assert len(ids(api.get(f"{BASE}requests.json"))) == 4


# --- making a request -------------------------------------------------------------------------------------------------


def post(api, what, **form):
    return api.generic("POST", f"{BASE}requests.{what}", urlencode(form), "application/x-www-form-urlencoded")


def test_a_request_is_written_down_and_its_notice_holds_the_code(api, city, key):
    answer = post(api, "json", **REQUEST, api_key=key, **{"attribute[publish]": "yes"})
    assert answer.status_code == 201
    (made,) = answer.json()
    case = Suggestion.objects.get()
    assert made["service_request_id"] == case.number
    assert (case.category_id, case.place, case.publish, case.channel) == ("noise", "月河社区三号楼", True, "api")
    assert case.area == city.community
    code = made["service_notice"].split()[1]
    assert services.find_by_code(code, "7788") == case


def test_the_answer_comes_in_xml_too(api, city, key):
    root = xml(post(api, "xml", **REQUEST, api_key=key))
    assert (root.tag, root[0].tag) == ("service_requests", "request")
    assert root.find("request/service_request_id").text == Suggestion.objects.get().number


def test_a_key_is_needed(api, city, key):
    for wrong in ({}, {"api_key": ""}, {"api_key": "plaza_guess"}):
        answer = post(api, "xml", **REQUEST, **wrong)
        assert answer.status_code == 403
        assert xml(answer).find("error/code").text == "403"
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    assert post(api, "json", **REQUEST).status_code == 201
    api.credentials(HTTP_AUTHORIZATION="Bearer x")
    assert post(api, "json", **REQUEST).status_code == 403


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"service_code": "gone"}, 404),
        ({"service_code": None}, 400),
        ({"description": None}, 400),
        ({"address_string": None}, 400),
        ({"address_string": None, "lat": "30.87"}, 400),
        ({"address_id": "9"}, 400),
        ({"phone": "12"}, 400),
        ({"lat": "x"}, 400),
        ({"description": "a" * 4001}, 400),
    ],
)
def test_what_is_missing_or_wrong(api, city, key, change, status):
    form = {name: value for name, value in (REQUEST | change).items() if value is not None}
    answer = post(api, "json", **form, api_key=key)
    assert answer.status_code == status
    assert all(error["code"] == status and error["description"] for error in answer.json())
    assert not Suggestion.objects.exists()


@pytest.mark.parametrize(
    "where", [{"lat": "30.867", "long": "120.093"}, {"address_id": "330503101"}, {"address_string": "练市镇"}]
)
def test_a_place_may_be_said_in_three_ways(api, city, key, where):
    form = {name: value for name, value in REQUEST.items() if name != "address_string"}
    assert post(api, "json", **form, **where, api_key=key).status_code == 201
    case = Suggestion.objects.get()
    assert case.place or case.area == city.lianshi_area


def test_a_retry_with_its_key_is_one_case(api, city, key):
    api.credentials(HTTP_IDEMPOTENCY_KEY="one")
    first, second = (post(api, "json", **REQUEST, api_key=key).json() for _n in range(2))
    assert first == second
    assert Suggestion.objects.count() == 1


def test_another_format_or_method_is_not_there(api, city):
    assert api.get(f"{BASE}services.csv").status_code == 404
    assert api.post(f"{BASE}services.json").status_code == 405


# --- what clients of other makers send --------------------------------------------------------------------------------


def sent(api, body: bytes, kind: str = "application/x-www-form-urlencoded"):
    return api.generic("POST", f"{BASE}requests.json", body, kind)


GBK = b"service_code=noise&description=%C2%B7%B5%C6%BB%B5%C1%CB%BA%DC%BE%C3&address_string=%BC%AA%C9%BD&api_key="


def test_a_body_in_gbk_is_read_as_declared_or_refused(api, city, key):
    answer = sent(api, GBK + key.encode())
    assert answer.status_code == 400
    assert [error["description"].split(":")[0] for error in answer.json()] == ["description", "address_string"]
    assert not Suggestion.objects.exists()
    assert sent(api, GBK + key.encode(), "application/x-www-form-urlencoded; charset=GBK").status_code == 201
    case = Suggestion.objects.get()
    assert (case.body, case.place) == ("路灯坏了很久", "吉山")


def test_a_multipart_body_in_gbk_is_refused(api, city, key):
    parts = {**REQUEST, "api_key": key} | {"description": "路灯坏了很久"}
    body = b"".join(
        b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value.encode("gbk"))
        for name, value in parts.items()
    )
    answer = sent(api, body + b"--b--\r\n", "multipart/form-data; boundary=b")
    assert answer.status_code == 400
    assert not Suggestion.objects.exists()


@pytest.mark.parametrize("name", ["media", "media[]"])
def test_files_are_kept_as_photos_of_the_form_are(api, city, key, name):
    form = {**REQUEST, "api_key": key, name: SimpleUploadedFile("x.jpg", photo(size=(40, 30)).read())}
    answer = api.post(f"{BASE}requests.json", form, format="multipart")
    assert answer.status_code == 201
    assert [(file.mime, file.width) for file in Suggestion.objects.get().attachments.all()] == [("image/jpeg", 40)]


def test_a_file_that_cannot_be_kept_refuses_the_request_by_its_name(api, city, key):
    form = {**REQUEST, "api_key": key, "media": SimpleUploadedFile("x.mp4", b"\0\0\0\x18ftypmp42" + b"\0" * 60)}
    answer = api.post(f"{BASE}requests.json", form, format="multipart")
    assert answer.status_code == 400
    assert answer.json()[0]["description"].startswith("media: ")
    assert not Suggestion.objects.exists()


def test_the_notice_says_that_a_picture_s_address_is_not_looked_at(api, city, key):
    (plain,) = post(api, "json", **REQUEST, api_key=key).json()
    (made,) = post(api, "json", **REQUEST, api_key=key, media_url="https://example.org/a.jpg").json()
    assert "media_url" in made["service_notice"]
    assert "media_url" not in plain["service_notice"]


def test_a_wrong_field_is_named_as_the_client_knows_it(api, city, key):
    (error,) = post(api, "json", **REQUEST | {"phone": "555-5555"}, api_key=key).json()
    assert error["description"].startswith("phone: ")


@pytest.mark.parametrize("accept", ["application/xml", "text/xml", "application/json", "text/html", "image/png"])
def test_the_suffix_decides_whatever_the_header_says(api, city, accept):
    assert xml(api.get(f"{BASE}services.xml", HTTP_ACCEPT=accept)).tag == "services"
    assert api.get(f"{BASE}services.json", HTTP_ACCEPT=accept).json()[0]["service_code"]
    gone = api.get(f"{BASE}services/gone.xml", HTTP_ACCEPT=accept)
    assert xml(gone).tag == "errors"


def test_pages_end(api, city):
    numbers = [factories.case(city, "accepted").number for _n in range(5)]
    address = f"{BASE}requests.json"
    pages = [ids(api.get(address, {"page": n, "page_size": 2})) for n in range(1, 5)]
    assert [number for page in pages for number in page] == numbers[::-1]
    assert pages[-1] == []
    for wrong in ({"page": 0}, {"page": "x"}, {"page_size": 1001}, {"page_size": -1}):
        assert api.get(address, wrong).status_code == 400


def test_what_changed_since_is_found_at_any_age(api, city):
    old, new = factories.case(city, "replied"), factories.case(city, "replied")
    now, year = timezone.now(), timedelta(days=365)
    past = {name: F(name) - year for name in ("created_at", "published_at", "accepted_at", "replied_at")}
    Suggestion.objects.filter(pk=old.pk).update(**past)
    address, since = f"{BASE}requests.json", {"updated_after": (now - timedelta(hours=1)).isoformat()}
    assert ids(api.get(address, since)) == [new.number]
    Suggestion.objects.filter(pk=old.pk).update(state="closed", closed_at=now)
    assert ids(api.get(address, since)) == [new.number, old.number]
    assert ids(api.get(address, since | {"start_date": (now - timedelta(days=9)).isoformat()})) == [new.number]
    assert ids(api.get(address, {"updated_after": (now + timedelta(hours=1)).isoformat()})) == []
    assert ids(api.get(address, {"updated_before": (now - timedelta(hours=1)).isoformat()})) == []
    (row,) = api.get(f"{BASE}requests/{old.number}.json").json()
    assert parse_datetime(row["updated_datetime"]).date() == timezone.localdate(now)


def test_coordinates_are_kept_and_those_of_the_area_are_shown(api, city, key):
    post(api, "json", **REQUEST, api_key=key, lat="30.867", long="120.093")
    assert Suggestion.objects.get().place == "月河社区三号楼 (30.867000, 120.093000)"
    Area.objects.filter(pk=city.yuehe_area.pk).update(lat=30.87, lng=120.1)
    (row,) = api.get(f"{BASE}requests/{factories.case(city, 'replied').number}.json").json()
    assert (row["lat"], row["long"]) == (30.87, 120.1)


def test_addresses_are_those_people_know_and_not_those_a_stranger_says(api, city, settings):
    factories.case(city, "replied")
    settings.PUBLIC_URL, poison = "https://plaza.example.org/", {"HTTP_HOST": "localhost:666"}
    for path in (
        f"{BASE}discovery.json",
        "/open/data/datapackage.json",
        "/api/v1/suggestions/?size=1",
        "/api/v1/units/",
    ):
        text = api.get(path, **poison).content.decode()
        assert "666" not in text
        assert "https://plaza.example.org/" in text
    settings.PUBLIC_URL = ""
    assert "localhost:666" in api.get(f"{BASE}discovery.json", **poison).content.decode()


@pytest.mark.parametrize(
    "path", [f"{BASE}services.json", "/open/data/datapackage.json", "/api/v1/suggestions/", "/api/v1/areas/"]
)
def test_other_sites_pages_may_read_what_is_open(api, city, path):
    answer = api.get(path, HTTP_ORIGIN="https://paper.example.org")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer
    asked = api.options(path, HTTP_ORIGIN="https://x.example.org", HTTP_ACCESS_CONTROL_REQUEST_METHOD="GET")
    assert (asked.status_code, "POST" in asked["Access-Control-Allow-Methods"]) == (200, False)


@pytest.mark.parametrize("path", ["/", "/api/v1/desk/suggestions/", "/api/v1/suggestions/track/", "/me/"])
def test_other_sites_pages_may_read_nothing_else(api, city, path):
    assert "Access-Control-Allow-Origin" not in api.get(path, HTTP_ORIGIN="https://paper.example.org")

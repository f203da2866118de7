"""A pollster's system hands in files: signed, once, with every fault by line, and may ask how far one is."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from evaluations import progress, services
from evaluations.models import Batch, Pollster, Response, SigningKey
from evaluations.services import handing_in
from tests.evaluations import polls
from tests.evaluations.test_importing import KEY, as_csv, line, sign
from tests.factories import Role, staff
from tests.pages import page_of

BATCHES = "/api/v1/batches/"


@pytest.fixture
def wave(city):
    wave = polls.make_wave(city, state="fielding")
    SigningKey.objects.create(pollster=wave.pollster, public_key=KEY)
    return wave


@pytest.fixture
def badge(wave):
    return wave.subjects.filter(kind="officer").order_by("code").first().code


@pytest.fixture
def post(client, city, wave):
    client.force_login(city.pollster)

    def send(content, headers=None, **more):
        given = {"wave": wave.code, "file": SimpleUploadedFile("w.csv", content), "key": KEY}
        return client.post(BATCHES, given | {"signature": sign(content)} | more, headers=headers)

    return send


def test_a_file_is_taken_once_however_often_it_comes(client, post, badge):
    content = as_csv(line(badge))
    first, again = post(content), post(content)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    digest = hashlib.sha256(content).hexdigest()
    assert first.json() | {"received_at": ""} == {
        "sha256": digest, "wave": "2026-1", "state": "taken", "percent": 100, "interviews": 1, "answers": 6,
        "key": KEY, "received_at": "",
    }  # fmt: skip
    assert client.get(f"{BATCHES}{digest}/").json() == first.json()
    assert [row["sha256"] for row in client.get(BATCHES).json()["results"]] == [digest]
    assert Response.objects.count() == 1


def test_a_trial_keeps_nothing(client, post, badge):
    content = as_csv(line(badge))
    tried = post(content, dry_run="true")
    assert (tried.status_code, tried.json()["state"], tried.json()["interviews"]) == (200, "in_order", 1)
    assert not Batch.objects.exists()
    assert client.get(f"{BATCHES}{hashlib.sha256(content).hexdigest()}/").status_code == 404


def test_every_fault_is_told_by_line_and_masked(post, badge):
    refused = post(as_csv(line(badge), line(badge, reference="R-2", phone="1381234", weight="0", area="1")))
    assert refused.status_code == 422
    assert refused.headers["Content-Type"] == "application/problem+json"
    body = refused.json()
    assert body["type"] == "urn:problem-type:plaza:import-refused"
    assert [(f["line"], f["column"], f["code"]) for f in body["faults"]] == [
        (3, "area", "unknown-area"), (3, "phone", "bad-phone"), (3, "weight", "bad-weight")]  # fmt: skip
    assert "1381234" not in page_of(refused)
    assert not Batch.objects.exists()


def test_a_field_that_is_wrong_is_named(post, badge):
    content = as_csv(line(badge))
    for more, field in (({"key": "x"}, "key"), ({"signature": "zz"}, "signature"), ({"wave": "none"}, "wave")):
        refused = post(content, **more)
        assert refused.status_code == 422
        assert list(refused.json()["errors"]) == [field]
    assert post(content, signature="ab" * 64).json()["type"].endswith("bad-signature")
    assert not Batch.objects.exists()


def test_a_closed_wave_takes_nothing(city, post, wave, badge):
    post(as_csv(line(badge)))
    services.close_fielding(wave, by=city.admin)
    late = post(as_csv(line(badge, reference="R-9")))
    assert (late.status_code, late.json()["type"]) == (409, "urn:problem-type:plaza:wave-closed")


def test_a_retry_with_the_same_key_gets_the_first_answer(post, badge):
    headers = {"Idempotency-Key": "a"}
    first = post(as_csv(line(badge)), headers)
    again = post(as_csv(line(badge)), headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotent-Replayed"] == "true"
    other = post(as_csv(line(badge, reference="R-2")), headers)
    assert other.status_code == 422
    assert Batch.objects.count() == 1


def test_another_pollster_finds_neither_the_wave_nor_the_file(client, post, badge):
    content = as_csv(line(badge))
    digest = post(content).json()["sha256"]
    other = staff(Role.POLLSTER, None)
    Pollster.objects.create(code="other", name="别家").members.add(other)
    client.force_login(other)
    assert client.get(BATCHES).json()["results"] == []
    assert client.get(f"{BATCHES}{digest}/").status_code == 404
    assert list(post(content).json()["errors"]) == ["wave"]


def test_who_is_no_pollster_hands_in_nothing(client, city, post, badge):
    for who, read in ((city.admin, 200), (city.auditor, 200), (city.officer, 403), (city.citizen, 403)):
        client.force_login(who)
        assert client.get(BATCHES).status_code == read
        assert post(as_csv(line(badge))).status_code == 403
    client.logout()
    assert client.get(BATCHES).status_code == 401


def test_how_far_a_file_is(client, post, wave, badge, monkeypatch):
    """While it is read, its pollster sees how far; afterwards it is taken."""
    content = as_csv(line(badge))
    digest, seen = hashlib.sha256(content).hexdigest(), []

    def keep(batch, interviews):
        seen.append(client.get(f"{BATCHES}{digest}/").json())
        assert progress.of_wave(wave).sha256 == digest
        return real(batch, interviews)

    real = handing_in._keep
    monkeypatch.setattr(handing_in, "_keep", keep)
    assert post(content).status_code == 201
    assert (seen[0]["state"], seen[0]["percent"], seen[0]["interviews"]) == ("reading", 80, None)
    assert progress.of_wave(wave) is None


def test_lists_ask_a_fixed_number_of_questions(client, post, badge, django_assert_num_queries):
    for n in range(4):
        post(as_csv(line(badge, reference=f"R-{n}")))
    with django_assert_num_queries(4):
        assert len(client.get(BATCHES).json()["results"]) == 4

"""The desk of polls: who sees what, the next step, handing in with every fault by line, and looking twice."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from evaluations import services
from evaluations.models import Batch, CallBack, Flag, SigningKey, Wave
from tests.evaluations import polls
from tests.evaluations.test_importing import KEY, as_csv, line, sign
from tests.factories import Role, staff
from tests.pages import page_of


def address(name, wave=None, *more):
    return reverse(f"evaluations:{name}", args=[wave.code, *more] if wave else [])


def text(response):
    return page_of(response)


def test_everybody_sees_their_own(client, city):
    wave = polls.make_wave(city)
    for who, status in ((city.admin, 200), (city.auditor, 200), (city.pollster, 200), (city.officer, 403),
                        (city.leader, 403), (city.triage, 403), (city.citizen, 403)):  # fmt: skip
        client.force_login(who)
        assert client.get(address("desk_index")).status_code == status, who
        assert client.get(address("desk_wave", wave)).status_code == status
    client.force_login(staff(Role.POLLSTER, None))
    assert client.get(address("desk_index")).status_code == 200
    for page in ("desk_wave", "desk_frame", "desk_hand_in"):
        assert client.get(address(page, wave)).status_code == 404


def test_a_wave_is_taken_along_step_by_step(client, city):
    wave = polls.make_wave(city, state="fielding")
    polls.answer(wave, 300)
    client.force_login(city.admin)
    for name, state in (("close", "imported"), ("check", "checked"), ("weight", "weighted")):
        assert f"/steps/{name}/" in text(client.get(address("desk_wave", wave)))
        assert client.post(address("desk_step", wave, name)).status_code == 303
        wave.refresh_from_db()
        assert wave.state == state
    client.post(address("desk_step", wave, "score"))
    assert 'hx-trigger="every 2s"' in text(client.get(address("desk_wave", wave)))
    services.work_on(wave.pk)
    done = client.get(address("desk_progress", wave), headers={"HX-Request": "true"})
    assert done.headers["HX-Refresh"] == "true"
    client.post(address("desk_step", wave, "freeze"))
    page = text(client.get(address("desk_wave", wave)))
    assert "/steps/publish/" not in page
    assert client.post(address("desk_step", wave, "publish")).status_code == 403
    client.force_login(city.admin2)
    client.post(address("desk_step", wave, "publish"))
    assert Wave.objects.get(pk=wave.pk).state == "published"
    client.logout()
    scores = client.get(address("open_file", wave, "scores"))
    assert scores.status_code == 200
    assert "wuxing-yuehe" in text(scores)


def test_nothing_is_open_before_it_is_published(client, city):
    wave = polls.scored_wave(city, state="frozen", count=40)
    for name in ("scores", "inputs", "else"):
        assert client.get(address("open_file", wave, name)).status_code == 404


def test_the_frame_is_drawn_and_downloaded(client, city):
    wave = polls.make_wave(city)
    empty = services.create_wave(
        services.WavePlan("2026-9", "九月", "contact", 2026, wave.pollster, wave.questionnaire, wave.starts, wave.ends,
                          polls.MARGINS), by=city.admin)  # fmt: skip
    client.force_login(city.admin)
    assert client.get(address("desk_frame", empty)).status_code == 404
    assert client.post(address("desk_step", empty, "subjects")).status_code == 422
    client.post(address("desk_step", empty, "subjects"), {"groups": ["handler-station", "unit-station"]})
    refused = client.post(address("desk_step", empty, "frame"), {"size": "0", "seed": "种子"})
    assert refused.status_code == 422
    assert "种子" in text(refused)
    client.post(address("desk_step", empty, "frame"), {"size": "5", "seed": "种子"})
    client.force_login(city.pollster)
    assert len(text(client.get(address("desk_frame", empty))).splitlines()) == 6


@pytest.fixture
def pollster(client, city):
    wave = polls.make_wave(city, state="fielding")
    SigningKey.objects.create(pollster=wave.pollster, public_key=KEY)
    client.force_login(city.pollster)

    def post(content, **more):
        given = {"file": SimpleUploadedFile("w.csv", content), "key": KEY, "signature": sign(content)} | more
        return client.post(address("desk_hand_in", wave), given)

    post.wave, post.badge = wave, wave.subjects.filter(kind="officer").order_by("code").first().code
    return post


def test_a_pollster_tries_a_file_and_hands_it_in(pollster):
    content = as_csv(line(pollster.badge))
    tried = pollster(content, trial="1")
    assert tried.status_code == 200
    assert not Batch.objects.exists()
    assert pollster(content).status_code == 303
    assert Batch.objects.get().responses_count == 1
    assert pollster(content).status_code == 303
    assert Batch.objects.count() == 1


def test_faults_are_listed_by_line(pollster):
    page = pollster(as_csv(line(pollster.badge), line(pollster.badge, reference="R-2", weight="0", phone="13812")))
    assert page.status_code == 422
    assert {"weight", "phone"} <= {p.column for p in page.context["problems"]}
    assert "权重必须大于 0。" in text(page)
    assert "13812" not in text(page)
    assert not Batch.objects.exists()


def test_a_bad_signature_is_said_in_the_form(pollster):
    assert pollster(as_csv(line(pollster.badge)), signature="ab" * 64).status_code == 422
    assert pollster(as_csv(line(pollster.badge)), signature="x").status_code == 422
    assert not Batch.objects.exists()


def test_flags_and_calls_are_worked_off(client, city):
    wave = polls.scored_wave(city, state="imported", count=40)
    Flag.objects.create(response=wave.responses.first(), kind="speeding")
    services.check(wave, by=city.admin)
    flag, call = Flag.objects.get(kind="speeding"), CallBack.objects.first()
    client.force_login(city.pollster)
    assert client.get(address("desk_review", wave)).status_code == 403
    client.force_login(city.auditor)
    assert "<form" not in text(client.get(address("desk_review", wave))).split('id="main"')[1].split("rows")[1]
    assert client.post(address("desk_flag", wave, flag.pk), {"uphold": "1", "note": "x"}).status_code == 403
    client.force_login(city.admin)
    client.post(address("desk_flag", wave, flag.pk), {"uphold": "1", "note": ""})
    flag.refresh_from_db()
    assert flag.state == "open"
    client.post(address("desk_flag", wave, flag.pk), {"uphold": "0", "note": "回访属实"})
    client.post(address("desk_call", wave, call.pk), {"said": "same"})
    flag.refresh_from_db()
    call.refresh_from_db()
    assert (flag.state, call.took_place, call.same_answers) == ("dismissed", True, True)


def test_pages_ask_a_fixed_number_of_questions(client, city, django_assert_max_num_queries):
    wave = polls.scored_wave(city, count=60)
    Flag.objects.bulk_create(Flag(response=r, kind="overlap") for r in wave.responses.all()[:40])
    client.force_login(city.admin)
    for name, most in (("desk_index", 8), ("desk_wave", 20), ("desk_review", 10)):
        with django_assert_max_num_queries(most + 1):  # the session
            client.get(address(name, None if name == "desk_index" else wave))

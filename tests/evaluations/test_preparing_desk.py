"""An admin sets everything up on pages: pollster, key, questions, population, wave, subjects, frame."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from core.errors import Invalid, WrongState
from evaluations import services
from evaluations.errors import BadSignature, ImportRefused
from evaluations.importing.signing import verified_key
from evaluations.models import Batch, Frame, Pollster, Questionnaire, SigningKey, Wave
from tests.evaluations import polls
from tests.factories import Role, staff
from tests.pages import page_of
from tests.portal_role import as_portal

MARGINS = ["area,330502,600", "area,330503,400", "age_sex,m,450", "age_sex,f,550"]


def at(name, *args):
    return reverse(f"evaluations:{name}", args=args)


def file(*lines, head="margin,category,people", name="m.csv"):
    return SimpleUploadedFile(name, "\n".join([head, *lines]).encode())


def text(response):
    return page_of(response)


@pytest.fixture
def admin(client, city):
    client.force_login(city.admin)
    return client


def rows(*questions):
    """A posted formset."""
    names = ("text", "code", "indicator", "about", "is_reversed", "is_foil")
    given = {"q-TOTAL_FORMS": str(len(questions) + 1), "q-INITIAL_FORMS": str(len(questions) + 1)}
    for n, question in enumerate(questions):
        given |= {f"q-{n}-{name}": value for name, value in zip(names, question, strict=False) if value}
    return given


def test_everything_without_a_shell(admin, city):
    assert admin.post(at("desk_new_pollster"), {"code": "p1", "name": "民调公司"}).status_code == 303
    admin.post(at("desk_pollster_act", "p1", "key"), {"public_key": "AB" * 32})
    admin.post(at("desk_pollster_act", "p1", "member"), {"login": city.pollster.username})
    made = Pollster.objects.get()
    assert (made.keys.get().public_key, list(made.members.all())) == ("ab" * 32, [city.pollster])
    asked = {"code": "resident", "title": "居民问卷"} | rows(
        ("您满意吗？", "content", "satisfaction", "officer"), ("您认识陈建明吗？", "foil", "familiarity", "", "", "on"),
        ("他不耐烦吗？", "rude", "attitude", "officer", "on"))  # fmt: skip
    assert admin.post(at("desk_new_questionnaire"), asked).status_code == 303
    items = list(Questionnaire.objects.get().items.values_list("code", "is_reversed", "is_foil", "about"))
    assert items == [("content", False, False, "officer"), ("foil", False, True, ""), ("rude", True, False, "officer")]
    wave = {"title": "上半年", "code": "2026-1", "kind": "population", "year": 2026, "starts": "2026-05-01",
            "ends": "2026-05-31", "pollster": made.pk, "questionnaire": Questionnaire.objects.get().pk,
            "positive_levels": ["4", "5"]}  # fmt: skip
    assert admin.post(at("desk_new_wave"), wave | {"margins": file(*MARGINS)}).status_code == 303
    made = Wave.objects.get()
    assert (made.margins["age_sex"], made.positive_levels) == ({"m": 450.0, "f": 550.0}, [4, 5])
    page = text(admin.get(at("desk_wave", "2026-1")))
    assert "handler-station" in page
    admin.post(at("desk_step", "2026-1", "subjects"), {"groups": ["handler-station", "unit-station"]})
    assert set(made.subjects.values_list("peer_group", flat=True)) == {"handler-station", "unit-station"}
    admin.post(at("desk_step", "2026-1", "frame"), {"size": "10", "seed": "公开的种子"})
    page = text(admin.get(at("desk_wave", "2026-1")))
    assert made.frame.sha256 in page
    assert "公开的种子" in page
    admin.post(at("desk_step", "2026-1", "start"))
    made.refresh_from_db()
    assert made.state == "fielding"
    again = wave | {"title": "下半年", "code": "2026-2", "like": "2026-1"}
    assert admin.post(at("desk_new_wave"), again).status_code == 303
    assert Wave.objects.get(code="2026-2").margins == made.margins


def test_what_is_wrong_with_a_wave_is_said_by_field_and_what_was_typed_is_kept(admin, city):
    wave = polls.make_wave(city)
    given = {"title": "下半年", "code": "2026-1", "kind": "contact", "year": 2026, "starts": "2026-05-02",
             "ends": "2026-05-01", "pollster": wave.pollster_id, "questionnaire": wave.questionnaire_id,
             "positive_levels": ["1", "2", "3", "4", "5"], "like": "2026-1"}  # fmt: skip
    right = {"code": "2026-2", "ends": "2026-06-01", "positive_levels": ["4", "5"]}
    for field, wrong in (("code", {"code": "2026-1"}), ("code", {"code": "pollsters"}),
                         ("ends", {"ends": "2026-05-01"}),
                         ("positive_levels", {"positive_levels": ["1", "2", "3", "4", "5"]}),
                         ("margins", {"like": ""}), ("starts", {"starts": "x"}), ("pollster", {"pollster": "0"}),
                         ("kind", {"kind": "both"})):  # fmt: skip
        refused = admin.post(at("desk_new_wave"), given | right | wrong)
        assert refused.status_code == 422, wrong
        assert field in refused.context["form"].errors, wrong
        assert "下半年" in text(refused)
    assert Wave.objects.count() == 1


@pytest.mark.parametrize(("lines", "fault"), [
    (["area,330502,600", "area,999999,400", *MARGINS[2:]], (3, "category", "unknown-area")),
    (["area,330502,600", "area,330502001,400", *MARGINS[2:]], (3, "category", "area-in-area")),
    ([*MARGINS, "area,330502,1"], (6, "category", "category-twice")),
    ([*MARGINS, "county,330502,1"], (6, "margin", "unknown-margin")),
    (["area,330502,600", "area,330503,0", "age_sex,m,600"], (3, "people", "empty-category")),
    (["area,330502,600", "area,330503,-5", "age_sex,m,595"], (3, "people", "bad-number")),
    (["area,330502,NaN", "age_sex,m,600"], (2, "people", "bad-number")),
    (["area,330502,viele", "age_sex,m,600"], (2, "people", "bad-number")),
    (["area,330502,=1+1", "age_sex,m,600"], (2, "people", "formula")),
    ([*MARGINS[:3], "age_sex,f,549"], (5, "people", "totals-disagree")),
    ([*MARGINS[:3], "age_sex,,550"], (5, "category", "bad-category")),
    (MARGINS[:2], (0, "age_sex", "missing-margin")),
])  # fmt: skip
def test_margins_are_checked_by_line(admin, city, lines, fault):
    wave = polls.make_wave(city)
    with pytest.raises(ImportRefused) as found:
        services.read_margins(file(*lines).read())
    assert fault in [(p.line, p.column, p.code) for p in found.value.problems]
    refused = admin.post(at("desk_margins", wave.code), {"margins": file(*lines)})
    assert refused.status_code == 422
    assert fault in [(p.line, p.column, p.code) for p in refused.context["problems"]]
    wave.refresh_from_db()
    assert wave.margins == polls.MARGINS


def test_margins_change_until_the_frame_is_drawn(admin, city):
    wave = polls.make_wave(city)
    other = services.create_wave(
        services.WavePlan("2026-3", "三", "contact", 2026, wave.pollster, wave.questionnaire, wave.starts, wave.ends,
                          polls.MARGINS), by=city.admin)  # fmt: skip
    assert admin.post(at("desk_margins", other.code), {"margins": file(*MARGINS)}).status_code == 303
    other.refresh_from_db()
    assert other.margins["age_sex"] == {"m": 450.0, "f": 550.0}
    late = admin.post(at("desk_margins", wave.code), {"margins": file(*MARGINS)})
    assert late.status_code == 422
    wave.refresh_from_db()
    assert wave.margins == polls.MARGINS


def test_a_frame_is_uploaded_and_faults_are_told_by_line(admin, city):
    wave = polls.make_wave(city)
    other = services.create_wave(
        services.WavePlan("2026-3", "三", "contact", 2026, wave.pollster, wave.questionnaire, wave.starts, wave.ends,
                          polls.MARGINS), by=city.admin)  # fmt: skip
    services.take_subjects(other, by=city.admin)
    head = "reference,area,age_sex,subjects"
    bad = file("A,330502,m45+,wuxing-yuehe", "A,1,x,nobody", head=head)
    refused = admin.post(at("desk_frame_file", other.code), {"file": bad})
    assert {(p.line, p.column) for p in refused.context["problems"]} == {
        (3, "area"), (3, "age_sex"), (3, "subjects"), (3, "reference")}  # fmt: skip
    assert not Frame.objects.filter(wave=other).exists()
    admin.post(at("desk_frame_file", other.code), {"file": file("A,330502,m45+,wuxing-yuehe", head=head)})
    assert hashlib.sha256(services.frame_csv(other.frame)).hexdigest() == other.frame.sha256


def test_questions_that_cannot_be_are_named_by_row(admin):
    good = ("您满意吗？", "content", "satisfaction", "officer")
    for wrong, field in ((("", "x", "safety"), "text"), (("问", "a b", "safety"), "code"),
                         (("问", "x", "luck"), "indicator"), (("问", "content", "safety"), "code"),
                         (("问", "x", "safety", "", "", "on"), "indicator"),
                         (("问", "x", "familiarity", "officer", "", "on"), "about")):  # fmt: skip
        refused = admin.post(at("desk_new_questionnaire"), {"code": "q", "title": "问卷"} | rows(good, wrong))
        assert refused.status_code == 422, wrong
        assert field in refused.context["questions"].errors[1], wrong
        assert "您满意吗？" in text(refused)
    assert admin.post(at("desk_new_questionnaire"), {"code": "q", "title": "问卷"} | rows()).status_code == 422
    assert admin.post(at("desk_new_questionnaire"), {"code": "q", "title": "问卷"}).status_code == 422
    assert not Questionnaire.objects.exists()


def test_more_rows_keep_what_was_typed(admin):
    page = admin.post(at("desk_new_questionnaire"),
                      {"code": "q", "title": "问卷", "more": "1"} | rows(("半句", "", "safety", "", "on")))  # fmt: skip
    assert page.status_code == 200
    assert len(page.context["questions"].forms) == 6
    assert 'value="半句"' in text(page)
    assert Questionnaire.objects.count() == 0


def test_the_next_version_starts_from_the_last(admin, city):
    polls.make_wave(city)
    page = text(admin.get(at("desk_new_questionnaire") + "?from=resident-1"))
    assert "您觉得安全吗" in page
    for odd in ("x", "-", "resident-９９９", "resident-99999999999", "%00-1"):
        assert admin.get(at("desk_new_questionnaire") + f"?from={odd}").status_code == 200
    admin.post(
        at("desk_new_questionnaire"), {"code": "resident", "title": "问卷"} | rows(("安全吗？", "safe", "safety"))
    )
    assert list(Questionnaire.objects.order_by("version").values_list("version", flat=True)) == [1, 2]
    assert "您觉得安全吗" in text(admin.get(at("desk_questionnaire", "resident", 1)))


def test_a_key_is_revoked_with_a_reason(admin, city):
    wave = polls.make_wave(city)
    key = SigningKey.objects.get()
    for wrong in ("x", polls.KEY):
        refused = admin.post(at("desk_pollster_act", wave.pollster.code, "key"), {"public_key": wrong})
        assert refused.status_code == 422
        assert refused.context["key_form"].errors["public_key"]
    assert admin.post(at("desk_revoke", wave.pollster.code, key.pk), {"reason": ""}).status_code == 422
    admin.post(at("desk_revoke", wave.pollster.code, key.pk), {"reason": "电脑丢失"})
    key.refresh_from_db()
    assert key.revoked_at
    assert admin.get(at("desk_revoke", "other", key.pk)).status_code == 404


def test_a_key_is_good_once_a_second_person_has_confirmed_it(admin, city):
    wave = polls.make_wave(city)
    public, sign = key_pair()
    admin.post(at("desk_pollster_act", wave.pollster.code, "key"), {"public_key": public})
    key = SigningKey.objects.get(public_key=public)
    digest = "ab" * 32
    with pytest.raises(BadSignature, match="第二人"):
        verified_key(wave, public, sign(digest), digest)
    assert text(admin.get(at("desk_pollster", wave.pollster.code))).count("等待第二人确认") == 1
    decide = reverse("directory:second_decide", args=["signing", key.pk])
    admin.post(decide, {"confirm": ""})
    key.refresh_from_db()
    assert not key.is_in_force, "not by who entered it"
    second = Client()
    second.force_login(city.admin2)
    assert public in text(second.get(reverse("directory:second")))
    second.post(decide, {"confirm": ""})
    assert verified_key(wave, public, sign(digest), digest) == key


def test_a_key_that_the_second_person_refused_is_never_good(admin, city):
    wave = polls.make_wave(city)
    public, sign = key_pair()
    key = services.add_key(wave.pollster, public, by=city.admin)
    services.refuse_key(key, by=city.admin2)
    with pytest.raises(BadSignature):
        verified_key(wave, public, sign("ab" * 32), "ab" * 32)
    with pytest.raises(WrongState):
        services.confirm_key(key, by=city.admin2)


def test_raw_sql_makes_no_key_of_nobody_and_none_that_signs_before_it_is_confirmed(city):
    wave = polls.make_wave(city, state="fielding")
    with as_portal(), pytest.raises(IntegrityError, match="shell of the server"), transaction.atomic():
        SigningKey.objects.create(pollster=wave.pollster, public_key="ef" * 32)
    key = services.add_key(wave.pollster, "ef" * 32, by=city.admin)
    with as_portal(), pytest.raises(IntegrityError, match="nobody has confirmed it"), transaction.atomic():
        Batch.objects.create(wave=wave, key=key, sha256="cd" * 32, signature="00" * 64)


def key_pair():
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw().hex()
    return public, lambda digest: private.sign(bytes.fromhex(digest)).hex()


def test_only_a_pollster_by_role_hands_in_for_a_company(admin, city):
    wave = polls.make_wave(city)
    refused = admin.post(at("desk_pollster_act", wave.pollster.code, "member"), {"login": city.officer.username})
    assert refused.status_code == 422
    person = staff(Role.POLLSTER, None)
    admin.post(at("desk_pollster_act", wave.pollster.code, "member"), {"login": person.username})
    assert person in wave.pollster.members.all()
    admin.post(at("desk_pollster_act", wave.pollster.code, "leave"), {"person": person.pk})
    assert person not in wave.pollster.members.all()
    assert admin.post(at("desk_pollster_act", wave.pollster.code, "leave"), {"person": "x"}).status_code == 404
    admin.post(at("desk_pollster_act", wave.pollster.code, "let-go"))
    with pytest.raises(Invalid):
        polls.make_wave(city, code="2026-5", officers=0)
    assert admin.post(at("desk_pollster_act", wave.pollster.code, "nonsense")).status_code == 404


PREPARE = ("desk_new_wave", "desk_new_questionnaire", "desk_new_pollster")


def test_who_prepares_and_who_looks(client, city):
    for who, looks, makes in ((city.admin, 200, 200), (city.auditor, 200, 403), (city.pollster, 403, 403),
                              (city.leader, 403, 403), (city.citizen, 403, 403)):  # fmt: skip
        client.force_login(who)
        assert client.get(at("desk_questionnaires")).status_code == looks
        assert client.get(at("desk_pollsters")).status_code == looks
        assert {client.get(at(name)).status_code for name in PREPARE} == {makes}


def test_nothing_there_yet_is_said(admin, city):
    assert "还没有" in text(admin.get(at("desk_index")))
    assert "还没有" in text(admin.get(at("desk_questionnaires")))
    assert "还没有" in text(admin.get(at("desk_pollsters")))


def test_pages_ask_a_fixed_number_of_questions(admin, city, django_assert_max_num_queries):
    wave = polls.make_wave(city)
    for n in range(5):
        services.create_questionnaire("more", f"第{n}版", polls.QUESTIONS, by=city.admin)
        services.create_pollster(f"p{n}", "公司", by=city.admin)
    for address in (at("desk_questionnaires"), at("desk_pollsters"), at("desk_margins", wave.code), at("desk_new_wave"),
                    at("desk_pollster", wave.pollster.code), at("desk_questionnaire", "resident", 1)):  # fmt: skip
        with django_assert_max_num_queries(10):
            assert admin.get(address).status_code == 200
